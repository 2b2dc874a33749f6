"""The web application where an expert panel answers Delphi and AHP rounds (GB/T 43329 Appendix C)."""
