"""Excel workbooks: blank forms, reading with cell addresses, annotated copies."""
