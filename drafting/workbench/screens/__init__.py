"""The screens, one file each: handlers and ``routes()``; the page of each stands in ``templates/workbench/``."""
