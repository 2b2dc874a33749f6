"""The pages on AHP and Delphi: every Python block is run as a session and says what it prints."""

from __future__ import annotations

import doctest
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drafting.analysis.weights.comparison import compare
from drafting.analysis.weights.weigh import weigh
from drafting.findings import Provenance
from drafting.model.experts import DelphiAnswer, DelphiRound
from drafting.model.revisions import Answers
from drafting.model.system import FIRST_LEVEL
from drafting.project.folder import load_project
from drafting.record.codec import plain
from drafting.record.results import weights_json
from tests.drafting.survey_projects import write_csv
from tests.drafting.weights_projects import CODES, TRUE, a_round, allocation, consistent, inputs, keys, matrix, project

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


def _keys(value: Any) -> Iterator[str]:
    """Names of fields; experts, groups, rounds and methods are no names of fields."""
    if isinstance(value, dict):
        yield from (k for k in value if re.fullmatch("[a-z][a-z_0-9]*", k))
        for part in value.values():
            yield from _keys(part)
    elif isinstance(value, list):
        for part in value:
            yield from _keys(part)


def _everything(folder: Path) -> Iterator[Any]:
    """JSON of projects in which everything there is to tell happens."""
    folder = project(folder, weight_method="组合", combination_methods="层次分析法；专家咨询法；熵权法；CRITIC法")
    codes = [k for g in TRUE if g != FIRST_LEVEL for k in keys(g)]
    rng = np.random.default_rng(1)
    rows = [[f"企业{k}", *rng.uniform(1, 9, len(codes)).round(2)] for k in range(12)]
    write_csv(folder, [["企业", *codes], *rows])
    given, where = load_project(folder).inputs, Provenance()
    assert given is not None
    circle = [[1, 5, 1 / 5], [1 / 5, 1, 5], [5, 1 / 5, 1]]
    judgements = tuple(
        matrix(c, g, circle if (c, g) == (CODES[0], FIRST_LEVEL) else consistent(np.array(w) * rng.uniform(0.8, 1.2)))
        for g, w in TRUE.items() for c in CODES
    )  # fmt: skip
    rounds = tuple(
        a_round(n, {c: TRUE | {FIRST_LEVEL: (40 + 2 * k, 35 - k, 25 - k)} for k, c in enumerate(CODES)}) for n in (1, 2)
    )
    original = Answers("判断矩阵", CODES[0], FIRST_LEVEL, {keys(FIRST_LEVEL)[:2]: 3.0}, "f", "0", "2026-03-01")
    full = replace(given, judgements=judgements, delphi=rounds, answer_record=(original,))
    whole = (allocation(FIRST_LEVEL, TRUE[FIRST_LEVEL]),)
    rated = DelphiRound(1, tuple(
        DelphiAnswer(c, whole, {k: float(1 + (j + n) % 5) for j, k in enumerate(codes)}) for n, c in enumerate(CODES)
    ))  # fmt: skip
    ratings = replace(inputs(weight_method="专家咨询法"), delphi=(rated,))
    for one in (full, ratings):
        weights, _ = weigh(one, where)
        assert weights is not None
        yield weights_json(weights)
    yield {"comparison": plain(compare(full)), "screening": None, "files": [], "findings": []}


def test_every_field_of_the_weights_is_in_the_reference(tmp_path: Path) -> None:
    found = set(_keys(list(_everything(tmp_path))))
    page = (DOCS / "reference.md").read_text("utf-8")
    section = page[page.index("### `drafting weights --json`") : page.index("### `drafting baselines --json`")]
    named = set(re.findall(r"[a-z][a-z_0-9]*", " ".join(re.findall(r"`([^`]+)`", section))))
    assert {"previous", "boundaries", "information", "variants", "rank_switches", "cycles", "dissent"} <= found
    assert found <= named, sorted(found - named)
