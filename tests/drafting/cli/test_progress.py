"""Bars on a terminal: what takes long shows its steps, what is quick or is no terminal shows nothing."""

from __future__ import annotations

import io
import time

import pytest

from drafting.cli import progress as bars
from drafting.progress import Progress, Step, StoppedError


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_long_work_shows_its_steps_and_wipes_them_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bars, "_DELAY", 0.05)
    out = Terminal()
    with bars.steps(out) as progress:
        progress.of = 2
        progress.begin("读取")
        time.sleep(0.15)  # nothing more is reported meanwhile: the step that goes on is shown all the same
        assert "1/2 读取" in out.getvalue()
        progress.begin("输出 docx")
        assert "2/2 输出 docx" in out.getvalue()
    assert out.getvalue().endswith("\r\x1b[K")


def test_quick_work_and_files_show_nothing() -> None:
    quick, file = Terminal(), io.StringIO()
    for out in (quick, file):
        with bars.steps(out) as progress, bars.progress("读取问卷", out) as tick:
            progress.begin("读取")
            tick(1, 1)
        assert out.getvalue() == ""


def test_steps_count_and_tell_shares() -> None:
    told: list[Step] = []
    progress = Progress(told.append, of=2)
    progress.within(1, 2)  # before the first step there is nothing to tell of
    progress.begin("一")
    progress.within(1, 4)
    progress.begin("二")
    progress.begin("三")  # more than was foreseen
    assert told == [Step(1, 2, "一"), Step(1, 2, "一", 0.25), Step(2, 2, "二"), Step(3, 3, "三")]
    assert [s.whole for s in told] == [0.0, 0.125, 0.5, 2 / 3]


@pytest.mark.slow
def test_what_is_stopped_leaves_nothing(tmp_path) -> None:
    """A build that is stopped at any step, or at the last moment, leaves the former 成果/ as it was."""
    from drafting.pipeline.running import build
    from drafting.project.examples import new_project

    folder = tmp_path / "行业"
    new_project(folder)
    build(folder, formats=("md",), quick=True)
    before = {p: p.read_bytes() for p in (folder / "成果").rglob("*") if p.is_file()}
    told: list[Step] = []

    def stop() -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        build(folder, formats=("md",), quick=True, progress=Progress(told.append, stop))
    assert [s.number for s in told] == list(range(1, told[-1].of + 1))
    assert {p: p.read_bytes() for p in (folder / "成果").rglob("*") if p.is_file()} == before
