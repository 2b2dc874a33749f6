"""Packages damaged on purpose are answered in words by every reader of archives: one list of what may happen."""

from __future__ import annotations

import bz2
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from drafting.archives import DAMAGED
from drafting.desk.slots import UploadError, _check_parts
from drafting.earlier import word
from drafting.publishing.package import CONTENT
from drafting.publishing.package_reading import read_package
from drafting.render.docx import borrowed
from drafting.workbook.opening import OpeningError, open_archive

PARTS = (CONTENT, "[Content_Types].xml", "word/document.xml", "xl/workbook.xml", "_rels/.rels", "docProps/core.xml")


def package(packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", packing) as made:
        for name in PARTS:
            made.writestr(name, b"<a>" + bytes(range(256)) * 40 + b"</a>")
    return target.getvalue()


def spoilt(packing: int) -> bytes:
    """The packed data of every part overwritten, headers and directory as they were."""
    data = bytearray(package(packing))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as read:
        for entry in read.infolist():
            begin = entry.header_offset + 30 + len(entry.filename.encode())
            data[begin + 4 : begin + entry.compress_size] = b"\xff" * (entry.compress_size - 4)
    return bytes(data)


def in_directory(at: int, value: bytes) -> bytes:
    """One field of every entry of the central directory replaced."""
    data = bytearray(package())
    place = data.find(b"PK\x01\x02")
    while place >= 0:
        data[place + at : place + at + len(value)] = value
        place = data.find(b"PK\x01\x02", place + 4)
    return bytes(data)


HOSTILE = {
    "deflate": spoilt(zipfile.ZIP_DEFLATED), "bzip2": spoilt(zipfile.ZIP_BZIP2), "lzma": spoilt(zipfile.ZIP_LZMA),
    "unknown packing": in_directory(10, b"\x63\x00"), "password": in_directory(8, b"\x01\x00"),
    "checksum": in_directory(16, b"\0\0\0\0"), "beyond the end": in_directory(42, b"\xff\xff\xff\x7f"),
    "longer than it is": in_directory(20, b"\xff\xff\xff\x00"), "cut": package()[:200],
    "directory elsewhere": package()[:-8] + b"\xff\xff\xff\xff" + package()[-4:],
}  # fmt: skip


def by_word(data: bytes, _: Path) -> bool:
    return word.read(data).code is not None


def by_workbook(data: bytes, _: Path) -> bool:
    return refused(lambda: open_archive(data), OpeningError)


def by_package(data: bytes, folder: Path) -> bool:
    path = folder / "包.zip"
    path.write_bytes(data)
    return refused(lambda: read_package(path), OpeningError)


def by_blueprint(data: bytes, _: Path) -> bool:
    return b"Word" in borrowed.task(data, {}) or "密码".encode() in borrowed.task(data, {})


def by_upload(data: bytes, _: Path) -> bool:
    """Only names and kinds of parts are looked at there: a package may pass, but nothing else comes out of it."""
    refused(lambda: _check_parts("意见.docx", data), UploadError)
    return True


def refused(read: Callable[[], object], error: type[Exception]) -> bool:
    try:
        read()
    except error:
        return True
    return False


@pytest.mark.parametrize("reader", [by_word, by_workbook, by_package, by_blueprint, by_upload])
@pytest.mark.parametrize("name", HOSTILE)
def test_every_reader_answers_a_damaged_package_in_words(
    name: str, reader: Callable[[bytes, Path], bool], tmp_path: Path
) -> None:
    assert reader(HOSTILE[name], tmp_path)


def test_what_unpacking_raises_is_in_the_list() -> None:
    """Each packing's own error for data that are none; bzip2's is OSError, and lzma's is no kind of any other."""
    junk = b"\xff" * 64
    for unpack in (zlib.decompress, bz2.BZ2Decompressor().decompress, lzma.LZMADecompressor(lzma.FORMAT_XZ).decompress):
        with pytest.raises(DAMAGED):
            unpack(junk)
    assert not issubclass(lzma.LZMAError, (OSError, ValueError, zlib.error, EOFError))
