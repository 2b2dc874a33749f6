"""Everything a committee put into its project folder, read and understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from drafting.model.asking import AskedGroup, Hearing, groups_asked
from drafting.model.document import DocumentInfo, Policy, Reference, Term
from drafting.model.experts import DelphiRound, Expert, FrozenRule, JudgementMatrix, Remark
from drafting.model.monitoring import Monitoring, SymbolUnit
from drafting.model.process import Process
from drafting.model.revisions import Answers
from drafting.model.settings import Settings
from drafting.model.survey import Exclusion, Survey
from drafting.model.system import IndicatorSystem
from drafting.model.tables import IndicatorTable


@dataclass(frozen=True, slots=True)
class Inputs:
    """The inputs of every run. A run whose input is absent (no matrices, no survey) is not made."""

    document: DocumentInfo
    settings: Settings
    system: IndicatorSystem
    policies: tuple[Policy, ...] = ()
    references: tuple[Reference, ...] = ()
    terms: tuple[Term, ...] = ()
    experts: tuple[Expert, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    judgements: tuple[JudgementMatrix, ...] = ()
    delphi: tuple[DelphiRound, ...] = field(default=())
    """Rounds of weights. Answers that carry ratings as well are read for them where ``ratings`` is empty."""
    survey: Survey | None = None
    frozen_rule: FrozenRule | None = None
    """The stopping rule that was fixed before round 1; None before the first questionnaires were made."""
    answer_record: tuple[Answers, ...] | None = ()
    """Every version of the experts' answers on record, in the order of recording; None if the record is unreadable."""
    process: Process = field(default=Process())
    """What only the committee can tell about its work."""
    ratings: tuple[DelphiRound, ...] = ()
    """Rounds of importance ratings, an instrument of its own with numbers of its own."""
    remarks: tuple[Remark, ...] = ()
    """Opinions and proposals written on the sheet 其他意见 of a questionnaire."""
    unusable: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Instrument and round (判断矩阵, 德尔菲第1轮 …) -> experts whose file came back and could not be used."""
    monitoring: tuple[Monitoring, ...] = ()
    symbol_units: tuple[SymbolUnit, ...] = ()
    """Units, and meanings, of the quantities of the formulas that do not follow from the formulas."""
    tables: tuple[IndicatorTable, ...] = ()
    """The tables of a standard that has several; then ``system`` holds every indicator once and ``survey`` is None."""
    table: str = ""
    """Key of the table that these inputs are the slice of, see :meth:`for_table`."""
    output_unit: str = ""
    """产量单位 of that table."""
    shared: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Groups of that table that experts are asked once for several tables, with these tables' keys."""
    everybody: tuple[str, ...] = ()
    """Codes of all experts of the standard, also of those who are asked for other tables: nobody may be named."""
    sent: frozenset[str] = frozenset()
    """Rounds (德尔菲第1轮, 重要性评分第1轮) of which questionnaires are on record as made."""
    earlier: Inputs | None = None
    """The edition that is revised (folder 旧版/): its tables and settings."""

    def for_table(self, key: str) -> Inputs:
        """The inputs of one table: an ordinary project with that table's system and survey.

        Raises KeyError if there is no such table.
        """
        for table in self.tables:
            if table.key == key:
                of = Hearing(key, self.asked)
                judgements = of.judgements(self.judgements)
                delphi, ratings = map(of.rounds, (self.delphi, self.ratings))
                answered = [m.expert for m in judgements if m.group]
                answered += [a.expert for r in (*delphi, *ratings) for a in r.answers]
                kept = self.answer_record
                return replace(
                    self, system=table.system, survey=table.survey, tables=(), table=key,
                    output_unit=table.output_unit, shared=of.shared, judgements=judgements, delphi=delphi,
                    ratings=ratings, answer_record=None if kept is None else of.record(kept),
                    experts=of.panel(self.experts, answered), everybody=tuple(e.code for e in self.experts),
                )  # fmt: skip
        raise KeyError(key)

    @property
    def asked(self) -> tuple[AskedGroup, ...]:
        """The groups that experts are asked for, first level first; what is typed is there as well."""
        return groups_asked(self.system, self.tables, self.settings)

    def asks(self, expert: Expert, group: str) -> bool:
        """Whether an expert is asked for a group of this table; everybody where there is but one table."""
        if not self.table or not expert.tables:
            return True
        return bool(set(expert.tables) & set(self.shared.get(group, (self.table,))))

    @property
    def slices(self) -> tuple[Inputs, ...]:
        """The inputs of each table; of a project with one table these inputs themselves."""
        return tuple(self.for_table(table.key) for table in self.tables) or (self,)
