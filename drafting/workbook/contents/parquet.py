"""What a reader does when it is asked for a .parquet file; pyarrow is loaded before memory is limited."""

from __future__ import annotations

import pyarrow.parquet  # noqa: F401

from drafting.workbook.contents.columns import task as columns

__all__ = ["columns"]
