"""Pages and addresses of the panel server."""
