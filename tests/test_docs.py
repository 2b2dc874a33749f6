"""The documentation is true: its Python runs, its commands exist, every finding code can be looked up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from drafting.cli.app import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "README.zh-CN.md", *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.M | re.S)


def blocks(page: Path, language: str) -> list[str]:
    return [code for word, code in FENCE.findall(page.read_text("utf-8")) if word == language]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_commands_named_in_the_documentation_exist(page: Path) -> None:
    """In code – indented, fenced or between backticks – ``drafting WORD`` is a command."""
    text = page.read_text("utf-8")
    code = [*re.findall(r"`([^`\n]+)`", FENCE.sub("", text)), *blocks(page, "sh")]
    named = {word for line in code for word in re.findall(r"drafting ([a-z][a-z-]+)", line) if "import" not in line}
    assert named <= set(COMMANDS), named - set(COMMANDS)


def test_python_of_readme_and_reference_runs() -> None:
    shown = {}
    for page in (ROOT / "README.md", ROOT / "docs" / "reference.md"):
        for code in blocks(page, "python"):
            if "水泥行业" not in code:  # needs a project folder; covered by the tests of build
                exec(compile(code, str(page), "exec"), shown)
    assert float(shown["result"].cr) == pytest.approx(0.0559, abs=5e-4)  # λ_max 3.0649 of the contract's example
    assert shown["grades"].I.value == 28.9


def test_readme_in_both_languages_gives_the_same_commands() -> None:
    english, chinese = (blocks(ROOT / name, "sh") for name in ("README.md", "README.zh-CN.md"))
    assert english == chinese
    assert len(english) == 2
