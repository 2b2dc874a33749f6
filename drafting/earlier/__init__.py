"""An earlier edition in Word or Excel: its tables become a project, with a report on every cell."""
