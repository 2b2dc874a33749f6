"""Every single number of a record is computed again: whichever is changed is named."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pytest

from drafting.verification import verify
from tests.drafting.verification.test_other_methods import SETTINGS, a_round

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "建筑陶瓷"
Record = dict[str, Any]
Leaf = tuple[Any, Any]
"""A container and the key of one of its numbers."""


def record_of(project: Any, *, deep: bool = True) -> Record:
    from drafting.pipeline.deepening import deepen
    from drafting.pipeline.running import proceed
    from drafting.record.results import record

    run = proceed(project, until="trial")
    return json.loads(json.dumps(record(deepen(run) if deep else run), ensure_ascii=False, allow_nan=False))


@pytest.fixture(scope="module")
def project() -> Any:
    from drafting.project.folder import load_project

    return load_project(EXAMPLE)


@pytest.fixture(scope="module")
def record(project: Any) -> Record:
    return record_of(project)


def numbers(part: Any, inside: str = "") -> Iterator[Leaf]:
    """Every number, truth value and decimal text below; strings of marks (0, 2, 3) stand under ``enterprises``."""
    for key, value in list(part.items() if isinstance(part, dict) else enumerate(part)):
        if isinstance(value, dict | list):
            yield from numbers(value, str(key))
        elif isinstance(value, bool | int | float) or (
            isinstance(value, str) and inside != "enterprises" and decimal(value)
        ):
            yield part, key


def decimal(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return str(Decimal(value) + 1)
    return value + 1 if isinstance(value, int) else value * 1.001 + 1e-6


def figures(record: Record) -> list[Leaf]:
    return [leaf for part in ("weights", "baselines", "trial") for leaf in numbers(record[part])]


def differences(record: Record, folder: Path) -> list[str]:
    path = folder / "结果.json"
    path.write_text(json.dumps(record, ensure_ascii=False), "utf-8")
    return [d.path for d in verify(path, standard={"full_mark": 100}).differences]


@pytest.mark.slow
def test_as_many_differences_as_numbers_that_were_changed(record: Record, tmp_path: Path) -> None:
    assert differences(record, tmp_path) == []
    changed = copy.deepcopy(record)
    leaves = figures(changed)
    assert len(leaves) > 10_000
    for container, key in leaves:
        container[key] = other(container[key])
    # The recomputation reads the data only, so all figures may be wrong at once and each must be named.
    assert len(differences(changed, tmp_path)) == len(leaves)


@pytest.mark.slow
def test_one_number_changed_alone_is_named_alone(record: Record, tmp_path: Path) -> None:
    chance = random.Random(7)
    for place in chance.sample(range(len(figures(record))), 3):
        changed = copy.deepcopy(record)
        container, key = figures(changed)[place]
        container[key] = other(container[key])
        assert len(differences(changed, tmp_path)) == 1, (place, key)


@pytest.mark.slow
def test_inputs_and_wording_are_guarded_by_digests(project: Any, tmp_path: Path) -> None:
    """Plain inputs: a single one may move no figure, its part of the record is named all the same."""
    record = record_of(project, deep=False)  # the details are nothing that was put in
    changed = copy.deepcopy(record)
    parts = list(record["data"])
    touched = [name for name in parts if touch(changed["data"], name)]
    changed["findings"][0]["message"] += "。"
    changed["trial"]["enterprises"][3]["reasons"].append("改")
    changed["sources"]["level:N1:I"] = ["别处"]
    named = differences(changed, tmp_path)
    assert {f"data.{name}" for name in touched} <= set(named)
    assert {"survey", "settings", "standard", "indicators", "judgements", "experts", "groups"} <= set(touched)
    assert {"findings", "trial.enterprises.reasons", "sources"} <= set(named)
    assert "data.standard.full_mark" in named  # the standard's own numbers are held against the standard


def touch(data: Record, name: str) -> bool:
    """Change one value of a part of the data that leaves the rest computable."""
    match name:
        case "standard":
            data[name]["full_mark"] = 101
        case "settings":
            data[name]["样本量下限"] = "21"
        case "survey":
            data[name]["columns"]["N1"]["values"][5] *= 1.0001
        case "indicators":
            data[name][0]["lower"] = "-5"
        case "judgements":
            data[name][0]["values"][0][1] *= 1.0001
        case "experts":
            data[name][0]["familiarity"] = "一般"
        case "groups":
            data[name][0]["names"][0] += "（改）"
        case _:
            return False
    return True


# --- the other methods ------------------------------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.parametrize("name", ["strata", "Delphi by authority"])
def test_every_number_of_other_methods_is_named(project: Any, name: str, tmp_path: Path) -> None:
    settings = replace(project.inputs.settings, **SETTINGS[name])
    rounds = (a_round(1, project.inputs), a_round(2, project.inputs))
    made = record_of(replace(project, inputs=replace(project.inputs, settings=settings, delphi=rounds)))
    assert differences(made, tmp_path) == []
    leaves = figures(made)
    for container, key in leaves:
        container[key] = other(container[key])
    assert len(differences(made, tmp_path)) == len(leaves)
