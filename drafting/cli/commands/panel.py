"""``drafting panel``: the web panel of experts."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from drafting.cli.chinese import ChineseGroup
from drafting.cli.chinese import command as chinese_command
from drafting.cli.common import folder_argument, json_option, write_json
from drafting.cli.serving import config_of, server_options

DEFAULT_URL = "sqlite:///专家咨询.sqlite3"
_INSTALL = '网上专家咨询须另行安装：pip install "cleaner-production-drafting[panel]"。'

database_option = click.option(
    "--database", "url", default=DEFAULT_URL, show_default=True, envvar="DRAFTING_PANEL_DATABASE", metavar="URL",
    help="数据库地址：SQLite（默认）或 postgresql://用户@主机/库名。",
)  # fmt: skip


class _PanelGroup(ChineseGroup):
    """Subcommands in the order of the work."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names as declared."""
        return list(self.commands)


_LIBRARIES = frozenset({"starlette", "uvicorn", "sqlalchemy", "alembic", "argon2", "segno", "multipart"})


def _guarded(function: Callable[..., int]) -> Callable[..., int]:
    """Say in one line what stands in the way."""

    @functools.wraps(function)
    def run(**options: Any) -> int:
        try:
            return function(**options)
        except Exception as error:
            said, status = _trouble(error)
            if not said:
                raise
        click.echo(f"错误：{said}", err=True)
        return status

    return run


def _trouble(error: Exception) -> tuple[str, int]:
    """What a person can mend, in words, and the exit status; nothing of what nobody foresaw."""
    if isinstance(error, ModuleNotFoundError) and (error.name or "").split(".")[0] in _LIBRARIES:
        return _INSTALL, 1
    with suppress(ModuleNotFoundError):
        from drafting.panel.database import DatabaseError
        from drafting.panel.lifecycle import ProjectUnreadyError
        from drafting.panel.writer import UnavailableError
        from drafting.project.folder import NoProjectError

        if isinstance(error, UnavailableError):
            return "数据库正忙或不可写，请稍后再试。", 1
        if isinstance(error, DatabaseError | ProjectUnreadyError | NoProjectError):
            return str(error), 2 if isinstance(error, NoProjectError) else 1
    return "", 3


@click.group(
    "panel", cls=_PanelGroup, help="网上专家咨询：建立征询、运行服务器、备份与恢复、重设密码。",
    context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip
def command() -> None:
    """Hold the subcommands."""


def _sub(name: str, help_text: str) -> Callable[[Callable[..., int]], click.Command]:
    def decorate(function: Callable[..., int]) -> click.Command:
        declared: click.Command = chinese_command(name, help_text)(_guarded(function))
        command.add_command(declared)
        return declared

    return decorate


@_sub("create", "由项目建立征询（指标、设置、专家代号），并显示一次组织者的登录密码。")
@folder_argument
@database_option
@click.option("--login", default="组织者", show_default=True, help="组织者的用户名；已有的用户名只加入本项目。")
@click.option("--title", default="", help="征询名称；空白则用项目名称。")
@json_option
def create(folder: Path, url: str, login: str, title: str, as_json: bool) -> int:
    """Set up a panel."""
    from drafting.panel.setting_up import set_up

    made = set_up(url, folder, login, title)
    if as_json:
        write_json(
            {
                "panel": made.panel_id,
                "title": made.title,
                "experts": made.experts,
                "login": made.login,
                "password": made.password,
            }
        )
    else:
        click.echo(f"已建立征询“{made.title}”：专家 {made.experts} 名。")
        click.echo(f"组织者用户名：{made.login}")
        click.echo(f"密码（只显示这一次）：{made.password}" if made.password else "密码：沿用该用户名原有的密码。")
        click.echo("启动服务器：drafting panel serve")
    return 0


@_sub("serve", "运行征询服务器。默认只供本机访问；供他人访问须用 HTTPS（自带证书或反向代理）。")
@database_option
@click.option("--port", default=8433, show_default=True, type=click.IntRange(1, 65535), help="监听端口。")
@server_options
def serve(url: str, **options: Any) -> int:
    """Run the server."""
    config = config_of(**options)
    os.environ.setdefault("DRAFTING_TEMPLATES", "off")  # projects on a server bring no templates
    from drafting.panel.serving import serve as run

    def told() -> None:
        click.echo(f"专家咨询服务器：{config.base_url}/login（按 Ctrl+C 停止）", err=True)

    if run(url, config, told):
        return 0
    click.echo(f"错误：不能在 {config.host}:{config.port} 启动；端口可能已被占用。", err=True)
    return 1


@_sub("backup", "在运行中备份 SQLite 数据库到 FILE。")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@database_option
def backup(file: Path, url: str) -> int:
    """Copy the database."""
    from drafting.panel.database import backup as copy
    from drafting.panel.database import open_database

    copy(open_database(url), file)
    click.echo(f"已备份到 {file}。")
    return 0


@_sub("restore", "用备份 FILE 恢复数据库；先停止服务器，原数据库改名保留。")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@database_option
def restore(file: Path, url: str) -> int:
    """Put a backup in place."""
    from drafting.panel.database import migrate, open_database
    from drafting.panel.database import restore as put_back

    engine = open_database(url)
    put_back(engine, file)
    migrate(engine)
    click.echo(
        f"已恢复；原数据库改名为“{engine.url.database}.恢复前”。"
        if Path(f"{engine.url.database}.恢复前").exists()
        else "已恢复。"
    )
    return 0


@_sub("password", "给组织者一个新密码（只显示一次）；其已登录的浏览器随即退出。服务器可以照常运行。")
@database_option
@click.option("--login", default="组织者", show_default=True, help="组织者的用户名。")
@json_option
def password(url: str, login: str, as_json: bool) -> int:
    """Reset an organiser's password."""
    from drafting.panel.setting_up import new_password_for

    fresh = new_password_for(url, login)
    if as_json:
        write_json({"login": login, "password": fresh})
    else:
        click.echo(f"组织者用户名：{login}")
        click.echo(f"新密码（只显示这一次）：{fresh}")
    return 0
