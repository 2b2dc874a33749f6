"""Every engine gives exactly what the in-memory route gives: values, n, ranks, ties, shares, intervals."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baselines import NotFiniteError
from baselines.direction import Direction
from baselines.engines import (
    JavaMissingError,
    MasterUnreachableError,
    MemoryLimitError,
    Question,
    TableError,
    grades_in_memory,
    grades_of_table,
    reached_in_table,
)

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")
pytest.importorskip("duckdb")

SHARES = (Fraction(1, 20), Fraction(1, 5), Fraction(1, 2))
GROUPS = ("大型", "中型", "小型", None)


def table(rng, n):
    heaped = rng.lognormal(size=n).round(1)
    heaped[::17] = np.nan  # NaN, not null: the statistics of the file do not tell of it
    return {
        "heaped": heaped,
        "normal": np.where(rng.random(n) < 0.1, np.nan, rng.normal(size=n)),
        "zeros": np.where(rng.random(n) < 0.9, -0.0, rng.normal(size=n)),
        "empty": np.full(n, np.nan),
        "whole": rng.integers(0, 9, n).astype(np.float64),
    }


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    """A file of many row groups, one of its groups with few rows at the end."""
    rng = np.random.default_rng(7)
    n = 6000
    groups = [GROUPS[i] for i in rng.choice(4, n, p=[0.6, 0.3, 0.095, 0.005])]
    groups[-2:] = ["仅在末尾"] * 2
    columns = table(rng, n)
    path = tmp_path_factory.mktemp("engines") / "survey.parquet"
    stored = {k: pa.array(v, from_pandas=k != "heaped") for k, v in columns.items()}
    stored["whole"] = pa.array(columns["whole"].astype(np.int32))
    pq.write_table(pa.table({"分组": groups, **stored}), path, row_group_size=500)
    return path, groups, columns


def question(by="分组"):
    way = {"heaped": "smaller", "normal": "larger", "zeros": "larger", "empty": "smaller", "whole": "larger"}
    return Question({c: Direction(w) for c, w in way.items()}, by, SHARES)


@pytest.mark.parametrize("by", ["分组", None])
def test_duckdb_equals_memory(survey, by):
    path, groups, columns = survey
    expected = grades_in_memory(columns, groups if by else None, question(by))
    assert grades_of_table(path, question(by)) == expected
    assert any(g.grades is None for g in expected)
    assert by is None or {g.group for g in expected} == {"大型", "中型", "小型", "", "仅在末尾"}


def test_sort_equals_memory(survey, monkeypatch):
    """Brackets that miss lead to the sorted route, which must give the same."""
    from baselines.engines import duck

    monkeypatch.setattr(duck, "brackets", lambda *_: ())
    path, groups, columns = survey
    assert grades_of_table(path, question()) == grades_in_memory(columns, groups, question())


def test_the_keeping_of_values_is_limited(survey, monkeypatch):
    from baselines.engines.bracket import Tally

    dropped = []
    drop = Tally.drop
    monkeypatch.setattr(Tally, "drop", lambda self: (dropped.append(self), drop(self)))
    monkeypatch.setattr("baselines.engines.duck._kept_bytes", lambda *_: 0)
    path, groups, columns = survey
    assert grades_of_table(path, question()) == grades_in_memory(columns, groups, question())
    assert dropped


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # ibis calls an old name of duckdb
def test_ibis_on_duckdb_equals_memory(survey):
    ibis = pytest.importorskip("ibis")
    from baselines.engines.ibis_route import grades_by_ibis

    path, groups, columns = survey
    backend = ibis.duckdb.connect()
    found = grades_by_ibis(backend, backend.read_parquet(path), question())
    backend.disconnect()
    assert found == grades_in_memory(columns, groups, question())


@settings(max_examples=25)
@given(
    st.lists(
        st.one_of(
            st.none(),
            st.sampled_from([0.0, -0.0, 1e308, -1e308, 5e-324]),
            st.floats(-10, 10).map(lambda x: round(x, 1)),
        ),
        min_size=1,
        max_size=60,
    ),
    st.sampled_from(["smaller", "larger"]),
)
def test_any_column(tmp_path_factory, values, way):
    path = tmp_path_factory.getbasetemp() / "any.parquet"
    pq.write_table(pa.table({"x": pa.array(values, pa.float64())}), path, row_group_size=7)
    asked = Question({"x": Direction(way)}, None, SHARES)
    array = np.array([math.nan if v is None else v for v in values])
    assert grades_of_table(path, asked) == grades_in_memory({"x": array}, None, asked)


def test_reached_counts_equality(survey):
    path, groups, columns = survey
    values = {"heaped": {g or "": [0.4, 1.0] for g in groups}}
    found = reached_in_table(path, {"heaped": Direction.SMALLER}, "分组", values)
    of = np.array([g or "" for g in groups])
    for name in set(of):
        part = columns["heaped"][of == name]
        assert found["heaped"][name] == tuple(int(np.sum(part <= v)) for v in (0.4, 1.0))


def test_infinite_values_are_refused_by_every_engine(tmp_path):
    path = tmp_path / "infinite.parquet"
    values = np.array([1.0, np.inf, 2.0])
    pq.write_table(pa.table({"x": values}), path)
    asked = Question({"x": Direction.SMALLER}, None, SHARES)
    with pytest.raises(NotFiniteError):
        grades_in_memory({"x": values}, None, asked)
    with pytest.raises(NotFiniteError) as error:
        grades_of_table(path, asked)
    assert error.value.values == ("x",)


def test_wrong_tables_are_named(survey, tmp_path):
    path = survey[0]
    with pytest.raises(TableError) as error:
        grades_of_table(path, Question({"分组": Direction.SMALLER, "heaped": Direction.SMALLER}, None, SHARES))
    assert error.value.values == ("分组",)
    with pytest.raises(TableError) as error:
        grades_of_table(path, Question({"没有": Direction.SMALLER}, None, SHARES))
    assert error.value.values == ("没有",)
    bad = tmp_path / "bad.parquet"
    bad.write_bytes(b"PAR1 but nothing else")
    with pytest.raises(TableError):
        grades_of_table(bad, question())


def test_a_limit_that_is_too_small_says_so(survey):
    with pytest.raises(MemoryLimitError) as error:
        grades_of_table(survey[0], question(), memory_limit=1 << 20)
    assert error.value.values[0] == 1 << 20


def test_duckdb_out_of_memory_is_our_error(tmp_path):
    from baselines.engines import connection

    def exhaust() -> None:
        with connection(48 << 20) as duck:
            duck.execute("SET temp_directory = ''")
            duck.execute("SELECT sum(len(x)) FROM (SELECT list(i) AS x FROM range(30_000_000) t(i))").fetchall()

    with pytest.raises(MemoryLimitError):
        exhaust()


class TestSpark:
    @pytest.fixture(autouse=True)
    def needs_ibis(self):
        pytest.importorskip("pyspark")
        pytest.importorskip("ibis")

    def test_java_missing(self, monkeypatch, tmp_path):
        from baselines.engines import spark_session

        monkeypatch.delenv("JAVA_HOME", raising=False)
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(JavaMissingError):
            spark_session("local[2]")

    def test_nobody_at_the_address(self):
        import socket

        from baselines.engines import spark_session

        with socket.socket() as reserved:
            reserved.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
            master = f"spark://127.0.0.1:{reserved.getsockname()[1]}"
            with pytest.raises(MasterUnreachableError) as error:
                spark_session(master)
        assert error.value.values == (master,)

    @pytest.mark.slow
    @pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # py4j's pipes to the ended Java
    def test_somebody_who_is_no_master(self):
        """A port that takes connections and never answers: the user hears of it within half a minute."""
        import socket
        import time

        from baselines.engines import spark_session

        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            begun = time.monotonic()
            with pytest.raises(MasterUnreachableError):
                spark_session(f"spark://127.0.0.1:{silent.getsockname()[1]}", patience=15)
        assert time.monotonic() - begun < 30

    @pytest.mark.slow
    @pytest.mark.parametrize("master", ["local[2]", "local-cluster[1,1,1024]"])
    @pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::ResourceWarning")
    def test_spark_equals_memory(self, survey, master):
        import shutil

        from baselines.engines import grades_on_spark

        if shutil.which("java") is None:
            pytest.skip("no Java here")
        path, groups, columns = survey
        asked = Question({c: question().directions[c] for c in ("heaped", "zeros")}, "分组", SHARES)
        assert grades_on_spark(path, asked, master=master, patience=180) == grades_in_memory(columns, groups, asked)
