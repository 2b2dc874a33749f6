"""Comments on a draft and what the committee decides on each."""
