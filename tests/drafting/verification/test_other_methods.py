"""Records of every method agree with their recomputation: prioritisation, groups, Delphi, combination, strata."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drafting.model.experts import Allocation, DelphiAnswer, DelphiRound
from drafting.model.weight_groups import groups_of
from drafting.verification import verify

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "建筑陶瓷"


@pytest.fixture(scope="module")
def project() -> Any:
    from drafting.project.folder import load_project

    return load_project(EXAMPLE)


def a_round(number: int, inputs: Any) -> DelphiRound:
    rng = np.random.default_rng(number)
    answers = []
    for expert in inputs.experts:
        allocations = []
        for group in groups_of(inputs.system):
            if group.size > 1:
                shares = np.round(rng.dirichlet(np.full(group.size, 8.0)) * 100)
                shares[0] += 100 - shares.sum()
                allocations.append(Allocation(group.name, dict(zip(group.keys, map(float, shares), strict=True))))
        answers.append(DelphiAnswer(expert.code, tuple(allocations)))
    return DelphiRound(number, tuple(answers))


SETTINGS: dict[str, dict[str, Any]] = {
    "rounded values, renormalised": {"comparison": "修约值", "empty_category": "重新归一"},
    "AIP, geometric mean, three decimals": {"aggregation": "AIP", "prioritisation": "方根法", "weight_decimals": 3},
    "authority, column mean": {"expert_weights": "权威程度", "prioritisation": "和积法"},
    "experts excluded": {"cr_limit": Decimal("0.02"), "inconsistent_experts": "剔除"},
    "strata": {"by_stratum": "是", "merge_strata": "小型=中型"},
    "AHP and entropy": {"weight_method": "组合", "combination_methods": "层次分析法=0.6；熵权法=0.4"},
    "AHP times CRITIC": {"weight_method": "组合", "combination": "乘法", "combination_methods": "层次分析法、CRITIC法"},
    "minimum deviation": {"weight_method": "组合", "combination": "最小偏差"},
    "Delphi": {"weight_method": "专家咨询法"},
    "Delphi by authority": {"weight_method": "专家咨询法", "expert_weights": "权威程度"},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SETTINGS)
def test_the_recomputation_agrees(project: Any, name: str, tmp_path: Path) -> None:
    from drafting.pipeline.running import proceed
    from drafting.record.results import record

    settings = replace(project.inputs.settings, **SETTINGS[name])
    rounds = (a_round(1, project.inputs), a_round(2, project.inputs))
    changed = replace(project.inputs, settings=settings, delphi=rounds)
    run = proceed(replace(project, inputs=changed), until="trial")
    assert run.results.trial is not None
    path = tmp_path / "结果.json"
    path.write_text(json.dumps(record(run), ensure_ascii=False), "utf-8")
    verdict = verify(path)
    assert verdict.differences == []
    assert verdict.checked > 1500
