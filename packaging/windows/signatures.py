"""Whose signature the embeddable Python bears, asked of osslsigncode."""

from __future__ import annotations

import re
import shutil
import ssl
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from wheels import RefusedError

ROOT = Path(__file__).with_name("microsoft-identity-verification-root-2020.pem")
"""The root below which the Python Software Foundation signs; SHA-256 5367F20C…2E1270. No Linux list of roots has it."""
SIGNED = (".exe", ".dll", ".pyd", ".cat")
"""Kinds of files that bear a signature; no other kind of program is let in."""
_OWNER = "/CN=Python Software Foundation"
_MAKER = "/O=Microsoft Corporation"
_RUNTIME = re.compile(r"vcruntime\d+(_\d)?\.dll")


@dataclass(frozen=True)
class Verdict:
    """What osslsigncode said of one file.

    Attributes
    ----------
    good : bool
        Signature, time stamp and chain up to a known root hold.
    intact : bool
        The file's digest is the signed one.
    signer : str
        Subject of the certificate; empty without a signature.
    rootless : bool
        It failed only for want of the root.
    """

    good: bool
    intact: bool
    signer: str
    rootless: bool


def judged(status: int, said: str) -> Verdict:
    """What an answer of ``osslsigncode verify`` means."""
    signer = re.search(r"Signer's certificate:.*?Subject:\s*(.+)", said, re.DOTALL)
    now = re.findall(r"Current message digest\s*:\s*([0-9A-F]+)", said)
    made = re.findall(r"Calculated message digest\s*:\s*([0-9A-F]+)", said)
    return Verdict(
        good=status == 0,
        intact=bool(now) and now == made,
        signer=signer.group(1).splitlines()[0].strip() if signer else "",
        rootless="unable to get local issuer certificate" in said,
    )


def accepted(name: str, verdict: Verdict) -> str:
    """Judge one file: nothing to say, or what could not be checked.

    Raises
    ------
    RefusedError
        When the file is unsigned, changed, or signed by somebody else.
    """
    runtime = _RUNTIME.fullmatch(name) is not None
    if verdict.good and (_MAKER if runtime else _OWNER) in verdict.signer:
        return ""
    if runtime and verdict.intact and verdict.rootless and _MAKER in verdict.signer:
        return f"{name}：内容与其签名一致，签名者自称微软；本机没有微软的根证书，未核对到根。"
    raise RefusedError(
        f"{name}：签名不成立，或签名者不是 Python 软件基金会（{verdict.signer or '没有签名'}）。不采用。"
    )


def checked(files: Mapping[str, bytes], trusted: Sequence[Path] = ()) -> list[str]:
    """Check the signatures of the embeddable Python.

    Parameters
    ----------
    files
        Name -> content.
    trusted
        Further root certificates (PEM).

    Returns
    -------
    list of str
        Statements for the record, in Chinese: what was checked and what was not.

    Raises
    ------
    RefusedError
        See :func:`accepted`.
    """
    tool = shutil.which("osslsigncode")
    if tool is None:
        return ["签名没有核对：构建的机器上没有 osslsigncode。"]
    binaries = {n: c for n, c in files.items() if n.endswith(SIGNED)}
    left = []
    with TemporaryDirectory() as scratch:
        roots = Path(scratch, "roots.pem")
        system = ssl.get_default_verify_paths().cafile
        lists = [ROOT, *trusted, *([Path(system)] if system else [])]
        debian = Path("/etc/ssl/certs/ca-certificates.crt")
        roots.write_text("\n".join(p.read_text("utf-8") for p in [*lists, debian] if p.is_file()), "utf-8")
        for name, content in sorted(binaries.items()):
            file = Path(scratch, name)
            file.write_bytes(content)
            # Lists of revoked certificates would have to be fetched: not looked at, and said so.
            command = [
                tool,
                "verify",
                "-ignore-crl",
                "-CAfile",
                str(roots),
                "-TSA-CAfile",
                str(roots),
                "-in",
                str(file),
            ]
            asked = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 -- a list, no shell
            said = (asked.stdout + asked.stderr).decode("utf-8", "replace")
            left.append(accepted(name, judged(asked.returncode, said)))
    open_points = [s for s in left if s]
    return [
        f"签名已核对：{len(binaries) - len(open_points)} 个程序文件由 Python 软件基金会（运行库由微软）签名，内容未改，"
        "证书链到根；吊销列表没有查。",
        *open_points,
    ]
