"""Every command reads a project folder in one way: the experts' workbooks on all cores, with a bar."""

from __future__ import annotations

from pathlib import Path

import pytest

from drafting.cli import app, progress
from drafting.project import folder as project_folder
from drafting.workbook import many
from drafting.workbook.project.blank import write_project
from tests.drafting.weights_projects import CODES, TRUE, fill_judgements, inputs

COMMANDS = (
    ("check",), ("render",), ("weights",), ("weights", "--compare"), ("baselines",),
    ("baselines", "--engine", "duckdb"), ("trial",), ("calibrate",), ("questionnaires", "--ahp"),
    ("evaluate", "其他.xlsx"), ("diff", "另一个"),
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_reads_as_all_do(command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def read(folder: Path | str, **_: object) -> project_folder.Project:
        seen.append(str(folder))
        raise project_folder.NoProjectError(Path(folder))

    monkeypatch.setattr(progress, "read_project", read)
    assert app.run([command[0], "项目文件夹", *command[1:]]) == 2
    assert seen == ["项目文件夹"]


def test_a_build_reads_in_parallel_within_its_own_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    def read(folder: Path | str, *, parallel: bool, tick: object) -> project_folder.Project:
        seen.append(parallel and tick is not None)
        raise project_folder.NoProjectError(Path(folder))

    monkeypatch.setattr(project_folder, "load_project", read)
    assert app.run(["build", "项目文件夹", "--quick"]) == 2
    assert seen == [True]


@pytest.mark.slow
def test_that_way_is_parallel_and_ticks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from drafting.pipeline.questionnaires import write_ahp

    write_project(tmp_path / "项目.xlsx", inputs())
    blank = write_ahp(project_folder.load_project(tmp_path)).files
    for file, code in zip(blank, CODES, strict=True):
        fill_judgements(file, tmp_path / "判断矩阵" / f"{code}.xlsx", TRUE)
    alone = project_folder.load_project(tmp_path)
    pools: list[int] = []
    in_parallel = many._in_parallel

    def counted(files: list[tuple[str, bytes]], workers: int):
        pools.append(len(files))
        return in_parallel(files, workers)

    monkeypatch.setattr(many, "PARALLEL_FROM", len(CODES))
    monkeypatch.setattr(many, "_in_parallel", counted)
    monkeypatch.setattr(many.os, "cpu_count", lambda: 2)
    together = progress.read_project(tmp_path)
    assert pools == [len(CODES)]
    assert together.files == alone.files
    assert together.findings == alone.findings
    assert together.inputs is not None
    assert alone.inputs is not None
    for one, other in zip(together.inputs.judgements, alone.inputs.judgements, strict=True):
        assert (one.expert, one.group, one.values.tolist()) == (other.expert, other.group, other.values.tolist())
