"""Write the example with several tables: ``python examples/generate_tables.py`` in the checkout.

The folder examples/竹质板材/ is the output and is committed. Everything in it is invented: the two processes, the
answers (a latent quality per enterprise drives all of them) and the earlier edition, a Word file with older categories,
merged cells and a cell by class, from which ``drafting import`` makes 旧版/项目.xlsx. The seed is fixed and the files
carry no clock: the same script gives the same files.
"""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import docx
import numpy as np
import openpyxl
from docx.oxml.ns import qn
from docx.shared import Pt

from drafting.earlier.placing import write_edition
from drafting.earlier.reading import read_edition
from drafting.project.folder import load_project
from drafting.workbook.headings import EARLIER_FOLDER, PROJECT_FILE, SURVEY_STEM
from drafting.workbook.project.blank import write_project
from drafting.workbook.style import body, cell_at, heading_row, put, save, widths

HERE = Path(__file__).resolve().parent
NAME, EARLIER = "竹质板材", "竹质板材旧标准（虚构）.docx"
SEED, ENTERPRISES = 43330, 60
NOTICE = "合成数据：本示例的行业分工、企业、数值和旧标准均为虚构，仅供学习使用，不反映任何真实企业或行业水平。"
BLANK, FINISH = "坯板", "饰面"

INFO = {
    "文件名称": "竹质板材行业清洁生产评价指标体系（合成数据示例）",
    "英文名称": "Assessment indicator system of cleaner production for bamboo board industry (synthetic example)",
    "文件编号": "T/XXXX 002—2026", "代替文件": "T/XXXX 002—2016《竹质板材行业清洁生产评价指标体系》",
    "ICS号": "13.020.20", "CCS号": "Z 04",
    "文件类别": "团体标准", "阶段": "征求意见稿", "行业名称": "竹制品制造", "行业代码": "C2041",
    "提出单位": "示例提出单位（合成数据）", "归口单位": "示例归口单位（合成数据）",
    "起草单位": "示例研究院（合成数据）",
    "主要起草人": "起草人甲、起草人乙", "发布部门": "示例协会（合成数据）", "首次发布": "否", "发布日期": "2026-06-01",
    "实施日期": "2026-12-01",
}  # fmt: skip
SETTINGS = {"权重方法": "给定", "多表评定": "按产量加权", "类别计分": "按产量"}
PROCESS = {
    "计划文号": "本项目为示例，未列入真实计划。",
    "分表理由": "坯板和饰面是两段独立的工序，有的企业只有其中一段，能耗水平和污染物不同，合在一张表中无法取值。",
    "多表评定理由": "两段工序的产量都以立方米计，按产量加权可以反映企业的整体水平；限定性指标在两段工序中都须达到。",
    "分工": "示例研究院负责总体设计、调研和文本起草。",
    "会议": "2025年3月，启动会，确定分表和指标框架。\n2025年9月，研讨会，讨论基准值和两表的综合方式。",
    "行业概况": "本示例为虚构行业：企业分为只产坯板、只产饰面板和两段都有的三种。数值均为合成数据。",
    "限定性指标": "5.3 原则上列为限定性的其他指标不是本示例的主要影响因素，不设指标。",
    "试评价分析": "各项指标合起来，达到各等级的企业比单项取值原则所说的少；起草组逐项核对，未另作调整。",
    "法律法规": "本文件与现行法律、法规和强制性标准没有抵触。", "标准协调": "本文件与规范性引用文件协调一致。",
    "历次版本": "2016年首次发布为T/XXXX 002—2016（虚构）；本次为第一次修订。",
    "分歧": "无重大分歧意见。", "专利": "起草过程中未发现本文件涉及专利。",
    "实施建议": "建议自发布之日起六个月后实施。",
}  # fmt: skip
EXPERTS = (
    ("专家01", "竹材加工", "教授级高级工程师", "25", "很熟悉"), ("专家02", "胶黏剂", "研究员", "18", "熟悉"),
    ("专家03", "大气污染控制", "高级工程师", "16", "熟悉"), ("专家04", "热工与节能", "高级工程师", "21", "熟悉"),
    ("专家05", "清洁生产审核", "高级工程师", "14", "很熟悉"),
)  # fmt: skip
POLICIES = (
    ("产业政策", "产业结构调整指导目录（2024年本）", "国家发展改革委令第7号"),
    ("资源与能源的开发利用与节约政策", "国家节水行动方案", "发改环资规〔2019〕695号"),
    ("有关技术装备的示范推广、改造应用、限制淘汰等政策", "国家工业节能技术装备推荐目录", "工业和信息化部公告"),
    ("碳达峰碳中和相关政策", "2030年前碳达峰行动方案", "国发〔2021〕23号"),
    ("生态环境保护政策", "中华人民共和国清洁生产促进法", "中华人民共和国主席令第五十四号"),
    ("资源综合利用政策", "中华人民共和国循环经济促进法", "中华人民共和国主席令第四号"),
)
REFERENCES = (("GB/T 2589—2020", "综合能耗计算通则"), ("GB/T 43329—2023", "清洁生产评价指标体系编制通则"))
MONITORING = (("挥发性有机物", "涂饰和干燥废气排气筒（以非甲烷总烃计）", "每半年1次", "HJ 38—2017、GB/T 16157—1996"),)
CLASSIFICATION = (
    ("204", "竹、藤、棕、草等制品制造"),
    ("2041", "竹制品制造"),
    ("2042", "藤制品制造"),
    ("2043", "棕制品制造"),
    ("2049", "草及其他制品制造"),
)
TABLES = (
    (BLANK, "坯板工序清洁生产评价指标体系", "有竹条加工和坯板成型工序的企业", "万m³", 0.5),
    (FINISH, "饰面工序清洁生产评价指标体系", "有砂光、涂饰或贴面工序的企业", "万m³", 0.5),
)
CATEGORIES = (
    (BLANK, "能源消耗", 0.4), (BLANK, "原/辅料资源消耗", 0.25), (BLANK, "清洁生产管理", 0.35),
    (FINISH, "能源消耗", 0.25), (FINISH, "污染物产生与排放", 0.4), (FINISH, "清洁生产管理", 0.35),
)  # fmt: skip
NOTES = (
    ("", "a", "电力按当量值折标准煤。"),
    (BLANK, "", "成型方式以统计期内实际采用的为准；两种都有的，分别填报。"),
)

# table, category, code, name, class, unit, direction, limiting, weight, I, II, III, decimals
ROWS: tuple[tuple[Any, ...], ...] = (
    (BLANK, "能源消耗", "N1", "单位产品综合能耗a", "热压成型", "kgce/m³", "越小越好", "是", 0.6, "", "", "", 0),
    (BLANK, "能源消耗", "N1", "单位产品综合能耗a", "冷压成型", "kgce/m³", "越小越好", "是", "", "", "", "", 0),
    (BLANK, "能源消耗", "N2", "单位产品电耗", "", "kW·h/m³", "越小越好", "否", 0.4, "", "", "", 0),
    (BLANK, "原/辅料资源消耗", "Y1", "竹材利用率", "", "%", "越大越好", "否", 0.6, "", "", "", 1),
    (BLANK, "原/辅料资源消耗", "Y2", "单位产品施胶量", "", "kg/m³", "越小越好", "否", 0.4, "", "", "", 0),
    (FINISH, "能源消耗", "N1", "单位产品综合能耗a", "", "kgce/m³", "越小越好", "是", 0.7, "", "", "", 1),
    (FINISH, "能源消耗", "N2", "单位产品电耗", "", "kW·h/m³", "越小越好", "否", 0.3, "", "", "", 0),
    (FINISH, "污染物产生与排放", "W1", "单位产品废水产生量", "", "m³/m³", "越小越好", "否", 0.4, "", "", "", 2),
    (FINISH, "污染物产生与排放", "W2", "单位产品挥发性有机物产生量", "", "kg/m³", "越小越好", "是", 0.6, "", "", "", 2),
    ("", "清洁生产管理", "Q1", "清洁生产审核制度执行情况", "", "", "定性", "否", 0.5,
     "①按期完成审核；②方案实施率不低于80%", "按期完成审核", None, ""),
    ("", "清洁生产管理", "Q2", "能源管理体系实施情况", "", "", "定性", "否", 0.5,
     "建立并运行能源管理体系", None, None, ""),
)  # fmt: skip
MERGED = {9: "II-III", 10: "I-III"}
SAID = {  # explanation, formula, data source, collection, reason, reason of words, guidance
    "N1": ("统计期内单位合格产品消耗的各种能源按 GB/T 2589—2020 折标准煤的量。", "综合能耗/合格产品产量",
           "能源统计台账", "统计", "能耗是主要的资源消耗", "", "过程清洁"),
    "N2": ("统计期内单位合格产品消耗的电量。", "耗电量/合格产品产量", "能源统计台账", "统计", "反映装备水平",
           "", "过程清洁"),
    "Y1": ("统计期内产品中竹材的量占投入竹材量的比例。", "产品竹材量/投入竹材量*100", "物料台账", "统计",
           "反映原料利用水平", "", "源头减量"),
    "Y2": ("统计期内单位合格产品施用的胶黏剂的量。", "胶黏剂用量/合格产品产量", "物料台账", "统计",
           "胶黏剂是主要辅料", "", "产品绿色"),
    "W1": ("统计期内单位合格产品产生的废水量。", "废水产生量/合格产品产量", "监测和统计台账", "统计",
           "反映用水和废水水平", "", "过程清洁"),
    "W2": ("统计期内单位合格产品产生的挥发性有机物的量。", "挥发性有机物产生量/合格产品产量", "物料衡算", "统计",
           "涂饰的主要污染物", "", "过程清洁"),
    "Q1": ("按要求开展清洁生产审核的情况。", "", "审核报告", "现场核查", "促进持续改进",
           "制度执行情况无法计量", "过程清洁"),
    "Q2": ("建立并运行能源管理体系的情况。", "", "体系文件", "现场核查", "促进节能管理",
           "体系运行情况无法计量", "过程清洁"),
}  # fmt: skip
RANGES = {  # best, worst
    (BLANK, "热压成型"): (62, 118), (BLANK, "冷压成型"): (38, 84), (BLANK, "N2"): (70, 150), (BLANK, "Y1"): (78, 52),
    (BLANK, "Y2"): (38, 74), (FINISH, "N1"): (11, 29), (FINISH, "N2"): (24, 66), (FINISH, "W1"): (0.08, 0.46),
    (FINISH, "W2"): (0.22, 1.3),
}  # fmt: skip


def main(folder: Path = HERE / NAME) -> None:
    """Write the example anew into ``folder``, which is emptied first."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with TemporaryDirectory() as scratch:
        plain = Path(scratch) / "新" / PROJECT_FILE
        plain.parent.mkdir()
        plain_workbook().save(plain)
        inputs = load_project(plain.parent).inputs
        assert inputs is not None
        write_project(folder / PROJECT_FILE, inputs, notice=NOTICE)
        write_answers(folder / f"{SURVEY_STEM}.xlsx")
        lines = ["代码,名称", *map(",".join, CLASSIFICATION)]
        (folder / "国民经济行业分类.csv").write_text("\n".join(lines) + "\n", "utf-8-sig", newline="\n")
        (folder / EARLIER_FOLDER).mkdir()
        write_earlier(folder / EARLIER_FOLDER / EARLIER)
        imported = Path(scratch) / "旧"
        source = folder / EARLIER_FOLDER / EARLIER
        write_edition(read_edition(source), source, imported)
        shutil.copy(imported / EARLIER_FOLDER / PROJECT_FILE, folder / EARLIER_FOLDER / PROJECT_FILE)
    spec = importlib.util.spec_from_file_location("generate_example", HERE / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    other = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(other)
    for path in (*folder.rglob("*.xlsx"), *folder.rglob("*.docx")):
        other.forget_the_clock(path)


def plain_workbook() -> openpyxl.Workbook:
    """项目.xlsx as a committee may type it; it is read and written again by the toolkit."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])

    def sheet(title: str, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> Any:
        made = book.create_sheet(title)
        for row in (head, *rows):
            made.append([None if value == "" else value for value in row])
        return made

    for title, pairs in (("文件信息", INFO), ("方法设置", SETTINGS), ("编制过程", PROCESS)):
        sheet(title, ("项目", "内容"), [*pairs.items()])
    sheet("专家组", ("专家代号", "专业领域", "职称", "从业年限", "熟悉程度"), EXPERTS)
    sheet("政策依据", ("类别", "名称", "文号"), POLICIES)
    sheet("引用文件", ("编号", "名称"), REFERENCES)
    sheet("监测方法", ("参数", "监测点位", "频次", "方法标准"), MONITORING)
    sheet("符号单位", ("符号", "含义", "单位"), (("产品竹材量", "", "t"), ("投入竹材量", "", "t")))
    sheet("分表", ("代号", "表题", "适用", "产量单位", "系数"), TABLES)
    sheet("一级指标", ("分表", "一级指标", "采用", "权重"), [(t, c, "是", w) for t, c, w in CATEGORIES])
    sheet("表注", ("分表", "标记", "内容"), NOTES)
    head = (
        "分表", "一级指标", "代码", "二级指标", "类别", "单位", "方向", "限定性", "权重", "Ⅰ级基准值", "Ⅱ级基准值",
        "Ⅲ级基准值", "小数位", "基准值来源", "指标解释", "计算公式", "数据来源", "采集方法", "选取理由", "定性理由",
        "引导方向",
    )  # fmt: skip
    rows = [(*row, "定性" if row[6] == "定性" else "调研", *SAID[row[2]]) for row in ROWS]
    indicators = sheet("二级指标", head, rows)
    first = head.index("Ⅰ级基准值") + 1
    for number, span in MERGED.items():
        start = first + (span.split("-")[0] == "II")
        indicators.merge_cells(start_row=number + 2, end_row=number + 2, start_column=start, end_column=first + 2)
    return book


def write_answers(path: Path) -> None:
    """调研数据.xlsx: a sheet for each table; some enterprises have both processes, two of them both ways of forming."""
    random = np.random.default_rng(SEED)
    names = [f"合成企业{n:02}" for n in range(1, ENTERPRISES + 1)]
    quality = dict(zip(names, random.permutation(np.linspace(1, 0, ENTERPRISES)), strict=True))
    members = {BLANK: names[:44], FINISH: names[30:]}
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for table, enterprises in members.items():
        codes = [*dict.fromkeys(r[2] for r in ROWS if r[0] in (table, ""))]
        units = {r[2]: r[5] for r in ROWS}
        title = {r[2]: r[3].rstrip("a") + (f"（{units[r[2]]}）" if units[r[2]] else "") for r in ROWS}
        head = ["企业", *(["类别"] if table == BLANK else []), "产量（万m³）", *(title[c] for c in codes)]
        rows = []
        for number, name in enumerate(enterprises):
            classes = [("热压成型", "冷压成型")[number % 2]] if table == BLANK else [""]
            if table == BLANK and number in (17, 31):
                classes = ["热压成型", "冷压成型"]
            for at, class_name in enumerate(classes):
                answers = [answer(table, c, class_name, quality[name], random) for c in codes]
                if table == FINISH and name in members[BLANK]:  # asked of the whole enterprise: once is enough
                    answers = [None if c.startswith("Q") else a for c, a in zip(codes, answers, strict=True)]
                shown = answers if at == 0 else [a if c == "N1" else None for c, a in zip(codes, answers, strict=True)]
                output = round(float(random.uniform(0.5, 6)), 1)
                rows.append([name, *([class_name] if table == BLANK else []), output, *shown])
        write_sheet(book, table, head, rows)
    save(book, path, title="调研数据（合成数据）")


def answer(table: str, code: str, class_name: str, quality: float, random: np.random.Generator) -> float | str | None:
    """One answer of an enterprise."""
    felt = float(np.clip(quality + random.normal(0, 0.03), 0, 1))
    if code == "Q1":
        return ("未达到", "Ⅱ级", "Ⅰ级")[int(felt > 0.2) + int(felt > 0.6)]
    if code == "Q2":
        return "达到" if quality > 0.15 else "未达到"
    best, worst = RANGES.get((table, class_name)) if code == "N1" and class_name else RANGES[table, code]
    decimals = 2 if worst < 2 else 1
    return round(worst + felt * (best - worst), decimals)


def write_sheet(book: openpyxl.Workbook, title: str, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A sheet of answers."""
    sheet = book.create_sheet(title)
    heading_row(sheet, 1, head)
    widths(sheet, [14, *[13] * (len(head) - 1)])
    for at, row in enumerate(rows, start=2):
        for column, value in enumerate(row, start=1):
            cell = cell_at(sheet, at, column)
            put(cell, value)
            body(cell, centred=column > 1)
    sheet.freeze_panes = "B2"


# --- the earlier edition ----------------------------------------------------------------------------------------------
HEAD = ("序号", "一级指标", "权重", "二级指标", "单位", "权重", "Ⅰ级基准值", "Ⅱ级基准值", "Ⅲ级基准值")
OLD: Mapping[str, Sequence[tuple[str, str, str, str, str, str, str, str]]] = {
    "表1 坯板工序评价指标项目、权重及基准值": (
        ("资源能源消耗指标", "0.5", "*单位产品综合能耗", "kgce/m³", "0.6", "热压成型≤80；冷压成型≤52",
         "热压成型≤95；冷压成型≤64", "热压成型≤110；冷压成型≤76"),
        ("", "", "单位产品电耗", "kW·h/m³", "0.4", "≤95", "≤115", "≤140"),
        ("资源综合利用指标", "0.2", "竹材利用率", "%", "1", "≥70", "≥64", "≥56"),
        ("清洁生产管理指标", "0.3", "能源管理体系实施情况", "", "1", "建立并运行能源管理体系", "=", "="),
    ),
    "表2 饰面工序评价指标项目、权重及基准值": (
        ("资源能源消耗指标", "0.3", "*单位产品综合能耗", "kgce/m³", "1", "≤17", "≤20", "≤26"),
        ("污染物产生指标", "0.4", "单位产品废水产生量a", "m³/m³", "1", "≤0.18", "≤0.28", "≤0.40"),
        ("清洁生产管理指标", "0.3", "能源管理体系实施情况", "", "1", "建立并运行能源管理体系", "=", "="),
    ),
}  # fmt: skip


def write_earlier(path: Path) -> None:
    """The invented earlier edition as Word has it: merged categories and requirements, footnotes, limits by class."""
    document = docx.Document()
    style = document.styles["Normal"]
    style.font.name, style.font.size = "宋体", Pt(9)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), "宋体")
    document.add_paragraph("竹质板材行业清洁生产评价指标体系（虚构的旧标准，T/XXXX 002—2016）")
    for title, rows in OLD.items():
        document.add_paragraph(title)
        table = document.add_table(len(rows) + 1, len(HEAD), style="Table Grid")
        for cell, says in zip(table.rows[0].cells, HEAD, strict=True):
            cell.text = says
        above = 0
        for number, (category, weight, *cells) in enumerate(rows, start=1):
            line = table.rows[number].cells
            line[0].text = str(number)
            if category:
                above = number
                line[1].text, line[2].text = category, weight
            else:
                for column in (1, 2):
                    table.cell(above, column).merge(line[column])
            for column, says in enumerate(cells, start=3):
                if says == "=":
                    table.cell(number, 6).merge(line[column])
                    continue
                name = says.removesuffix("a") if column == 3 else says
                line[column].text = name
                if name != says:
                    line[column].paragraphs[0].add_run("a").font.superscript = True
        document.add_paragraph("注：带*的指标为限定性指标。")
        if "表2" in title:
            document.add_paragraph("a 不包括生活污水。")
    document.core_properties.author = document.core_properties.last_modified_by = ""
    document.save(str(path))


if __name__ == "__main__":
    main()
