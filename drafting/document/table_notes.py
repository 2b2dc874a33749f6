"""What stands under the indicator table: what the letters of its weights and baselines mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from drafting.document.facts import Facts
from drafting.document.symbols import stated
from drafting.model.system import Indicator
from drafting.notation.weights import COUNT, COUNTED


def share_in_words(facts: Facts) -> str:
    """Say once what n is in the weights of the table; nothing where every weight is a number."""
    found = [w for i in facts.indicators if (w := facts.weight_of(i)) is not None and w.shared]
    texts = "、".join(dict.fromkeys(map(str, found)))
    where = f"二级指标权重{texts}中的{COUNT}" if texts else ""
    return f"{where}，为{COUNTED}。" if texts else ""


def parameters_in_words(indicators: Iterable[Indicator]) -> Iterator[str]:
    """Say what a letter in a baseline (≤0.14+0.08n) stands for: as 说明 says, else where the reader finds it."""
    for indicator in indicators:
        for name in dict.fromkeys(n for b in indicator.baselines.values() for n in b.names):
            said = stated(name, indicator.note)
            where = f"{name}的含义和取值按{indicator.name}的指标解释"
            yield f"{indicator.name}的基准值中，{f'{name}为{said}' if said else where}。"
