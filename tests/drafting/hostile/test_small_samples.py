"""What is one enterprise's data does not stand in the public edition, in no paper, picture or sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from drafting.document.small_samples import FEW_IN_A_GROUP, _groups
from drafting.document.tree import Table, blocks, plain
from drafting.pipeline.running import run_project
from drafting.publishing.publisher import Edition, Publisher
from tests.drafting.survey_projects import write_project, write_xlsx

VALUES = (10.23457, 107.34568, 108.45679, 109.56781, 110.67892, 111.78903, 112.89014, 113.90125, 114.01236)
"""The first is far too good; in order the extremes are the first and the last."""


def made(folder: Path, values: tuple[float, ...], groups: str, how: str = "", **more: object) -> dict[str, str]:
    """Everything that is written of a project in both editions, as text; ``groups`` has a letter per enterprise."""
    settings = {"小样本": how} if how else {}
    write_project(folder, [{"代码": "E1", "小数位": 1, "方向": "越小越好", **more}], settings=settings)
    rows = [[f"企业名{n}", v, f"{g}组"] for n, (v, g) in enumerate(zip(values, groups, strict=True))]
    write_xlsx(folder, [["企业", "E1", "分组"], *rows])
    run = run_project(folder)
    editions: tuple[Edition, Edition] = ("public", "internal")
    said = {}
    for edition in editions:
        publisher = Publisher(run, edition)
        publisher.quick = False
        page = publisher._html(publisher.draft, False)(None).decode("utf-8")
        papers = (publisher.statement("md"), publisher.attachment("md"), publisher.charts())
        said[edition] = page + repr(papers)
        of = [b for b in blocks(papers[0]) if isinstance(b, Table)]
        said[f"{edition} table"] = "\n".join(
            "|".join(plain(cell.runs) for cell in row) for t in of for row in t.body
        ) + "".join(plain(n.runs) for t in of for n in t.notes)
    return said


def told(said: str, values: tuple[float, ...] = VALUES) -> set[float]:
    """Values that stand in a text to more than four digits."""
    return {v for v in values if f"{v:.6g}"[:-1] in said}  # the published baselines have one decimal


def test_of_three_enterprises_no_value_is_public(tmp_path):
    three = VALUES[1:4]
    said = made(tmp_path / "p", three, "大大大", "修约")
    assert told(said["public"], three) == set()
    assert told(said["internal"], three) == set(three)
    assert "公开版修约至2位有效数字" in said["public table"]
    assert "|110|" in said["public table"]  # 107.3 and 108.5 to two digits
    assert "image:indicator-" in said["internal"]
    assert "image:indicator-" not in said["public"]


def test_extremes_and_a_value_far_too_good_are_not_public(tmp_path):
    said = made(tmp_path / "p", VALUES, "大大大大大小小小小", 下限=20, 上限=114)
    assert told(said["internal"]) >= {VALUES[0], VALUES[8]}
    assert told(said["public"]) & {VALUES[0], VALUES[8]} == set()
    assert "1 个值比其他企业异常地好" in said["public"]
    assert "超出物理上可能的范围" in said["public"]
    assert "image:indicator-" in said["public"]
    assert told(said["public"])  # the second best of nine and the ends within are statistics

    row = next(r for r in said["public table"].splitlines() if r.startswith("未达Ⅲ级"))
    inside = next(r for r in said["internal table"].splitlines() if r.startswith("未达Ⅲ级"))
    assert row.split("|")[3:] == ["—", "—"]  # five of one group, four of the other
    assert "—" not in inside.split("|")[3:]
    assert FEW_IN_A_GROUP in said["public table"]
    assert "公开版从略" in said["public table"]
    assert FEW_IN_A_GROUP not in said["internal table"]


def test_a_finding_that_was_reworded_or_lost_its_values_tells_no_value_either():
    from dataclasses import replace

    from drafting.document.small_samples import public_words
    from drafting.findings import Cell, finding

    values = {"name": "能耗", "found": "98765", "lower": "0", "upper": "9"}
    one = finding("survey-outside-limits", Cell(), **values)
    for other in (
        one,
        replace(one, message=f"表“甲”：{one.message}"),
        replace(one, message="值 98765"),
        replace(one, values={}),
    ):
        assert "98765" not in public_words(other)
    assert public_words(replace(one, message=f"表“甲”：{one.message}")).startswith("表“甲”：“能耗”")
    assert public_words(finding("survey-small", Cell(), n=3, minimum=20)).startswith("调研企业只有 3 家")


@pytest.mark.parametrize(
    ("sizes", "hidden"),
    [((5, 4), 2), ((6, 2, 1), 3), ((9, 3, 3), 2), ((9,), 0), ((4,), 1), ((6, 0, 7), 0), ((5, 1), 2)],
)
def test_a_small_group_cannot_be_computed_from_the_others(sizes, hidden):
    shown = _groups({str(n): {"I": size, "none": 0} for n, size in enumerate(sizes)})
    assert list(shown) == [str(n) for n in range(len(sizes))]
    out = [size for size, of in zip(sizes, shown.values(), strict=True) if not of]
    assert len(out) == hidden
    assert sum(out) >= 5 or hidden in (0, len(sizes))
