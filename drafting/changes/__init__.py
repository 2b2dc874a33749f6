"""What changed in meaning between two versions of a project, and the lists that say so."""
