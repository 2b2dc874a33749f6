"""Findings by cause: what repeats is said once with all its places, and what matters most comes first.

One cause are the findings of one code, severity and clause that give the same reason. Its message is that of the
finding if they all say the same; if they differ in one word that stands in quotation marks (an indicator, a value), the
words are listed; otherwise the first message is followed by how many there are more.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING

from drafting.desk.places import Area, areas
from drafting.findings import Finding, Kind, Severity, Wording, wording_of
from drafting.findings.tables import IN_TABLE, before

if TYPE_CHECKING:
    from drafting.record.coverage import Standing
    from drafting.run import Run

_REASONS = ("reason", "why")
"""Placeholders that tell one cause from another of the same code."""
_NAMED = 3
"""Differing words that are listed by name."""


class Section(IntEnum):
    """Why a cause is read: it forbids submission, it asks for something, or it only tells."""

    FORBIDS = 0
    ASKS = 1
    TELLS = 2

    @property
    def title(self) -> str:
        """The heading over the causes of the section."""
        return ("必须改正", "接下来", "供了解")[self]


@dataclass(frozen=True)
class Cause:
    """Findings that have one cause: the message and remedy for all of them, and where they are."""

    findings: tuple[Finding, ...]
    message: str
    remedy: str
    kind: Kind = Kind.ASKS

    @property
    def code(self) -> str:
        """Code of the findings."""
        return self.findings[0].code

    @property
    def severity(self) -> Severity:
        """Severity of the findings."""
        return self.findings[0].severity

    @property
    def clause(self) -> str:
        """Clause of the findings."""
        return self.findings[0].clause

    @property
    def count(self) -> int:
        """How many places are meant, those included that a finding of a long list stands for."""
        return _count(self.findings)

    @cached_property
    def areas(self) -> tuple[Area, ...]:
        """Where the findings are, as ranges by sheet."""
        return areas(place for f in self.findings for place in f.places())

    @property
    def section(self) -> Section:
        """Why it is read."""
        if self.severity is Severity.ERROR:
            return Section.FORBIDS
        return Section.TELLS if self.kind is Kind.TELLS and self.severity is Severity.NOTE else Section.ASKS

    def place(self, most: int | None = None) -> str:
        """Where the findings are, in words; of sheets and of ranges of one sheet at most ``most`` each."""
        shown = [area.text(most) for area in self.areas[:most]]
        more = len(self.areas) - len(shown)
        what = "张工作表" if all(area.sheet for area in self.areas) else "处"
        return "；".join(shown) + (f"；另有 {more} {what}" if more else "")


def causes(findings: Iterable[Finding]) -> tuple[Cause, ...]:
    """Put findings together by cause.

    ``findings``: in any order; the order of what is alike is kept.
    Returns what forbids submission first; then what asks for something, the runs not yet made before the rest; then
    what only tells. Within these the graver first.
    """
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for found in findings:
        reasons = (str(found.values.get(name, "")) for name in _REASONS)
        groups.setdefault((found.code, found.severity.value, found.clause, *reasons), []).append(found)
    made = [_cause(tuple(group)) for group in groups.values()]
    order = list(Severity)
    return tuple(sorted(made, key=lambda c: (c.section, c.kind is not Kind.NEXT, order.index(c.severity))))


def _cause(findings: tuple[Finding, ...]) -> Cause:
    wording = wording_of(findings[0].code)
    kind = wording.kind if wording else Kind.ASKS
    return Cause(findings, _message(findings, wording), _remedy(findings, wording), kind)


def _message(findings: Sequence[Finding], wording: Wording | None) -> str:
    messages = list(dict.fromkeys(f.message for f in findings))
    if len(messages) == 1:
        return messages[0] if len(findings) == 1 else f"{messages[0]}（共 {_count(findings)} 处）"
    differing = _differing(findings, wording.message) if wording else ()
    if wording and len(differing) == 1 and _is_quoted(differing[0], wording.message, findings):
        count = "" if len(_words(findings, differing[0])) == _count(findings) else f"（共 {_count(findings)} 处）"
        return _in_table(findings) + _filled(wording.message, findings, differing[0]) + count
    others = _count(findings) - 1
    words = _tables(findings) or next((w for n in differing if _are_names(w := _words(findings[1:], n))), ())
    if words:
        apart = "；" if any("、" in word for word in words) else "、"  # 甲、乙 answer alike; 丙、丁 answer alike
        named = apart.join(words[:_NAMED]) + ("等" if len(words) > _NAMED else "")
        return f"{messages[0]}另有 {others} 处同样：{named}。"
    return f"{messages[0]}另有 {others} 处同样。"


def _in_table(findings: Sequence[Finding]) -> str:
    """The one table among several that all are about, as it stands before a message."""
    keys = {str(f.values.get(IN_TABLE, "")) for f in findings}
    return before(key) if len(keys) == 1 and (key := keys.pop()) else ""


def _tables(findings: Sequence[Finding]) -> tuple[str, ...]:
    """The tables that the rest are about, where each of them is about another one."""
    keys = [str(f.values.get(IN_TABLE, "")) for f in findings]
    return tuple(f"表“{key}”" for key in keys[1:]) if all(keys) and len(set(keys)) == len(keys) else ()


def _are_names(words: Sequence[str]) -> bool:
    """Whether words tell the reader which ones are meant: a bare number does not."""
    return not any(re.fullmatch(r"[-+]?[0-9.,%]+", word) for word in words)


def _remedy(findings: Sequence[Finding], wording: Wording | None) -> str:
    if wording and len({f.remedy for f in findings}) > 1:
        differing = _differing(findings, wording.remedy)
        if len(differing) == 1 and _is_quoted(differing[0], wording.remedy, findings):
            return _filled(wording.remedy, findings, differing[0])
    return findings[0].remedy


def _differing(findings: Sequence[Finding], template: str) -> tuple[str, ...]:
    """Placeholders of a template, in its order, that the findings fill in different ways."""
    names = dict.fromkeys(name for _, name, _, _ in string.Formatter().parse(template) if name)
    return tuple(n for n in names if len({str(f.values.get(n, "")) for f in findings}) > 1)


def _is_quoted(name: str, template: str, findings: Sequence[Finding]) -> bool:
    """Whether words stand in quotation marks wherever they are used: those of the template, or their own."""
    return template.count(f"{{{name}}}") == template.count(f"“{{{name}}}”") or all(
        re.fullmatch("“[^“”]*”", word) for word in _words(findings, name)
    )


def _count(findings: Sequence[Finding]) -> int:
    return sum(1 + f.further for f in findings)


def _words(findings: Sequence[Finding], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(f.values.get(name, "")) for f in findings))


def _filled(template: str, findings: Sequence[Finding], name: str) -> str:
    """Fill a template; the words of the placeholder that differs are listed, each in its quotation marks."""
    words = [word.strip("“”") for word in _words(findings, name)]
    listed = "、".join(f"“{word}”" for word in words[:_NAMED])
    if len(words) > _NAMED:
        listed += f"等 {len(words)} 项"
    marked = template.replace(f"“{{{name}}}”", f"{{{name}}}")
    return marked.format_map({**findings[0].values, name: listed})


def clauses(run: Run) -> tuple[tuple[str, tuple[Standing, ...]], ...]:
    """Say of each clause of the two standards how it is met and how the project stands on it."""
    from drafting.record import coverage

    parts = (("GB/T 43329—2023", coverage.clauses()), ("GB/T 1.1—2020（审查常见问题）", coverage.reviews()))
    return tuple((title, coverage.standings(run, entries)) for title, entries in parts)
