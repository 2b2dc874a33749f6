"""成果/问卷/: what was filled in where it was made, and never put where answers are read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from drafting.findings import Cell, Finding, finding
from drafting.inside import opened
from drafting.keeping.lock import RESULTS
from drafting.keeping.ownership import digest, shown_ours
from drafting.workbook.headings import DELPHI_FOLDER, JUDGEMENT_FOLDER, LOCK_PREFIX, RATING_FOLDER, ROUND_FOLDER

SENT_FOLDER = "问卷"
AHP_SENT, SPLIT_SENT, REVISION_SENT = _JUDGEMENTS = ("层次分析法", "层次分析法分卷", "层次分析法复核")
DELPHI_SENT, RATING_SENT = "德尔菲第{number}轮", "重要性评分第{number}轮"
_ROUND = re.compile(r"(德尔菲|重要性评分)第(\d{1,4})轮")


def filled_in_place(root: Path, read: Collection[str]) -> Iterator[Finding]:
    """Name the files among the questionnaires that are not as the program wrote them.

    ``read``: SHA-256 of the files that were read: a copy that lies where answers are read is no loss.
    """
    with suppress(OSError), opened(root, (RESULTS, SENT_FOLDER)) as sent:
        for which in sorted(sent.names()):
            if sent.kind(which) != "folder":
                continue
            with sent.enter(which) as folder:
                for name in sorted(folder.names()):
                    if name.startswith((LOCK_PREFIX, ".")) or folder.kind(name) != "file":
                        continue
                    with suppress(OSError):
                        if not shown_ours(folder, name, None) and digest(folder, name) not in read:
                            file = f"{RESULTS}/{SENT_FOLDER}/{which}/{name}"
                            yield finding("questionnaire-in-place", Cell(file), file=file, folder=_returned(which))


def _returned(which: str) -> str:
    """Where answers to questionnaires of a folder are read."""
    if found := _ROUND.fullmatch(which):
        parent = DELPHI_FOLDER if found[1] == DELPHI_FOLDER else RATING_FOLDER
        return f"{parent}/{ROUND_FOLDER.format(number=found[2])}/"
    return f"{JUDGEMENT_FOLDER}/" if which in _JUDGEMENTS else "收回答卷的文件夹"
