"""Several indicator tables in one standard (分表): a system each; names, units, explanations are shared."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from drafting.model.survey import Survey
from drafting.model.system import IndicatorSystem

SEPARATELY, LOWEST, BY_OUTPUT, COEFFICIENTS, MAIN_PRODUCT = "分别评定", "取最低", "按产量加权", "固定系数", "主要产品"
"""Words of setting 多表评定."""
ONLY_ONE, CLASSES_BY_OUTPUT, EQUALLY, ALL_REACHED = "唯一", "按产量", "均分", "全部达到"
"""Words of setting 类别计分; blank means 唯一."""
TABLE_SIGN = "·"
"""Between the key of a table and the name of a group or sheet: 甲工序·能源消耗."""


@dataclass(frozen=True, slots=True)
class IndicatorTable:
    """One indicator table (a row of sheet 分表) with what only it has."""

    key: str
    """代号, which outlives the caption."""
    caption: str
    """表题; the key where none is given."""
    system: IndicatorSystem
    applies: str = ""
    """适用: which enterprises it covers, in words."""
    output_unit: str = ""
    """产量单位."""
    coefficient: Decimal | None = None
    """系数, for 多表评定 = 固定系数."""
    survey: Survey | None = None
