"""Mutated files of all kinds against the commands: none may end in exit 3, take 20 seconds or a gigabyte.

    python -m tests.drafting.hostile.fuzzing [--seconds 60] [--seed 1] [--kinds workbook,cells,…]

Prints what was tried; exits 1 and keeps the file where something was broken. The default suite runs it for a moment.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import random
import shutil
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from drafting.cli import main as drafting
from drafting.render.docx.blueprint import stored
from tests.drafting.conftest import write_right_project

LONGEST_SECONDS, MOST_MEGABYTES, LONGEST_STRING = 20.0, 1024, 0.05
ODD = (
    "1e999999999", "9" * 5000, "1,234," * 30 + "x", "=cmd|'/c calc'!A0", "\u202e甲", "_x000B_", "{{ 7*7 }}",
    "≥≤≥≤" * 40, "((((" * 60, "1/0", "-0", "NaN", "１２．５％", "不超过" * 50 + "5", "甲" * 40_000, "~" * 300,
    "10^" * 80 + "9", "0.8/n" * 50, "", " ", "\u3000", "2025年前≤5，" * 40, "kgce/(t·" * 60, "Ⅱ级及以上" * 30,
    "#DIV/0!", "1.2.3.4" * 80, "sum(" * 200, "a" * 300 + "=" + "b" * 300, "*①a)注" * 60,
)  # fmt: skip


@dataclass
class Tally:
    """What was tried, and what was broken."""

    tried: Counter[str] = field(default_factory=Counter)
    slowest: dict[str, float] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def take(self, kind: str, seconds: float, fault: str, longest: float) -> None:
        self.tried[kind] += 1
        self.slowest[kind] = max(self.slowest.get(kind, 0.0), seconds)
        if fault or seconds > longest:
            self.broken.append(f"{kind}: {fault or f'{seconds:.2f} s'}")


def run(*arguments: str) -> str:
    """Run a command; empty if it ended as promised, else what was wrong."""
    out, err = io.StringIO(), io.StringIO()
    out.buffer = io.BytesIO()  # type: ignore[attr-defined]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            drafting(arguments)
    except SystemExit as ended:
        if ended.code in (0, 1, 2, None):
            return ""
        return f"exit {ended.code}: {err.getvalue()[-300:]}"
    except BaseException as fault:
        return f"raised {fault!r}"
    return "no exit"


def bytes_changed(data: bytes, rng: random.Random) -> bytes:
    """Some bytes changed, cut, doubled or moved."""
    if not data:
        return data
    changed = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(changed))
        match rng.randrange(4):
            case 0:
                changed[at] = rng.randrange(256)
            case 1:
                del changed[at : at + rng.randrange(1, 200)]
            case 2:
                changed[at:at] = changed[at : at + rng.randrange(1, 400)] * rng.choice((1, 2, 50))
            case _:
                changed[at:at] = rng.choice(ODD)[:2000].encode()
        changed = changed or bytearray(b"x")
    return bytes(changed)


def package_changed(data: bytes, rng: random.Random) -> bytes:
    """A package with one part changed, or its own bytes."""
    if rng.random() < 0.15:
        return bytes_changed(data, rng)
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        chosen = set(rng.sample(names, rng.choice((1, 1, 2))))
        for name in names:
            content = old.read(name)
            if name in chosen and rng.random() < 0.05:
                continue
            new.writestr(name, bytes_changed(content, rng) if name in chosen else content)
    return stream.getvalue()


def cells_changed(path: Path, rng: random.Random) -> None:
    """Some cells of a workbook replaced by odd ones."""
    import openpyxl

    book = openpyxl.load_workbook(path)
    for _ in range(rng.randint(1, 6)):
        sheet = rng.choice(book.worksheets)
        cell = sheet.cell(rng.randint(1, max(sheet.max_row, 1)), rng.randint(1, max(sheet.max_column, 1)))
        cell.value = rng.choice((*ODD, 1e308, -1.5, True, 10**14))
        if isinstance(cell.value, str):
            cell.data_type = "s"
    book.save(path)


def json_changed(content: object, rng: random.Random) -> object:
    """One value somewhere within replaced."""
    odd = (*ODD, None, True, 1e308, -1, [], {}, [[[]]], 10**40)
    if isinstance(content, dict) and content and rng.random() < 0.93:
        key = rng.choice(list(content))
        return content | {key: json_changed(content[key], rng)}
    if isinstance(content, list) and content and rng.random() < 0.93:
        at = rng.randrange(len(content))
        return [*content[:at], json_changed(content[at], rng), *content[at + 1 :]]
    return rng.choice(odd)


class Fuzz:
    """Projects and records to be spoilt, one kind at a time."""

    def __init__(self, root: Path, seed: int) -> None:
        self.rng, self.root, self.tally = random.Random(seed), root, Tally()
        self.right = root / "right"
        write_right_project(self.right)
        self.strings(self.root)  # the first call builds the grammars
        self.kinds: dict[str, Callable[[Path], str]] = {
            "workbook": self.workbook, "cells": self.cells, "text": self.text, "record": self.record,
            "blueprint": self.blueprint, "template": self.template, "strings": self.strings, "answers": self.answers,
        }  # fmt: skip

    def project(self) -> Path:
        target = self.root / "one"
        shutil.rmtree(target, ignore_errors=True)
        return Path(shutil.copytree(self.right, target))

    def _file(self, folder: Path) -> Path:
        return self.rng.choice(sorted(folder.rglob("*.xlsx")))

    def workbook(self, folder: Path) -> str:
        file = self._file(folder)
        file.write_bytes(package_changed(file.read_bytes(), self.rng))
        return run("check", str(folder), "--json")

    def cells(self, folder: Path) -> str:
        cells_changed(self._file(folder), self.rng)
        return run(*self.rng.choice((("check",), ("weights",), ("baselines",), ("trial",))), str(folder), "--json")

    def text(self, folder: Path) -> str:
        (folder / "调研数据.xlsx").unlink()
        lines = "企业,分组,年份,单位产品综合能耗,N2\n" + "".join(
            f"企业{n},大型,2024,{100 + n},{20 + n}\n" for n in range(9)
        )
        (folder / "调研数据.csv").write_bytes(bytes_changed(lines.encode(), self.rng))
        return run("check", str(folder), "--json")

    def answers(self, folder: Path) -> str:
        target = folder / "记录" / self.rng.choice(("专家答复.json", "停止规则.json"))
        target.parent.mkdir(exist_ok=True)
        whole = {"format": 1, "what": "x", "entries": [{"instrument": "x", "answers": [["a", "b", 1]], "rule": {}}]}
        said = json.dumps(json_changed(whole, self.rng), ensure_ascii=False)
        target.write_bytes(bytes_changed(said.encode(), self.rng) if self.rng.random() < 0.5 else said.encode())
        return run("check", str(folder), "--json")

    def record(self, folder: Path) -> str:
        kept = self.root / "结果.json"
        if not kept.exists():
            fault = run("build", str(self.project()), "--quick")
            shutil.copy(self.root / "one" / "成果" / "结果.json", kept)
            if fault:
                return fault
        said = json.dumps(json_changed(json.loads(kept.read_text("utf-8")), self.rng), ensure_ascii=False).encode()
        target = folder / "结果.json"
        target.write_bytes(bytes_changed(said, self.rng) if self.rng.random() < 0.2 else said)
        return run("verify", str(target), "--json")

    def blueprint(self, _: Path) -> str:
        from drafting.render.docx.borrowed import BlueprintError, borrow

        target = self.root / "蓝本.docx"
        target.write_bytes(package_changed(stored().read_bytes(), self.rng))
        try:
            borrow(target)
        except BlueprintError:
            return ""
        except Exception as fault:
            return f"raised {fault!r}"
        return ""

    def template(self, folder: Path) -> str:
        from drafting.document.texts import TextError, Texts
        from drafting.resources import templates

        ours = sorted((templates() / "gb-t-43329" / "draft").glob("*.j2"))
        source = self.rng.choice(ours).read_bytes()
        (folder / "scope.j2").write_bytes(bytes_changed(source, self.rng))
        try:
            Texts(folder).render("scope", {"info": {"scope": "x"}, "facts": {}})
        except TextError:
            return ""
        except Exception as fault:
            return f"raised {fault!r}"
        return ""

    def strings(self, _: Path) -> str:
        from drafting.model.bounds import parse_bound
        from drafting.workbook.cells import CellFaultError, decimal_of, grades_reached, yes_no
        from drafting.workbook.questionnaires.judgements import judgement_of

        says = "".join(self.rng.choice(ODD)[: self.rng.randint(1, 400)] for _ in range(self.rng.randint(1, 4)))
        for parse in (parse_bound, decimal_of, judgement_of, yes_no, lambda s: grades_reached(s, single=False)):
            began = time.process_time()
            try:
                parse(says)
            except CellFaultError:
                pass
            except Exception as fault:
                return f"{getattr(parse, '__name__', '')}({says[:60]!r}…): {fault!r}"
            if (took := time.process_time() - began) > LONGEST_STRING:
                return f"{getattr(parse, '__name__', '')} took {took:.3f} s for {says[:80]!r}…"
        return ""

    def go(self, seconds: float, kinds: list[str]) -> Tally:
        """Spoil and run, the kinds in turn, until the time is up."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            for kind in kinds:
                folder = self.project() if kind not in ("strings", "blueprint") else self.root
                began = time.monotonic()
                fault = self.kinds[kind](folder)
                self.tally.take(kind, time.monotonic() - began, fault, LONGEST_SECONDS)
                if fault:
                    keep = Path(tempfile.mkdtemp(prefix="fuzz-"))
                    shutil.copytree(self.root, keep / kind, dirs_exist_ok=True)
                    sys.stderr.write(f"{kind}: {fault}; kept in {keep}\n")
                if time.monotonic() > ends:
                    break
        return self.tally


def most_memory() -> float:
    """The most that this process or a reader has held, MB."""
    import resource

    both = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return max(both) / 1024


def main() -> int:
    """Run and print."""
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--kinds", default="")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        fuzz = Fuzz(Path(folder), chosen.seed)
        tally = fuzz.go(chosen.seconds, chosen.kinds.split(",") if chosen.kinds else list(fuzz.kinds))
    for kind, count in tally.tried.items():
        sys.stdout.write(f"{kind}: {count} tried, slowest {tally.slowest[kind]:.2f} s\n")
    sys.stdout.write(f"broken: {len(tally.broken)}; most memory {most_memory():.0f} MB\n")
    return int(bool(tally.broken) or most_memory() > MOST_MEGABYTES)


if __name__ == "__main__":
    sys.exit(main())
