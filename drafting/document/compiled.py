"""Compiled templates, kept while the program runs: one build fills in the same texts for several documents.

They are not kept on the disk: what is read from there would be run, unlike everything else that is recalled.
"""

from __future__ import annotations

from functools import cache

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class Compiled(BytecodeCache):
    """Code of templates by file and text, in memory; for environments of the same options.

    A new environment, such as one with a committee's folder over ours, then compiles only what no other has. A file
    whose text has changed is compiled again.
    """

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, Bucket]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Put the code of this text in, if it is known."""
        checksum, found = self._kept.get(bucket.key, ("", bucket))
        if checksum == bucket.checksum:
            bucket.code = found.code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a text in place of what its file held before."""
        self._kept[bucket.key] = (bucket.checksum, bucket)


@cache
def clause_texts() -> Compiled:
    """Give the code of clause texts."""
    return Compiled()


@cache
def pages() -> Compiled:
    """Give the code of pages."""
    return Compiled()
