"""Weights of indicators (GB/T 43329—2023, 5.4 and Appendix C): AHP, Delphi and their combination."""
