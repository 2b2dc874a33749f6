"""The enterprise's own workbook: live formulas of Appendix D, and the filled-in form read back."""
