"""A survey larger than memory: its file in pieces, and the table on disk that its records go to."""
