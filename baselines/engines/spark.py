"""Spark: the Ibis expressions on a cluster."""

from __future__ import annotations

import os
import re
import shutil
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from threading import Thread
from traceback import clear_frames
from typing import IO, Any

from baselines.engines.errors import (
    EngineError,
    EngineMissingError,
    JavaMissingError,
    MasterAddressError,
    MasterUnreachableError,
    TableError,
)
from baselines.engines.ibis_route import grades_by_ibis
from baselines.engines.table import ColumnGrades, Question

PATIENCE = 20.0
"""Seconds that a master has to answer; with the start of Java the user waits half a minute at most."""
LOCAL_PATIENCE = 300.0
"""Seconds that Spark on this machine has to start: nobody is asked who might not be there, but it may be busy."""
_HOST = r"(\[[^]\s]+\]|[^\s:/,\[\]]+):(\d{1,5})"
_STANDALONE = re.compile(rf"(?:spark://|,){_HOST}")
_COUNT = r"[1-9]\d*"
_MASTER = re.compile(
    rf"local(\[({_COUNT}|\*)(\s*,\s*{_COUNT})?\])?"
    rf"|local-cluster\[\s*{_COUNT}\s*,\s*{_COUNT}\s*,\s*{_COUNT}\s*\]"
    rf"|spark://{_HOST}(,{_HOST})*"
    r"|yarn"
    r"|k8s://(https?://)?[^\s/,]+\S*"
)
"""The forms of an address that Spark's documentation lists ("Master URLs")."""


def is_master_address(master: str) -> bool:
    """Whether that is the address of a Spark master by its form; nobody is asked."""
    ports = [int(port) for _, port in _STANDALONE.findall(master)]
    return _MASTER.fullmatch(master) is not None and all(0 < port < 65536 for port in ports)


def grades_on_spark(
    path: Path | str, question: Question, *, master: str = "local[*]", patience: float = PATIENCE
) -> tuple[ColumnGrades, ...]:
    """Answer a question about a parquet or CSV table that the cluster can read.

    Parameters
    ----------
    path : path
        On a cluster a path that every worker sees.
    master : str
        ``local[*]``, ``spark://host:port``, ``yarn``, ``k8s://…``.
    patience : float
        Seconds that the master has to answer.

    Raises
    ------
    JavaMissingError, MasterAddressError, MasterUnreachableError, EngineMissingError, TableError
    NotFiniteError
        For infinite values.
    """
    with spark_running(master, patience) as answers:
        return answers(path, question)


@contextmanager
def spark_running(
    master: str = "local[*]", patience: float = PATIENCE
) -> Iterator[Callable[[Path | str, Question], tuple[ColumnGrades, ...]]]:
    """Keep a Spark session for several questions; gives a function that answers one about a table.

    Raises
    ------
    JavaMissingError, MasterAddressError, MasterUnreachableError, EngineMissingError
    """
    session = spark_session(master, patience)
    try:
        yield lambda path, question: _answer(session, str(path), question)
    finally:
        session.stop()


def _answer(session: Any, path: str, question: Question) -> tuple[ColumnGrades, ...]:
    import ibis
    from pyspark.errors import AnalysisException

    backend: Any = ibis.pyspark.connect(session)
    try:
        frame = (
            session.read.csv(path, header=True, inferSchema=True)
            if path.lower().endswith(".csv")
            else session.read.parquet(path)
        )
    except AnalysisException as fault:
        raise TableError(f"Spark cannot read {path}", values=(path,)) from fault
    frame.createOrReplaceTempView("survey")
    return grades_by_ibis(backend, backend.table("survey"), question)


def spark_session(master: str, patience: float = PATIENCE) -> Any:
    """Start a Spark session, or say why that is impossible, in ``patience`` seconds.

    Raises
    ------
    JavaMissingError
    EngineMissingError
        Without PySpark or Ibis.
    MasterAddressError
        When the master's address has no form that Spark knows; Java is not started.
    MasterUnreachableError
        When nothing answers at the master's address, or something that is no master.
    EngineError
        When Spark refuses to start for another reason.
    """
    if not is_master_address(master):
        raise MasterAddressError(f"{master!r} is no address of a Spark master", values=(master,))
    try:
        import ibis  # noqa: F401 - the session is of no use without it
        import pyspark
    except ImportError as fault:
        raise EngineMissingError("Spark needs pyspark and ibis-framework", values=("spark",)) from fault
    _find_java()
    _knock(master, min(patience, 10.0))
    os.environ.setdefault("SPARK_HOME", str(Path(pyspark.__file__).parent))
    # Starting waits for the cluster without end; it waits in a thread of its own, which is left behind if it must be.
    started: Future[Any] = Future()
    Thread(target=_start, args=(master, started), daemon=True).start()
    try:
        return started.result(max(patience, LOCAL_PATIENCE) if master.startswith("local") else patience)
    except TimeoutError as fault:
        _give_up()
        raise MasterUnreachableError(f"no answer from {master}", values=(master,)) from fault


def _start(master: str, started: Future[Any]) -> None:
    from pyspark import SparkConf
    from pyspark.sql import SparkSession

    settings = SparkConf().setMaster(master).setAppName("baselines")
    settings.setAll(
        [
            ("spark.ui.enabled", "false"),
            ("spark.ui.showConsoleProgress", "false"),
            ("spark.sql.shuffle.partitions", "16"),
            ("spark.sql.session.timeZone", "UTC"),
            ("spark.log.level", "ERROR"),
        ]
    )
    # What Java and its launcher print is for those who run Spark: it is kept, and asked where Java does not start.
    with TemporaryFile() as printed:
        try:
            _launch(settings, printed)
            session = SparkSession.builder.config(conf=settings).getOrCreate()
            # A session exists before the cluster has accepted it: a first job shows that somebody works.
            session.range(1).count()
            started.set_result(session)
        except Exception as fault:  # whatever Java raises must reach the waiting thread as one of our errors
            reason = _reason(fault, printed)
            clear_frames(fault.__traceback__)  # PySpark leaves its pipe to a process that has ended in them
            error = EngineError(f"Spark does not start with master {master}: {reason}", values=(master, reason))
            error.__cause__ = fault
            started.set_exception(error)


def _launch(settings: Any, printed: IO[bytes]) -> None:
    """Start Java, unless it runs already, with its standard output and error going to a file."""
    from pyspark import SparkContext
    from pyspark.java_gateway import launch_gateway

    if SparkContext._gateway is None:
        launch: Any = launch_gateway  # has no types
        gateway = launch(settings, {"stdout": printed, "stderr": printed})
        SparkContext._ensure_initialized(gateway=gateway)


def _reason(fault: Exception, printed: IO[bytes]) -> str:
    """In one line why Spark does not start: what Java threw, or the last that was printed before Java ended."""
    says = [line.strip() for line in str(fault).splitlines() if line.strip()]
    thrown = next((line.removeprefix(":").strip() for line in says[1:] if line.startswith(":")), "")
    if thrown or "JAVA_GATEWAY_EXITED" not in str(fault):
        return thrown or (says[0] if says else type(fault).__name__)
    printed.seek(0)
    lines = [line.strip() for line in printed.read().decode("utf-8", "replace").splitlines() if line.strip()]
    named = [line for line in lines if "Exception" in line or "Error" in line]
    return named[0] if named else (lines or says)[-1]


def _give_up() -> None:
    """End the Java process that this process started."""
    from pyspark import SparkContext

    gateway = SparkContext._gateway
    process = getattr(gateway, "proc", None)
    if process is not None:
        process.kill()
        process.wait()
        if process.stdin is not None:
            process.stdin.close()
    SparkContext._gateway = SparkContext._jvm = SparkContext._active_spark_context = None


def _find_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if home and (Path(home) / "bin" / ("java.exe" if os.name == "nt" else "java")).is_file():
        return
    if home or shutil.which("java") is None:
        raise JavaMissingError("Spark needs Java 17 or newer", values=(home or "",))


def _knock(master: str, patience: float) -> None:
    """Ask a standalone master for a connection, so that a wrong address is found before Java starts."""
    hosts = _STANDALONE.findall(master)
    if not hosts:
        return
    for host, port in hosts:
        try:
            with socket.create_connection((host.strip("[]"), int(port)), timeout=patience / len(hosts)):
                return
        except (OSError, OverflowError):
            continue
    raise MasterUnreachableError(f"no answer from {master}", values=(master,))
