"""Every pattern of the three packages on long texts of one kind: none takes more than a moment."""

from __future__ import annotations

import importlib
import pkgutil
import re
import signal
from collections.abc import Iterator
from types import ModuleType

import pytest

import baselines
import drafting
import weighting

SEEDS = (
    "A", "A ", "A/", " ", "\n", "\t", " \n", "1", "1,", "1.", "1 ", "a1", "a@", "《", "（", "(", "[", "、", "和A",
    "GB 1、", "一", "第", "=", "-", "#", "&", "%", "<a ", "{{ ", "C:\\a", "/home/", "0;", '"', "'", "≥1", "表1 ", "…",
)  # fmt: skip
AROUND = (("", ""), ("1", "!"), ("《", "x"))
LONG, SECONDS = 600, 0.25
"""Characters of a text, and processor time of one call: a square of the length is a hundredth of it, a cube is over."""


def patterns(packages: tuple[ModuleType, ...]) -> Iterator[tuple[str, re.Pattern[str]]]:
    for package in packages:
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.endswith(("__main__", "migrations.env")):
                continue
            try:
                names = vars(importlib.import_module(module.name))
            except ImportError:  # of an extra that is not there
                continue
            for name, value in names.items():
                if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                    yield f"{module.name}.{name}", value


def too_long(pattern: re.Pattern[str], text: str) -> bool:
    """Whether a call is still under way when the time is over; the engine looks at signals while it searches."""

    def over(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, over)
    try:
        for call in (pattern.search, pattern.fullmatch):
            signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
            call(text)
    except TimeoutError:
        return True
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    return False


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no such timer on Windows")
def test_no_pattern_takes_long_over_a_long_text() -> None:
    """2,000 line breaks in 代替文件 took 24 s, forty digits as a mark of a table for ever."""
    texts = [f"{before}{seed * (LONG // len(seed))}{after}" for seed in SEEDS for before, after in AROUND]
    found = dict(patterns((drafting, weighting, baselines)))
    once = {(p.pattern, p.flags): name for name, p in found.items()}
    assert len(once) > 150
    slow = [name for name in once.values() if any(too_long(found[name], text) for text in texts)]
    assert slow == []


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no such timer on Windows")
def test_that_test_sees_a_pattern_that_goes_back_and_forth() -> None:
    assert too_long(re.compile(r"(?:[a-z]|[0-9]{1,2})+"), "1" * LONG + "!")
