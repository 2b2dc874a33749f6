"""The industry survey: files, table of headed columns, values with their states, one record per enterprise."""
