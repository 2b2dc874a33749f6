"""Options of the commands that serve others: address, TLS, mail."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from drafting.panel.config import Config

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--host", default="127.0.0.1", show_default=True, help="监听地址。"),
    click.option("--public-url", default="", help="他人访问的地址，用于邀请链接，如 https://panel.example.org。"),
    click.option("--tls-cert", type=click.Path(path_type=Path), help="证书文件（PEM）。"),
    click.option("--tls-key", type=click.Path(path_type=Path), help="私钥文件（PEM）。"),
    click.option("--behind-proxy", is_flag=True, help="由本机的反向代理提供 HTTPS。"),
    click.option("--insecure-lan", is_flag=True, help="在可信内网以不加密的 HTTP 运行（有警告）。"),
    click.option(
        "--smtp", default="", envvar="DRAFTING_PANEL_SMTP",
        help="发信服务器，如 smtps://用户:密码@主机；宜用环境变量。",
    ),
    click.option("--mail-from", default="", envvar="DRAFTING_PANEL_MAIL_FROM", help="发信人邮箱。"),
)  # fmt: skip
NAMES = ("host", "public_url", "tls_cert", "tls_key", "behind_proxy", "insecure_lan", "smtp", "mail_from")
"""What these options are called in a command."""


def server_options(function: F) -> F:
    """Give a command the options of a server."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def config_of(smtp: str, mail_from: str, **options: Any) -> Config:
    """What the options say, with a warning on an unencrypted network.

    Raises click.UsageError: they would leave the server open or unreachable.
    """
    from drafting.panel.config import Config, ConfigError
    from drafting.panel.mailing import MailError, Relay

    try:
        config = Config(**options, relay=Relay.from_url(smtp, mail_from) if smtp else None)
    except (ConfigError, MailError) as error:
        raise click.UsageError(str(error)) from error
    if config.plain_lan:
        click.echo(
            "警告：正在以不加密的 HTTP 供网络访问（--insecure-lan）；同一网络中的他人可能看到链接和答案。", err=True
        )
    return config
