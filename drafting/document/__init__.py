"""The draft as a tree: outline, clauses, numbering, references fixed once."""
