"""What a person writes about a comment under 处理: one of three words however it is put, with the reason behind it."""

from __future__ import annotations

import re

from drafting.workbook.headings import key
from drafting.workbook.opinions.opinion import Handling

UNDECIDED = "待处理"
BLANK = "—"
"""What a table of the program prints for nothing."""
_SAID = re.compile(
    r"(?:已|予以|拟|同意)?(?P<word>部分(?:已)?采纳|(?:不|未|不予|未予|暂不|暂未)采纳|采纳)(?:该条|该)?(?:意见|建议)?"
    r"(?:$|[\s:：,，。;；、\n（(—-]+(?P<reason>.*))",
    re.DOTALL,
)
_LEAD = re.compile(r"^(?:理由|原因|说明)\s*(?:为|是)?[:：]?\s*")


def said_of(handling: str, reason: str) -> tuple[Handling | None, str, bool]:
    """Understand the cells 处理 and 理由 of a row.

    未采纳 is 不采纳; a reason behind the word (部分采纳：数据不足) is joined to what stands under 理由.

    Returns no handling where nothing is decided; ``understood`` is False where the cell says something else.
    """
    words, why = _plain(handling), _plain(reason)
    if not words or key(words) == UNDECIDED:
        return None, why, True
    found = _SAID.fullmatch(words)
    if found is None:
        return None, why, False
    behind = (found["reason"] or "").strip()
    if behind.endswith(("）", ")")) and behind.count("）") + behind.count(")") > behind.count("（") + behind.count("("):
        behind = behind[:-1]
    behind = _LEAD.sub("", behind).strip()
    word = found["word"]
    made = Handling.PARTLY if word[0] == "部" else Handling.ACCEPTED if word == "采纳" else Handling.REJECTED
    return made, "；".join(dict.fromkeys(t for t in (behind.rstrip("；;"), why) if t)), True


def _plain(words: str) -> str:
    found = words.strip()
    return "" if found == BLANK else found
