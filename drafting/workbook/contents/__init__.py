"""What a file of cells holds: found in a reader's process, sent over as a message, taken in again as plain values."""
