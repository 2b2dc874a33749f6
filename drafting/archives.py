"""What reading a .zip, .docx or .xlsx file raises when it is damaged or made to harm: one list for every reader."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib

DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, KeyError, ValueError,
    NotImplementedError, RuntimeError,
)  # fmt: skip
"""Broken directories and checksums; packed data that is none (bzip2: OSError); data that ends early; offsets before
the beginning (ValueError, OSError); a part that is not there; kinds of packing nobody knows; a password."""
