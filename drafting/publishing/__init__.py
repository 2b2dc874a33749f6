"""Which document goes out in which edition and format, its pictures and summary, written into 成果/."""
