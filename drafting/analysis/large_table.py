"""Prepares a survey larger than memory for the engines: one clean parquet table of numbers, made by DuckDB."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from baselines.engines import connection
from baselines.engines.duck import quoted
from drafting.analysis.cleaning import excluded_from
from drafting.findings import Finding, Provenance, finding
from drafting.model.inputs import Inputs
from drafting.model.large import LargeSurvey
from drafting.model.system import Indicator

LARGEST = 1e100
GROUP = "分组"
_WIDE = "０１２３４５６７８９．，－＋％"
_NARROW = "0123456789.,-+%"
_LATEST, _MEAN = "取最新", "取平均"


@dataclass(frozen=True, slots=True)
class CleanTable:
    """What came of a survey: a parquet file with 分组 and one column of doubles per code, null where missing."""

    path: Path
    rows: int
    codes: tuple[str, ...]
    answers: Mapping[str, Mapping[str, int]]
    """Qualitative answers as written, with their counts."""
    counts: Mapping[str, Mapping[str, int]]
    """By code: values, missing, unreadable, excluded, outside (physical limits)."""
    repeated: int


def prepare(
    survey: LargeSurvey, inputs: Inputs, folder: Path, memory_limit: int, where: Provenance
) -> tuple[CleanTable, list[Finding]]:
    """Read a survey once and write the clean table into a folder.

    Raises
    ------
    baselines.engines.MemoryLimitError
    """
    found: list[Finding] = []
    with connection(memory_limit) as duck:
        source = _source(duck, survey, folder)
        kinds = {str(r[0]): str(r[1]) for r in duck.execute(f"DESCRIBE FROM {source}").fetchall()}
        rows = int(duck.execute(f"SELECT count(*) FROM {source}").fetchall()[0][0])  # noqa: S608 - a path we made
        losers, repeated, more = _repeated(duck, survey, inputs, source, where)
        found += more
        quantitative = [i for i in inputs.system.active if i.code in survey.columns and not i.qualitative]
        target = folder / "clean.parquet"
        group = "''" if survey.stratum is None else f"coalesce(trim(CAST({quoted(survey.stratum)} AS VARCHAR)), '')"
        parts = [f"{group} AS {quoted(GROUP)}"]
        parts += [f"{_value(i, survey, inputs, kinds)} AS {quoted(i.code)}" for i in quantitative]
        duck.execute(
            f"COPY (SELECT {', '.join(parts)} FROM {source} WHERE {losers}) TO '{_text(target)}' (FORMAT parquet)"  # noqa: S608
        )
        counts = {i.code: _counts(duck, i, survey, inputs, kinds, source, losers) for i in quantitative}
        answers = {
            i.code: _answers(duck, survey.columns[i.code].heading, source, losers)
            for i in inputs.system.active
            if i.qualitative and i.code in survey.columns
        }
    found += _findings(inputs, survey, counts, where)
    codes = tuple(i.code for i in quantitative)
    return CleanTable(target, rows - repeated, codes, answers, counts, repeated), found


def _source(duck: Any, survey: LargeSurvey, folder: Path) -> str:
    """Name the raw table in SQL; a .csv becomes parquet text first, in UTF-8."""
    if survey.path.suffix.lower() == ".parquet":
        return f"read_parquet('{_text(survey.path)}', file_row_number = true)"
    path = survey.path
    if survey.encoding != "utf-8-sig":
        path = folder / "utf8.csv"
        with codecs.open(str(survey.path), "r", survey.encoding) as old, path.open("w", encoding="utf-8") as new:
            while piece := old.read(1 << 20):
                new.write(piece)
    raw = folder / "raw.parquet"
    names = ", ".join(f"'{_quote(heading or f'第{n}列')}': 'VARCHAR'" for n, heading in enumerate(survey.headings, 1))
    duck.execute("SET preserve_insertion_order = true")
    duck.execute(
        f"COPY (SELECT * FROM read_csv('{_text(path)}', header = false, skip = {survey.skip_lines}, "  # noqa: S608
        f"columns = {{{names}}}, delim = '{survey.delimiter}', auto_detect = false, quote = '\"', escape = '\"', "
        f"nullstr = '')) TO '{_text(raw)}' (FORMAT parquet)"
    )
    duck.execute("SET preserve_insertion_order = false")
    return f"read_parquet('{_text(raw)}', file_row_number = true)"


def _repeated(
    duck: Any, survey: LargeSurvey, inputs: Inputs, source: str, where: Provenance
) -> tuple[str, int, list[Finding]]:
    """Condition that keeps one row per enterprise by the declared rule, how many rows go, and findings."""
    key = _key(survey.enterprise)
    total, distinct, named = duck.execute(
        f"SELECT count(*), count(DISTINCT {key}), count({key}) FROM {source}"  # noqa: S608 - quoted names
    ).fetchall()[0]
    extra, nameless = int(named) - int(distinct), int(total) - int(named)
    if not extra:
        return (f"{key} IS NOT NULL" if nameless else "true"), nameless, []
    rule = inputs.settings.duplicates
    order = "file_row_number"
    if rule == _LATEST and survey.year is not None:
        order = f"TRY_CAST(left(CAST({quoted(survey.year)} AS VARCHAR), 4) AS INTEGER) DESC NULLS LAST, file_row_number"
    name = duck.execute(
        f"SELECT any_value({quoted(survey.enterprise)}) FROM {source} GROUP BY {key} HAVING count(*) > 1 LIMIT 1"  # noqa: S608
    ).fetchall()[0][0]
    place = where.find("survey")
    if rule == _MEAN or (rule == _LATEST and survey.year is None):
        found = [finding("large-no-mean", place, rule=rule, count=extra, name=name)]
    else:
        found = [finding("large-repeated" if rule == _LATEST else "large-twice", place, count=extra, name=name)]
    duck.execute(
        f"CREATE TEMP TABLE keep AS SELECT file_row_number AS kept FROM {source} WHERE {key} IS NOT NULL "  # noqa: S608
        f"QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY {order}) = 1"
    )
    return "file_row_number IN (SELECT kept FROM keep)", extra + nameless, found


def _key(heading: str) -> str:
    """Name of an enterprise reduced for comparison as far as SQL can: width, blanks and case make no difference."""
    text = f"lower(regexp_replace(CAST({quoted(heading)} AS VARCHAR), '[\\s　]', '', 'g'))"
    return f"nullif(translate({text}, '（）{_WIDE}', '(){_NARROW}'), '')"


def _value(indicator: Indicator, survey: LargeSurvey, inputs: Inputs, kinds: Mapping[str, str]) -> str:
    number = _number(indicator, survey, inputs, kinds)
    out = excluded_from(inputs, indicator)
    if out:
        names = ", ".join(f"'{_quote(name)}'" for name in out)
        number = f"CASE WHEN {_key(survey.enterprise)} IN ({names}) THEN NULL ELSE {number} END"
    return number


def _number(indicator: Indicator, survey: LargeSurvey, inputs: Inputs, kinds: Mapping[str, str]) -> str:
    """SQL for a cell as a double in the indicator's unit, null where it is missing or no finite number."""
    column = survey.columns[indicator.code]
    heading = quoted(column.heading)
    raw = f"CAST({heading} AS DOUBLE)"
    if _is_text(kinds[column.heading]):
        text = _plain_text(heading)
        if indicator.unit.strip() in ("%", "％"):
            text = f"rtrim({text}, '%')"
        raw = f"TRY_CAST(replace({text}, ',', '') AS DOUBLE)"
    scaled = raw
    if column.factor != 1:
        times, over = float(column.factor.numerator), float(column.factor.denominator)
        scaled = f"{raw} * {times!r}::DOUBLE / {over!r}::DOUBLE"
    return f"CASE WHEN isfinite({scaled}) AND abs({scaled}) <= {LARGEST} THEN {scaled} END"


def _is_text(kind: str) -> bool:
    return kind.startswith(("VARCHAR", "ENUM"))


def _plain_text(heading: str) -> str:
    return f"translate(trim(CAST({heading} AS VARCHAR)), '{_WIDE}', '{_NARROW}')"


def _blank(heading: str, kind: str, inputs: Inputs) -> str:
    """Condition for a cell that says nothing: null, NaN, blank, a missing code, 不适用."""
    if not _is_text(kind):
        number = f"CAST({heading} AS DOUBLE)"
        return f"({heading} IS NULL OR (NOT isfinite({number}) AND NOT isinf({number})))"  # NaN; see engines.expression
    codes = [c.strip() for c in inputs.settings.missing_codes.replace("，", "、").split("、")]
    words = ", ".join(f"'{_quote(c.lower())}'" for c in (*codes, "", "不适用"))
    return f"({heading} IS NULL OR lower(trim(CAST({heading} AS VARCHAR))) IN ({words}))"


def _counts(
    duck: Any, indicator: Indicator, survey: LargeSurvey, inputs: Inputs, kinds: Mapping[str, str], source: str,
    losers: str,
) -> dict[str, int]:  # fmt: skip
    heading = survey.columns[indicator.code].heading
    blank = _blank(quoted(heading), kinds[heading], inputs)
    lower = -LARGEST if indicator.lower is None else float(indicator.lower)
    upper = LARGEST if indicator.upper is None else float(indicator.upper)
    row = duck.execute(
        f"SELECT count(*) FILTER (NOT blank AND x IS NULL), count(*) FILTER (blank), count(x), "  # noqa: S608
        f"count(*) FILTER (x IS NOT NULL AND v IS NULL), count(*) FILTER (v < {lower!r} OR v > {upper!r}) "
        f"FROM (SELECT {blank} AS blank, {_number(indicator, survey, inputs, kinds)} AS x, "
        f"{_value(indicator, survey, inputs, kinds)} AS v FROM {source} WHERE {losers})"
    ).fetchall()[0]
    return dict(zip(("unreadable", "missing", "values", "excluded", "outside"), map(int, row), strict=True))


def _answers(duck: Any, heading: str, source: str, losers: str) -> dict[str, int]:
    rows = duck.execute(
        f"SELECT trim(CAST({quoted(heading)} AS VARCHAR)) AS a, count(*) FROM {source} WHERE {losers} "  # noqa: S608
        "GROUP BY a ORDER BY 2 DESC LIMIT 100"
    ).fetchall()
    return {str(a): int(n) for a, n in rows if a is not None}


def _findings(
    inputs: Inputs, survey: LargeSurvey, counts: Mapping[str, Mapping[str, int]], where: Provenance
) -> list[Finding]:
    found = []
    if survey.weight is not None:
        found.append(finding("large-weights", where.find("survey")))
    for code, of in counts.items():
        indicator, place = inputs.system.indicator(code), where.find("survey", code)
        if of["unreadable"]:
            found.append(finding("large-unreadable", place, indicator=indicator.name, count=of["unreadable"]))
        if of["outside"]:
            found.append(
                finding("large-outside", place, indicator=indicator.name, count=of["outside"],
                        lower="—" if indicator.lower is None else indicator.lower,
                        upper="—" if indicator.upper is None else indicator.upper)
            )  # fmt: skip
        if not of["values"] - of["excluded"]:
            found.append(finding("indicator-no-values", place, indicator=indicator.name))
    return found


def _text(path: Path) -> str:
    return _quote(str(path))


def _quote(text: str) -> str:
    return text.replace("'", "''")
