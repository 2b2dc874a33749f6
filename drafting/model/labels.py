"""Words that repeat down the rows of a survey, such as its strata."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray


class Labels(Sequence[str]):
    """One word per row: the distinct words in order of first appearance, and which of them each row has.

    ``words``: each stands in some row.
    ``at`` (E,): position of each row's word.
    """

    __slots__ = ("at", "words")

    def __init__(self, words: tuple[str, ...], at: NDArray[Any]) -> None:
        self.words, self.at = words, at

    @classmethod
    def of(cls, rows: Iterable[str]) -> Labels:
        """Take words row by row; labels stay as they are."""
        if isinstance(rows, Labels):
            return rows
        numbers: dict[str, int] = {}
        at = np.fromiter((numbers.setdefault(word, len(numbers)) for word in rows), np.uint32)
        return cls(tuple(numbers), at)

    @classmethod
    def of_repeated(cls, words: Sequence[str], at: NDArray[Any]) -> Labels:
        """Take words that may be alike or stand in no row, and the position among them of each row's."""
        numbers: dict[str, int] = {}
        _, first = np.unique(at, return_index=True)
        new = np.zeros(len(words), dtype=np.uint32)
        for old in at[np.sort(first)].tolist():
            new[old] = numbers.setdefault(words[old], len(numbers))
        return cls(tuple(numbers), new[at])

    def __len__(self) -> int:
        return len(self.at)

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> list[str]: ...

    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self.words[n] for n in self.at[index].tolist()]
        return self.words[int(self.at[index])]

    def __iter__(self) -> Iterator[str]:
        return map(self.words.__getitem__, self.at.tolist())

    def __contains__(self, word: object) -> bool:
        return word in self.words

    def picked(self, at: NDArray[np.intp]) -> Labels:
        """Some of the rows; words that none of them has stay."""
        return Labels(self.words, self.at[at])

    def part(self, start: int, stop: int) -> Labels:
        """Consecutive rows; words that none of them has stay."""
        return Labels(self.words, self.at[start:stop])

    def renamed(self, names: Mapping[str, str]) -> Labels:
        """Some words by another name; those of one new name are one."""
        new = [names.get(word, word) for word in self.words]
        words = tuple(dict.fromkeys(new))
        return self if words == self.words else Labels(words, np.array([words.index(w) for w in new])[self.at])

    def rows(self) -> Iterator[tuple[str, NDArray[np.intp]]]:
        """Each word with the rows that have it."""
        for number, word in enumerate(self.words):
            yield word, np.flatnonzero(self.at == number)


def merging_rule(text: str) -> Iterator[tuple[str, str]]:
    """Pairs (old, new) of setting 分组合并, e.g. ``小型=中型；微型=中型``."""
    for part in rule_parts(text):
        old, sign, new = part.partition("=")
        if sign and old.strip() and new.strip():
            yield old.strip(), new.strip()


def rule_parts(text: str) -> list[str]:
    """What stands between the semicolons of the setting."""
    return text.replace(";", "；").replace("，", "；").split("；")
