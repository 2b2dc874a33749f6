"""Surveys larger than memory: read in pieces, by the rules of small ones, into one clean table."""
