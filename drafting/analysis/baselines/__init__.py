"""From the survey to the baselines of the grades and everything that is said about them (5.5)."""
