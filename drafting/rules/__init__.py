"""Clause-by-clause checks of a draft."""
