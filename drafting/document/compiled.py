"""Compiled templates, kept while the program runs and from run to run: one build fills in the same texts often."""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import cache

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from drafting.recall import keep, key_of, recalled


class Compiled(BytecodeCache):
    """
    Code of templates by file and text, in memory and on the disk; for environments of the same options.

    A new environment, such as one with a committee's folder over ours, then compiles only what no other has. A file
    whose text has changed is compiled again.
    """

    def __init__(self, options: str) -> None:
        self._options = options
        self._kept: dict[str, tuple[str, Bucket]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Put the code of this text in, if it is known."""
        checksum, found = self._kept.get(bucket.key, ("", bucket))
        if checksum == bucket.checksum:
            bucket.code = found.code
        else:
            kept = recalled(self._key(bucket))
            if kept is not None:
                with suppress(ValueError, EOFError, TypeError):
                    bucket.bytecode_from_string(kept)
                    self._kept[bucket.key] = (bucket.checksum, bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a text in place of what its file held before."""
        self._kept[bucket.key] = (bucket.checksum, bucket)
        keep(self._key(bucket), bucket.bytecode_to_string())

    def _key(self, bucket: Bucket) -> str:
        return key_of("template", self._options, sys.version, bucket.key, bucket.checksum)


@cache
def clause_texts() -> Compiled:
    """Give the code of clause texts."""
    return Compiled("clauses")


@cache
def pages() -> Compiled:
    """Give the code of pages."""
    return Compiled("pages")
