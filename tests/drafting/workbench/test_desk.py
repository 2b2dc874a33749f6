"""What pages ask: results once for the same inputs and never for others, findings before and after, jobs."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from drafting.desk.jobs import Fate, Jobs
from drafting.desk.memory import Memory, Seen, Waiting
from drafting.desk.mended import mended
from drafting.findings import Cell, Finding, Severity
from drafting.progress import Progress, Step
from drafting.run import Run
from tests.drafting.survey_projects import write_project, write_xlsx


def told(code: str, cell: str, message: str = "不对") -> Finding:
    return Finding(code, Severity.ERROR, message, "改", place=Cell("a.xlsx", "表", cell))


def test_findings_are_the_same_where_rows_only_moved() -> None:
    before = [told("a", "B2"), told("a", "B9", "另一句"), told("b", "C3")]
    after = [told("a", "B4"), told("b", "C3"), told("c", "D1")]
    found = mended(before, after)
    assert [[f.message for f in c.findings] for c in found.solved] == [["另一句"]]
    assert [f.code for c in found.remaining for f in c.findings] == ["a", "b"]
    assert [f.code for c in found.new for f in c.findings] == ["c"]
    twice = mended([told("a", "B2")], [told("a", "B2"), told("a", "B3")])
    assert (len(twice.solved), len(twice.remaining[0].findings), len(twice.new[0].findings)) == (0, 1, 1)


def asked(memory: Memory, folder: Path) -> Seen:
    for _ in range(200):
        found = memory.ask(folder, 0.2)
        if isinstance(found, Seen):
            return found
        assert isinstance(found, Waiting)
    raise AssertionError


def test_what_takes_long_tells_its_steps_and_is_stopped_at_the_next(tmp_path: Path) -> None:
    """A page never waits for another's; what was stopped begins anew when it is asked for again."""
    (tmp_path / "项目.xlsx").write_text("one", "utf-8")
    memory = Memory(lambda *_: Run(None, None, ()))  # type: ignore[arg-type]  # nothing else is asked
    seen = asked(memory, tmp_path)
    go, begun, ended = threading.Event(), [], []

    def make(_: Run, progress: Progress) -> str:
        begun.append(1)
        progress.begin("第二步")
        go.wait(10)
        progress.begin("第三步")
        ended.append(1)
        return "草案"

    told = memory.make(seen, "草案", "第一步", make, 0.05)
    assert isinstance(told, Waiting)
    assert told.step.name in ("第一步", "第二步")
    assert memory.make(seen, "别的", "写", lambda *_: "别的", 10) == "别的"
    memory.stop(tmp_path)
    again = memory.make(seen, "草案", "第一步", make, 0.0)
    assert isinstance(again, Waiting)
    go.set()
    assert memory.make(seen, "草案", "第一步", make, 10) == "草案"
    assert (len(begun), len(ended)) == (2, 1)
    with pytest.raises(ValueError, match="tried again"):
        memory.make(seen, "坏的", "写", lambda *_: int("tried again"), 10)
    assert memory.make(seen, "坏的", "写", lambda *_: 1, 10) == 1
    memory.close()


def test_results_are_computed_once_and_never_shown_for_other_inputs(tmp_path: Path) -> None:
    runs: list[str] = []

    def run_project(folder: Path, progress: Progress) -> Run:
        progress.begin("读取")
        runs.append((folder / "项目.xlsx").read_text("utf-8"))
        if runs[-1] == "early":
            (folder / "项目.xlsx").write_text("late", "utf-8")  # changed while it is being read
        return Run(None, None, (told(runs[-1], "A1"),))  # type: ignore[arg-type]  # nothing else is asked

    memory = Memory(run_project)
    file = tmp_path / "项目.xlsx"
    file.write_text("one", "utf-8")
    first = asked(memory, tmp_path)
    (tmp_path / "成果").mkdir()
    (tmp_path / "成果" / "草案.docx").write_text("made", "utf-8")  # no input
    assert asked(memory, tmp_path) is first
    assert first.derive("n", lambda _: object()) is first.derive("n", lambda _: object())
    memory.remember_before(tmp_path)
    assert memory.before(tmp_path, first.key) is None
    stat = file.stat()
    file.write_text("two", "utf-8")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # a clock set back, a tool that keeps times
    assert memory.peek(tmp_path) is None
    second = asked(memory, tmp_path)
    assert second.run.findings[0].code == "two"
    assert [f.code for f in memory.before(tmp_path, second.key) or ()] == ["one"]
    file.write_text("early", "utf-8")
    assert asked(memory, tmp_path).run.findings[0].code == "late"
    file.write_text("one", "utf-8")
    assert asked(memory, tmp_path) is first
    assert runs == ["one", "two", "early", "late"]
    (tmp_path / "~$项目.xlsx").write_text("", "utf-8")  # Excel opens it: a finding of its own
    assert asked(memory, tmp_path) is not first
    memory.close()


def small(folder: Path) -> Path:
    write_project(folder, [{"代码": "E1", "二级指标": "能耗"}])
    write_xlsx(folder, [["企业", "E1"], *([f"企业{n}", 100 + n] for n in range(20))])
    return folder


@pytest.mark.slow
def test_a_job_is_one_per_project_and_stopped_without_a_trace(tmp_path: Path) -> None:
    folder, jobs = small(tmp_path / "行业"), Jobs()
    try:
        job = jobs.begin(folder, quick=True)
        assert jobs.begin(folder, quick=True) is job
        deadline = time.monotonic() + 60
        while job.step == Step(1, 9, "开始") and time.monotonic() < deadline:
            time.sleep(0.01)
        began = time.monotonic()
        assert jobs.stop(folder)
        assert time.monotonic() - began < 2
        assert job.fate is Fate.STOPPED
        assert not jobs.stop(folder)
        assert not [p for p in (folder / "成果").rglob("*") if p.is_file() and ".暂存" not in p.parts]
        again = jobs.begin(folder, quick=True)
        assert again.over.wait(120)
        assert (again.fate, again.errors, again.late) == (Fate.DONE, 0, True)
        made = {p.suffix for p in (folder / "成果").iterdir() if p.is_file()}
        assert {".docx", ".html", ".md", ".json"} <= made
        assert not (folder / "成果" / ".暂存").exists()  # what the stopped one left is swept
        gone = jobs.begin(tmp_path / "没有", quick=True)
        assert gone.over.wait(60)
        assert (gone.fate, "不存在" in gone.said) == (Fate.FAILED, True)
    finally:
        jobs.close()


def test_a_project_is_told_its_next_step(tmp_path: Path) -> None:
    from drafting.desk.standing import StageState, standing
    from drafting.pipeline.running import run_project

    done = standing(run_project(small(tmp_path / "c")))
    assert [s.name for s in done.stages] == ["读取", "权重", "基准值", "试评价", "草案"]
    assert (done.stages[2].state, done.stages[4].state) == (StageState.DONE, StageState.OPEN)
    assert done.next.action == "build"
    (tmp_path / "b").mkdir()
    nothing = standing(run_project(tmp_path / "b"))
    assert (nothing.next.action, nothing.stages[0].state) == ("files", StageState.BLOCKED)
