"""Named settings of the methods (sheet 方法设置): what the standard leaves open, each printed in the draft."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from drafting.model.sheet import row

OLDER_RULES = "2013年试行稿"
"""Word of setting 评价规则 for an earlier edition."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How weights, baselines and grades are computed. Field types drive the reading of the sheet."""

    weight_method: str = row(
        "权重方法", "层次分析法", "权重由哪种方法得出（C.1 允许单独或综合使用）。",
        choices=("层次分析法", "专家咨询法", "组合", "给定"),
    )  # fmt: skip
    prioritisation: str = row(
        "特征向量算法", "特征向量法", "由判断矩阵求权重的算法。", choices=("特征向量法", "方根法", "和积法")
    )
    random_index: str = row(
        "RI表", "saaty-1980", "计算一致性比例 CR 所用的平均随机一致性指标表。",
        choices=("saaty-1980", "saaty-2005", "alonso-lamata-2006", "tummala-ling-1998", "donegan-dodd-1991"),
    )  # fmt: skip
    cr_limit: Decimal = row("CR限值", Decimal("0.10"), "CR 小于该值（含）时判断矩阵视为可接受的一致。")
    inconsistent_experts: str = row(
        "不一致专家", "退回", "CR 超限的专家：退回（请其修改，结果暂定）、剔除或保留。",
        choices=("退回", "剔除", "保留"),
    )  # fmt: skip
    aggregation: str = row("群决策", "AIJ", "AIJ：判断矩阵几何平均；AIP：各专家权重几何平均。", choices=("AIJ", "AIP"))
    expert_weights: str = row(
        "专家权重", "相同", "各专家同权，或按专家组表的权威程度加权。", choices=("相同", "权威程度")
    )
    authority_table: str = row(
        "权威程度表", "customary", "判断依据和熟悉程度的赋值表（各家不同，须在编制说明中写明）。",
        choices=("customary", "customary-0.9", "graded-sources"),
    )  # fmt: skip
    combination: str = row(
        "组合方式", "加法", "权重方法为组合时：加法、乘法或最小偏差。", choices=("加法", "乘法", "最小偏差")
    )
    combination_methods: str = row(
        "组合方法", "层次分析法=0.5；专家咨询法=0.5",
        "参与组合的方法及系数（和为 1）；可用：层次分析法、专家咨询法、熵权法、CRITIC法。",
    )  # fmt: skip
    weight_decimals: int = row("权重小数位", 2, "公布权重的小数位数；按最大余数法分配，和恰为 1。")
    quartile: str = row(
        "四分位算法", "type-7", "德尔菲统计的四分位定义；type-7 与 Excel 的 QUARTILE 相同。",
        choices=("type-7", "type-6", "type-2", "type-5", "type-8"),
    )  # fmt: skip
    rating_scale: int = row("评分上限", 5, "重要性评分的满分（5、9 或 100）。")
    screening: str = row(
        "界值法剔除", "三项", "界值法筛选指标：均值、满分率、变异系数三项（或其中两项及以上）不满足界值时剔除。",
        choices=("三项", "两项"),
    )  # fmt: skip
    stop_stability: Decimal = row("停止规则：稳定限值", Decimal("0.15"), "两轮间意见变动不超过该比例视为稳定。")
    stop_cv: Decimal = row("停止规则：变异系数", Decimal("0.25"), "各指标变异系数均不超过该值视为一致。")
    stop_share: Decimal = row(
        "停止规则：满足比例", Decimal("1"), "满足稳定和一致条件的指标所占比例不低于该值；1 为全部指标。"
    )
    stop_rounds: int = row("停止规则：最多轮次", 3, "达到该轮次后不再发放问卷。")
    stop_class: Decimal = row(
        "停止规则：档宽", Decimal("0.2"),
        "比较两轮意见分布时，权重按该指标上一轮中位数的这一比例分档；0 表示一律按 5 分一档。",
    )  # fmt: skip
    min_participation: Decimal = row(
        "最低参与", Decimal("0.7"),
        "一轮答复人数占专家组人数的比例不低于该值才据以定权或停止，否则该轮为暂定；0 为不设。"
        "0.7 据 Sumsion（1998，Br J Occup Ther 61(4)：153–156）。",
    )  # fmt: skip
    min_pairs: int = row(
        "最低参与：配对人数", 5,
        "与上一有效轮都作答的专家不少于该人数（专家组更小时为全部）才据以定权或停止；0 为不设。"
        "默认与反馈显示专家组结果所需的答复数相同。",
    )  # fmt: skip
    missing_codes: str = row(
        "缺失代码", "—、-、/、无、N/A、空、缺", "调研数据中表示缺失的写法，用顿号隔开；空白总是缺失。"
    )
    electricity: Decimal = row(
        "电力折标系数", Decimal("0.1229"),
        "调研数据的电量（kWh）折算为标准煤所用的系数，kgce/kWh：当量值为 0.1229；采用等价值时填写其数值，如 0.2950。",
    )  # fmt: skip
    duplicates: str = row(
        "重复企业", "报错", "同一企业出现多次时：报错、取最新（按年份）或取平均。", choices=("报错", "取最新", "取平均")
    )
    by_stratum: str = row("分组基准", "否", "是：按调研数据的“分组”列分别给出基准值。", choices=("否", "是"))
    merge_strata: str = row("分组合并", "", "样本量不足的分组并入何组，如“小型=中型”；空白表示不合并。")
    comparison: str = row(
        "比较方法", "全数值", "判定是否达到基准值时的比较方法（GB/T 8170）。", choices=("全数值", "修约值")
    )
    empty_category: str = row(
        "整类不适用", "按标准", "某一级指标全部不适用时：按标准（该类不得分）或重新归一一级指标权重。",
        choices=("按标准", "重新归一"),
    )  # fmt: skip
    minimum_sample: int = row("样本量下限", 20, "有效企业数少于该值时给出警告。")
    confidence: Decimal = row("置信水平", Decimal("0.95"), "基准值区间估计的置信水平。")
    seed: int = row("种子", 43329, "随机重抽样的种子；相同种子结果相同。")
    named_like_totals: str = row(
        "视为企业",
        "",
        "名称像合计、平均值、注等而确是企业的，写出其名称，用顿号隔开；否则这样的行不计入。",
    )
    several_tables: str = row(
        "多表评定", "",
        "一家企业适用几张表时怎样评定，标准未作规定，没有默认：分别评定、取最低、按产量加权、固定系数或主要产品。",
        choices=("分别评定", "取最低", "按产量加权", "固定系数", "主要产品"), quiet=True,
    )  # fmt: skip
    class_score: str = row(
        "类别计分", "",
        "一家企业在同一指标下有几个类别时怎样计分：唯一（不允许，空白同此）、按产量、均分或全部达到。",
        choices=("唯一", "按产量", "均分", "全部达到"), quiet=True,
    )  # fmt: skip
    shared_groups: str = row(
        "同组共用", "",
        "几张表中指标完全相同的一级指标是否只问专家一次、共用一组权重（空白同“是”）。",
        choices=("是", "否"), quiet=True,
    )  # fmt: skip
    small_samples: str = row(
        "小样本", "",
        "公开版编制说明中就是某一家企业数据的第k优值和区间端点：省略（空白同此）或修约至2位有效数字。",
        choices=("省略", "修约"), quiet=True,
    )  # fmt: skip
    rules: str = row(
        "评价规则", "",
        "旧版标准按哪一部通则评价（空白为 GB/T 43329—2023）；只用于旧版，不能据此输出草案。",
        choices=("GB/T 43329—2023", OLDER_RULES), quiet=True,
    )  # fmt: skip
