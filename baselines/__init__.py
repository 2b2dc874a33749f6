"""Baselines of indicators (GB/T 43329—2023, 5.5): the values that 5 % / 20 % / 50 % of the enterprises reach."""
