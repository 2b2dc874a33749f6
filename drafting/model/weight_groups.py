"""The groups that are weighted (C.1): the first-level indicators, and the second-level ones under each."""

from __future__ import annotations

from dataclasses import dataclass

from drafting.model.identity import label_key
from drafting.model.system import FIRST_LEVEL, IndicatorSystem
from drafting.model.weight import Weight


@dataclass(frozen=True, slots=True)
class Group:
    """A set of items whose weights sum to 1.

    ``name`` is 一级指标 or the category, ``keys`` are category names or indicator codes, ``names`` what people read,
    ``typed`` the weights in the workbook (all or none of them are set): numbers or shares such as 0.8/n.
    """

    name: str
    keys: tuple[str, ...]
    names: tuple[str, ...]
    typed: tuple[Weight | None, ...]
    bonus: bool = False

    @property
    def size(self) -> int:
        """Number of items."""
        return len(self.keys)

    @property
    def given(self) -> bool:
        """Whether the committee typed the weights."""
        return self.size > 0 and all(w is not None for w in self.typed)

    @property
    def partly(self) -> bool:
        """Whether some weights are typed and others not: the reader has said so, and nothing is weighed."""
        return not self.given and any(w is not None for w in self.typed)

    @property
    def asked(self) -> bool:
        """Whether experts are asked for the weights: nothing is typed, and there is something to weigh."""
        return self.size > 1 and not self.bonus and all(w is None for w in self.typed)

    @property
    def labels(self) -> tuple[str, ...]:
        """Names, with the code behind them where two items share a name."""
        if len(set(self.names)) == self.size:
            return self.names
        return tuple(f"{n}（{k}）" for n, k in zip(self.names, self.keys, strict=True))

    def order_of(self, labels: tuple[str, ...]) -> list[int] | None:
        """Positions in ``labels`` of this group's items, by name or key; None unless each stands there exactly once."""
        places = {label_key(label): i for i, label in enumerate(labels)}
        order = [places.get(label_key(n), places.get(label_key(k))) for n, k in zip(self.names, self.keys, strict=True)]
        found = [i for i in order if i is not None]
        return found if len(found) == self.size == len(labels) == len(set(found)) else None


def groups_of(system: IndicatorSystem) -> tuple[Group, ...]:
    """All groups: the first level (bonus groups lie outside), then one per adopted category."""
    first = system.weighted
    names = tuple(c.name for c in first)
    result = [Group(FIRST_LEVEL, names, names, tuple(c.weight for c in first))]
    for category in system.adopted:
        own = system.heads_of(category.name)
        result.append(
            Group(
                category.name, tuple(i.code for i in own), tuple(i.name for i in own), tuple(i.weight for i in own),
                category.bonus,
            )
        )  # fmt: skip
    return tuple(result)
