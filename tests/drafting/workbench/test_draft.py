"""The draft to be read: findings at their clause, sources at the figures, nothing that the page's rules forbid."""

from __future__ import annotations

import re
from pathlib import Path

from drafting.desk.reading import draft
from drafting.pipeline.running import run_project
from drafting.progress import Progress

from .test_baselines_screen import write


def test_findings_stand_at_their_clause_and_figures_tell_their_cell(tmp_path: Path) -> None:
    run = run_project(write(tmp_path / "行业"))
    found = draft(run, Progress())
    assert found is not None
    assert found.sheet is not None
    body = str(found.sheet.body)
    assert " style=" not in body
    assert "<script" not in body
    told = re.findall(r"来源</span> ([^<]+)</span>", body)
    assert "项目.xlsx·二级指标·G2" in told  # a weight as typed
    assert told.count("调研数据·D列") == 3  # three baselines out of one column
    assert not re.search(r"企业\d\d", body)  # the public edition
    assert found.remarks
    places = [body.index(f'id="{r.id}"') for r in found.remarks]
    assert places == sorted(places)
    for remark in found.remarks:
        assert remark.findings[0].remedy
    (tmp_path / "空").mkdir()
    assert draft(run_project(tmp_path / "空"), Progress()) is None
