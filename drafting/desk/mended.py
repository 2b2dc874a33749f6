"""Findings before and after a change: what is solved, what remains, what is new, by cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from drafting.desk.causes import Cause, causes
from drafting.findings import Finding


@dataclass(frozen=True, slots=True)
class Mended:
    """Causes solved, remaining and new, each of those findings alone that are so."""

    solved: tuple[Cause, ...]
    remaining: tuple[Cause, ...]
    new: tuple[Cause, ...]


def mended(before: Sequence[Finding], after: Sequence[Finding]) -> Mended:
    """Hold findings against those before a change.

    A finding is the same if it says the same about the same cell; failing that, if it says the same about another cell
    of the sheet, as where rows were put in above; each is taken for the same once only.
    """
    gone, fresh = _unmatched(before, after, _exactly), _unmatched(after, before, _exactly)
    solved, new = _unmatched(gone, fresh, _loosely), _unmatched(fresh, gone, _loosely)
    unknown = {id(f) for f in new}
    return Mended(causes(solved), causes(f for f in after if id(f) not in unknown), causes(new))


def _unmatched(
    findings: Sequence[Finding], others: Sequence[Finding], key: Callable[[Finding], Hashable]
) -> list[Finding]:
    left = Counter(map(key, others))
    found = []
    for one in findings:
        if left[key(one)] > 0:
            left[key(one)] -= 1
        else:
            found.append(one)
    return found


def _exactly(finding: Finding) -> Hashable:
    return finding.code, finding.place, finding.message


def _loosely(finding: Finding) -> Hashable:
    return finding.code, finding.place.file, finding.place.sheet, finding.message
