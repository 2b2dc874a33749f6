"""LibreOffice without a screen: .docx to PDF, old .doc to .docx, killed after a limit."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

_NAMES = ("soffice", "libreoffice", "soffice.exe")
_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "C:/Program Files/LibreOffice/program/soffice.exe",
    "C:/Program Files (x86)/LibreOffice/program/soffice.exe",
)
_OPTIONS = {
    "ExportBookmarksToPDFDestination": {"type": "boolean", "value": "true"},
    # The blank page before a section that starts on an odd page counts.
    "IsSkipEmptyPages": {"type": "boolean", "value": "false"},
}
_PDF = f"pdf:writer_pdf_Export:{json.dumps(_OPTIONS)}"
_COMMON = "/org.openoffice.Office.Common/Security/Scripting"
_NET = "/org.openoffice.Inet/Settings"
_SCHEMA = ' xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
_NOWHERE = {"Name": ("string", "127.0.0.1"), "Port": ("int", "9")}
"""A proxy that is none: port 9 discards, where anybody listens at all."""
_CAUTIOUS = (
    (_COMMON, "DisableMacrosExecution", "boolean", "true"),
    # keeps Writer from some links only: pictures of a .doc are fetched all the same
    (_COMMON, "BlockUntrustedRefererLinks", "boolean", "true"),
    (_NET, "ooInetProxyType", "int", "2"),
    (_NET, "ooInetNoProxy", "string", ""),
    *(
        (_NET, f"ooInet{protocol}Proxy{name}", kind, value)
        for protocol in ("HTTP", "HTTPS", "FTP")
        for name, (kind, value) in _NOWHERE.items()
    ),
)
"""Profile for files of strangers: no macros, nothing fetched from elsewhere."""
LIMIT = 90.0
"""Seconds that one conversion may take."""


class OfficeError(RuntimeError):
    """LibreOffice did not give a PDF: ``reason`` is ``timeout`` or ``failed``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@cache
def find_program() -> str | None:
    """Find the program; None if it is not installed."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    return found or next((place for place in _PLACES if Path(place).is_file()), None)


def find_office() -> Office | None:
    """Give LibreOffice if it is installed."""
    program = find_program()
    return None if program is None else Office(program)


class Office:
    """Converts documents one after another with a profile of its own, which is removed with it.

    ``program``: path of LibreOffice.
    ``limit``: seconds after which the conversion of one file is killed.
    """

    def __init__(self, program: str, limit: float = LIMIT) -> None:
        self._program = program
        self._limit = limit
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = self._hung = False
        self._folder = Path(tempfile.mkdtemp(prefix="drafting-office-"))
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)

    @property
    def version(self) -> str:
        """What tells this program from another version of it: where it is, its size and time."""
        path = Path(self._program).resolve()
        with suppress(OSError):
            found = path.stat()
            return f"{path} {found.st_size} {found.st_mtime_ns}"
        return str(path)

    def to_pdf(self, content: bytes) -> bytes:
        """Lay out a .docx and return the PDF, with bookmarks as destinations.

        Raises OfficeError if it takes too long, fails or has been stopped.
        """
        (made,) = self._convert({"draft.docx": content}, _PDF, "pdf")
        if made is None:
            raise OfficeError("failed")
        return made

    def to_pdfs(self, contents: Sequence[bytes]) -> list[bytes | None]:
        """Lay out several .docx in one go, which spares starts of the program; None for one that it did not give.

        Raises OfficeError if it takes too long or has been stopped.
        """
        return self._convert({f"draft{n}.docx": content for n, content in enumerate(contents)}, _PDF, "pdf")

    def to_docx(self, content: bytes) -> bytes:
        """Turn an old .doc, which may be anybody's, into a .docx.

        Raises OfficeError as for :meth:`to_pdf`.
        """
        settings = self._folder / "profile" / "user" / "registrymodifications.xcu"
        settings.parent.mkdir(parents=True, exist_ok=True)
        items = (
            f'<item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse" oor:type="xs:{kind}">'
            f"<value>{value}</value></prop></item>"
            for path, name, kind, value in _CAUTIOUS
        )
        settings.write_text(
            '<?xml version="1.0" encoding="UTF-8"?>'
            f'<oor:items xmlns:oor="http://openoffice.org/2001/registry"{_SCHEMA}>{"".join(items)}</oor:items>',
            "utf-8",
        )
        (made,) = self._convert({"old.doc": content}, "docx:MS Word 2007 XML", "docx")
        if made is None:
            raise OfficeError("failed")
        return made

    def _convert(self, sources: Mapping[str, bytes], form: str, suffix: str) -> list[bytes | None]:
        if self._stopped or self._hung:
            raise OfficeError("timeout" if self._hung else "failed")
        folder = self._folder
        targets = [(folder / name).with_suffix(f".{suffix}") for name in sources]
        for target in targets:
            target.unlink(missing_ok=True)
        for name, content in sources.items():
            (folder / name).write_bytes(content)
        command = [
            self._program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore",
            "--convert-to", form, "--outdir", str(folder), *(str(folder / name) for name in sources),
        ]  # fmt: skip
        # The program is a fixed one and the paths are our own; no shell takes part.
        process = self._process = subprocess.Popen(  # noqa: S603 - see above
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        try:
            if self._stopped:  # just now: whoever stopped could not see the process yet
                raise OfficeError("failed")
            process.wait(self._limit * len(sources))
        except subprocess.TimeoutExpired as error:
            _kill(process)
            self._hung = True  # what hangs once is not waited for again
            raise OfficeError("timeout") from error
        except BaseException:
            _kill(process)
            raise
        return [target.read_bytes() if target.is_file() else None for target in targets]

    def stop(self) -> None:
        """Kill the conversion that runs, from another thread, and begin no other."""
        self._stopped = True
        if self._process is not None and self._process.poll() is None:
            _kill(self._process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the program with the processes that it started itself."""
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    with suppress(subprocess.TimeoutExpired):
        process.wait(5)
