"""Back ends that lay the document tree out."""
