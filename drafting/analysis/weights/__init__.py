"""From judgements and rounds to the weights and everything that is said about them (5.4, Appendix C)."""
