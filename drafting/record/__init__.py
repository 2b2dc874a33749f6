"""What a run leaves behind for machines and reviewers: 结果.json, the evidence behind it, the table of clauses."""
