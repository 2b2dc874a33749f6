"""The pages on AHP and Delphi: every Python block is run as a session and says what it prints."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).resolve().parents[1] / "docs"
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", ["ahp.md", "delphi.md"])
def test_the_blocks_of_a_page_print_what_they_say(page: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    blocks = list(_BLOCK.finditer(text))
    assert len(blocks) >= 7
    names: dict[str, Any] = {}
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    for block in blocks:
        line = text.count("\n", 0, block.start()) + 1
        test = parser.get_doctest(block[1], names, page, str(DOCS / page), line)
        assert test.examples, f"{page}:{line} is no session"
        said: list[str] = []
        result = runner.run(test, out=said.append, clear_globs=False)
        names = test.globs
        assert result.failed == 0, "".join(said)
