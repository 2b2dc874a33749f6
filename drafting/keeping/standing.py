"""Whether the files in 成果/ belong together, for those who read them."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from drafting.findings import Cell, Finding, finding
from drafting.inside import NotRegularError, opened
from drafting.keeping.lock import RECORD, RESULTS
from drafting.keeping.manifest import NAME, Entry, Manifest, ManifestError, of_its_time, read_manifest
from drafting.keeping.ownership import RECORD_FILE, content_of, digest

_SHOWN = 5
_PATIENCE = 1.0
"""Seconds for which a generation that is just taking its places is waited for."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a manifest says about the files that are there."""

    interrupted: bool = False
    """A run was stopped while its files took their places."""
    older: tuple[str, ...] = ()
    """Files made from other inputs than those written last."""
    changed: tuple[str, ...] = ()
    """Files that a person changed."""
    unreadable: bool = False
    """The manifest itself is damaged, or of a newer version."""
    bases: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Files that are there as they were written -> digest of what they were made from."""

    @property
    def whole(self) -> bool:
        """Whether 结果.json and the documents are of one generation."""
        return not (self.interrupted or self.unreadable or RECORD_FILE in self.older)

    @property
    def of_documents(self) -> Standing:
        """The same without what was sent out or looked at: who was asked is nobody's business who reads a document."""
        kept = tuple(name for name in self.changed if not of_its_time(name))
        return replace(self, changed=kept)

    def findings(self) -> Iterator[Finding]:
        """Word it."""
        if self.unreadable:
            yield finding("outputs-manifest-unreadable", Cell(f"{RECORD}/{NAME}"))
        if self.interrupted:
            yield finding("outputs-interrupted", Cell(RESULTS))
        elif RECORD_FILE in self.older:
            yield finding("outputs-mixed", Cell(f"{RESULTS}/{RECORD_FILE}"), files=_named(self.older))
        elif self.older:
            yield finding("outputs-older", Cell(RESULTS), files=_named(self.older))
        if self.changed:
            yield finding("outputs-edited", Cell(RESULTS), files=_named(self.changed))


def standing_of(root: Path | str) -> Standing | None:
    """Look at the files in 成果/ against the manifest; nothing is written.

    Returns None where there is no manifest: nothing has been written yet, or by an earlier version only.
    """
    manifest = _manifest(Path(root))
    if isinstance(manifest, Manifest):
        return _looked_at(Path(root), manifest)
    return manifest


def standing_after(root: Path | str, basis: str, names: Collection[str]) -> Standing | None:
    """Foretell what :func:`standing_of` will find once some files have taken their places, for one of these files.

    ``basis``: of the files that are about to be written.
    ``names``: their paths in 成果/.
    """
    manifest = _manifest(Path(root))
    if not isinstance(manifest, Manifest):
        return None  # a damaged manifest is made anew by then
    found = _looked_at(Path(root), replace(manifest, basis=basis))
    older = tuple(name for name in found.older if name not in names)
    return replace(found, interrupted=False, older=older)


def _manifest(folder: Path) -> Manifest | Standing | None:
    """The manifest; a standing where it cannot be read, None where there is none."""
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            with opened(folder, (RECORD,)) as record:
                data = content_of(record, NAME)
        except (FileNotFoundError, NotADirectoryError, NotRegularError):
            return None
        except OSError:
            return Standing(unreadable=True)
        if data is None:
            return None
        try:
            manifest = read_manifest(data)
        except ManifestError:
            return Standing(unreadable=True)
        if manifest.begun is None or time.monotonic() > until:
            return manifest
        time.sleep(_PATIENCE / 10)


def _looked_at(root: Path, manifest: Manifest) -> Standing:
    older, changed, bases = [], [], {}
    for name, entry in sorted({**manifest.files, **arrived(root, manifest)}.items()):
        found = _digest(root, name)
        if found is None:
            continue
        if found not in manifest.digests:
            changed.append(name)
            continue
        bases[name] = entry.basis
        if entry.basis and entry.basis != manifest.basis and not of_its_time(name):
            older.append(name)
    return Standing(manifest.begun is not None, tuple(older), tuple(changed), bases=MappingProxyType(bases))


def arrived(root: Path, manifest: Manifest) -> dict[str, Entry]:
    """Files of a run that was stopped which had taken their places already."""
    begun = manifest.begun or {}
    return {name: entry for name, entry in begun.items() if _digest(root, name) == entry.sha256}


def _digest(root: Path, name: str) -> str | None:
    path = PurePosixPath(name)
    with suppress(OSError), opened(root, (RESULTS, *path.parts[:-1])) as folder:
        return digest(folder, path.name)
    return None


def _named(files: tuple[str, ...]) -> str:
    more = f" 等 {len(files)} 个" if len(files) > _SHOWN else ""
    return "、".join(files[:_SHOWN]) + more
