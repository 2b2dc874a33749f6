"""What a committee's cell says: one grammar for baseline cells over one vocabulary of units."""
