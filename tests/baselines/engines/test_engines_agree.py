"""Every engine gives exactly what the in-memory route gives: values, n, ranks, ties, shares, intervals."""

from __future__ import annotations

import gc
import math
import os
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baselines import NotFiniteError, WeightError
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


@pytest.mark.slow
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


def drawn(rng, n, way):
    """Values with ties, gaps and non-detects, weights with up to three decimals, groups."""
    values = rng.lognormal(size=n).round(rng.integers(0, 3))
    marks = rng.random(n) < rng.choice([0.05, 0.4])
    values[rng.random(n) < 0.1] = np.nan
    weights = (rng.integers(1, 5000, n) / 10.0 ** rng.integers(0, 4)).astype(np.float64)
    groups = [GROUPS[i] for i in rng.integers(0, 3, n)]
    return {"x": values}, {"x": marks & ~np.isnan(values)}, weights, groups


def stored(path, columns, marks, weights, groups):
    table = pa.table(
        {
            "行": np.arange(len(weights)), "分组": groups, "权数": weights, "x": pa.array(columns["x"]),
            "x·未检出": pa.array(marks["x"].astype(np.int8)),
        }
    )  # fmt: skip
    pq.write_table(table, path, row_group_size=50)


def ask(way, weighted, censored):
    return Question(
        {"x": Direction(way)}, "分组", SHARES, weights="权数" if weighted else None, weight_decimals=3,
        non_detects={"x": "x·未检出"} if censored else {}, order="行",
    )  # fmt: skip


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, 12))])
@pytest.mark.parametrize("way", ["smaller", "larger"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # ibis calls an old name of duckdb
def test_weights_and_non_detects(tmp_path, monkeypatch, seed, way):
    ibis = pytest.importorskip("ibis")
    from baselines.engines import duck
    from baselines.engines.ibis_route import grades_by_ibis

    rng = np.random.default_rng(seed)
    columns, marks, weights, groups = drawn(rng, int(rng.integers(5, 400)), way)
    path = tmp_path / "drawn.parquet"
    stored(path, columns, marks, weights, groups)
    backend = ibis.duckdb.connect()
    for weighted in (False, True):
        for censored in (False, True):
            asked = ask(way, weighted, censored)
            expected = grades_in_memory(
                columns, groups, asked, weights=weights if weighted else None, marks=marks if censored else None
            )
            assert grades_of_table(path, asked) == expected
            if seed < 3:
                assert grades_by_ibis(backend, backend.read_parquet(path), asked) == expected
            with monkeypatch.context() as patched:
                patched.setattr(duck, "brackets", lambda *_: ())
                assert grades_of_table(path, asked) == expected
    backend.disconnect()


@pytest.mark.slow
def test_brackets_of_weights_hold_a_table_of_many_pieces(tmp_path, monkeypatch):
    """No sort is needed: the brackets of the sample hold the order statistics."""
    from baselines.engines import duck

    monkeypatch.setattr(duck, "_sorted", None)
    monkeypatch.setattr(duck, "_PIECE_ROWS", 5000)
    monkeypatch.setattr("baselines.engines.parquet.SPAN_ROWS", 2000)
    rng = np.random.default_rng(3)
    n = 200_000
    columns = {"x": rng.lognormal(size=n)}
    marks = {"x": rng.random(n) < 0.1}
    weights = rng.integers(1, 900, n) / 10
    groups = [GROUPS[i] for i in rng.integers(0, 2, n)]
    path = tmp_path / "many.parquet"
    table = pa.table({"分组": groups, "权数": weights, "x": columns["x"], "x·未检出": marks["x"].astype(np.int8)})
    pq.write_table(table, path, row_group_size=20_000)
    asked = Question(
        {"x": Direction.SMALLER}, "分组", SHARES, weights="权数", weight_decimals=1, non_detects={"x": "x·未检出"}
    )
    assert grades_of_table(path, asked) == grades_in_memory(columns, groups, asked, weights=weights, marks=marks)


@pytest.mark.parametrize("weights", [[1.0, 0.0, 2.0], [1.0, -1.0, 2.0], [1.0, None, 2.0], [1.0, 0.25, 2.0]])
def test_weights_that_do_not_count_are_refused(tmp_path, weights):
    path = tmp_path / "weights.parquet"
    pq.write_table(pa.table({"x": [1.0, 2.0, 3.0], "w": pa.array(weights, pa.float64())}), path)
    asked = Question({"x": Direction.SMALLER}, None, SHARES, weights="w", weight_decimals=1)
    with pytest.raises(WeightError):
        grades_of_table(path, asked)


def test_reached_counts_equality(survey):
    path, groups, columns = survey
    values = {"heaped": {g or "": [0.4, 1.0] for g in groups}}
    found = reached_in_table(path, Question({"heaped": Direction.SMALLER}, "分组", SHARES), values)
    of = np.array([g or "" for g in groups])
    for name in set(of):
        part = columns["heaped"][of == name]
        assert found["heaped"][name] == tuple((int(np.sum(part <= v)),) * 2 for v in (0.4, 1.0))


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

    @pytest.mark.parametrize(
        "master",
        ["local", "local[4]", "local[*]", "local[4,2]", "local[*,3]", "local-cluster[1,1,1024]", "spark://node1:7077",
         "spark://node1:7077,node2:7077", "spark://[::1]:7077", "yarn", "k8s://https://10.0.0.1:6443", "k8s://api:443"],
    )  # fmt: skip
    def test_forms_of_an_address(self, master):
        """Those of Spark's documentation, "Submitting Applications", table "Master URLs"."""
        from baselines.engines import is_master_address

        assert is_master_address(master)

    @pytest.mark.parametrize(
        "master",
        ["", "foo", "local[", "local[0]", "local[x]", "local 4", "local-cluster[1,1]", "spark://node1", "spark://:7077",
         "spark://node1:70777", "spark://node1:7077,node2", "http://node1:7077", "yarn-client", "k8s://", "k8s:// a"],
    )  # fmt: skip
    def test_what_is_no_address_does_not_start_java(self, monkeypatch, master):
        pytest.importorskip("pyspark")
        from baselines.engines import MasterAddressError, spark, spark_session

        monkeypatch.setattr(spark, "_find_java", lambda: pytest.fail("Java was looked for"))
        with pytest.raises(MasterAddressError) as error:
            spark_session(master)
        assert error.value.values == (master,)

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
    def test_spark_equals_memory(self, survey, master, tmp_path):
        import shutil

        from baselines.engines import spark_running

        if shutil.which("java") is None:
            pytest.skip("no Java here")
        path, groups, columns = survey
        asked = Question({c: question().directions[c] for c in ("heaped", "zeros")}, "分组", SHARES)
        rng, way = np.random.default_rng(1), "larger"
        drawn_columns, marks, weights, drawn_groups = drawn(rng, 200, way)
        stored(tmp_path / "drawn.parquet", drawn_columns, marks, weights, drawn_groups)
        weighed = ask(way, weighted=True, censored=True)
        with spark_running(master, patience=180) as answers:
            assert answers(path, asked) == grades_in_memory(columns, groups, asked)
            expected = grades_in_memory(drawn_columns, drawn_groups, weighed, weights=weights, marks=marks)
            assert answers(tmp_path / "drawn.parquet", weighed) == expected

    @pytest.mark.skipif(os.name == "nt", reason="java is a shell script here")
    @pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
    def test_what_java_prints_is_the_reason_and_nothing_else_is_seen(self, monkeypatch, tmp_path, capfd):
        from pyspark import SparkContext

        from baselines.engines import EngineError, spark_session

        java = tmp_path / "bin" / "java"
        java.parent.mkdir()
        java.write_text('#!/bin/sh\necho "WARNING: hush" >&2\necho "Error: java is too old" >&2\nexit 1\n')
        java.chmod(0o755)
        monkeypatch.setenv("JAVA_HOME", str(tmp_path))
        monkeypatch.setattr(SparkContext, "_gateway", None)
        with pytest.raises(EngineError) as error:
            spark_session("local[2]")
        assert error.value.values == ("local[2]", "Error: java is too old")
        del error
        gc.collect()  # PySpark leaves its pipe to the ended process open: it is closed here, not in another test
        assert capfd.readouterr() == ("", "")

    @pytest.mark.slow
    @pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::ResourceWarning")
    def test_spark_says_nothing_of_its_own(self, survey, capfd, monkeypatch):
        """From the start of Java to its answer; and where it refuses, its reason without its call stack."""
        import shutil

        from baselines.engines import EngineError, grades_on_spark, spark, spark_session

        if shutil.which("java") is None:
            pytest.skip("no Java here")
        path, _, _ = survey
        asked = Question({"heaped": question().directions["heaped"]}, "分组", SHARES)
        grades_on_spark(path, asked, master="local[2]", patience=180)
        monkeypatch.setattr(spark, "is_master_address", lambda master: True)
        with pytest.raises(EngineError, match="Could not parse Master URL"):
            spark_session("local[x")
        assert capfd.readouterr() == ("", "")
