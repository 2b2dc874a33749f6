"""Which named settings (sheet 方法设置) a document prints: those that its methods use."""

from __future__ import annotations

from drafting.document.facts import GIVEN, Facts
from drafting.notation.conversion import electricity_as_coal

_LEVELS = ("样本量下限", "置信水平", "缺失代码", "重复企业", "分组基准", "比较方法", "整类不适用")
_WEIGHTS = ("权重方法", "专家权重", "权重小数位")
_AHP = ("特征向量算法", "RI表", "CR限值", "不一致专家", "群决策")
_DELPHI = (
    "四分位算法", "停止规则：稳定限值", "停止规则：变异系数", "停止规则：满足比例", "停止规则：档宽",
    "停止规则：最多轮次", "最低参与", "最低参与：配对人数",
)  # fmt: skip
_COMBINATION = ("组合方式", "组合方法")
_ELECTRICITY = "电力折标系数"
_AUTHORITY, _RATING = "权威程度表", ("评分上限", "界值法剔除")


def weight_settings(facts: Facts) -> tuple[str, ...]:
    """Labels of the settings that the weights of a draft rest on, in the order in which they are printed."""
    return (
        *_WEIGHTS,
        *((_AUTHORITY,) if facts.inputs.settings.expert_weights == _AUTHORITY.removesuffix("表") else ()),
        *(_COMBINATION if facts.method == "组合" else ()),
        *(_AHP if facts.uses_ahp else ()),
        *(_DELPHI if facts.uses_delphi else ()),
    )


def baseline_settings(facts: Facts) -> tuple[str, ...]:
    """Labels of the settings that the baselines of a draft rest on, in the order in which they are printed."""
    survey = facts.inputs.survey
    read = survey.reading.columns if survey is not None and survey.reading is not None else ()
    burnt = any(electricity_as_coal(column.stated_unit, column.unit) for column in read)
    return (*_LEVELS, *((_ELECTRICITY,) if burnt else ()))


def unused(facts: Facts) -> frozenset[str]:
    """Labels of settings of the weights that played no part in them."""
    rated = any(answer.ratings for one in (*facts.inputs.delphi, *facts.inputs.ratings) for answer in one.answers)
    given = {"专家权重", "权重小数位"} if facts.method == GIVEN else set()
    known = {*_WEIGHTS, _AUTHORITY, *_COMBINATION, *_AHP, *_DELPHI, *_RATING}
    asked = {_AUTHORITY} if any(e.familiarity for e in facts.inputs.experts) else set()
    return frozenset(given | known - {*weight_settings(facts), *asked, *(_RATING if rated else ())})
