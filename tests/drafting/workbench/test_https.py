"""The workbench of an organisation by HTTPS: its own certificate, cookies, forms, what is refused; wrong files."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

import pytest

from drafting.panel.config import Config, ConfigError
from tests.drafting.panel.proving import free_port


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for this machine with its key, the key with a password, another key, a text."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("openssl is not here to make a certificate")
    folder = tmp_path_factory.mktemp("pairs")
    for line in (
        "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost "
        "-addext subjectAltName=DNS:localhost,IP:127.0.0.1",
        "rsa -aes256 -passout pass:word -in key.pem -out locked.pem",
        "genrsa -out other.pem 2048",
    ):
        subprocess.run([program, *line.split()], cwd=folder, check=True, capture_output=True)
    (folder / "text.pem").write_text("no certificate\n", "utf-8")
    return folder


@pytest.mark.parametrize(
    ("cert", "key", "said"),
    [
        ("cert", "other", "不是证书.*的那一个"),
        ("cert", "locked", "有口令"),
        ("cert", "text", "text.pem”不是 PEM 格式的私钥"),
        ("text", "key", "text.pem”不是 PEM 格式的证书"),
        ("cert", "cert", "cert.pem”不是 PEM 格式的私钥"),
    ],
)
def test_certificates_that_cannot_serve_are_refused_in_words(pairs: Path, cert: str, key: str, said: str) -> None:
    """It ended with exit status 3; one with a password asked for it at a terminal that nobody sits at."""
    with pytest.raises(ConfigError, match=said):
        Config(tls_cert=pairs / f"{cert}.pem", tls_key=pairs / f"{key}.pem")
    Config(tls_cert=pairs / "cert.pem", tls_key=pairs / "key.pem")


class Browser:
    """Follows nothing, keeps cookies, trusts the one certificate."""

    def __init__(self, base: str, cert: Path) -> None:
        self.base, self.cookies = base, dict[str, str]()
        context = ssl.create_default_context(cafile=str(cert))
        self._opener = build_opener(ProxyHandler({}), HTTPSHandler(context=context))
        self._opener.process_response = {}  # redirects and errors are looked at, not followed

    def ask(self, path: str, form: dict[str, str] | None = None, **headers: str) -> tuple[int, dict[str, str], str]:
        request = Request(self.base + path, urlencode(form).encode() if form is not None else None)
        request.add_header("Cookie", "; ".join(f"{k}={v}" for k, v in self.cookies.items()))
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            reply = self._opener.open(request, timeout=20)
        except HTTPError as error:
            reply = error
        with reply:
            for given in reply.headers.get_all("set-cookie") or ():
                name, value = re.match(r"([^=]+)=([^;]*)", given).groups()  # type: ignore[union-attr] - a cookie
                self.cookies[name] = value
            return reply.status, {k.lower(): v for k, v in reply.headers.items()}, reply.read().decode("utf-8")


@pytest.mark.slow
def test_a_server_with_its_own_certificate(pairs: Path, tmp_path: Path) -> None:
    port, environment = free_port(), {**os.environ, "LANG": "C.UTF-8", "PYTHONUTF8": "1"}
    made = subprocess.run(
        [sys.executable, "-m", "drafting", "workbench", str(tmp_path / "项目"), "--admin", "管理员"],
        capture_output=True, text=True, env=environment, check=True, timeout=60,
    )  # fmt: skip
    password = made.stdout.strip().rpartition("：")[2]
    short = (
        "from drafting.web import patience; patience.HEADER_SECONDS = patience.QUIET_SECONDS = 1.0; "
        "from drafting.cli import main; main()"
    )
    line = [sys.executable, "-c", short, "workbench", str(tmp_path / "项目"), "--server", "--port", str(port)]
    line += ["--tls-cert", str(pairs / "cert.pem"), "--tls-key", str(pairs / "key.pem")]
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(line, stderr=log, stdout=log, env=environment)
    try:
        until = time.monotonic() + 60
        while f"https://127.0.0.1:{port}/" not in (tmp_path / "log").read_text("utf-8"):
            assert time.monotonic() < until
            assert server.poll() is None, (tmp_path / "log").read_text("utf-8")
            time.sleep(0.1)
        browser = Browser(f"https://127.0.0.1:{port}", pairs / "cert.pem")
        status, headers, _ = browser.ask("/")
        assert (status, headers["location"]) == (303, "/login")  # of this server, by whatever scheme it is reached
        assert headers["strict-transport-security"].startswith("max-age=")
        status, _, page = browser.ask("/login")
        token = re.search(r'name="csrf" value="([^"]+)"', page)
        assert token
        form = {"csrf": token[1], "login": "管理员", "password": password}
        status, headers, _ = browser.ask("/login", form)
        assert status == 303
        cookie = headers["set-cookie"]
        assert cookie.startswith("__Host-organiser=")
        assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=", "Path=/")), cookie
        assert "Domain" not in cookie
        status, headers, page = browser.ask("/")
        assert (status, "管理员" in page) == (200, True)
        token = re.search(r'name="csrf" value="([^"]+)"', page)
        assert token
        order = {"csrf": token[1], "name": "水泥"}
        for origin in (f"http://127.0.0.1:{port}", "https://evil.example"):  # the unencrypted one is another site
            assert browser.ask("/new/blank", order, Origin=origin)[0] == 403
        assert browser.ask("/new/blank", order, Origin=f"https://127.0.0.1:{port}")[0] == 303
        assert browser.ask("/", Host="evil.example")[0] == 400
        with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:  # no answer without encryption
            plain.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
            with suppress(ConnectionResetError):
                assert not plain.recv(100).startswith(b"HTTP")
        context = ssl.create_default_context(cafile=str(pairs / "cert.pem"))
        for began in (b"", b"GET / HTTP/1.1\r\nHost:"):
            with context.wrap_socket(
                socket.create_connection(("127.0.0.1", port), timeout=10), server_hostname="127.0.0.1"
            ) as slow:
                slow.sendall(began)
                start = time.monotonic()
                with suppress(ConnectionResetError, ssl.SSLError):
                    while slow.recv(4096):
                        pass
                assert time.monotonic() - start < 8, "who never says what is wanted is let go"
        assert browser.ask("/health")[0] == 200
    finally:
        server.terminate()
        server.wait(30)
    told = (tmp_path / "log").read_text("utf-8")
    assert password not in told
    assert "Traceback" not in told
