"""The table of enterprises beside a record (结果-企业.parquet): read, and held against a second run."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drafting.analysis.trial.verdicts import Verdicts
from drafting.inside import NotRegularError, open_regular
from drafting.model.results import EnterpriseResult
from drafting.model.terms import GRADES
from drafting.record.enterprises import FILE
from drafting.record.schema import Aside, Column, RecordedSurvey
from drafting.verification.verdict import RecordError, Verdict

_MAX_BYTES = 4 << 30
_PIECE = 20_000
_FIELDS = ("grade", "excluded", *(f"exact_{g.value}" for g in GRADES), "reasons")


class Beside:
    """The table of one record.

    Raises RecordError if it is not there, cannot be read, or was written by another run.
    """

    def __init__(self, said: Aside, folder: Path) -> None:
        if said.file != FILE:
            raise RecordError(f"记录所指的企业数据文件应为 {FILE}，实为“{said.file}”；请用 drafting build 重新生成")
        if find_spec("pyarrow") is None:
            raise RecordError(f"读取 {FILE} 需要 duckdb 组件：pip install cleaner-production-drafting[duckdb]")
        import pyarrow.parquet as pq

        content = _content(folder / FILE)
        if hashlib.sha256(content).hexdigest() != said.sha256:
            raise RecordError(f"{FILE} 不是与 结果.json 同一次计算写出的，或已被改动；请用 drafting build 重新生成")
        try:
            self._file = pq.ParquetFile(io.BytesIO(content))
            self._names = self._file.schema_arrow.names
            self.rows: int = self._file.metadata.num_rows
        except (ValueError, OSError) as error:
            raise RecordError(f"{FILE} 已损坏，无法读取；请用 drafting build 重新生成") from error

    def survey(self, states: Mapping[str, int]) -> RecordedSurvey:
        """The survey that a record without such a table has under key ``data.survey``."""
        values = self._called("value:")
        return RecordedSurvey(
            states=states,
            enterprises=self._list("enterprise") or (),
            left_out=np.flatnonzero(~self._array("taking_part")).tolist(),
            violations=self._array("violation"),
            strata=self._list("stratum"),
            regions=self._list("region"),
            weights=None if self._empty("weight") else self._array("weight"),
            parameters={name: self._array(n) for name, n in self._called("parameter:").items()},
            outputs=self._column("output").to_pylist() if "output" in self._names else None,
            class_outputs={code: self._column(n).to_pylist() for code, n in self._called("class_output:").items()},
            columns={code: Column(self._array(n), self._array(f"state:{code}")) for code, n in values.items()},
        )

    def _called(self, prefix: str) -> dict[str, str]:
        """Columns of one kind by what follows the prefix."""
        return {n.removeprefix(prefix): n for n in self._names if n.startswith(prefix)}

    def _column(self, name: str) -> Any:
        return self._file.read([name]).column(0)

    def _empty(self, name: str) -> bool:
        return bool(self._column(name).null_count == self.rows)

    def _list(self, name: str) -> list[str] | None:
        column = self._column(name)
        return None if column.null_count == self.rows else column.to_pylist()

    def _array(self, name: str) -> NDArray[Any]:
        found: NDArray[Any] = self._column(name).to_numpy()
        return found

    def hold(self, verdicts: Sequence[EnterpriseResult], verdict: Verdict) -> None:
        """Compare every verdict with that of a second run, piece by piece."""
        if not isinstance(verdicts, Verdicts):
            raise RecordError(f"{FILE} 中的企业数不足以单独成表；请用 drafting build 重新生成")
        place_of = np.full(self.rows, -1, dtype=np.intp)
        place_of[verdicts.rows] = np.arange(len(verdicts))
        begin = 0
        for batch in self._file.iter_batches(
            _PIECE, columns=["enterprise", *_FIELDS, *(f"Y_{g.value}" for g in GRADES)]
        ):
            places = place_of[begin : begin + len(batch)]
            begin += len(batch)
            self._hold_piece(batch, places, verdicts, verdict)

    @staticmethod
    def _hold_piece(batch: Any, places: NDArray[np.intp], verdicts: Verdicts, verdict: Verdict) -> None:
        at = np.flatnonzero(places >= 0)
        names = batch.column("enterprise").to_pylist()
        said = list(zip(*(batch.column(name).to_pylist() for name in _FIELDS), strict=True))
        nothing = (None,) * len(_FIELDS)
        for n in np.flatnonzero(places < 0).tolist():
            if said[n] != nothing:
                verdict.compare("试评价", f"trial.{names[n]}", f"企业“{names[n]}”是否参与试评价", True, False)
        found = [
            (
                one.grade.value if one.grade else None, one.excluded,
                *(None if (y := one.y[g]) is None else format(y, "f") for g in GRADES), list(one.reasons),
            )
            for one in verdicts.at(places[at])
        ]  # fmt: skip

        def named(field: str) -> Callable[[int], tuple[str, str]]:
            return lambda n: (f"trial.{names[at[n]]}.{field}", f"企业“{names[at[n]]}”·{field}")

        for place, field in enumerate(_FIELDS):
            verdict.compare_columns(
                "试评价", named(field),
                [said[n][place] for n in at.tolist()], [one[place] for one in found],
            )  # fmt: skip
        for g in GRADES:
            recorded = batch.column(f"Y_{g.value}").to_numpy(zero_copy_only=False)[at]
            verdict.compare_columns(
                "试评价", named(f"Y_{g.value}"),
                recorded, verdicts.result.indices[places[at], GRADES.index(g)],
            )  # fmt: skip


def _content(path: Path) -> bytes:
    try:
        with open_regular(path) as file:
            content = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        raise RecordError(f"找不到 {path.name}：记录中的企业数据在这个文件里，应与 结果.json 放在一起") from None
    except (NotRegularError, OSError) as error:
        raise RecordError(f"{path.name} 无法读取：没有读取权限，或不是普通文件") from error
    if len(content) > _MAX_BYTES:
        raise RecordError(f"{path.name} 过大，不像是本程序写出的")
    return content
