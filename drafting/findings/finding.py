"""One finding and the catalogue that words it."""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from drafting.findings.place import Cell

if TYPE_CHECKING:
    from drafting.model.coded import JSON


class Severity(StrEnum):
    """How bad: an error forbids submission, a warning wants a look, a note informs."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def chinese(self) -> str:
        """The word on the screen."""
        return {"error": "错误", "warning": "警告", "note": "提示"}[self.value]


class Kind(StrEnum):
    """What a finding wants of its reader: to go on to what has not been begun, to do or look at something, nothing."""

    NEXT = "next"
    ASKS = "asks"
    TELLS = "tells"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong (``message``), where (``place``, ``clause``) and how to mend it (``remedy``)."""

    code: str
    severity: Severity
    message: str
    remedy: str
    clause: str = ""
    place: Cell = field(default_factory=Cell)
    values: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    more: tuple[str, ...] = ()
    """Of a long list: ranges of the same sheet where the same is wrong, beside ``place``."""
    further: int = 0
    """How many findings ``more`` stands for."""

    def places(self) -> Iterator[Cell]:
        """Every cell that it is about, one by one."""
        yield self.place
        for area in self.more:
            first, _, last = area.partition(":")
            column = first.rstrip("0123456789")
            begin = int(first[len(column) :])
            for row in range(begin, (int(last[len(column) :]) if last else begin) + 1):
                yield Cell(self.place.file, self.place.sheet, f"{column}{row}")

    def to_json(self) -> dict[str, JSON]:
        """The stable JSON fields of the contract."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "file": self.place.file or None,
            "sheet": self.place.sheet or None,
            "cell": self.place.cell or None,
            "clause": self.clause or None,
            "message": self.message,
            "remedy": self.remedy,
            **({"more": list(self.more), "further": self.further} if self.more else {}),
        }


@dataclass(frozen=True, slots=True)
class Wording:
    """A catalogue entry: severity, clause, kind, message and remedy with ``{name}`` placeholders."""

    severity: Severity
    message: str
    remedy: str
    clause: str = ""
    kind: Kind = Kind.ASKS

    @property
    def placeholders(self) -> frozenset[str]:
        """Names that message, remedy and clause need."""
        parse = string.Formatter().parse
        return frozenset(n for t in (self.message, self.remedy, self.clause) for _, n, _, _ in parse(t) if n)


@cache
def catalogue() -> Mapping[str, Wording]:
    """All wordings, from every ``catalogue/*.toml``; a code stands in one file. An error is the usual severity."""
    entries: dict[str, Wording] = {}
    for source in sorted(files("drafting.findings").joinpath("catalogue").iterdir(), key=lambda f: f.name):
        if not source.name.endswith(".toml"):
            continue
        for code, entry in tomllib.loads(source.read_text("utf-8")).items():
            if code in entries:
                raise ValueError(f"finding code {code!r} stands twice in the catalogue")
            entries[code] = Wording(
                Severity(entry.get("severity", "error")), entry["message"], entry["remedy"], entry.get("clause", ""),
                Kind(entry.get("kind", "asks")),
            )  # fmt: skip
    return MappingProxyType(entries)


def known_codes() -> frozenset[str]:
    """Every finding code."""
    return frozenset(catalogue())


def wording_of(code: str) -> Wording | None:
    """The catalogue entry of a code, None for a code that is not in the catalogue."""
    return catalogue().get(code)


def finding(
    code: str, place: Cell | None = None, /, *, clause: str = "", severity: Severity | None = None, **values: Any
) -> Finding:
    """Word a finding from the catalogue.

    Raises KeyError if the code or a placeholder is unknown: a fault of the program, found by the tests.

    ``code``: key of the catalogue.
    ``place``: File, sheet and cell, as far as known.
    ``clause``: clause of GB/T 43329 or GB/T 1.1, if the catalogue leaves it open.
    ``severity``: overrides the catalogue's severity.
    ``**values``: the placeholders of message and remedy; the finding keeps them whole, its sentences cut what is very
    long.
    """
    wording = catalogue()[code]
    shown = {name: _shown(v) if isinstance(v, str) and len(v) > _LONG else v for name, v in values.items()}
    return Finding(
        code,
        severity or wording.severity,
        wording.message.format_map(shown),
        wording.remedy.format_map(shown),
        clause or wording.clause.format_map(shown),
        place or Cell(),
        MappingProxyType(values),
    )


_LONG = 120
_MOST = 2000
_NAME = re.compile(rf"[^“”、；，。：\n]{{{_LONG + 1},}}")
"""A run without the marks between which a finding lists and quotes what was typed."""


def _shown(value: str) -> str:
    """A value as a sentence bears it: names of which no reader sees the end are cut in the middle, lists are not."""
    value = _NAME.sub(lambda name: _cut(name[0], _LONG), value)
    return value if len(value) <= _MOST else _cut(value, _MOST)


def _cut(words: str, most: int) -> str:
    return f"{words[: most // 2]}…{words[-most // 6 :]}（共 {len(words)} 字）"


def worst(findings: Iterable[Finding]) -> Severity | None:
    """The gravest severity among them, None if there is none."""
    found = {f.severity for f in findings}
    return next((s for s in Severity if s in found), None)
