"""The draft tried out on the surveyed enterprises, and shares calibrated to the grades (Appendix D)."""
