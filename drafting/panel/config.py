"""How a panel server is reached, and what follows from it for cookies and addresses."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from drafting.files import reading_reason
from drafting.panel.mailing import Relay

DEFAULT_PORT = 8433


class ConfigError(ValueError):
    """Settings that would leave the panel open or unreachable; the message is for people."""


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of one server.

    Attributes
    ----------
    host, port
        Where it listens.
    public_url
        What links begin with, e.g. ``https://panel.example.org``; by default host and port.
    tls_cert, tls_key
        PEM files for its own TLS.
    behind_proxy
        A proxy on this machine terminates TLS and passes on X-Forwarded-For and -Proto.
    insecure_lan
        Plain HTTP beyond loopback, knowingly.
    relay
        Mail server for invitations and reminders, if any.
    """

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    public_url: str = ""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    behind_proxy: bool = False
    insecure_lan: bool = False
    relay: Relay | None = None

    def __post_init__(self) -> None:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ConfigError("--tls-cert 和 --tls-key 须同时给出。")
        for file in (self.tls_cert, self.tls_key):
            if file is not None and not file.is_file():
                raise ConfigError(f"没有文件“{file}”。")
        if self.tls_cert is not None and self.tls_key is not None:
            _check_pair(self.tls_cert, self.tls_key)
        if self.public_url:
            parts = urlsplit(self.public_url)
            if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
                raise ConfigError("--public-url 写法不对，例如 https://panel.example.org（不带路径）。")
            if self.secure != (parts.scheme == "https"):
                raise ConfigError("--public-url 的 http/https 与服务方式不一致。")
        if self.behind_proxy and not is_loopback(self.host):
            raise ConfigError("--behind-proxy 时只应监听本机地址，如 --host 127.0.0.1。")
        if self.behind_proxy and not self.public_url:
            raise ConfigError("--behind-proxy 时须用 --public-url 给出专家访问的 https 地址。")
        if not self.secure and not is_loopback(self.host) and not self.insecure_lan:
            raise ConfigError(
                "不加密的 HTTP 只能用于本机（127.0.0.1）。请用 --tls-cert/--tls-key 或 --behind-proxy 启用 HTTPS；"
                "确需在可信内网以明文运行，请加 --insecure-lan。"
            )
        if (
            ipaddress_or_none(self.host) is not None
            and ipaddress.ip_address(self.host).is_unspecified
            and not self.public_url
        ):
            raise ConfigError("监听全部地址时须用 --public-url 给出专家访问的地址，例如 http://192.168.1.10:8433。")

    @property
    def secure(self) -> bool:
        """Whether browsers reach it by HTTPS."""
        return self.tls_cert is not None or self.behind_proxy

    @property
    def plain_lan(self) -> bool:
        """Whether it runs unencrypted beyond this machine."""
        return not self.secure and not is_loopback(self.host)

    @property
    def base_url(self) -> str:
        """What links begin with."""
        if self.public_url:
            return self.public_url.rstrip("/")
        name = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.secure else 'http'}://{name}:{self.port}"

    def unreachable(self) -> str:
        """Why links made here would not open for experts, in Chinese; empty where nothing speaks against them."""
        host = urlsplit(self.base_url).hostname or ""
        again = "请用 --public-url（及 --host）以专家能访问的地址重新启动，再生成链接。"
        if is_loopback(host):
            return f"链接将以 {self.base_url} 开头，只有这台电脑自己打得开，发给专家没有用。{again}"
        address = ipaddress_or_none(host)
        if address is not None:
            if address.is_private or address.is_link_local:
                return f"链接将以 {self.base_url} 开头，这是内网地址：只有同一内网的专家打得开，外单位的打不开。"
            return ""
        found = resolved(host)
        if found is None:
            return f"链接将以 {self.base_url} 开头，但查不到主机名“{host}”，专家很可能打不开：请检查 --public-url。"
        if found and all(is_loopback(a) for a in found):
            return f"链接将以 {self.base_url} 开头，主机名“{host}”在这里指向本机；请确认专家的电脑上它指向这台服务器。"
        if "." not in host:
            return f"链接将以 {self.base_url} 开头，这是本地网络的主机名：外单位的专家打不开。"
        return ""

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """Values of the Host header that are answered: the public address, and this machine on loopback."""
        hosts = {urlsplit(self.base_url).netloc.lower()}
        if is_loopback(self.host) and not self.behind_proxy:
            hosts |= {f"{name}:{self.port}" for name in ("127.0.0.1", "localhost", "[::1]")}
        default = {"http": ":80", "https": ":443"}[urlsplit(self.base_url).scheme]
        hosts |= {h.removesuffix(default) for h in hosts} | {h + default for h in hosts if ":" not in h}
        return frozenset(hosts)

    def cookie(self, name: str) -> str:
        """Name of a cookie; browsers hold ``__Host-`` ones to HTTPS, this host and the root path."""
        return f"__Host-{name}" if self.secure else f"plain-{name}"


def _check_pair(cert: Path, key: Path) -> None:
    """Refuse files that the server could not begin to serve with."""
    asked = False

    def nobody() -> str:
        nonlocal asked
        asked = True
        return ""

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password=nobody)
    except ssl.SSLError as error:
        if asked:
            how = "openssl pkey -in 私钥.pem -out 新私钥.pem"
            raise ConfigError(f"私钥“{key}”有口令，服务器启动时没有人输入。请去掉口令（如 {how}）再启动。") from error
        if error.reason == "KEY_VALUES_MISMATCH":
            raise ConfigError(f"私钥“{key}”不是证书“{cert}”的那一个。请换成申请该证书时的私钥。") from error
        what, file = ("私钥", key) if _is_certificate(cert) else ("证书", cert)
        raise ConfigError(
            f"“{file}”不是 PEM 格式的{what}，读不出来。请用文本编辑器核对开头是否为 -----BEGIN。"
        ) from error
    except OSError as error:
        raise ConfigError(f"证书或私钥不能读取：{reading_reason(error)}。请核对文件的权限。") from error


def _is_certificate(file: Path) -> bool:
    try:
        ssl.create_default_context(cafile=str(file))
    except (ssl.SSLError, OSError):
        return False
    return True


@lru_cache(maxsize=8)
def _resolved(host: str, _: int) -> tuple[str, ...] | None:
    try:
        return tuple(sorted({str(found[4][0]) for found in socket.getaddrinfo(host, None)}))
    except (OSError, UnicodeError):
        return None


def resolved(host: str) -> tuple[str, ...] | None:
    """Addresses of a name, None if it has none; remembered for a minute."""
    return _resolved(host, int(time.monotonic()) // 60)


def ipaddress_or_none(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a host is, None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach it."""
    address = ipaddress_or_none(host)
    return address.is_loopback if address is not None else host == "localhost"
