"""Versions of a project in 记录/版本/: kept, listed, verified, restored.

A version is a manifest (``0002-征求意见稿.json``) that names every file of the project by its digest, and names the
manifest before it; the contents stand in 块/ by their digests. Nothing that stands there is changed or removed: a
version is there as soon as its manifest is, and a stop before that leaves contents at most, which the next version
finds. Reading needs no lock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from drafting import __version__
from drafting.files import OutputError, atomic
from drafting.findings import Cell, Finding, finding
from drafting.inside import Folder
from drafting.keeping.lock import RECORD, RESULTS, hold
from drafting.keeping.ownership import is_open
from drafting.keeping.pending import RECEIVING, RESTORING, begin, end, pending
from drafting.keeping.version import BEFORE, NAMED, STAGE, Kept, Version, VersionError
from drafting.keeping.version_store import VERSIONS, Store, digest_in, file_in, state_of

__all__ = [
    "NAMED", "STAGE", "Restored", "Version", "VersionError", "extract", "find_version", "freeze", "read_file",
    "restore", "verify_versions", "versions_of",
]  # fmt: skip

INPUT_FILES = ("项目", "调研数据")
INPUT_FOLDERS = ("企业调查表", "判断矩阵", "德尔菲", "重要性评分", "意见", "旧版")
"""Where inputs stand: what came there after a version goes when it is restored; anything else stays."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did.

    Attributes
    ----------
    version : Version
        The one restored.
    kept : Version
        The state before, kept first.
    written, removed : tuple of str
        Inputs that were replaced or came back; inputs that had come later.
    stayed : tuple of str
        Files outside the places of inputs that came later; they are left where they are.
    """

    version: Version
    kept: Version
    written: tuple[str, ...]
    removed: tuple[str, ...]
    stayed: tuple[str, ...]


def versions_of(root: Path | str) -> tuple[Version, ...]:
    """List the versions in the order in which they were kept.

    Those that cannot be read are left out; :func:`verify_versions` names them. There are none where 记录/ is a link or
    a file: reading a project goes on, and says so.
    """
    store = Store(Path(root))
    found = []
    try:
        names = store.manifests()
    except OutputError:
        return ()
    for name in names:
        try:
            found.append(store.manifest(name))
        except VersionError:
            continue
    return tuple(found)


def find_version(root: Path | str, name: str) -> Version:
    """Find a version by its label, else by its name (the latest of that name) or its number.

    The label comes first: it alone belongs to one version only, whatever the others are called.

    Raises VersionError if there is none; names those that there are.
    """
    found = versions_of(root)
    wanted = name.strip()
    for version in found:
        if wanted == version.label:
            return version
    for version in reversed(found):
        if wanted in (version.name, str(version.number), f"{version.number:04d}"):
            return version
    there = "、".join(v.label for v in found) or "（还没有任何版本）"
    raise VersionError(name, f"不存在；现有版本：{there}")


def freeze(
    root: Path | str, name: str, kind: str = NAMED, *, note: str = "", now: datetime | None = None,
    day: date | None = None,
) -> Version:  # fmt: skip
    """Keep the present state of a project: inputs, 记录/ and 成果/.

    Raises OutputError if a file cannot be read or a version cannot be written. No version has been added then.

    ``name``: what the version is called; several may bear one name.
    ``kind``: :data:`STAGE` or :data:`NAMED`.
    ``note``: words to go with it.
    ``now``: the moment; the present one if not given.
    ``day``: of completion, as the cover bears it.
    """
    path = Path(root)
    with hold(path) as record:
        return freeze_held(path, record, name, kind, note, now, day)


def freeze_held(
    root: Path, record: Folder, name: str, kind: str, note: str = "", now: datetime | None = None,
    day: date | None = None,
) -> Version:  # fmt: skip
    """Keep the present state where the lock is held already; ``record`` is 记录/ as the lock gives it."""
    store = Store(root, record)
    names = store.manifests()
    number = int(names[-1].split("-")[0]) + 1 if names else 1
    previous = digest_in(root, f"{RECORD}/{VERSIONS}/{names[-1]}") or "" if names else ""
    files = {n: store.take(n) for n, regular in _state(root) if regular}
    time = (now or datetime.now()).astimezone().isoformat(timespec="seconds")
    made = Version(
        number=number,
        name=name.strip() or kind,
        kind=kind,
        time=time,
        files=MappingProxyType(files),
        previous=previous,
        note=note,
        program=__version__,
        day=day.isoformat() if day else "",
    )
    return store.add(made)


def _state(root: Path) -> list[tuple[str, bool]]:
    try:
        return list(state_of(root))
    except OSError as error:
        raise OutputError(root, error) from error


def verify_versions(root: Path | str) -> tuple[Finding, ...]:
    """Hold every version against its manifest, and the row of manifests against itself."""
    path = Path(root)
    store = Store(path)
    found: list[Finding] = []
    whole: dict[str, bool] = {}
    before: tuple[int, str] | None = 0, ""
    for name in store.manifests():
        place = Cell(f"{RECORD}/{VERSIONS}/{name}")
        number = int(name.split("-")[0])
        try:
            version = store.manifest(name)
        except VersionError as error:
            found.append(finding("version-unreadable", place, name=error.name, reason=error.reason))
            before = None
            continue
        if before is not None and (version.previous != before[1] or number != before[0] + 1):
            found.append(finding("version-row-broken", place, name=version.label))
        for file, kept in version.files.items():
            if kept.sha256 not in whole:
                whole[kept.sha256] = store.whole(kept)
            if not whole[kept.sha256]:
                found.append(finding("version-content-lost", place, name=version.label, file=file))
        before = number, version.digest
    return (*found, *pending(path))


def read_file(root: Path | str, version: Version, name: str) -> bytes | None:
    """Content of a file of a version; None if the version has none of that name.

    Raises VersionError if the content is lost.
    """
    kept = version.files.get(name)
    if kept is None:
        return None
    try:
        with Store(Path(root)).content(kept.sha256) as file:
            data = file.read()
    except OSError as error:
        raise VersionError(version.label, f"中的 {name} 已丢失") from error
    return data


def extract(root: Path | str, version: Version, to: Path, *, results: bool = True) -> None:
    """Write the files of a version into a folder elsewhere, such as the keeper's scratch.

    Raises VersionError if a content is lost; OutputError if it cannot be written.

    ``to``: a folder that is empty or not there.
    ``results``: whether 成果/ comes along.
    """
    store = Store(Path(root))
    for name, kept in version.files.items():
        if not results and name.startswith(f"{RESULTS}/"):
            continue
        _check(store, version, {name: kept})
        with store.content(kept.sha256) as source, atomic(to / name) as partial, partial.open("wb") as file:
            while piece := source.read(1 << 20):
                file.write(piece)


def restore(root: Path | str, version: Version, *, now: datetime | None = None) -> Restored:
    """Bring the inputs back to what they were; the present state is kept as a version first.

    Inputs of the version replace those that stand there, inputs that came later are removed (both stand in the version
    kept first). 记录/, which only grows, and 成果/, which a build makes anew, are left alone. Stopped half-way, the
    journal in 记录/ says so (:func:`drafting.keeping.pending.pending`), and the same restore completes it.

    Raises VersionError if a content of the version is lost; nothing has been touched; OutputError if an input is open
    in Excel (nothing has been touched) or cannot be written.
    """
    path = Path(root)
    store = Store(path)
    inputs = {n: k for n, k in version.files.items() if not _kept_apart(n)}
    _check(store, version, inputs)
    with hold(path) as record:
        store = Store(path, record)
        present = [n for n, regular in _state(path) if regular and not _kept_apart(n)]
        written = tuple(n for n, k in sorted(inputs.items()) if digest_in(path, n) != k.sha256)
        later = [n for n in present if n not in inputs]
        removed = tuple(n for n in later if _of_inputs(n))
        _nobody_has_open(path, (*written, *removed))
        kept = freeze_held(path, record, f"恢复到 {version.label} 之前", BEFORE, "", now)
        what = "正在把输入恢复为这个版本；若程序中断，请再恢复一次。"
        begin(record, RESTORING, {"what": what, "version": version.label})
        for name in written:
            store.put(inputs[name].sha256, name)
        for name in removed:
            with file_in(path, name) as (folder, last):
                folder.remove(last)
        end(path, RECEIVING)  # what had not come in whole is gone
        end(path, RESTORING)
    return Restored(version, kept, written, removed, tuple(n for n in later if n not in removed))


def _check(store: Store, version: Version, files: dict[str, Kept]) -> None:
    for name, kept in files.items():
        if not store.whole(kept):
            raise VersionError(version.label, f"中的 {name} 已丢失或损坏，不能取用")


def _nobody_has_open(root: Path, names: tuple[str, ...]) -> None:
    for name in names:
        with file_in(root, name, make=True) as (folder, last):
            if is_open(folder, last):
                raise OutputError(root / name, OSError("文件正在 Excel 或 Word 中打开；请关闭后重试"))


def _kept_apart(name: str) -> bool:
    return name.split("/")[0] in (RECORD, RESULTS)


def _of_inputs(name: str) -> bool:
    path = PurePosixPath(name)
    return path.parts[0] in INPUT_FOLDERS if len(path.parts) > 1 else path.stem in INPUT_FILES
