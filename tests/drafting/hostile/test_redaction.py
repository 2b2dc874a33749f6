"""Public means public: names in any spelling, their distinctive part and numbers leave free text; the rest is said."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from drafting.analysis.weights.opinions import public_opinions
from drafting.document.editions import Names
from drafting.document.public_inputs import public_inputs
from drafting.document.redaction import LEFT_OUT, PATH_LEFT_OUT, Redactor, _without_endings
from drafting.findings import Cell, Provenance
from drafting.model.consultation import Consultation
from drafting.model.document import Term
from drafting.model.experts import Expert, Remark
from drafting.model.monitoring import Monitoring
from drafting.model.process import Process
from drafting.model.sheet import rows
from drafting.model.survey import Exclusion
from drafting.model.system import TableNote
from drafting.project.folder import Project
from drafting.publishing.publisher import Publisher
from drafting.run import Run
from tests.drafting.document import factory

NAMES = ("河北省唐山市金泰恒业建材有限公司", "宏达水泥股份有限公司", "Green Stone Cement Co.", "金山水泥厂")


def redactor() -> Redactor:
    inputs = factory.inputs(exclusions=tuple(Exclusion(name, "", "停产") for name in NAMES))
    return Redactor(Names(inputs), inputs)


@pytest.mark.parametrize(
    "says",
    [
        "河北省唐山市金泰恒业建材有限公司停产", "河北省唐山市 金泰恒业 建材有限公司停产", "金泰恒业建材停产",
        "金泰恒业停产", "金 泰 恒 业停产",
        "ＧＲＥＥＮ ＳＴＯＮＥ ＣＥＭＥＮＴ ＣＯ．停产", "green stone cement co.停产",
        "GreenStoneCementCo.停产", "金泰\u200b恒业停产", "金\u2060泰\ufeff恒业停产",
        "金泰\n恒业停产", "金泰\xad恒业停产",
        "金泰\ufe0f恒业停产", "\uf90a泰恒业停产", "\u2fa6泰恒业停产", "Ⓖⓡⓔⓔⓝ Ⓢⓣⓞⓝⓔ Cement Co.停产",
        "Gr\u0435\u0435n St\u043en\u0435 \u0421\u0435m\u0435nt C\u03bf.停产",
        "GR\u0395\u0395N ST\u039f\u039dE C\u0415\u041cENT CO.停产",
    ],
)  # fmt: skip
def test_names_in_any_spelling_are_replaced(says):
    shown, _ = redactor().judge(says)
    assert shown.startswith("企业")
    assert shown.endswith("停产")
    assert len(shown) <= len("企业10停产")


@pytest.mark.parametrize("name", NAMES)
def test_a_text_may_end_anywhere_in_a_name(name):
    """A part of a name at the very end was taken for one of a longer part's length: the build ended with 3."""
    judge = redactor()
    for end in range(1, len(name) + 1):
        for says in (f"停产的是{name[:end]}", f"停产的是{name[-end:]}", name[:end]):
            shown, _ = judge.judge(says)
            assert len(shown) <= len(says) + 4
            judge.judge_name(says)
            judge.net(says)
    assert judge.judge("停产的是金泰恒业")[0].startswith("停产的是企业")


@pytest.mark.parametrize(
    "number",
    ["13812345678", "138 1234 5678", "１３８１２３４５６７８", "010-62345678", "11010519491231002X",
     "91130200ABCDEF1234", "someone@example.com", "QQ 123456789",
     "+8613812345678", "+86 138 1234 5678", "0086-138-1234-5678", "138.1234.5678", "138–1234–5678", "138/1234/5678",
     "（0315）6234567", "0315—6234567", "+86-315-6234567", "电话：6234567", "手机号138 1234 567", "1381234\u200b5678",
     "微信号：jintai_2020", "一三八一二三四五六七八", "一三八○○一二三四五六", "110105 1949-1231 002X"],
)  # fmt: skip
def test_numbers_of_persons_are_left_out(number):
    shown, _ = redactor().judge(f"数据有误，联系 {number} 核实")
    assert LEFT_OUT in shown
    assert not any(part in shown for part in ("138", "jintai", "002X", "6234", "1949", "9113", "someone", "23456789"))
    assert shown.startswith("数据有误")
    assert shown.endswith("核实")


@pytest.mark.parametrize(
    "says", ["2024年单位产品综合能耗为 112.5 kgce/t", "GB 16780—2021 第 4.2 条", "达到 1 234 567 t",
     "水泥行业清洁生产评价指标体系", "年产 123 456 789 吨", "废气排放符合标准", "", "12345678 t",
     "156.12345678", "kg/t、t/home", "见（12）1234567 t", "电话会议 2024 年召开", "http://www.mee.gov.cn/ywgz", "한국",
     "二〇二四年十一月", "系数 α、β、μ 和 Ω"],
)  # fmt: skip
def test_what_names_nobody_stands_as_typed(says):
    assert redactor().judge(says) == (says, False)


@pytest.mark.parametrize(
    "path",
    [r"C:\Users\zhang\Desktop\数据.xlsx", "file:///home/zhang/a", r"\\server\share\zhang", "/home/zhang/数据.csv",
     "D:/zhang/调研", "Ｃ：＼Users＼zhang"],
)  # fmt: skip
def test_paths_of_somebodys_computer_are_left_out(path):
    for rest in ("，停产", "。停产", "（停产）", ""):
        assert redactor().judge(f"数据见 {path}{rest}") == (f"数据见 {PATH_LEFT_OUT}{rest}", False)


@pytest.mark.parametrize("says", ["宏達停产", "鐵厂停产", "宏达停产", "张三先生说明", "联系人：李四", "王厂长确认"])
def test_what_cannot_be_judged_is_said(says):
    assert redactor().judge(says) == (says, True)


def test_the_public_papers_print_none_of_it_and_every_cell_is_named(tmp_path):
    reasons = ("金泰恒业建材停产检修", "数据有误，电话 13812345678", "宏达已搬迁", "统计口径不符")
    inputs = factory.inputs(exclusions=tuple(Exclusion(n, "", r) for n, r in zip(NAMES, reasons, strict=True)))
    cells = {("exclusion", str(i), "理由"): Cell("项目.xlsx", "剔除", f"C{i + 2}") for i in range(4)}
    run = Run(Project(tmp_path, inputs, Provenance(cells)), factory.results(inputs), ())
    publisher = Publisher(run, quick=True)
    said = repr(publisher.statement("md")) + repr(publisher.draft)
    assert not any(word in said for word in ("金泰恒业", "13812345678"))
    assert "统计口径不符" in said
    named = {(f.code, f.place.cell) for f in publisher.said if f.code.startswith("public-text")}
    assert named == {("public-text-changed", "C2"), ("public-text-changed", "C3"), ("public-text-unsure", "C4")}
    internal = Publisher(run, edition="internal", quick=True)
    assert "13812345678" in repr(internal.statement("md"))
    assert replace(inputs) == inputs
    assert public_inputs(factory.inputs())[1] == ()


def test_what_is_said_of_experts_terms_and_methods_is_judged():
    """The statement prints what experts work in and their titles; the draft prints English terms and methods."""
    secret = "金泰恒业建材，电话 13812345678"
    base = factory.inputs(
        exclusions=(Exclusion(NAMES[0], "", "停产"),),
        experts=(Expert("E01", secret, f"高级工程师（{secret}）"), Expert("E02", "热工", "高级工程师")),
        terms=(Term("清洁生产", secret, "定义"),),
        monitoring=(Monitoring("烟气", "出口", "每年", f"{NAMES[0]}方法"), Monitoring("废水13812345678")),
    )
    shown, places = public_inputs(base)
    said = repr((shown.experts, shown.terms))
    assert not any(p.key[:2] == ("expert", "1") for p in places)
    assert "金泰恒业" not in said
    assert "13812345678" not in said
    assert "金泰恒业" not in repr(shown.monitoring)
    assert {(p.key[0], p.heading, p.changed, p.unsure) for p in places} >= {
        ("expert", "专业领域", True, False), ("expert", "职称", True, False), ("term", "英文", True, False),
        ("monitoring", "方法标准", True, False), ("monitoring", "参数", False, True),
    }  # fmt: skip


def test_everything_typed_freely_is_redacted_alike(tmp_path):
    """编制过程, 表注, terms and opinions are printed as publicly as reasons of exclusions."""
    secret = "金泰恒业建材提供数据，电话 13812345678。"
    matters = [row.field for row in rows(Process)]
    process = Process(**dict.fromkeys(matters, secret), more=((f"{secret}其他", secret),))
    base = factory.inputs(
        exclusions=(Exclusion(NAMES[0], "", "停产"),),
        process=process,
        terms=(Term("清洁生产", "cleaner production", secret),),
        remarks=(Remark("E01", "判断矩阵", secret), Remark("E02", "判断矩阵", "仅供组织者：" + secret, private=True)),
    )
    indicators = (replace(base.system.indicators[0], marks=("a",)), *base.system.indicators[1:])
    base = replace(base, system=replace(base.system, indicators=indicators, notes=(TableNote("a", secret),)))
    base = replace(base, document=replace(base.document, first_edition="否", replaces="HJ 467"))
    results = factory.results(base)
    delphi = Consultation(opinions=public_opinions(base))
    results = replace(results, weights=replace(results.weights, delphi=delphi))
    keys = [("process", row.label) for row in rows(Process)] + [("process", f"{secret}其他")]
    keys += [("table-note", "a", ""), ("term", "0", "定义"), ("remark", "判断矩阵", "E01", "0")]
    cells = {key: Cell("项目.xlsx", key[0], f"B{n}") for n, key in enumerate(keys)}
    publisher = Publisher(Run(Project(tmp_path, base, Provenance(cells)), results, ()), quick=True)
    said = repr(publisher.statement("md")) + repr(publisher.draft)
    assert not any(word in said for word in ("金泰恒业", "13812345678"))
    assert said.count(LEFT_OUT) > len(matters)
    assert {f.place for f in publisher.said if f.code == "public-text-changed"} == set(cells.values())


@pytest.mark.parametrize(
    ("name", "stem"),
    [("华新陶瓷有限责任公司", "华新陶瓷"), ("华新(佛山)陶瓷(集团)有限公司", "华新(佛山)陶瓷"),
     ("佳利陶瓷厂(东区)", "佳利陶瓷"), ("某总公司", "某"), ("a)", "a)"), ("公司", "")],
)  # fmt: skip
def test_the_legal_form_and_brackets_leave_the_end_of_a_name(name, stem):
    assert _without_endings(name) == stem


@pytest.mark.parametrize("name", ["()" * 4000 + "x", "公司" * 8000 + "x", "(" * 8000 + ")" * 8000, "x" + "()" * 8000])
def test_no_name_takes_time(name):
    """A pattern with brackets under a repetition took twice as long for every pair more."""
    began = time.process_time()
    _without_endings(name)
    assert time.process_time() - began < 0.5


def test_names_of_indicators_policies_and_headings_are_redacted_and_said(tmp_path):
    """Outside the free text only the full name in its very spelling was replaced; nothing was said of the rest."""
    from dataclasses import fields

    from drafting.model.document import Policy, Reference
    from drafting.model.survey import ColumnReading, Reading, Survey

    base = factory.inputs(exclusions=tuple(Exclusion(n, "", "停产") for n in NAMES))
    wide = "河北省 唐山市　金泰恒业建材有限公司"
    first, second, *rest = base.system.indicators
    named = (replace(first, name=f"{wide}余热利用率"), replace(second, name="金泰恒业法窑炉热耗"), *rest)
    column = ColumnReading("联系人李四 13812345678", "F1", "未采用", values=3)
    reading = Reading("调研数据.xlsx", "调研", 1, 0, 9, 0, 0, "报错", "", 9, (column,))
    survey = Survey(NAMES, {}, np.zeros(len(NAMES), dtype=bool), reading=reading)
    base = replace(
        base,
        system=replace(base.system, indicators=named),
        policies=(Policy("产业政策", "宏达水泥 股份有限公司环评批复，电话 010-62345678"),),
        references=(Reference("GB/T 1", "金山水泥厂标准"),),
        survey=survey,
    )
    cells = {("indicator", one.code, "二级指标"): Cell("项目.xlsx", "二级指标", f"B{n}") for n, one in enumerate(named)}
    cells |= {("policy", "0", "名称"): Cell("项目.xlsx", "政策依据", "B2")}
    cells |= {("reference", "0", "名称"): Cell("项目.xlsx", "引用文件", "B2")}
    publisher = Publisher(Run(Project(tmp_path, base, Provenance(cells)), factory.results(base), ()))
    drawn = publisher.charts("weights", "indicators")
    publisher.quick = True
    words = [shape.text for images in drawn.values() for one in images for shape in one.plot.shapes]
    assert any("余热" in word for word in words)  # the name is folded in pictures, and may not go out in two pieces
    assert not any(word in "".join(words) + repr(drawn) for word in ("金泰恒业建", "河北省"))
    assert "金泰恒业建材" not in publisher._html(publisher.draft, report=False)(None).decode()
    said = repr(publisher.statement("md")) + repr(publisher.draft)
    assert not any(word in said for word in (wide, "13812345678", "62345678", "宏达水泥 股份", "金山水泥厂标准"))
    found = {
        (f.code.rpartition("-")[2], f.place.sheet, f.place.cell) for f in publisher.said if "public-text" in f.code
    }
    assert found >= {
        ("changed", "二级指标", "B0"), ("unsure", "二级指标", "B1"), ("changed", "政策依据", "B2"),
        ("changed", "引用文件", "B2"), ("changed", "调研", "F1"), ("unsure", "调研", "F1"),
    }  # fmt: skip
    assert "金泰恒业法" in said  # the committee's own name for it: pointed at, not torn apart
    assert {f.name for f in fields(Policy)} == {"group", "name", "number"}  # a new one is to be judged too


def test_a_name_that_the_project_uses_as_a_word_is_pointed_at_and_not_silently_left():
    """An indicator named after an enterprise made its name a common word, and every text kept it."""
    base = factory.inputs(exclusions=tuple(Exclusion(n, "", "停产") for n in NAMES))
    first, *rest = base.system.indicators
    inputs = replace(base, system=replace(base.system, indicators=(replace(first, name="金泰恒业建材能耗"), *rest)))
    found = Redactor(Names(inputs), inputs)
    assert found.judge("金泰恒业停产") == ("金泰恒业停产", True)
    assert found.judge("河北省唐山市金泰恒业建材有限公司停产")[0].startswith("企业")
    assert found.judge("统计口径不符") == ("统计口径不符", False)
