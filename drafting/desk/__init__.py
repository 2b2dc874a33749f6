"""What pages and screens ask of a project: findings by cause, in the order in which they are worth reading."""
