"""A small resolved draft with every kind of node, for the tests of the back ends."""

from __future__ import annotations

from drafting.document.numbering import resolve
from drafting.document.tree import (
    Annex,
    Bibliography,
    Cell,
    Clause,
    Column,
    Cover,
    Document,
    Example,
    Figure,
    Footnote,
    Formula,
    Front,
    Image,
    InlineFormula,
    ListBlock,
    ListItem,
    Note,
    Paragraph,
    Reference,
    Strong,
    Subscript,
    Superscript,
    Symbol,
    Table,
    TermEntry,
    Text,
)
from tests.drafting.render.long_draft import HEAD

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001"
    "a5f645400000000049454e44ae426082"
)

SYSTEM = (
    (
        "生产工艺及装备",
        "0.20",
        (
            ("窑炉能效等级", "—", "0.60", ("1级", "2级", "3级"), False),
            ("自动化控制水平", "—", "0.40", ("全流程集中控制", "主要工序集中控制", "单机控制"), False),
        ),
    ),
    (
        "能源消耗",
        "0.25",
        (
            ("单位产品综合能耗", "kgce/t", "0.55", ("≤93", "≤100", "≤117"), True),
            ("可再生能源使用比例", "%", "0.25", ("≥20", "≥10", "≥5"), False),
            ("余热回收利用率", "%", "0.20", ("≥95", "≥90", "≥85"), False),
        ),
    ),
    ("资源综合利用", "0.15", (("工业用水重复利用率", "%", "1.00", ("≥98", "≥95", "≥90"), False),)),
    (
        "污染物产生与排放",
        "0.40",
        (
            ("单位产品二氧化硫排放量", "kg/t", "0.35", ("≤0.05", "≤0.10", "≤0.20"), True),
            ("单位产品氮氧化物排放量", "kg/t", "0.35", ("≤0.15", "≤0.30", "≤0.50"), True),
            ("单位产品颗粒物排放量", "kg/t", "0.30", ("≤0.03", "≤0.05", "≤0.08"), False),
        ),
    ),
)


def text(words: str) -> tuple[Text]:
    return (Text(words),)


def paragraph(*runs: object) -> Paragraph:
    return Paragraph(tuple(Text(r) if isinstance(r, str) else r for r in runs))


def system_table(hostile: str = "") -> Table:
    rows = []
    for category, weight, indicators in SYSTEM:
        for n, (name, unit, share, grades, limiting) in enumerate(indicators):
            lead = ()
            if n == 0:
                span = len(indicators)
                lead = (Cell(text(category), span), Cell((Figure(("weight", category), weight),), span))
            shown = name if name != "自动化控制水平" or not hostile else hostile
            mark = (Superscript("a"),) if limiting else ()
            baselines = tuple(
                Cell((Figure(("level", name, grade), value),))
                for grade, value in zip(("I", "II", "III"), grades, strict=True)
            )
            figure = Cell((Figure(("weight", category, name), share),))
            rows.append(
                (*lead, Cell(text(str(n + 1))), Cell((Text(shown), *mark)), Cell(text(unit)), figure, *baselines)
            )
    return Table(
        anchor="table:system",
        caption="水泥行业清洁生产评价指标体系",
        columns=(Column(11), Column(8), Column(5), Column(22, "left"), Column(11), Column(8), *(Column(12),) * 3),
        head=(tuple(Cell(text(t)) for t in HEAD),),
        body=tuple(rows),
        notes=(Note(text("附加指标的权重不计入一级指标权重之和。")),),
        footnotes=(Footnote("a", text("限定性指标。")),),
    )


def provenance() -> dict[tuple[str, ...], str]:
    found = {}
    for category, _, indicators in SYSTEM:
        found["weight", category] = "判断矩阵/E01.xlsx·一级指标·B4 等 12 份；特征向量法，AIJ"
        for name, *_ in indicators:
            found["weight", category, name] = f"判断矩阵/E01.xlsx·{category}·C4 等 12 份"
            for grade in ("I", "II", "III"):
                found["level", name, grade] = "调研数据.csv·调研数据·F17（第 6 名，共 119 家）"
    return found


def small_draft(hostile: str = "", edition: str = "public") -> Document:
    system = Clause(
        "评价指标体系",
        (
            Clause(
                "指标选取说明",
                (
                    paragraph(
                        "本文件依据",
                        Strong("清洁生产"),
                        "原则选取指标。CO",
                        Subscript("2"),
                        "排放按",
                        Reference("method"),
                        "评价。",
                    ),
                ),
            ),
            Clause(
                "指标体系表",
                (paragraph("指标体系见", Reference("table:system"), "。"), system_table(hostile)),
            ),
        ),
        anchor="system",
    )
    method = Clause(
        "评价方法",
        (
            Clause(
                "指标无量纲化",
                (
                    paragraph("隶属函数按", Reference("formula:membership"), "计算。"),
                    Formula(
                        r"Y_{g_k}(x_{ij}) = \begin{cases} 100, & x_{ij} \text{ 属于 } g_k \\"
                        r" 0, & x_{ij} \text{ 不属于 } g_k \end{cases}",
                        "formula:membership",
                        (
                            Symbol(
                                "Y_{g_k}(x_{ij})",
                                (
                                    Text("二级指标"),
                                    InlineFormula("x_{ij}"),
                                    Text("对于级别"),
                                    InlineFormula("g_k"),
                                    Text("的隶属函数；"),
                                ),
                            ),
                            Symbol("x_{ij}", text("第i个一级指标下的第j个二级指标。")),
                        ),
                        alt="隶属函数",
                    ),
                    Formula(
                        r"Y_{g_k} = \sum_{i=1}^{m} \left[ \omega_i \sum_{j=1}^{n_i} \omega_{ij} Y_{g_k}(x_{ij})\right]",
                        "formula:index",
                    ),
                ),
            ),
            Clause(
                "",
                (
                    paragraph("评价结果分为三级："),
                    ListBlock(
                        "dash",
                        (
                            ListItem(
                                text("Ⅰ级：先进水平；"), ListBlock("dash", (ListItem(text("同时满足限定性指标。")),))
                            ),
                            ListItem(text("Ⅱ级：准入水平。")),
                        ),
                    ),
                ),
            ),
            Clause(
                "",
                (
                    paragraph("企业应提供下列材料："),
                    ListBlock("letter", (ListItem(text("能源审计报告；")), ListItem(text("排污许可证。")))),
                    Note(text("材料可以是电子文件。")),
                    Example(text("某企业提供两份报告。")),
                ),
            ),
        ),
        anchor="method",
    )
    return resolve(
        Document(
            Cover(
                banner="中华人民共和国国家标准",
                code="GB",
                number="GB/T ×××××—××××",
                title="水泥行业清洁生产评价指标体系",
                ics="13.020.20",
                ccs="Z 04",
                title_en="Assessment indicator system of cleaner production for cement industry",
                stage="（征求意见稿）",
                completed="本稿完成日期：2026-06-01",
                patent_call="在提交反馈意见时，请将您知道的相关专利连同支持性文件一并附上。",
                published="××××-××-×× 发布",
                effective="××××-××-×× 实施",
                issuers=("国家市场监督管理总局", "国家标准化管理委员会"),
                flags=("合成数据",),
            ),
            (
                Front(
                    "前言",
                    (
                        paragraph("本文件按照GB/T 1.1—2020的规定起草。"),
                        paragraph("请注意本文件的某些内容可能涉及专利。"),
                    ),
                    "foreword",
                ),
            ),
            (
                Clause("范围", (paragraph("本文件规定了水泥行业清洁生产评价指标体系。"),)),
                Clause(
                    "规范性引用文件",
                    (
                        paragraph("下列文件中的内容通过文中的规范性引用而构成本文件必不可少的条款。"),
                        Paragraph(text("GB/T 43329—2023　行业清洁生产评价指标体系编制通则"), "reference"),
                    ),
                ),
                Clause(
                    "术语和定义",
                    (
                        paragraph("下列术语和定义适用于本文件。"),
                        TermEntry(
                            "清洁生产",
                            "cleaner production",
                            text("不断采取改进设计等措施。"),
                            (Note(text("含全过程。")),),
                            "GB/T 43329—2023，3.1",
                        ),
                    ),
                ),
                system,
                method,
            ),
            (
                Annex(
                    "指标计算方法",
                    "资料性",
                    (
                        Clause(
                            "综合能耗",
                            (
                                paragraph(
                                    "按", Reference("formula:energy"), "计算，见", Reference("image:chart"), "。"
                                ),
                                Formula(r"E = \frac{综合能耗}{合格产品产量}", "formula:energy"),
                                Image("image:chart", "能耗分布", "119 家企业能耗的直方图", PNG, 60.0),
                            ),
                        ),
                    ),
                    "annex:methods",
                ),
            ),
            Bibliography((text("《中华人民共和国清洁生产促进法》"), text("《清洁生产审核办法》"))),
            edition=edition,
        )
    )
