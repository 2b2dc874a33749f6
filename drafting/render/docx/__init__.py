"""The Word draft: the document tree written into a blueprint .docx."""

from __future__ import annotations
