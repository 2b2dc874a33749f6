"""Where the ways meet: read, weigh, set levels, try out, check; questionnaires; surveys too large for memory."""
