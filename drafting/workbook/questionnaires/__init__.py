"""Questionnaires of the expert panel, written one per expert and read back."""
