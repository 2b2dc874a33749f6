"""Closed vocabularies of GB/T 43329: grades, directions, where a baseline comes from, what an indicator guides."""

from __future__ import annotations

from enum import StrEnum


class Grade(StrEnum):
    """A cleaner-production level (清洁生产水平, 5.5.1), strictest first."""

    I = "I"  # noqa: E741 -- the standard's own name of the grade
    II = "II"
    III = "III"

    @property
    def chinese(self) -> str:
        """The grade as documents and workbooks print it, e.g. ``Ⅰ级``."""
        return {"I": "Ⅰ级", "II": "Ⅱ级", "III": "Ⅲ级"}[self.value]


GRADES: tuple[Grade, Grade, Grade] = (Grade.I, Grade.II, Grade.III)


class Direction(StrEnum):
    """Which way an indicator improves (方向)."""

    SMALLER = "smaller"
    LARGER = "larger"
    QUALITATIVE = "qualitative"

    @property
    def chinese(self) -> str:
        """The word of the workbook column 方向."""
        return {"smaller": "越小越好", "larger": "越大越好", "qualitative": "定性"}[self.value]


class BaselineSource(StrEnum):
    """Where a baseline comes from (基准值来源)."""

    SURVEY = "survey"
    POLICY = "policy"
    QUALITATIVE = "qualitative"

    @property
    def chinese(self) -> str:
        """The word of the workbook column 基准值来源."""
        return {"survey": "调研", "policy": "政策", "qualitative": "定性"}[self.value]


class Guidance(StrEnum):
    """What an indicator guides enterprises to (引导方向, 4.2.2)."""

    SOURCE = "源头减量"
    PROCESS = "过程清洁"
    PRODUCT = "产品绿色"
