"""The examples in docs/deployment are run, as far as this machine has what they are for."""

from __future__ import annotations

import json
import re
import shutil
import ssl
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import httpx2
import pytest

from drafting.panel import tables as t
from tests.drafting.panel.proving import CODES, ROOT, Stage, free_port, serving

EXAMPLES = ROOT / "docs" / "deployment"
NAME = "panel.example.org"


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for the examples' name and its key."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not here to make a certificate")
    cert, key = tmp_path / "fullchain.pem", tmp_path / "privkey.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(cert),
         "-days", "2", "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key


def configured(folder: Path, upstream: int, secure: int, plain: int, cert: Path, key: Path) -> Path:
    """The example as it stands, with this test's ports and files; every replacement must find its line."""
    text = (EXAMPLES / "nginx.conf").read_text("utf-8")
    for old, new in (
        ("listen 443 ssl;", f"listen 127.0.0.1:{secure} ssl;"),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("/etc/nginx/tls/fullchain.pem", str(cert)),
        ("/etc/nginx/tls/privkey.pem", str(key)),
        ("http://127.0.0.1:8433", f"http://127.0.0.1:{upstream}"),
    ):
        assert old in text, old
        text = text.replace(old, new)
    temporary = "".join(
        f"  {kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = (
        f"daemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\nworker_processes 1;\n"
        f"events {{}}\nhttp {{\n{temporary}{text}}}\n"
    )
    file = folder / "nginx.conf"
    file.write_text(whole, "utf-8")
    return file


@pytest.mark.slow
def test_an_answer_is_saved_through_nginx_as_documented(
    stage_here: Stage, certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip("nginx is not installed")
    number = stage_here.round()
    token = stage_here.links[CODES[0]]
    upstream, secure, plain = free_port(), free_port(), free_port()
    file = configured(tmp_path, upstream, secure, plain, *certificate)
    subprocess.run([program, "-t", "-c", str(file)], check=True, capture_output=True)
    trusted = ssl.create_default_context(cafile=str(certificate[0]))
    address = {"sni_hostname": NAME}
    host = {"host": NAME}
    public = f"https://{NAME}"
    with serving(stage_here.url, tmp_path, "--behind-proxy", "--public-url", public, port=upstream) as server:
        proxy = subprocess.Popen([program, "-c", str(file)])
        try:
            with httpx2.Client(
                base_url=f"https://127.0.0.1:{secure}", verify=trusted, trust_env=False, headers=host
            ) as client:

                def ask(method: str, path: str, **more: object) -> httpx2.Response:
                    return client.request(method, path, extensions=address, **more)  # type: ignore[arg-type]

                for _ in range(100):
                    try:
                        first = ask("GET", f"/l/{token}")
                        break
                    except httpx2.TransportError:
                        assert proxy.poll() is None, (tmp_path / "error.log").read_text("utf-8")
                        time.sleep(0.1)
                secret = re.search(r'name="csrf" value="([^"]+)"', first.text)
                assert secret
                cookies = {c.partition("=")[0]: c for c in first.headers.get_list("set-cookie")}
                jar = cookies["__Host-visit"].split(";")[0]
                entered = ask("POST", f"/l/{token}", data={"csrf": secret[1]}, headers={"cookie": jar})
                assert entered.status_code == 303
                line = entered.headers["set-cookie"]
                assert line.startswith("__Host-expert=")
                assert "Secure" in line
                session = {"cookie": line.split(";")[0]}
                secret = re.search(r'name="csrf" value="([^"]+)"', ask("GET", "/e", headers=session).text)
                assert secret
                saved = ask(
                    "POST", f"/e/{number}/answer", json={"item": "o.0.0", "value": "经由 nginx 👍"},
                    headers={**session, "x-csrf": secret[1]},
                )  # fmt: skip
                assert saved.json() == {"state": "saved", "value": "经由 nginx 👍", "version": 1}
                # what a visitor says about the own address does not count: guessing is stopped all the same
                codes = [
                    ask("GET", f"/l/guess-{k}", headers={"x-forwarded-for": f"10.0.0.{k}"}).status_code
                    for k in range(40)
                ]
                assert codes[0] == 404
                assert codes[-1] == 429
                moved = httpx2.get(
                    f"http://127.0.0.1:{plain}/l/x", headers=host, trust_env=False, follow_redirects=False
                )
                assert moved.status_code == 301
                assert moved.headers["location"] == f"{public}/l/x"
            for log in tmp_path.rglob("*.log"):
                assert token not in log.read_text("utf-8"), log
            assert server.process.poll() is None
        finally:
            proxy.terminate()
            proxy.wait(20)
    assert [r.value for r in stage_here.rows(t.answers)] == ["经由 nginx 👍"]


def test_the_systemd_unit_is_understood(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    text = (EXAMPLES / "drafting-panel.service").read_text("utf-8")
    command = "/opt/drafting/bin/drafting"
    assert f"ExecStart={command} panel serve" in text
    unit = tmp_path / "drafting-panel.service"
    unit.write_text(text.replace(command, sys.executable), "utf-8")
    done = subprocess.run([program, "verify", str(unit)], capture_output=True, text=True, check=False)
    said = [line for line in (done.stdout + done.stderr).splitlines() if "drafting-panel" in line]
    assert not said, said


def _options(line: str) -> set[str]:
    return set(re.findall(r"(?<!\S)(--[a-z-]+)", line))


def test_the_examples_name_options_and_extras_that_exist() -> None:
    """The Docker file is not built here; what it says of this project is checked."""
    from drafting.cli.commands.panel import command as group

    known = {
        name: {o for p in command.params for o in (*p.opts, *p.secondary_opts)}
        for name, command in group.commands.items()
    }
    docker = (EXAMPLES / "Dockerfile").read_text("utf-8").replace("\\\n#", "").replace("\\\n", " ")
    unit = (EXAMPLES / "drafting-panel.service").read_text("utf-8")
    for text in (docker, unit):
        for name, rest in re.findall(r"(?:drafting-panel|panel) (create|serve)\b(.*)", text):
            assert _options(rest) <= known[name], rest
    assert known["serve"] >= {"--tls-cert", "--behind-proxy"}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (extras,) = re.findall(r"""pip install --no-cache-dir "\$\(ls /wheels/\*\.whl\)\[([a-z,-]+)\]\"""", docker)
    assert set(extras.split(",")) <= set(project["optional-dependencies"])
    (python,) = set(re.findall(r"^FROM python:3\.(\d+)-slim", docker, re.MULTILINE))
    assert int(python) >= int(project["requires-python"].removeprefix(">=3."))


@pytest.mark.slow
@pytest.mark.parametrize("secure", [True, False])
def test_the_health_check_of_the_docker_file_works(
    stage_here: Stage, certificate: tuple[Path, Path], tmp_path: Path, secure: bool
) -> None:
    """Its very words, with this test's port: well while the server runs, with its own TLS or without, ill after."""
    (words,) = re.findall(r"^HEALTHCHECK .*?CMD (\[.*\])$", (EXAMPLES / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    port = free_port()
    command = [w.replace("8433", str(port)) for w in json.loads(words)]
    command[0] = sys.executable
    cert, key = certificate
    options = ("--tls-cert", str(cert), "--tls-key", str(key)) if secure else ()
    with serving(stage_here.url, tmp_path, *options, port=port, prefix=("env",)) as server:
        for _ in range(60):
            done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
            if done.returncode == 0:
                break
            assert server.process.poll() is None, server.log.read_text("utf-8")
            time.sleep(0.3)
        assert done.returncode == 0, done.stderr
        server.stop()
        assert subprocess.run(command, capture_output=True, timeout=30, check=False).returncode != 0
