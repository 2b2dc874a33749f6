"""The process that makes files: told what on its input, says how far it is on standard output, a JSON object a line.

Before its files take their places it asks whether it may, and waits for the answer: until then it may be killed at any
moment and the former files stand.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any, TextIO

from drafting.progress import Progress, Step, StoppedError


def main() -> None:
    """Do the one job that is asked for."""
    asked, said = sys.stdin, sys.stdout
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 -- nothing but our lines may come out

    def say(**content: Any) -> None:
        said.write(json.dumps(content) + "\n")  # names of files on a disk need not be text
        said.flush()

    say(step=[1, 9, "载入计算程序", None])  # what it computes with takes seconds to load
    order = json.loads(asked.readline())
    allowed = threading.Event()
    threading.Thread(target=_listen, args=(asked, allowed), daemon=True).start()

    def report(step: Step) -> None:
        say(step=[step.number, step.of, step.name, step.share])

    def last_chance() -> None:
        _check_there(Path(order["folder"]))
        say(ready=True)
        allowed.wait()
        _check_there(Path(order["folder"]))

    try:
        say(done=do(order, Progress(report, last_chance)))
    except StoppedError:
        say(stopped=True)
    except Exception as error:  # what happened is told to who asked, who writes the log
        say(fault=_words(error))


def _listen(asked: TextIO, allowed: threading.Event) -> None:
    """Wait for leave; when whoever asked is gone before giving it, there is nobody to work for."""
    if asked.readline().strip() == "go":
        allowed.set()
    else:
        os._exit(1)


def _check_there(folder: Path) -> None:
    """A project that was moved or renamed meanwhile is not made anew where it was, with nothing but its outputs."""
    if not folder.is_dir():
        from drafting.files import OutputError

        raise OutputError(folder, OSError("项目文件夹已被移走或改名；请在新的位置重新生成"))


def _words(error: Exception) -> str:
    from drafting.files import OutputError
    from drafting.keeping.versions import VersionError
    from drafting.project.folder import NoProjectError

    if isinstance(error, OutputError | NoProjectError | VersionError):
        return str(error)
    return f"程序出现未预料的故障：{type(error).__name__}。输入文件未被改动。"


def do(order: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Build 成果/ of a project, or a stage of its standard, which is kept.

    ``order``: ``folder``; ``edition`` (``public`` or ``internal``), ``quick``, and ``extra``: more formats and papers,
    words of ``drafting render --to``. With ``stage`` (one of the five) the stage is built and kept, as ``drafting
    stage`` does, with ``note``.
    Returns ``errors``: how many findings forbid submission; ``kept``: label of the version that keeps the stage;
    ``told``: what making the files told beyond what the inputs tell, each as severity, message, remedy.
    """
    from functools import partial

    from drafting.desk.causes import causes
    from drafting.findings import Severity
    from drafting.isolation.readers import READERS
    from drafting.pipeline.running import build
    from drafting.pipeline.stages import keep_stage
    from drafting.project.folder import load_project

    READERS.warm()
    read = partial(load_project, tick=progress.within, parallel=True)
    folder, quick, kept = Path(order["folder"]), bool(order.get("quick")), ""
    if order.get("stage"):
        run, version = keep_stage(
            folder, order["stage"], note=order.get("note", ""), quick=quick, progress=progress, read=read
        )
        kept = version.label if version is not None else ""
    else:
        extra = tuple(order.get("extra", ()))
        formats = ("docx", "html", "md", *(f for f in extra if f == "pdf"))
        papers = tuple(p for p in extra if p != "pdf")
        run = build(
            folder, formats=formats, papers=papers, edition=order.get("edition", "public"), quick=quick,
            progress=progress, read=read,
        )  # fmt: skip
    told = [(c.severity.value, c.message, c.remedy) for c in causes(run.of_files)]
    return {"errors": sum(f.severity is Severity.ERROR for f in run.findings), "kept": kept, "told": told}
