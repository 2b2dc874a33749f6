"""A column of text as pyarrow holds it, and what is plain enough in it to be read at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from drafting.model.identity import name_key
from drafting.workbook.cells import text
from drafting.workbook.survey.unit_texts import might_carry, same_unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

# Up to two digits of exponent and 40 of number: what the fast way reads is then what Decimal reads, and no overflow.
PLAIN = r"^[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?\d{1,2})?$"
GROUPED = r"^[+-]?\d{1,3}(,\d{3}){1,12}(\.\d{0,40})?$"
COMMA = r"^[+-]?\d{1,40},\d{1,40}$"
COMMA_UNSURE = r"^[+-]?[1-9]\d{0,2}\.\d{3}([^\d.,]|$)"
"""Left to the rules for cells where the comma is the decimal sign: a point that may be one, too."""
PERCENT = r"^[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})%$"
# Up to fifteen digits, then what no number goes on with.
_WITH_UNIT = r"^(?P<number>[+-]?\d{1,15}(?:\.\d{0,15})?) *(?P<unit>[^\d\s.,%‰+\-eE（(～~][^%‰]{0,40})$"
_UNITS = 1000
"""Different words behind numbers that one piece of a column may have to be read at once."""
# Such names are their own keys but for the case of letters, and no compatibility form changes them.
_SIMPLE_NAME = r"^[0-9A-Za-z\x{4e00}-\x{9fff}_\-.()#]+$"


class Texts(Sequence[object]):
    """Cells of a pyarrow array of text, None for nothing; made into Python's own when one is asked for."""

    __slots__ = ("array",)

    def __init__(self, array: Any) -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    @overload
    def __getitem__(self, index: int) -> object: ...

    @overload
    def __getitem__(self, index: slice) -> list[object]: ...

    def __getitem__(self, index: int | slice) -> object:
        return self.array[index].to_pylist() if isinstance(index, slice) else self.array[index].as_py()

    def __iter__(self) -> Iterator[object]:
        return iter(self.array.to_pylist())

    def picked(self, at: NDArray[np.intp]) -> Texts:
        """Some of the cells."""
        import pyarrow as pa

        return Texts(self.array.take(pa.array(at)))

    @property
    def entries(self) -> int:
        """How many cells say something."""
        import pyarrow.compute as pc

        return len(self) - int(self.array.null_count) - int(pc.sum(pc.equal(self.array, "")).as_py() or 0)

    def filled(self) -> Mask:
        """Which cells hold something."""
        return np.asarray(self.array.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)

    def like(self, pattern: str) -> Mask:
        """Which cells fit a regular expression."""
        import pyarrow.compute as pc

        found = pc.fill_null(pc.match_substring_regex(self.array, pattern), False)
        return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.bool_)

    def among(self, words: Sequence[str]) -> Mask:
        """Which cells are one of some words, whatever the case of their letters."""
        import pyarrow as pa
        import pyarrow.compute as pc

        found = pc.fill_null(pc.is_in(pc.utf8_lower(self.array), value_set=pa.array(words, pa.string())), False)
        return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.bool_)

    def coded(self) -> tuple[list[object], NDArray[np.intp]]:
        """The different cells, None last where there is one, and which of them each cell is."""
        found = self.array.dictionary_encode()
        words = found.dictionary.to_pylist()
        at = found.indices.fill_null(len(words)).to_numpy(zero_copy_only=False).astype(np.intp)
        return [*words, *([None] if self.array.null_count else [])], at

    def numbers(self, chosen: Mask, sign: str = "", instead: str = "") -> NDArray[np.float64]:
        """Numbers of the chosen cells, which are written as such but for a sign to be replaced."""
        import pyarrow as pa
        import pyarrow.compute as pc

        own = self.array.filter(pa.array(chosen))
        return numbers_of(pc.replace_substring(own, sign, instead) if sign else own)

    def with_unit(self, among: Mask, wanted: str, missing: frozenset[str]) -> tuple[Mask, NDArray[np.float64]]:
        """Find plain numbers with the column's own unit behind them, and read these."""
        import pyarrow as pa
        import pyarrow.compute as pc

        chosen = np.zeros(len(self), dtype=np.bool_)
        nothing = chosen, np.zeros(0)
        at = np.flatnonzero(among)
        if not at.size or not wanted or might_carry(missing):
            return nothing
        parts = pc.extract_regex(self.array.take(pa.array(at)), _WITH_UNIT)
        units = pc.struct_field(parts, "unit").dictionary_encode()
        own = [unit is not None and same_unit(unit, wanted) for unit in units.dictionary.to_pylist()]
        if len(own) > _UNITS or not any(own):
            return nothing
        index = units.indices.fill_null(len(own)).to_numpy(zero_copy_only=False)
        here = np.append(np.array(own, dtype=np.bool_), False)[index]
        chosen[at[here]] = True
        return chosen, numbers_of(pc.struct_field(parts, "number").filter(pa.array(here)))

    def names(self) -> list[str]:
        """Cells as names are shown; empty where nothing stands."""
        names: list[str] = self.array.to_pylist()
        for index in np.flatnonzero(~self.like(_SIMPLE_NAME)).tolist():
            names[index] = text(names[index])
        return names

    def keys(self, names: Sequence[str]) -> list[str]:
        """The names as they are compared."""
        import pyarrow.compute as pc

        keys: list[str] = pc.ascii_lower(self.array).to_pylist()
        for index in np.flatnonzero(~self.like(_SIMPLE_NAME)).tolist():
            keys[index] = name_key(names[index])
        return keys


def numbers_of(array: Any) -> NDArray[np.float64]:
    """Numbers of a pyarrow array, NaN for null."""
    import pyarrow as pa

    values: NDArray[np.float64] = array.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return values


def column_of(array: Any) -> Sequence[object] | NDArray[np.float64]:
    """A pyarrow array as the column of a table: numbers as such, text as it stands, everything else as values."""
    import pyarrow.types as types

    if types.is_dictionary(array.type):
        return column_of(array.cast(array.type.value_type))
    if types.is_floating(array.type) or types.is_integer(array.type):
        return numbers_of(array)
    if types.is_string(array.type) or types.is_large_string(array.type):
        return Texts(array)
    values: list[object] = array.to_pylist()
    return values
