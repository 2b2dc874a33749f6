"""Split questionnaires: for large groups each expert compares only part of the pairs.

A group of 14 indicators has 91 pairs. Every expert gets a regular, connected part of them (each item in as many
comparisons as any other, and a way of comparisons between any two), and the panel as a whole covers the pairs evenly.

References
----------
.. [1] Lucas, É. (1892). Récréations mathématiques, vol. 2: Walecki's decomposition of a complete graph into Hamiltonian
   cycles, and the round robin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from weighting.errors import OptionError, PanelError

Pair: TypeAlias = tuple[int, int]

RECOMMENDED_FROM = 10
"""Group size from which splitting is worth its loss of precision."""


@dataclass(frozen=True, slots=True)
class SplitQuestionnaire:
    """Which pairs each expert compares.

    Attributes
    ----------
    n : int
        Number of items.
    degree : int
        Comparisons each item takes part in, for every expert.
    pairs : tuple of tuples of (int, int)
        For each expert the pairs i < j, sorted.
    """

    n: int
    degree: int
    pairs: tuple[tuple[Pair, ...], ...]

    @property
    def coverage(self) -> dict[Pair, int]:
        """How many experts compare each pair; over all pairs the counts differ by at most one."""
        counts = {(i, j): 0 for i in range(self.n) for j in range(i + 1, self.n)}
        for asked in self.pairs:
            for pair in asked:
                counts[pair] += 1
        return counts


def split_questionnaire(
    n: int, experts: int, rng: np.random.Generator, degree: int | None = None
) -> SplitQuestionnaire:
    """Deal the pairs of n items to the experts.

    For even n the pairs are split into the n − 1 rounds of a round robin, of which every expert gets `degree`
    consecutive ones (two neighbouring rounds together are one Hamiltonian cycle, hence connected). For odd n they are
    split into (n − 1)/2 Hamiltonian cycles [1]_, of which every expert gets degree/2. The items are shuffled first.

    Parameters
    ----------
    n : int
        Number of items, ≥ 4.
    experts : int
        Number of experts, ≥ 1.
    rng : numpy.random.Generator
        Shuffles the items and the order of the experts.
    degree : int, optional
        Comparisons per item and expert, 2 to n − 1, even for odd n. By default about half of all:
        (n − 1)//2, one less where that is impossible, at least 2. Each expert answers n · degree/2 pairs.

    Raises
    ------
    OptionError
        A size or degree outside its range.
    PanelError
        No expert.
    """
    if n < 4:
        raise OptionError(f"nothing to split with {n} items", values=(n,))
    if experts < 1:
        raise PanelError("the panel is empty", values=(experts,))
    if degree is None:
        half = (n - 1) // 2
        degree = max(2, half - (n * half) % 2)
    if not 2 <= degree <= n - 1 or n * degree % 2:
        parity = ", even" if n % 2 else ""
        raise OptionError(f"the degree is 2 to {n - 1}{parity} for {n} items, not {degree}", values=(degree,))
    parts = _rounds(n) if n % 2 == 0 else _cycles(n)
    each = degree if n % 2 == 0 else degree // 2
    item = [int(i) for i in rng.permutation(n)]
    dealt = []
    for expert in range(experts):
        chosen = (parts[(expert * each + step) % len(parts)] for step in range(each))
        asked = ((item[i], item[j]) for part in chosen for i, j in part)
        dealt.append(tuple(sorted((min(pair), max(pair)) for pair in asked)))
    return SplitQuestionnaire(n, degree, tuple(dealt[int(k)] for k in rng.permutation(experts)))


def _rounds(n: int) -> list[list[Pair]]:
    """Round robin of an even number of players: n − 1 perfect matchings that make up all pairs."""
    ring = n - 1
    return [
        [(ring, turn), *(((turn + step) % ring, (turn - step) % ring) for step in range(1, n // 2))]
        for turn in range(ring)
    ]


def _cycles(n: int) -> list[list[Pair]]:
    """Walecki: all pairs of an odd number of items as (n − 1)/2 Hamiltonian cycles through a hub and a zigzag."""
    ring = n - 1
    zigzag = [(step + 1) // 2 * (1 if step % 2 else -1) for step in range(ring)]
    cycles = []
    for turn in range(ring // 2):
        path = [ring, *((turn + offset) % ring for offset in zigzag)]
        cycles.append(list(zip(path, [*path[1:], path[0]], strict=True)))
    return cycles
