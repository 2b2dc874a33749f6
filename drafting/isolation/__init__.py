"""Work on bytes from strangers, done in another process with limits of time and memory."""
