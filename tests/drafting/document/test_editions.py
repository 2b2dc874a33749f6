"""Names in a public edition: every one is replaced, longest first, and nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from drafting.document.editions import Names
from drafting.model.survey import Survey
from tests.drafting.analysis import trial_projects as tp


def names_of(enterprises) -> Names:
    size = len(enterprises)
    survey = Survey(tuple(enterprises), MappingProxyType({}), np.zeros(size, dtype=np.bool_))
    return Names(replace(tp.project([tp.indicator("N1")], {"N1": [1.0]}), survey=survey))


def by_pattern(names: Names, words: str, shortest: int) -> str:
    """The second way: one alternation over all names."""
    known = {**names.enterprises, **names.experts}
    searched = sorted((n for n in known if len(n) >= shortest and not n.isdecimal()), key=lambda n: (-len(n), n))
    if not searched:
        return words

    def bounded(name: str) -> str:
        before = r"(?<![A-Za-z0-9_])" if re.match("[A-Za-z0-9]", name) else ""
        after = r"(?![A-Za-z0-9_])" if re.search("[A-Za-z0-9]$", name) else ""
        return before + re.escape(name) + after

    return re.sub("|".join(map(bounded, searched)), lambda match: known[match[0]], words)


letters = st.text("甲乙钢厂A1_ .", min_size=1, max_size=6)


@given(st.lists(letters, max_size=8, unique=True), st.text("甲乙钢厂A1_ .，", max_size=40))
@settings(max_examples=100, deadline=None)
def test_names_are_replaced_as_by_one_pattern_over_all_of_them(enterprises, words):
    names = names_of(enterprises)
    assert names.text(words) == by_pattern(names, words, 2)
    assert names.net(words) == by_pattern(names, words, 4)


def test_a_hundred_thousand_names_are_no_burden():
    names = names_of([f"某某第{n}钢铁有限公司" for n in range(100_000)])
    words = "。".join(f"某某第{n}钢铁有限公司与某某第{n}钢铁厂" for n in range(0, 3000, 3))
    shown = names.text(words)
    assert "有限公司" not in shown
    assert shown.count("钢铁厂") == 1000
