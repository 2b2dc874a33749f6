"""The library's own way in: a project folder as an object, results with labels that leave as pandas frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from drafting.findings import Finding, Severity
from drafting.model.results import Baselines, IndicatorBaselines, Results, Trial, WeightRow, Weights
from drafting.model.system import IndicatorSystem
from drafting.model.terms import GRADES

if TYPE_CHECKING:
    import pandas

    from drafting.run import Run


class NotComputedError(ValueError):
    """A result that the project does not allow yet.

    Attributes
    ----------
    findings : tuple of Finding
        What stands in the way, each with file, sheet, cell and remedy.
    """

    def __init__(self, what: str, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        why = "；".join(f.message for f in self.findings[:3]) or "项目中还没有所需的数据"
        super().__init__(f"尚不能给出{what}：{why}")


@dataclass(frozen=True, slots=True)
class WeightTable:
    """Weights of both levels (5.4): ``.result`` has every detail, :meth:`to_frame` the figures."""

    result: Weights
    system: IndicatorSystem

    def to_frame(self) -> pandas.DataFrame:
        """One row per category and indicator, indexed by (一级指标, 代码); 代码 is empty in rows of categories.

        Columns: name; weight (published, a decimal; None where a group has none); exact (float); share_of_group (text
        such as ``0.8/n`` where the weight was given as a share, else empty).
        """
        import pandas

        first = self.result.first_level.weights
        rows = [(w.key, "", w.name, *_weight(w)) for w in first]
        for group in self.result.second_level:
            rows += [(group.group, w.key, w.name, *_weight(w)) for w in group.weights]
        columns = ["category", "code", "name", "weight", "exact", "share_of_group"]
        return pandas.DataFrame(rows, columns=columns).set_index(["category", "code"])


def _weight(row: WeightRow) -> tuple[Decimal, float, str]:
    return row.decimal, row.exact, str(row.published) if row.nominal is not None else ""


@dataclass(frozen=True, slots=True)
class BaselineTable:
    """Baselines of all indicators (5.5): ``.result`` has every detail, :meth:`to_frame` the figures."""

    result: Baselines
    system: IndicatorSystem

    def of(self, code: str) -> IndicatorBaselines | None:
        """Baselines of one indicator over all enterprises."""
        return self.result.of(code)

    def to_frame(self) -> pandas.DataFrame:
        """One row per indicator (and stratum), indexed by (代码, 分组); 分组 is empty over all enterprises.

        Columns: category, name, unit, direction, source, n and, for each of I, II, III: the value as printed
        (``I``), as a decimal (``I_value``, None for words), unrounded (``I_exact``) and the share of valid enterprises
        that reach it (``I_share``).
        """
        import pandas

        rows = []
        for one in (*self.result.indicators, *self.result.strata):
            indicator = self.system.indicator(one.code)
            row: list[object] = [one.code, one.stratum, indicator.category, indicator.name, indicator.unit]
            row += [one.direction.value, one.source.value if one.source else "", one.n]
            for level in map(one.by_grade.get, GRADES):
                nothing = ["", None, None, None]
                row += [level.bound.format(), level.value, level.exact, level.share] if level else nothing
            rows.append(row)
        names = ["code", "stratum", "category", "name", "unit", "direction", "source", "n"]
        names += [f"{g.value}{figure}" for g in GRADES for figure in ("", "_value", "_exact", "_share")]
        return pandas.DataFrame(rows, columns=names).set_index(["code", "stratum"]) if rows else pandas.DataFrame()


@dataclass(frozen=True, slots=True)
class TrialTable:
    """Appendix D over enterprises: ``.result`` has every detail, :meth:`to_frame` the verdicts."""

    result: Trial
    findings: tuple[Finding, ...] = ()

    @property
    def distribution(self) -> dict[str, int]:
        """Enterprises under I, II, III, none, excluded."""
        return dict(self.result.distribution)

    def to_frame(self) -> pandas.DataFrame:
        """One row per enterprise, indexed by its name.

        Columns: Y_I, Y_II, Y_III (exact decimals; None where the legal precondition excludes), grade (``I``, ``II``,
        ``III`` or empty), excluded, stratum, region, reasons (text).
        """
        import pandas

        rows = [
            {
                "enterprise": e.enterprise, **{f"Y_{g.value}": e.y[g] for g in GRADES},
                "grade": e.grade.value if e.grade else "", "excluded": e.excluded, "stratum": e.stratum,
                "region": e.region, "reasons": "；".join(e.reasons),
            }
            for e in self.result.enterprises
        ]  # fmt: skip
        names = ["enterprise", "Y_I", "Y_II", "Y_III", "grade", "excluded", "stratum", "region", "reasons"]
        return pandas.DataFrame(rows, columns=names).set_index("enterprise")


@dataclass
class Project:
    """A project folder, read once; every result is made when it is first asked for.

    Nothing raises for what stands in the folder: it is among :attr:`findings`. Only a result that cannot be made does.

    Examples
    --------
    >>> from drafting.resources import examples
    >>> project = Project.load(examples() / "建筑陶瓷")
    >>> project.weights().to_frame().loc[("能源消耗", ""), "weight"]
    Decimal('0.17')
    >>> project.trial().distribution["I"]
    4
    """

    path: Path
    _read: Run

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Read a project folder (or the 项目.xlsx inside one).

        Raises
        ------
        drafting.NoProjectError
            If there is no such folder.
        """
        from drafting.project.folder import load_project
        from drafting.run import Run

        found = load_project(path)
        return cls(found.folder, Run(found, Results(), found.findings))

    @cached_property
    def _run(self) -> Run:
        from drafting.pipeline.running import proceed

        return self._read if self._read.project.inputs is None else proceed(self._read.project)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that is wrong or worth a look, the gravest first, each with its place and remedy."""
        return self._run.findings

    @property
    def submittable(self) -> bool:
        """Whether no finding forbids submission."""
        return not self._run.failed

    @cached_property
    def tables(self) -> dict[str, Project]:
        """Each table of a standard with several by its key, as a project of its own; nothing for a single table."""
        return {key: _of_table(Project(self.path, self._read), one) for key, one in self._run.of_tables.items()}

    def combined(self) -> TrialTable:
        """Enterprises over all their tables (多表评定).

        Raises
        ------
        NotComputedError
            If the tables are not joined: under 分别评定, or where something is lacking.
        """
        found = self._run.results.combined
        if found is None:
            raise self._not("综合评定")
        return TrialTable(found)

    def weights(self) -> WeightTable:
        """Weights of both levels.

        Raises
        ------
        NotComputedError
            If there are none yet.
        """
        found = self._run.results.weights
        if found is None:
            raise self._not("权重")
        return WeightTable(found, self._system)

    def baselines(self) -> BaselineTable:
        """Baselines of all indicators.

        Raises
        ------
        NotComputedError
            If there are none yet.
        """
        found = self._run.results.baselines
        if found is None:
            raise self._not("基准值")
        return BaselineTable(found, self._system)

    def trial(self) -> TrialTable:
        """Appendix D on the surveyed enterprises.

        Raises
        ------
        NotComputedError
            Without survey, weights or baselines.
        """
        found = self._run.results.trial
        if found is None:
            raise self._not("试评价")
        return TrialTable(found)

    def evaluate(self, frame: pandas.DataFrame) -> TrialTable:
        """Evaluate other enterprises with the draft (Appendix D).

        Parameters
        ----------
        frame : pandas.DataFrame
            One row per enterprise, labelled by the index or by a column 企业; columns headed by code or name of the
            indicators, as in 调研数据. Numbers, or text as it is typed into that workbook (``未检出``, ``不适用``).

        Returns
        -------
        TrialTable
            With the findings on the frame: rows and columns are those of the same table as a .csv.

        Raises
        ------
        NotComputedError
            Without weights or baselines, or if no enterprise could be read.
        """
        from drafting.analysis.trial.try_out import evaluate_survey
        from drafting.project.folder import load_survey_text

        inputs, results = self._run.project.inputs, self._run.results
        if inputs is None or results.weights is None or results.baselines is None:
            raise self._not("评价")
        labelled = frame if "企业" in frame.columns else frame.rename_axis("企业").reset_index()
        text = labelled.to_csv(index=False)
        survey, where, found = load_survey_text(text, "数据表.csv", inputs)
        if survey is None:
            raise NotComputedError("评价", found)
        trial, more = evaluate_survey(inputs, results.weights, results.baselines, survey, where)
        if trial is None:
            raise NotComputedError("评价", (*found, *more))
        return TrialTable(trial, (*found, *more))

    def render(
        self,
        formats: Sequence[str] = ("docx", "html", "md"),
        *,
        edition: Literal["public", "internal"] = "public",
        quick: bool = False,
    ) -> list[Path]:
        """Write the draft and its 编制说明 into ``成果/``.

        Parameters
        ----------
        formats
            Of ``docx``, ``html``, ``md``, ``pdf``.
        edition
            ``public`` names no surveyed enterprise and no expert.
        quick
            Without pictures and page labels.

        Raises
        ------
        NotComputedError
            If the project cannot be read.
        drafting.files.OutputError
            If a file cannot be written; what stood there before is kept.
        """
        from drafting.publishing.publisher import Publisher

        if self._run.project.inputs is None:
            raise self._not("草案")
        with Publisher(self._run, edition, quick) as publisher:
            publisher.write(formats)
        return publisher.written

    @property
    def _system(self) -> IndicatorSystem:
        inputs = self._run.project.inputs
        assert inputs is not None  # there is no result without
        return inputs.system

    def _not(self, what: str) -> NotComputedError:
        errors = [f for f in self._run.findings if f.severity is Severity.ERROR]
        return NotComputedError(what, errors or self._run.findings)


def _of_table(project: Project, run: Run) -> Project:
    """A project whose runs are those of one table."""
    project.__dict__["_run"] = run
    return project
