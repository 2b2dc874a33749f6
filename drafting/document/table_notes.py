"""What stands under the indicator table: what the letters of its weights and baselines mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from drafting.document.facts import Facts
from drafting.document.symbols import stated
from drafting.model.system import Indicator
from drafting.model.terms import GRADES, Grade
from drafting.notation.weights import COUNT, COUNTED


def in_a_row(names: Sequence[str]) -> str:
    """Name several, each once: 甲、乙和丙."""
    each = tuple(dict.fromkeys(names))
    return "、".join(each[:-1]) + "和" + each[-1] if len(each) > 1 else each[0]


def share_in_words(facts: Facts) -> str:
    """Say once what n is in the weights of the table; nothing where every weight is a number."""
    found = [w for i in facts.rows if (w := facts.weight_of(i)) is not None and w.shared]
    texts = "、".join(dict.fromkeys(map(str, found)))
    where = f"二级指标权重{texts}中的{COUNT}" if texts else ""
    return f"{where}，为{COUNTED}。" if texts else ""


def parameters_in_words(indicators: Iterable[Indicator]) -> Iterator[str]:
    """Say what a letter in a baseline (≤0.14+0.08n) stands for: as 说明 says, else where the reader finds it."""
    alike: dict[str, list[str]] = {}
    for indicator in indicators:
        for name in dict.fromkeys(n for b in indicator.baselines.values() for n in b.names):
            said = stated(name, indicator.note)
            where = f"{name}的含义和取值按{indicator.name}的指标解释"
            alike.setdefault(f"{name}为{said}" if said else where, []).append(indicator.name)
    for words, names in alike.items():
        yield f"{in_a_row(names)}的基准值中，{words}。"


def blanks_in_words(indicators: Iterable[Indicator]) -> Iterator[str]:
    """Say of indicators with a blank grade beside filled ones which baseline is used there, once of all alike."""
    alike: dict[tuple[Grade, Grade], list[str]] = {}
    for indicator in indicators:
        filled = [g for g in GRADES if g in indicator.baselines]
        if indicator.qualitative or not 1 < len(filled) < len(GRADES):
            continue
        blank = next(g for g in GRADES if g not in indicator.baselines)
        stricter = [g for g in filled if GRADES.index(g) < GRADES.index(blank)]
        alike.setdefault((blank, stricter[-1] if stricter else filled[0]), []).append(indicator.name)
    for (blank, instead), names in alike.items():
        yield f"{in_a_row(names)}未规定{blank.chinese}基准值，评价时采用{instead.chinese}基准值。"
