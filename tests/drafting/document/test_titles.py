"""Long titles are broken between their elements (GB/T 1.1—2020 8.1), never where brackets would be torn."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drafting.document.titles import han, title_lines


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("水泥行业清洁生产评价指标体系", ("水泥行业清洁生产评价指标体系",)),
        (
            "建筑陶瓷行业清洁生产评价指标体系（合成数据示例）",
            ("建筑陶瓷行业清洁生产评价指标体系", "（合成数据示例）"),
        ),
        ("钢铁行业（烧结、球团）清洁生产评价指标体系", ("钢铁行业（烧结、球团）", "清洁生产评价指标体系")),
        ("清洁生产评价指标体系\u3000建筑卫生陶瓷及耐火材料", ("清洁生产评价指标体系", "建筑卫生陶瓷及耐火材料")),
        (
            "电子元件及电子专用材料制造行业清洁生产评价指标体系",
            ("电子元件及电子专用材料制造行业", "清洁生产评价指标体系"),
        ),
    ],
)
def test_breaks_stand_between_elements(title: str, lines: tuple[str, ...]) -> None:
    assert title_lines(title, 18) == lines


@given(st.text(alphabet="建筑陶瓷行业清洁生产评价指标体系（）、《》A7 \u3000", min_size=1, max_size=60))
def test_no_character_is_lost_and_no_line_begins_or_ends_wrongly(title: str) -> None:
    lines = title_lines(title, 18)
    assert "".join("".join(lines).split()) == "".join(title.split())
    for line in lines[1:]:
        assert line[0] not in "）、》"
    for line in lines[:-1]:
        assert line[-1] not in "（《"


def test_lines_fit_and_are_no_more_than_needed() -> None:
    title = "以非常规水源和再生资源为主要原料的大型综合性建筑卫生陶瓷与耐火材料"
    title += "制品制造行业清洁生产评价指标体系（日用陶瓷除外的产品）"
    lines = title_lines(title, 18)
    assert len(title) == 60
    assert max(map(han, lines)) <= 18
    assert len(lines) == 4
    assert any("（日用陶瓷除外的产品）" in line for line in lines)
