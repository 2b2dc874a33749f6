"""What the panel's export of one allocation round gives ``drafting weights``, held as a golden record."""

from __future__ import annotations

import pytest

from drafting.panel import items, records
from tests.golden.recording import findings, hold, run, weights

from .client import Site
from .test_round_trip import set_setting, share

pytestmark = pytest.mark.slow


def test_weights_of_an_exported_round(lone: Site, request: pytest.FixtureRequest) -> None:
    set_setting(lone.folder, "权重方法", "专家咨询法")
    organiser = lone.organiser()
    links, number = lone.links(organiser), lone.round(organiser)
    with lone.service.engine.connect() as connection:
        groups = records.panel(connection, lone.panel_id).definition.groups
    for code, token in sorted(links.items()):
        expert = lone.visitor().enter(token)
        for g, group in enumerate(groups):
            points = share(int(code[-2:]), 1, g, len(group.items))
            form = {items.weight(g, k): str(v) for k, v in enumerate(points)}
            assert expert.post(f"/e/{number}/{g}", form).status_code == 303
        assert expert.post(f"/e/{number}/submit", page=f"/e/{number}/review").status_code == 303
    lone.close(organiser, number)
    organiser.post(f"/o/r/{number}/files")
    said = run("weights", str(lone.folder))
    record = {"weights": weights(said), "findings": findings(said)}
    hold("panel_export", record, write=bool(request.config.getoption("--write-golden")))
