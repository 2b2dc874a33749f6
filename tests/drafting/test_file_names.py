"""Names of files: what Windows and Linux both accept, from any text a workbook may hold."""

from __future__ import annotations

from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from drafting.files import file_stem

# Characters and names that Windows refuses: learn.microsoft.com, "Naming Files, Paths, and Namespaces".
REFUSED = set('<>:"/\\|?*') | {chr(n) for n in range(32)}
DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{d}{n}" for d in ("COM", "LPT") for n in "123456789")}


@given(st.text(max_size=300))
@example("../../etc/passwd")
@example("..")
@example("con.表")
@example("\ud800")
@example("清" * 300)
def test_a_name_both_systems_accept(text: str) -> None:
    stem = file_stem(text, "文件")
    assert stem
    assert not set(stem) & REFUSED
    assert len(stem.encode()) <= 200
    assert stem == stem.strip(" .")
    assert stem.split(".")[0].upper() not in DEVICES
    assert PureWindowsPath(stem).name == stem
    assert (Path("成果") / stem).parent == Path("成果")


@pytest.mark.parametrize("ordinary", ["建筑陶瓷行业清洁生产评价指标体系", "E01", "王 (一)", "a.b"])
def test_an_ordinary_text_is_kept(ordinary: str) -> None:
    assert file_stem(ordinary, "文件") == ordinary


@given(st.lists(st.text(alphabet="aA/.", max_size=3), max_size=12))
def test_names_that_a_file_system_confuses_are_numbered(texts: list[str]) -> None:
    taken: set[str] = set()
    given_names = [file_stem(t, "专家", taken=taken).casefold() for t in texts]
    assert len(set(given_names)) == len(texts)
