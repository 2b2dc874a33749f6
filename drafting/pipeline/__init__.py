"""Where the ways meet: read, weigh, set baselines, try out, check; questionnaires; surveys too large for memory."""
