"""Lets the files of one generation take their places in 成果/, one by one, with a manifest before and after."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from drafting.files import OutputError
from drafting.findings import Cell, Finding, finding
from drafting.inside import Folder, opened
from drafting.keeping.lock import RESULTS
from drafting.keeping.manifest import NAME, Entry, Manifest, ManifestError, of_its_time, read_manifest
from drafting.keeping.ownership import RECORD_FILE, beside, content_of, digest, is_open, shown_ours, write
from drafting.keeping.standing import arrived
from drafting.keeping.sweeping import STAGES

_DAMAGED = "成果清单（损坏）.json"
_MOST_BESIDE = 999


@dataclass
class Done:
    """Where the files landed, if not under their own names, and what there is to say."""

    landed: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


class Replacing:
    """One generation on its way into 成果/; the caller holds the lock.

    A file there is replaced only if the program wrote it and nobody changed it since: its digest stands in the
    manifest, or, where there is no manifest yet, it can be shown to be as written. Any other file stays, as does one
    that is open in Word or Excel; the new one is written beside it. Files of earlier generations that are not written
    again stay where they are.
    """

    def __init__(self, root: Path, stage: Path, record: Folder, basis: str) -> None:
        self._root, self._stage, self._record, self._basis = root, stage, record, basis
        self._done = Done()
        self._known: frozenset[str] = frozenset()
        self._taken: set[str] = set()

    def run(self, names: Sequence[str]) -> Done:
        """Replace the files.

        Raises OutputError if something cannot be written; what stands there then is named by the manifest as begun.

        ``names``: paths in the stage, which are those in 成果/.
        """
        old = self._manifest()
        self._known = old.digests
        self._taken = {*names}
        new = {name: Entry(self._digest(name), self._basis) for name in names}
        plan = {name: self._place(name) for name in names}
        unnamed = {n: e for n, e in (old.begun or {}).items() if n not in old.files}
        files = {**old.files, **unnamed, **arrived(self._root, old)}
        begun = {plan[n]: self._entry(n, plan[n], e) for n, e in new.items()}
        self._write(replace(old, files=files, begun={**(old.begun or {}), **begun}))
        for name in sorted(names, key=lambda n: (n == RECORD_FILE, n)):
            plan[name] = self._put(name, plan[name])
        files |= {plan[n]: self._entry(n, plan[n], e) for n, e in new.items()}
        for name in self._outdated(plan, files):
            del files[name]
        basis = old.basis if all(map(of_its_time, names)) else self._basis
        self._write(Manifest({n: e for n, e in files.items() if self._there(n)}, basis))
        self._done.landed = {n: place for n, place in plan.items() if n != place}
        return self._done

    # --- the manifest ---
    def _manifest(self) -> Manifest:
        try:
            data = content_of(self._record, NAME)
        except OSError as error:
            raise OutputError(self._record.path / NAME, error) from error
        try:
            return self._unknown() if data is None else read_manifest(data)
        except ManifestError as error:
            path = self._record.path / NAME
            if error.newer:
                said = "由较新的版本写出，本版本不能判断 成果/ 中哪些文件可以替换；请用较新的版本，或把该文件移走"
                raise OutputError(path, OSError(said)) from error
            try:
                self._record.replace(path, _DAMAGED)
            except OSError as fault:
                raise OutputError(path, fault) from fault
            self._say("outputs-manifest-damaged", f"记录/{NAME}", kept=f"记录/{_DAMAGED}")
            return self._unknown()

    def _unknown(self) -> Manifest:
        """Take what can be shown to be the program's own into a first manifest."""
        files: dict[str, Entry] = {}
        base = self._root / RESULTS
        time = None
        with suppress(OSError):
            time = (base / RECORD_FILE).lstat().st_mtime_ns
        for where, folders, names in os.walk(base):
            folders[:] = sorted(f for f in folders if f != STAGES)
            parts = Path(where).relative_to(base).parts
            with suppress(OSError), opened(self._root, (RESULTS, *parts)) as folder:
                for name in names:
                    if shown_ours(folder, name, time):
                        files["/".join((*parts, name))] = Entry(digest(folder, name))
        return Manifest(files)

    def _write(self, manifest: Manifest) -> None:
        write(self._record, NAME, manifest.to_bytes())
        self._record.settle()

    def _entry(self, name: str, place: str, entry: Entry) -> Entry:
        return entry if name == place else replace(entry, instead_of=name)

    # --- the files ---
    def _digest(self, name: str) -> str:
        with _inside(self._stage, (), name) as (folder, last):
            return digest(folder, last)

    def _place(self, name: str) -> str:
        """Where a file may be written: its own name, or one beside a file that stays."""
        with _inside(self._root, (RESULTS,), name, make=True) as (folder, last):
            why = self._why_kept(folder, last)
            if why is None:
                return name
            place = self._beside(folder, name)
        self._say(why, f"{RESULTS}/{name}", file=PurePosixPath(name).name, new=PurePosixPath(place).name)
        return place

    def _why_kept(self, folder: Folder, name: str) -> str | None:
        """Code of the finding that says why a file stays; None if there is none or it may be replaced."""
        kind = folder.kind(name)
        if kind is None:
            return None
        if kind != "file":
            return "outputs-odd"
        if is_open(folder, name) or not os.access(folder.path / name, os.W_OK):
            return "outputs-open"
        try:
            return None if digest(folder, name) in self._known else "outputs-changed"
        except OSError:
            return "outputs-open"

    def _beside(self, folder: Folder, name: str) -> str:
        path = PurePosixPath(name)
        for number in range(1, _MOST_BESIDE):
            last = beside(path.name, number)
            place = str(path.with_name(last))
            if place not in self._taken and self._why_kept(folder, last) is None:
                self._taken.add(place)
                return place
        raise OutputError(folder.path / path.name, OSError("同名的“（新）”文件太多；请清理后重试"))

    def _put(self, name: str, place: str) -> str:
        """Move one file; where Windows says only now that another program has it open, beside it."""
        with _inside(self._root, (RESULTS,), place) as (folder, last):
            try:
                folder.replace(self._stage / name, last)
            except PermissionError:
                place = self._beside(folder, name)
                folder.replace(self._stage / name, PurePosixPath(place).name)
                kept = PurePosixPath(name).name
                self._say("outputs-open", f"{RESULTS}/{name}", file=kept, new=PurePosixPath(place).name)
            folder.settle()
        return place

    def _outdated(self, plan: Mapping[str, str], files: Mapping[str, Entry]) -> list[str]:
        """Remove what was once written beside a file that is replaced again, unless somebody changed it."""
        gone = []
        for place, entry in files.items():
            if not entry.instead_of or plan.get(entry.instead_of) != entry.instead_of:
                continue
            with suppress(OutputError), _inside(self._root, (RESULTS,), place) as (folder, last):
                if folder.kind(last) == "file" and self._why_kept(folder, last) is None:
                    folder.remove(last)
                    gone.append(place)
        return gone

    def _there(self, name: str) -> bool:
        try:
            with _inside(self._root, (RESULTS,), name) as (folder, last):
                return folder.kind(last) == "file"
        except OutputError:
            return False

    def _say(self, code: str, place: str, **values: Any) -> None:
        self._done.findings.append(finding(code, Cell(place), **values))


@contextmanager
def _inside(root: Path, before: tuple[str, ...], name: str, *, make: bool = False) -> Iterator[tuple[Folder, str]]:
    """Open the folder that a name leads to; gives it with the last part."""
    *parts, last = PurePosixPath(name).parts
    try:
        with opened(root, (*before, *parts), make=make) as folder:
            yield folder, last
    except OSError as error:
        raise OutputError(root.joinpath(*before, name), error) from error
