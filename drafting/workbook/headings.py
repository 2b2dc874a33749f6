"""Every sheet and heading that the toolkit reads or writes: one definition for both directions."""

from __future__ import annotations

import re

from drafting.model.document import DocumentInfo
from drafting.model.identity import FORBIDDEN_IN_TITLES, label_key
from drafting.model.opinions import PRIVATE
from drafting.model.process import Process
from drafting.model.settings import Settings
from drafting.model.sheet import Row, rows
from drafting.model.system import FIRST_LEVEL
from drafting.model.terms import BaselineSource, Direction, Guidance
from drafting.workbook.sheet_form import Heading as Heading
from drafting.workbook.sheet_form import SheetForm as SheetForm

# --- names in the project folder ------------------------------------------------------------
PROJECT_FILE = "项目.xlsx"
SURVEY_STEM = "调研数据"
SURVEY_SUFFIXES = (".xlsx", ".csv", ".parquet")
JUDGEMENT_FOLDER = "判断矩阵"
DELPHI_FOLDER = "德尔菲"
ROUND_FOLDER = "第{number}轮"
RATING_FOLDER = "重要性评分"
COMMENT_FOLDER = "意见"
COMMENT_SUFFIXES = (".xlsx", ".docx")
COMMENT_FORM = "征求意见表"
RECORD_FOLDER = "记录"
RESULT_FOLDER = "成果"
ENTERPRISE_FOLDER = "企业调查表"
"""Forms that enterprises sent back."""
EARLIER_FOLDER = "旧版"
"""The earlier edition that is revised, as a project of its own."""
IMPORT_REPORT = "导入报告.xlsx"
LOCK_PREFIX = "~$"

_ROUND = re.compile(r"第?([0-9一二三四五六七八九十]{1,3})轮?")
_NUMERALS = {n: i for i, n in enumerate("一二三四五六七八九十", 1)}

YES_NO = ("是", "否")
LEVELS_OF_BASIS = ("大", "中", "小")
FAMILIARITY = ("很熟悉", "熟悉", "较熟悉", "一般", "不熟悉")


key = label_key
"""Reduces a heading or sheet title for comparison, as names of indicators are: see :mod:`drafting.model.identity`."""


def round_number(name: str) -> int | None:
    """Read the number of a round: 第1轮, 第 2 轮, 第三轮, 2."""
    match = _ROUND.fullmatch(key(name))
    if match is None:
        return None
    says = match[1]
    number = int(says) if says.isdecimal() else _NUMERALS.get(says, 0)
    return number or None


def sheet_title(name: str) -> str:
    r"""Make a name one that Excel allows for a sheet: without ``[]:*?/\``, at most 31 characters."""
    return "".join(c for c in name if c not in FORBIDDEN_IN_TITLES)[:31].strip("'") or "表"


# --- 项目.xlsx ------------------------------------------------------------
NUMBERING = "序号"
"""A leading column of running numbers; kept, never needed."""

TABLE, CLASS, OUTPUT = "分表", "类别", "产量"
"""Columns of projects with several tables or with class rows."""
TABLE_SEPARATORS = re.compile(r"[、，,;；/／\n]+")
TABLE_NOTE = "有几张表时：所在的表，写“分表”表中的代号，多张用顿号隔开；空白表示全部。"

_SETTING_COLUMNS = (
    Heading("项目", "设置项的名称，请勿改动。", width=20, required=True),
    Heading("内容", "在此列填写。", width=48, required=True),
    Heading("说明", "该项的含义和可用的值。", width=70),
)
DOCUMENT = SheetForm("文件信息", _SETTING_COLUMNS, note="封面、前言和第 1 章所用的信息，每行一项。")
SETTINGS = SheetForm(
    "方法设置", _SETTING_COLUMNS, note="标准未作规定而需要选定的方法，均印在编制说明中；不改即用默认值。"
)
DOCUMENT_ROWS: tuple[Row, ...] = rows(DocumentInfo)
SETTINGS_ROWS: tuple[Row, ...] = rows(Settings)

CATEGORIES = SheetForm(
    FIRST_LEVEL,
    (
        Heading(TABLE, TABLE_NOTE, width=14, optional=True),
        Heading("一级指标", "GB/T 43329 5.1 的一级指标。", width=22, required=True),
        Heading("采用", "是否采用该一级指标；空白视为“是”。", YES_NO, 8),
        Heading("权重", "直接给定时填写，同组须全部填写且和为 1；由判断矩阵或专家咨询得出时留空。", width=10),
        Heading("附加", "是：附加（加分）指标组，不计入权重之和。", YES_NO, 8),
    ),
    note="一级指标及其采用与否。",
    names="一级指标",
    record="一级指标",
)

INDICATORS = SheetForm(
    "二级指标",
    (
        Heading(TABLE, TABLE_NOTE, width=14, optional=True),
        Heading("一级指标", "所属一级指标，与“一级指标”表一致。", width=18, required=True),
        Heading("代码", "指标代码，如 N1；调研数据可用代码作列标题。空白时自动编号。", width=8),
        Heading("二级指标", "指标名称，如：单位产品综合能耗。", width=28, required=True),
        Heading(
            CLASS, "同一指标按类别分列几行时填写，如 开采深度≤250m；各行共用名称、代码和权重。", width=20, optional=True
        ),
        Heading("单位", "计量单位，如 kgce/t、%；定性指标留空。", width=12, required=True),
        Heading("方向", "越小越好、越大越好或定性。", tuple(d.chinese for d in Direction), 11, required=True),
        Heading("限定性", "是否为限定性指标（5.3）。", YES_NO, 9, required=True),
        Heading(
            "权重", "直接给定时填写，同组须全部填写且和为 1，也可写 0.8/n；由判断矩阵或专家咨询得出时留空。", width=9
        ),
        Heading("Ⅰ级基准值", "政策值或定性要求，如 ≤0.65、≥90；来源为调研时留空。", width=16),
        Heading("Ⅱ级基准值", "政策值或定性要求，如 ≤0.70、≥85；来源为调研时留空。", width=16),
        Heading("Ⅲ级基准值", "政策值或定性要求，如 ≤0.80、≥80；来源为调研时留空。", width=16),
        Heading("基准值来源", "调研、政策或定性。", tuple(s.chinese for s in BaselineSource), 11),
        Heading("来源依据", "来源为政策时必填，如 GB 16780—2021 表1。", width=24),
        Heading("小数位", "基准值公布的小数位数，0～6 的整数。", width=8),
        Heading("强制性限值", "强制性标准的限值，如 ≤117；基准值不得宽于它。", width=12),
        Heading("下限", "物理上可能的最小值，用于核查调研数据。", width=8),
        Heading("上限", "物理上可能的最大值，用于核查调研数据。", width=8),
        Heading("指标解释", "指标含义和边界。", width=32),
        Heading(
            "计算公式",
            "由原始量计算指标的式子，如 综合能耗/合格产品产量*1000；调研数据中以“原始:综合能耗”作列标题。",
            width=32,
        ),
        Heading("数据来源", "企业数据从何而来，如：能源统计报表。", width=18),
        Heading("采集方法", "实测、统计或现场核查等。", width=18),
        Heading("选取理由", "为何选取该指标。", width=24),
        Heading("定性理由", "为何不能定量，仅定性指标填写。", width=20),
        Heading("引导方向", "该指标引导的方向（4.2.2）；多项用顿号隔开。", tuple(g.value for g in Guidance), 11),
        Heading("说明", "其他说明。", width=20),
    ),
    note="每行一个二级指标。",
    names="二级指标",
    record="二级指标",
)

POLICIES = SheetForm(
    "政策依据",
    (
        Heading("类别", "政策类别（4.1）。", width=34, required=True),
        Heading("名称", "政策文件名称。", width=48, required=True),
        Heading("文号", "发文字号。", width=24),
    ),
    required=False,
)
REFERENCES = SheetForm(
    "引用文件",
    (
        Heading("编号", "标准编号，如 GB/T 2589。", width=22, required=True),
        Heading("名称", "标准名称。", width=48, required=True),
    ),
    required=False,
)
TERMS = SheetForm(
    "术语",
    (
        Heading("术语", width=20, required=True),
        Heading("英文", "英文对应词。", width=28),
        Heading("定义", "不带句号的定义。", width=60, required=True),
        Heading("来源", "如：GB/T 43329—2023，3.1。", width=26),
    ),
    required=False,
)
EXPERTS = SheetForm(
    "专家组",
    (
        Heading("专家代号", "只用代号，不写姓名，如 专家01。", width=12, required=True),
        Heading("专业领域", width=20),
        Heading("职称", width=14),
        Heading("从业年限", "年数。", width=10),
        Heading("实践经验", "对判断的影响程度。", LEVELS_OF_BASIS, 10),
        Heading("理论分析", "对判断的影响程度。", LEVELS_OF_BASIS, 10),
        Heading("国内外资料", "对判断的影响程度。", LEVELS_OF_BASIS, 12),
        Heading("直觉", "对判断的影响程度。", LEVELS_OF_BASIS, 8),
        Heading("熟悉程度", "对本行业清洁生产的熟悉程度。", FAMILIARITY, 10),
        Heading(
            TABLE, "有几张表时：只参加其中一些表的专家写代号，多张用顿号隔开；空白表示全部。", width=14, optional=True
        ),
        Heading("退出", "声明退出的专家：从第几轮起不再参加，如 2；其余留空。", width=8),
    ),
    required=False,
    names="专家代号",
    record="专家",
)
EXCLUSIONS = SheetForm(
    "剔除",
    (
        Heading("企业", "调研数据中的企业名称或代号。", width=24, required=True),
        Heading("指标", "代码或二级指标名称；空白表示剔除整个企业。", width=24),
        Heading("理由", "必填：为何剔除。", width=48, required=True),
    ),
    required=False,
    names="企业",
    record="剔除",
)
MONITORING = SheetForm(
    "监测方法",
    (
        Heading("参数", "污染物或参数的名称，如：化学需氧量。", width=22, required=True),
        Heading("监测点位", "如：企业废水总排放口。", width=30),
        Heading("频次", "如：自动监测，或每季度 1 次。", width=22),
        Heading("方法标准", "测定和采样的标准编号，多项用顿号隔开，如：HJ 828—2017。", width=44),
    ),
    required=False,
    names="参数",
    record="参数",
)
SYMBOL_UNITS = SheetForm(
    "符号单位",
    (
        Heading("符号", "计算公式中的量：写它在计算公式中的名称或符号，如 自动控制工序数。", width=28, required=True),
        Heading("含义", "符号是字母时写明它代表什么；是名称时可不填。", width=40),
        Heading("单位", "如 kg、m³、h、个；量纲为一的写“量纲为一”。", width=16, required=True),
    ),
    required=False,
    note="计算公式中各个量的单位。能由指标的单位或调研数据的列标题推出的不必填写。",
    names="符号",
    record="符号",
)
NOTES = SheetForm(
    "表注",
    (
        Heading(
            "标记",
            "指标名称或基准值后的标记，如 a、①；草案中按出现次序重编为 a、b、c；空白表示对整张表的注。",
            width=8,
            required=True,
        ),
        Heading("内容", "脚注文字，如：不含自备电厂。", width=60, required=True),
        Heading("分表", "只用于其中一张表时填写；空白表示全部。", width=14),
    ),
    required=False,
    note="表的脚注；没有脚注的项目不需要这张表。",
)
TABLES = SheetForm(
    TABLE,
    (
        Heading("代号", "短而固定的代号，如 甲工序；“分表”列和工作表名都用它。", width=14, required=True),
        Heading("表题", "表的标题，如：甲工序企业清洁生产评价指标体系。", width=44, required=True),
        Heading("适用", "适用于哪些企业，印入范围，如：有甲工序的企业。", width=30),
        Heading("产量单位", "企业产量的单位，按产量加权时各表须相同，如 万t。", width=12),
        Heading("系数", "多表评定为固定系数时填写，各表之和为 1。", width=8),
    ),
    required=False,
    note="一项标准有几张指标体系表时填写，每行一张表；只有一张表的项目不需要这张表。",
    names="代号",
    record="分表",
)
PROCESS = SheetForm(
    "编制过程",
    (
        Heading("项目", "事项；表中没有的可以另加一行，印入“其他应予说明的事项”。", width=20, required=True),
        Heading("内容", "只有编制组能写的内容，印入编制说明；没有填写的印为【待补充】。", width=110, required=True),
    ),
    required=False,
)
PROCESS_ROWS: tuple[Row, ...] = rows(Process)
INSTRUCTIONS_SHEET = "填写说明"

LIST_SHEETS: tuple[SheetForm, ...] = (
    CATEGORIES, INDICATORS, SYMBOL_UNITS, MONITORING, POLICIES, REFERENCES, TERMS, EXPERTS, EXCLUSIONS,
)  # fmt: skip
PROJECT_SHEETS: tuple[SheetForm, ...] = (DOCUMENT, SETTINGS, *LIST_SHEETS, PROCESS)
OPTIONAL_SHEETS: tuple[SheetForm, ...] = (TABLES, NOTES)
"""Sheets of 项目.xlsx that are read where they are there; a new project is written without them."""

# --- 调研数据 ------------------------------------------------------------
ENTERPRISE, STRATUM, SAMPLING_WEIGHT, YEAR, VIOLATION = "企业", "分组", "权数", "年份", "重大违法"
REGION = "地区"
SURVEY_SPECIAL: tuple[Heading, ...] = (
    Heading(ENTERPRISE, "企业名称或代号，每行一家。", width=16, required=True),
    Heading(REGION, "省、市等，评价结果按它汇总；可不设。", width=10),
    Heading(STRATUM, "工艺、产品或规模的分组；可不设。", width=12),
    Heading(SAMPLING_WEIGHT, "抽样权数，正数；可不设。", width=8),
    Heading(YEAR, "数据年份，如 2024。", width=8),
    Heading(VIOLATION, "近三年是否有重大环境违法（第 6 章）。", YES_NO, 10),
)
UNIT_ROW_LABEL = "单位"
RAW_PREFIX, PARAMETER_PREFIX = "原始:", "参数:"
NOT_APPLICABLE_MARK = "不适用"
SINGLE_ANSWER = "达到"

# --- 企业调查表 ------------------------------------------------------------
ENTERPRISE_FORM = "企业调查表"
ANSWERED = "填报值"
ENTERPRISE_ROWS = SheetForm(
    ENTERPRISE_FORM,
    (
        Heading(NUMBERING, width=6),
        Heading("一级指标", width=16),
        Heading("代码", "请勿改动。", width=11, required=True),
        Heading("项目", width=28, required=True),
        Heading("单位", "请勿改动。", width=12),
        Heading(ANSWERED, width=16, required=True),
        Heading("示例", width=14),
        Heading("填写说明", width=52),
    ),
    names="项目",
    record="项目",
)

# --- questionnaires ------------------------------------------------------------
EXPERT_SHEET = SheetForm("专家", (Heading("专家代号", "请勿改动。", width=16, required=True),))
MATRIX_LABEL_ROW, MATRIX_LABEL_COLUMN = 3, 1
MATRIX_FIRST_ROW, MATRIX_FIRST_COLUMN = 4, 2
"""Cell of the pair (1, 1): labels stand in row 3 from column B and in column A from row 4."""

NOT_ASKED = "—"
"""What stands in a pair that a split questionnaire does not ask this expert for; an expert may write it too."""

FEEDBACK: tuple[Heading, ...] = (
    Heading("上轮本人", "上一轮您的回答。", width=10),
    Heading("中位数", "上一轮专家组的中位数。", width=10),
    Heading("下四分位", "上一轮专家组的下四分位数。", width=10),
    Heading("上四分位", "上一轮专家组的上四分位数。", width=10),
)
OPINION = Heading("意见", "不署名地转给其他专家；只给编制组看的，以“仅供组织者”开头。", width=40)
FIRST_LEVEL_ALLOCATION = SheetForm(
    "一级指标权重",
    (
        Heading("一级指标", width=22, required=True),
        Heading("权重", "0～100，合计 100。", width=10, required=True),
        *FEEDBACK,
        OPINION,
    ),
    required=False,
    names="一级指标",
    record="一级指标",
)
SECOND_LEVEL_ALLOCATION = SheetForm(
    "二级指标权重",
    (
        Heading("一级指标", width=22, required=True),
        Heading("二级指标", width=32, required=True),
        Heading("权重", "0～100，每个一级指标内合计 100。", width=10, required=True),
        *FEEDBACK,
        OPINION,
    ),
    required=False,
    names="二级指标",
    record="二级指标",
)
RATING = SheetForm(
    "重要性评分",
    (
        Heading("一级指标", width=22, required=True),
        Heading("二级指标", width=32, required=True),
        Heading("重要性", "从 1 到评分上限，越重要越高。", width=10, required=True),
        *FEEDBACK,
        Heading(
            "修改意见", "对指标名称、取舍的意见，不署名地转给其他专家；只给编制组看的，以“仅供组织者”开头。", width=40
        ),
    ),
    required=False,
    names="二级指标",
    record="二级指标",
)
ASKED_TABLE = Heading(TABLE, "所在的表；几张表共用的组写全部代号，只答一次。", width=14, required=True)


def split_tables(says: str) -> tuple[str, ...]:
    """Keys that a cell 分表 names."""
    return tuple(filter(None, (part.strip() for part in TABLE_SEPARATORS.split(says))))


def by_table(form: SheetForm) -> SheetForm:
    """A sheet of answers as it is in a standard with several tables: the table stands before the group."""
    return form.led_by(ASKED_TABLE)


PRINT_SHEET = "打印版"
OPINION_KINDS = ("意见", "建议新增指标")
REMARKS = SheetForm(
    "其他意见",
    (
        Heading("类别", "意见，或建议新增的指标。", OPINION_KINDS, 16),
        Heading("内容", "建议新增指标的，写明名称、单位和理由。", width=70, required=True),
        Heading("公开范围", "默认不署名地转给其他专家；只给编制组看的选“仅供组织者”。", ("其他专家可见", PRIVATE), 16),
    ),
    required=False,
)
SELF_ASSESSMENT = ("实践经验", "理论分析", "国内外资料", "直觉", "熟悉程度")
COMMENTS = SheetForm(
    "意见",
    (
        Heading("单位", "提出意见的单位。", width=24, required=True),
        Heading("章条", "如 5.2 或 表1。", width=12, required=True),
        Heading("意见内容", width=48, required=True),
        Heading("修改建议", width=48),
    ),
    names="单位",
    record="意见",
)
