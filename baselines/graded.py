"""What the figures of grades I, II and III have in common."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .direction import GRADES, Grade

if TYPE_CHECKING:
    import pandas

Figure = TypeVar("Figure")


class Graded(Generic[Figure]):
    """Three figures ``I``, ``II``, ``III``: to be gone through, asked for by grade, taken as a frame."""

    __slots__ = ()

    I: Figure  # noqa: E741 - the standard's name of the grade
    II: Figure
    III: Figure

    def __iter__(self) -> Iterator[Figure]:
        return iter((self.I, self.II, self.III))

    def __getitem__(self, grade: Grade) -> Figure:
        return dict(zip(GRADES, self, strict=True))[grade]

    def to_frame(self) -> pandas.DataFrame:
        """One row per grade, indexed I, II, III; one column per plain figure: value, share, reached and so on."""
        import pandas

        def plain(figure: Any) -> dict[str, Any]:
            named = {f.name: getattr(figure, f.name) for f in fields(figure)}
            return {name: value for name, value in named.items() if not hasattr(value, "__dataclass_fields__")}

        return pandas.DataFrame([plain(figure) for figure in self], index=[str(g) for g in GRADES])
