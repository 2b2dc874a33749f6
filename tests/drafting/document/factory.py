"""A small synthetic project, complete enough to look like a draft: nine categories, 35 indicators, made-up figures."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np

from drafting.model.bounds import parse_bound
from drafting.model.document import DocumentInfo, Policy, Reference, Term
from drafting.model.experts import Expert, JudgementMatrix
from drafting.model.formula import Formula
from drafting.model.inputs import Inputs
from drafting.model.results import (
    Baseline,
    Baselines,
    ExpertConsistency,
    IndicatorBaselines,
    Results,
    WeightGroup,
    WeightRow,
    Weights,
)
from drafting.model.settings import Settings
from drafting.model.system import FIRST_LEVEL, Category, Indicator, IndicatorSystem
from drafting.model.terms import GRADES, BaselineSource, Direction, Grade
from drafting.model.weight import Weight

# category -> first-level weight, rows: name, unit, direction, limiting, weight, I, II, III
ROWS: dict[str, tuple[str, list[tuple[str, str, str, bool, str, str, str, str]]]] = {
    "生产工艺及装备": (
        "0.15",
        [
            (
                "工艺类型",
                "",
                "定性",
                False,
                "0.40",
                "采用国际先进的低能耗工艺，全流程密闭",
                "采用国内先进工艺",
                "采用国内先进工艺",
            ),
            (
                "装备设备",
                "",
                "定性",
                False,
                "0.35",
                "主要设备能效达到1级",
                "主要设备能效达到2级",
                "无国家明令淘汰的设备",
            ),
            (
                "自动化控制水平",
                "",
                "定性",
                False,
                "0.25",
                "集散控制系统并实现在线优化",
                "集散控制系统",
                "主要工序自动控制",
            ),
        ],
    ),
    "能源消耗": (
        "0.20",
        [
            ("单位产品综合能耗", "kgce/t", "越小越好", True, "0.40", "≤95.0", "≤102.5", "≤110.0"),
            ("非化石能源消耗占比", "%", "越大越好", False, "0.20", "≥20", "≥12", "≥5"),
            ("清洁能源消耗占比", "%", "越大越好", False, "0.15", "≥35", "≥25", "≥15"),
            ("余热余压利用率", "%", "越大越好", False, "0.15", "≥92", "≥85", "≥75"),
            ("单位产品电耗", "kW·h/t", "越小越好", False, "0.10", "≤0.14+0.08n", "≤0.18+0.08n", "≤0.25+0.08n"),
        ],
    ),
    "水资源消耗": (
        "0.10",
        [
            ("单位产品取水量", "m³/t", "越小越好", True, "0.60", "≤0.28", "≤0.35", "≤0.50"),
            ("工业用水重复利用率", "%", "越大越好", False, "0.40", "≥97", "≥95", "≥90"),
        ],
    ),
    "原/辅料资源消耗": (
        "0.08",
        [
            ("单位产品主要原材料消耗量", "kg/t", "越小越好", False, "0.50", "≤1 480", "≤1 510", "≤1 550"),
            ("单位产品主要辅料消耗量", "kg/t", "越小越好", False, "0.30", "≤12.0", "≤15.0", "≤20.0"),
            ("单位产品有毒有害原料使用量", "kg/t", "越小越好", False, "0.20", "0", "≤0.05", "≤0.10"),
        ],
    ),
    "资源综合利用": (
        "0.10",
        [
            ("一般工业固体废物综合利用量", "t", "越大越好", False, "0.20", "≥5 000", "≥3 000", "≥1 000"),
            ("一般工业固体废物综合利用率", "%", "越大越好", False, "0.40", "≥99", "≥95", "≥90"),
            ("危险废物综合利用率", "%", "越大越好", False, "0.40", "≥80", "≥60", "≥40"),
        ],
    ),
    "污染物产生与排放": (
        "0.17",
        [
            (f"单位产品{p}{k}量", "kg/t", "越小越好", k == "排放", w, a, b, c)
            for p, k, w, a, b, c in (
                ("二氧化硫", "产生", "0.08", "≤0.30", "≤0.45", "≤0.80"),
                ("氮氧化物", "产生", "0.08", "≤1.20", "≤1.60", "≤2.10"),
                ("挥发性有机物", "产生", "0.08", "≤0.10", "≤0.15", "≤0.30"),
                ("颗粒物", "产生", "0.08", "≤30", "≤45", "≤60"),
                ("化学需氧量", "产生", "0.08", "≤0.020", "≤0.035", "≤0.050"),
                ("氨氮", "产生", "0.08", "≤0.002", "≤0.004", "≤0.006"),
                ("二氧化硫", "排放", "0.12", "≤0.05", "≤0.10", "≤0.20"),
                ("氮氧化物", "排放", "0.12", "≤0.20", "≤0.40", "≤0.60"),
                ("挥发性有机物", "排放", "0.10", "≤0.03", "≤0.05", "≤0.08"),
                ("颗粒物", "排放", "0.10", "≤0.02", "≤0.05", "≤0.10"),
                ("化学需氧量", "排放", "0.08", "≤0.010", "≤0.015", "≤0.030"),
            )
        ],
    ),
    "温室气体排放": (
        "0.10",
        [
            ("单位产品二氧化碳排放量", "t/t", "越小越好", True, "1.00", "≤0.78", "≤0.82", "≤0.88"),
        ],
    ),
    "产品特征": (
        "0.04",
        [
            ("单位产品有毒有害物质限量", "mg/kg", "越小越好", True, "0.60", "≤0.5", "≤1.0", "≤2.0"),
            ("产品合格率", "%", "越大越好", False, "0.40", "≥99.8", "≥99.5", "≥99.0"),
        ],
    ),
    "清洁生产管理": (
        "0.06",
        [
            (name, "", "定性", False, w, text, text, text)
            for name, w, text in (
                ("清洁生产审核制度执行情况", "0.25", "按国家规定开展清洁生产审核，并通过评估验收"),
                ("清洁生产部门设置和人员配备", "0.20", "设有清洁生产管理部门并配备专职管理人员"),
                ("环境管理体系实施情况", "0.20", "建立环境管理体系并通过认证，有效运行"),
                ("能源管理体系实施情况", "0.20", "建立能源管理体系并有效运行"),
                ("清洁生产管理制度执行情况", "0.15", "制度健全，记录完整"),
            )
        ],
    ),
}

FORMULAS = {
    "单位产品综合能耗": "综合能耗/合格产品产量",
    "单位产品取水量": "取水量/合格产品产量",
    "工业用水重复利用率": "重复用水量/(重复用水量+取水量)×100%",
    "单位产品主要原材料消耗量": "原材料消耗总量/合格产品产量",
    "余热余压利用率": "回收利用的余热余压能量/可回收的余热余压能量×100%",
    "单位产品二氧化碳排放量": "二氧化碳排放量/合格产品产量",
}

SOURCES = {
    "能源消耗": "按GB/T 2589编制的企业能源统计报表",
    "污染物产生与排放": "按GB 4915开展的监测数据和排污许可执行报告",
}


def indicators() -> tuple[Indicator, ...]:
    """The indicators as typed: values of policy and qualitative rows, the others found by survey."""
    made = []
    for letter, (category, (_, rows)) in zip("GNSYZWTCQ", ROWS.items(), strict=True):
        for i, (name, unit, direction, limiting, weight, *values) in enumerate(rows, 1):
            made.append(
                Indicator(
                    code=f"{letter}{i}",
                    name=name,
                    category=category,
                    unit=unit,
                    direction=next(d for d in Direction if d.chinese == direction),
                    limiting=limiting,
                    weight=Weight.number(Decimal(weight)),
                    baselines={g: parse_bound(v) for g, v in zip(GRADES, values, strict=True)},
                    source=_source(direction, name),
                    explanation=f"统计期内企业{name}的水平，反映{category}方面的清洁生产状况。",
                    formula=Formula.read(
                        FORMULAS.get(name, "污染物量/合格产品产量" if category == "污染物产生与排放" else "")
                    ),
                    data_source=SOURCES.get(category, "企业统计报表和生产记录"),
                    collection="按月从计量仪表和台账采集，经核对后按年汇总",
                )
            )
    return tuple(made)


def _source(direction: str, name: str) -> BaselineSource:
    if direction == "定性":
        return BaselineSource.QUALITATIVE
    return BaselineSource.POLICY if name == "单位产品综合能耗" else BaselineSource.SURVEY


def document(**changes: str) -> DocumentInfo:
    """Sheet 文件信息."""
    made = DocumentInfo(
        title="水泥行业清洁生产评价指标体系",
        title_en="Assessment indicator system of cleaner production for cement industry",
        number="GB/T 12345—2026",
        ics="13.020.20",
        ccs="Z 04",
        industry_code="C3011",
        industry="水泥制造",
        proposed_by="中华人民共和国国家发展和改革委员会",
        under="全国环境管理标准化技术委员会（SAC/TC 207）",
        drafted_by="甲研究院、乙水泥有限公司、丙大学",
        drafters="××、××、××",
        scope="水泥熟料和水泥生产企业的清洁生产水平评价",
    )
    return replace(made, **changes)


def inputs(**changes: object) -> Inputs:
    """A whole project; ``changes`` replace fields of :class:`Inputs`."""
    system = IndicatorSystem(
        tuple(Category(n, weight=Weight.number(Decimal(w))) for n, (w, _) in ROWS.items()), indicators()
    )
    experts = tuple(Expert(f"E{i:02d}") for i in range(1, 13))
    made = Inputs(
        document=document(),
        settings=Settings(),
        system=system,
        policies=(
            Policy("产业政策", "产业结构调整指导目录（2024年本）", "国家发展和改革委员会令第7号"),
            Policy("生态环境保护政策", "中华人民共和国清洁生产促进法", "中华人民共和国主席令第五十四号"),
            Policy("碳达峰碳中和相关政策", "2030年前碳达峰行动方案", "国发〔2021〕23号"),
        ),
        references=(Reference("GB 4915", "水泥工业大气污染物排放标准"), Reference("GB/T 2589", "综合能耗计算通则")),
        terms=(
            Term("合格产品", "qualified product", "符合产品标准要求的水泥熟料和水泥。"),
            Term(
                "清洁生产",
                "cleaner production",
                "从源头削减污染，提高资源利用效率的生产方式。",
                "GB/T 43329—2023，引言，有修改",
            ),
        ),
        experts=experts,
        judgements=tuple(
            JudgementMatrix(e.code, FIRST_LEVEL, tuple(ROWS), np.ones((len(ROWS), len(ROWS)))) for e in experts
        ),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # changes are the caller's


def _row(key: str, name: str, weight: Weight | None) -> WeightRow:
    published = weight or Weight.number(0)
    return WeightRow(key, name, float(published.amount), published)


def results(of: Inputs | None = None) -> Results:
    """Results whose published figures are the typed ones."""
    system = (of or inputs()).system
    group = WeightGroup(
        FIRST_LEVEL,
        tuple(_row(c.name, c.name, c.weight) for c in system.weighted),
        "层次分析法",
    )
    second = tuple(
        WeightGroup(
            c.name,
            tuple(_row(i.code, i.name, i.weight) for i in system.of(c.name)),
            "层次分析法",
        )
        for c in system.weighted
    )
    consistency = tuple(
        ExpertConsistency(f"E{n:02d}", g.group, len(g.weights), len(g.weights) + 0.1, 0.02, 0.005 * n, n < 12)
        for g in (group, *second)
        if len(g.weights) > 1
        for n in range(1, 13)
    )
    return Results(
        weights=Weights("层次分析法", group, second, consistency),
        baselines=Baselines(tuple(_baselines(i) for i in system.indicators)),
    )


def _baselines(indicator: Indicator) -> IndicatorBaselines:
    texts = {b.text for b in indicator.baselines.values()}
    shares = {Grade.I: 0.0583, Grade.II: 0.2083, Grade.III: 0.5083}
    surveyed = indicator.source is BaselineSource.SURVEY
    return IndicatorBaselines(
        indicator.code,
        indicator.direction,
        indicator.source,
        118 if surveyed else 0,
        {g: Baseline(b, b.number, share=shares[g] if surveyed else None) for g, b in indicator.baselines.items()},
        single=len(texts) == 1,
    )
