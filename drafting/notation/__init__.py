"""What a committee's cell says: one grammar for baseline cells and weights over one vocabulary of units."""
