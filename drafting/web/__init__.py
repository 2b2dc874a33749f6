"""What every server of the project shares: headers, hosts, patience, limits, static files, logs. No pages."""
