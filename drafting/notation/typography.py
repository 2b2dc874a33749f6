"""The only changes that the draft makes to a committee's cell when it prints it.

| typed | printed |
|---|---|
| full-width digits, and the full-width point between them | 0–9 and . |
| ~ 〜 ∼ between the ends of a range | ～ |
| - before a number that it is the sign of | − |
| m2, m3, m^2 … behind a number or a slash | m², m³ |
| CO2 in a unit | CO₂ |
| a cell of nothing but dashes or a stroke | — |

Everything else – signs, words, brackets, units, blanks within, line breaks – stands as typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

_NONE = re.compile(r"[-—–―─_/\\\s－／−]*|[Nn]/?[Aa]")
_WIDE = re.compile(r"[０-９]+(?:．[０-９]+)*")
_TILDE = re.compile(r"[~〜∼∽⁓˜]")
_SIGN = re.compile(r"(?<![0-9A-Za-z.%‰)）\]²³₂\u4e00-\u9fff-])[-‐‑﹣－](?=\s?\.?[0-9])")
_LENGTH = re.compile(r"(?<=[0-9/·*(（ 万千百N亿每])((?:N|[cdkhµμ]|m(?=m))?m)\^?([23])(?![0-9A-Za-z])")
_CARBON = re.compile(r"(?<=[gt吨克])CO2(?![0-9])|(?<=[gt吨克] )CO2(?![0-9])")


def _narrow(match: re.Match[str]) -> str:
    return "".join("." if c == "．" else chr(ord(c) - 0xFEE0) for c in match[0])


_TABLE: tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    ("全角数字改为半角", _WIDE, _narrow),
    ("~ 改为 ～", _TILDE, lambda m: "～"),
    ("负号改为 −", _SIGN, lambda m: "−"),
    ("单位中的 2、3 改为上标", _LENGTH, lambda m: m[1] + {"2": "²", "3": "³"}[m[2]]),
    ("CO2 改为 CO₂", _CARBON, lambda m: "CO₂"),
)


@lru_cache(maxsize=1 << 12)
def typeset(text: str) -> str:
    """Print a cell as typed, but for the table above; line breaks survive, blanks around the cell do not."""
    says = text.strip().replace("\r\n", "\n").replace("\r", "\n")
    if _NONE.fullmatch(says):
        return "—"
    for _, pattern, change in _TABLE:
        says = pattern.sub(change, says)
    return says


def typeset_unit(unit: str) -> str:
    """Print a unit that stands alone, as behind a number."""
    return typeset(f"1{unit}")[1:] if unit.strip() else ""


def changes(text: str) -> tuple[str, ...]:
    """Name the changes of the table that printing a cell makes, in words; nothing where it stands letter by letter."""
    says = text.strip()
    if _NONE.fullmatch(says):
        return () if says in ("", "—") else ("空缺印为 —",)
    found = []
    for name, pattern, change in _TABLE:
        changed = pattern.sub(change, says)
        if changed != says:
            found.append(name)
        says = changed
    return tuple(found)
