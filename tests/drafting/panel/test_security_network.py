"""The server on a real network: its own TLS, plain HTTP beyond this machine only when asked for, its logs."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest

from tests.drafting.panel.proving import CODES, ROOT, Stage, free_port, serving

ADDRESS, VISITOR = "10.203.77.1", "10.203.77.2"
CLIENT = """
import json, re, sys, httpx2
base, token = sys.argv[1:]
client = httpx2.Client(base_url=base, trust_env=False, follow_redirects=False)
page = client.get("/l/" + token)
secret = re.search(r'name="csrf" value="([^"]+)"', page.text)[1]
reply = client.post("/l/" + token, data={"csrf": secret})
print(json.dumps({"page": page.text, "status": reply.status_code, "cookies": reply.headers.get_list("set-cookie"),
  "home": client.get("/e").status_code,
  "spoofed": client.get("/login", headers={"host": "127.0.0.1:8433"}).status_code}))
"""


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@pytest.fixture
def namespaces() -> Iterator[tuple[str, str]]:
    """Two network namespaces joined by a cable: the server's and a visitor's."""
    if not shutil.which("ip") or not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("network namespaces need Linux, iproute2 and root")
    mark = secrets.token_hex(3)
    server, visitor = f"ps{mark}", f"pv{mark}"
    try:
        try:
            _ip("netns", "add", server)
            _ip("netns", "add", visitor)
            _ip(
                "link", "add", f"a{mark}", "netns", server, "type", "veth", "peer", "name", f"b{mark}", "netns", visitor
            )
        except subprocess.CalledProcessError as error:
            pytest.skip(f"no network namespaces here: {error.stderr.decode().strip()}")
        for name, link, address in ((server, f"a{mark}", ADDRESS), (visitor, f"b{mark}", VISITOR)):
            _ip("-n", name, "addr", "add", f"{address}/30", "dev", link)
            _ip("-n", name, "link", "set", link, "up")
            _ip("-n", name, "link", "set", "lo", "up")
        yield server, visitor
    finally:
        for name in (server, visitor):
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


def _environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(folder)}


@pytest.mark.slow
def test_plain_http_beyond_this_machine_needs_the_option_and_warns(
    stage_here: Stage, namespaces: tuple[str, str], tmp_path: Path
) -> None:
    server_space, visitor_space = namespaces
    inside = ("ip", "netns", "exec", server_space)
    command = [
        *inside,
        sys.executable,
        "-m",
        "drafting",
        "panel",
        "serve",
        "--database",
        stage_here.url,
        "--host",
        ADDRESS,
    ]
    refused = subprocess.run(
        command, env=_environment(tmp_path), cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert refused.returncode == 2
    assert "--insecure-lan" in refused.stderr
    port = 8433
    with serving(stage_here.url, tmp_path, "--host", ADDRESS, "--insecure-lan", port=port, prefix=inside) as server:
        base, token = f"http://{ADDRESS}:{port}", stage_here.links[CODES[0]]
        for _ in range(60):
            done = subprocess.run(
                ["ip", "netns", "exec", visitor_space, sys.executable, "-c", CLIENT, base, token],
                capture_output=True, text=True, timeout=60, env=_environment(tmp_path), check=False,
            )  # fmt: skip
            if done.returncode == 0:
                break
            time.sleep(0.5)
        assert done.returncode == 0, done.stderr + server.log.read_text("utf-8")
        said = json.loads(done.stdout)
        log = server.log.read_text("utf-8")
    assert "本站未加密运行（--insecure-lan）" in said["page"]
    assert "警告" in log
    assert said["status"] == 303
    assert said["home"] == 200
    assert said["spoofed"] == 400
    assert [c.partition("=")[0] for c in said["cookies"]] == ["plain-expert"]
    assert "secure" not in said["cookies"][0].lower()
    assert token not in log


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for this machine, and its key."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not here to make a certificate")
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(cert),
         "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key


@pytest.mark.slow
def test_tls_of_its_own(stage_here: Stage, tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    cert, key = certificate
    port = free_port()
    trusted = ssl.create_default_context(cafile=str(cert))
    options = ("--tls-cert", str(cert), "--tls-key", str(key))
    with (
        serving(stage_here.url, tmp_path, *options, port=port, prefix=("env",)) as server,
        httpx2.Client(base_url=f"https://127.0.0.1:{port}", verify=trusted, trust_env=False) as client,
    ):
        for _ in range(100):
            try:
                client.get("/health")
                break
            except httpx2.TransportError:
                assert server.process.poll() is None, server.log.read_text("utf-8")
                time.sleep(0.1)
        path = f"/l/{stage_here.links[CODES[0]]}"
        secret = re.search(r'name="csrf" value="([^"]+)"', client.get(path).text)
        assert secret
        reply = client.post(path, data={"csrf": secret[1]})
        assert reply.status_code == 303
        assert reply.headers["set-cookie"].startswith("__Host-expert=")
        assert "Secure" in reply.headers["set-cookie"]
        assert client.get("/e").status_code == 200
        with pytest.raises(httpx2.TransportError):
            httpx2.get(f"http://127.0.0.1:{port}/", trust_env=False)


@pytest.mark.slow
def test_logs_of_the_running_server_are_lines_of_json_without_secrets(stage_here: Stage, tmp_path: Path) -> None:
    token = stage_here.links[CODES[0]]
    with serving(stage_here.url, tmp_path) as server, httpx2.Client(base_url=server.base, trust_env=False) as client:
        secret = re.search(r'name="csrf" value="([^"]+)"', client.get(f"/l/{token}").text)
        assert secret
        client.post(f"/l/{token}", data={"csrf": secret[1]})
        client.get("/e", params={"secret": "stands-in-the-query"})
        client.get("/l/nonsense-that-is-a-token", headers={"referer": f"{server.base}/l/{token}"})
        cookie = client.cookies["plain-expert"]
        server.stop()
        text = server.log.read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    assert sum(line.get("event") == "request" for line in lines) >= 4
    for hidden in (token, cookie, secret[1], "stands-in-the-query", "nonsense-that-is-a-token"):
        assert hidden not in text


@pytest.mark.slow
def test_a_connection_that_never_says_what_it_wants_is_closed(
    stage_here: Stage, tmp_path: Path, certificate: tuple[Path, Path]
) -> None:
    """The server's own TLS without a proxy in front: no handshake, headers that do not end, a body that stops."""
    cert, key = certificate
    short = (
        "from drafting.web import patience; patience.HEADER_SECONDS = patience.QUIET_SECONDS = 1.0; "
        "from drafting.cli import main; main()"
    )
    port = free_port()
    options = ("--port", str(port), "--tls-cert", str(cert), "--tls-key", str(key))
    command = [sys.executable, "-c", short, "panel", "serve", "--database", stage_here.url, *options]
    with (tmp_path / "log").open("ab") as log:
        server = subprocess.Popen(command, stderr=log, stdout=log, cwd=tmp_path, env=_environment(tmp_path))
    context = ssl.create_default_context(cafile=str(cert))
    try:
        body = b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\na"
        for began in (b"", b"GET /health HTTP/1.1\r\nHost:", body):
            with context.wrap_socket(_connected(port), server_hostname="127.0.0.1") as line:
                line.settimeout(10)
                line.sendall(began)
                start = time.monotonic()
                with suppress(ConnectionResetError, ssl.SSLError):
                    while line.recv(4096):
                        pass
                assert time.monotonic() - start < 6
        for began in (b"", b"\x16\x03\x01"):
            with _connected(port) as line:
                line.sendall(began)
                start = time.monotonic()
                with suppress(ConnectionResetError):
                    while line.recv(4096):
                        pass
                assert time.monotonic() - start < 6
        with context.wrap_socket(_connected(port), server_hostname="127.0.0.1") as line:
            line.sendall(f"GET /health HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
            assert line.recv(100).startswith(b"HTTP/1.1 200")
    finally:
        server.terminate()
        server.wait(20)


def _connected(port: int) -> socket.socket:
    until = time.monotonic() + 30
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=10)
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.1)
