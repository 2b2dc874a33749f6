"""Writes into a project folder: outputs as one generation, records one by one, inputs only where there is none yet."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path, PurePosixPath

from drafting import __version__
from drafting.files import OutputError, atomic
from drafting.findings import Finding
from drafting.inside import opened
from drafting.keeping.generation import Replacing
from drafting.keeping.lock import NAME as LOCK
from drafting.keeping.lock import RECORD, RESULTS, give_back, hold, take
from drafting.keeping.ownership import content_of, is_open, write
from drafting.keeping.standing import Standing, standing_after, standing_of
from drafting.keeping.sweeping import STAGES, sweep

_PATIENCE = 5.0
"""Seconds to wait with tidying up; the next run would do it too."""


def basis_of(files: Mapping[str, str]) -> str:
    """Digest of what a generation of outputs is made from: the inputs' digests by name, and the program's version."""
    content = json.dumps([__version__, sorted(files.items())], ensure_ascii=False)
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:16]


class Stage:
    """A folder that stands for 成果/ until all files of a generation are made.

    Attributes
    ----------
    folder : Path
        Where to write, under the names that the files are to have in 成果/.
    findings : list of Finding
        After the generation has taken its place: what was kept and what was written beside it.
    """

    def __init__(self, root: Path, folder: Path) -> None:
        self._root = root
        self.folder = folder
        self.findings: list[Finding] = []
        self._landed: dict[str, str] = {}
        self._last: dict[str, Callable[[Standing | None], bytes]] = {}

    def last(self, name: str, make: Callable[[Standing | None], bytes]) -> Path:
        """Have a file made when all others are, as it says whether those in 成果/ belong together.

        ``name``: its path in 成果/.
        ``make``: gives its content from what the folder will look like; None where there was nothing in it.
        Returns its path in ``folder``, where it will stand.
        """
        self._last[name] = make
        return self.folder / name

    def finish(self, basis: str) -> None:
        """Make the last files."""
        names = {*self._names(), *self._last}
        standing = standing_after(self._root, basis, names) if self._last else None
        for name, make in self._last.items():
            with atomic(self.folder / name) as partial:
                partial.write_bytes(make(standing))

    def _names(self) -> list[str]:
        return sorted(p.relative_to(self.folder).as_posix() for p in self.folder.rglob("*") if _regular(p))

    def landed(self, path: Path) -> Path:
        """Where a file written into ``folder`` stands now."""
        name = path.relative_to(self.folder).as_posix()
        return self._root / RESULTS / self._landed.get(name, name)

    def settle(self, basis: str) -> None:
        """Let all files take their places; see :class:`drafting.keeping.generation.Replacing`."""
        names = self._names()
        if not names:
            return
        with hold(self._root) as record:
            done = Replacing(self._root, self.folder, record, basis).run(names)
        self._landed = done.landed
        self.findings += done.findings
        standing = standing_of(self._root)
        # What was changed by hand has been said, as far as it was in the way.
        self.findings += [f for f in standing.findings() if f.code != "outputs-edited"] if standing else []


def _regular(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and path.name != LOCK


class Keeper:
    """Keeps one project folder.

    Nothing outside 成果/ and 记录/ is written, but for new input files; both must be real folders. Two programs that
    write at the same time take turns.
    """

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)

    @contextmanager
    def stage(self, basis: str = "") -> Iterator[Stage]:
        """Make outputs: what is written into the stage's folder takes its place in 成果/ when the block ends well.

        Nothing in 成果/ changes before all files are made: a full disk or a fault leaves the former generation. Then
        they take their places one by one; a manifest in 记录/ names them before and after, so that a stop in between
        shows.

        Raises OutputError if the folder cannot be written.

        ``basis``: what the files are made from, see :func:`basis_of`.
        """
        with self.scratch() as folder:
            made = Stage(self.root, folder)
            try:
                yield made
                made.finish(basis)
            except OutputError as error:
                if error.path.is_relative_to(folder):  # say where the file was to stand
                    raise OutputError(made.landed(error.path), OSError(error.reason)) from error
                raise
            made.settle(basis)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Make a folder in 成果/ that is gone when the block ends, and swept if the process was killed."""
        where = self.root / RESULTS
        with ExitStack() as closing:
            with hold(self.root):
                try:  # within: what is wrong with 成果/ is not to be said of the folder of the lock
                    results = closing.enter_context(opened(self.root, (RESULTS,), make=True))
                    stages = closing.enter_context(results.enter(STAGES, make=True))
                    sweep(self.root)
                    token = secrets.token_hex(4)
                    own = closing.enter_context(stages.enter(token, make=True))
                    lock = take(own)
                except OSError as error:
                    raise OutputError(where, error) from error
            try:
                yield own.anchor
            finally:
                if lock is not None:
                    give_back(lock)
                stages.remove_tree(token)
                with suppress(OSError, OutputError), hold(self.root, _PATIENCE):
                    results.remove_folder(STAGES)  # unless another run has its stage there

    def amend(self, name: str, change: Callable[[bytes | None], bytes | None]) -> bool:
        """Change a file in 记录/ under the lock.

        Raises OutputError if it cannot be written: no permission, a link, or open in Excel.

        ``name``: its name there.
        ``change``: gives the new content from the present one (None if there is no file); None to leave it.
        Returns whether it was written.
        """
        path = self.root / RECORD / name
        with hold(self.root) as record:
            try:
                content = change(content_of(record, name))
                if content is None:
                    return False
                if is_open(record, name):
                    raise OSError("文件正在 Excel 或 Word 中打开；请关闭后重试")
                write(record, name, content)
            except OSError as error:
                raise OutputError(path, error) from error
        return True

    def add(self, name: str, content: bytes) -> bool:
        """Add an input file where there is none of that name; one that is there is never replaced.

        Raises OutputError if it cannot be written.

        ``name``: its path in the project folder, parts separated by ``/``.
        Returns whether it was written.
        """
        *parts, last = PurePosixPath(name).parts
        path = self.root / name
        self.folders()
        with hold(self.root) as record:
            partial = f".{secrets.token_hex(4)}.part"
            try:
                with opened(self.root, parts, make=True) as folder:
                    if folder.kind(last) is not None:
                        return False
                    with os.fdopen(record.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb") as file:
                        file.write(content)
                        file.flush()
                        os.fsync(file.fileno())
                    folder.add(record.anchor / partial, last)
            except FileExistsError:
                return False
            except OSError as error:
                raise OutputError(path, error) from error
            finally:
                with suppress(OSError):
                    record.remove(partial)
        return True

    def folders(self, *names: str) -> None:
        """Make the project folder and folders for inputs, where they are missing.

        Raises OutputError if they cannot be made.
        """
        for name in ("", *names):
            try:
                self.root.mkdir(parents=True, exist_ok=True)
                with opened(self.root, PurePosixPath(name).parts, make=True):
                    pass
            except OSError as error:
                raise OutputError(self.root / name, error) from error


@contextmanager
def founding(root: Path) -> Iterator[None]:
    """Make the folder of a new project; of one that cannot be completed, as on a full disk, nothing is left.

    Raises OutputError if there is something of that name, or it cannot be made.
    """
    try:
        root.mkdir(parents=True)  # from here on it is ours, and may go again
    except OSError as error:
        raise OutputError(root, error) from error
    try:
        yield
    except BaseException:
        shutil.rmtree(root, ignore_errors=True)
        raise
