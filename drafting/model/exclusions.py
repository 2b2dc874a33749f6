"""Sheet 剔除: whom and what each row leaves out, decided once for every reader, analysis and record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from drafting.model.identity import label_key, name_key
from drafting.model.survey import Exclusion, State, Survey, SurveyColumn
from drafting.model.system import CLASS_SIGN, Indicator


@dataclass(frozen=True, slots=True)
class Omission:
    """What one row of sheet 剔除 means in a survey."""

    exclusion: Exclusion
    row: int | None
    """Position of the enterprise in the survey, None where it is not there."""
    codes: tuple[str, ...]
    """Of the indicators left out; empty where the row names none that there is."""


def codes_left_out(exclusion: Exclusion, indicators: Iterable[Indicator]) -> tuple[str, ...]:
    """Codes of the indicators that a row of sheet 剔除 names; empty if there is none."""
    if not exclusion.indicator:
        return tuple(i.code for i in indicators)
    wanted = label_key(exclusion.indicator)
    return tuple(i.code for i in indicators if wanted in {label_key(w) for w in (i.code, i.name, i.of, i.of_name)})


def omissions(exclusions: Sequence[Exclusion], survey: Survey, indicators: Sequence[Indicator]) -> tuple[Omission, ...]:
    """Find the enterprise and the indicators of every row, in the sheet's order."""
    rows = _rows_out(exclusions, survey)
    return tuple(Omission(e, row, codes_left_out(e, indicators)) for e, row in zip(exclusions, rows, strict=True))


def _rows_out(exclusions: Sequence[Exclusion], survey: Survey) -> Sequence[int | None]:
    """Position of each exclusion's enterprise, None where the survey does not have it."""
    if survey.stored is not None:
        return survey.stored.rows_out
    keys = [name_key(e.enterprise) for e in exclusions]
    wanted = set(keys)
    rows: dict[str, int] = {}
    for row, name in enumerate(survey.enterprises if exclusions else ()):
        if (key := name_key(name)) in wanted:
            rows.setdefault(key, row)
    return [rows.get(key) for key in keys]


def apply(survey: Survey, left_out: Iterable[Omission], *, known_only: bool = False) -> Survey:
    """Mark what is left out: states become EXCLUDED, values stay for the comparison with and without them.

    ``known_only``: whether entries that hold nothing keep the state that says why, for what is told about the survey as
    it came.
    """
    if survey.stored is not None:
        return survey  # what is written in its table is marked already
    marks: dict[str, set[int]] = {}
    for omission in left_out:
        if omission.row is not None:
            for code in omission.codes:
                marks.setdefault(code, set()).add(omission.row)
    if not marks:
        return survey
    columns = {code: _marked(column, marks.get(code, set()), known_only) for code, column in survey.columns.items()}
    return replace(survey, columns=MappingProxyType(columns))


def taking_part(exclusions: Sequence[Exclusion], survey: Survey) -> Sequence[int]:
    """Positions of the enterprises that are not left out as a whole."""
    if survey.stored is not None:
        out = {row for e, row in zip(exclusions, survey.stored.rows_out, strict=True) if not e.indicator}
        return [row for row in range(len(survey)) if row not in out] if out - {None} else range(len(survey))
    keys = {name_key(e.enterprise) for e in exclusions if not e.indicator}
    if not keys:
        return range(len(survey))
    return [row for row, name in enumerate(survey.enterprises) if name_key(name) not in keys]


def leaves_out(code: str, state: int, *, known_only: bool) -> bool:
    """Whether an entry that a row of sheet 剔除 names becomes EXCLUDED; ``known_only`` as in :func:`apply`."""
    if CLASS_SIGN in code and state == State.NOT_APPLICABLE:
        return False  # of another class than the enterprise's: there is nothing to leave out
    return not known_only or state in (State.VALUE, State.NON_DETECT)


def _marked(column: SurveyColumn, rows: set[int], known_only: bool) -> SurveyColumn:
    states = column.states.copy()
    for row in rows:
        if leaves_out(column.code, states[row], known_only=known_only):
            states[row] = State.EXCLUDED
    states.flags.writeable = False
    return replace(column, states=states)
