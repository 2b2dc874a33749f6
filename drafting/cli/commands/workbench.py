"""``drafting workbench``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from drafting.cli.chinese import command as chinese_command
from drafting.cli.serving import NAMES, config_of, server_options

if TYPE_CHECKING:
    from drafting.workbench.home import Home

_PORT = 8433


@chinese_command(
    "workbench",
    "工作台：在浏览器中编制。默认只在本机运行，不访问网络；--server 供一个单位的多人使用。DIR 为存放各项目的文件夹"
    "（默认为上次选的）。",
)
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--port", type=click.IntRange(0, 65535), help=f"监听端口（本机默认任选一个空闲的；--server 默认 {_PORT}）。"
)
@click.option("--no-browser", is_flag=True, help="不打开浏览器，只显示启动地址。")
@click.option("--server", "served", is_flag=True, help="供多人使用：账号、角色，专家在同一地址作答；须写明 DIR。")
@click.option("--admin", metavar="用户名", help="建立管理员（或重设其密码），显示一次密码后退出；须写明 DIR。")
@click.option(
    "--database",
    "url",
    default="",
    envvar="DRAFTING_PANEL_DATABASE",
    metavar="URL",
    help="专家咨询（--server 时还有账号）的数据库；默认为 DIR 中的 专家咨询.sqlite3。",
)
@server_options
@click.pass_context
def command(
    context: click.Context, /, folder: Path | None, port: int | None, no_browser: bool, served: bool, admin: str | None,
    url: str, **options: Any,
) -> int:  # fmt: skip
    """Run the workbench."""
    given = [n for n in NAMES if context.get_parameter_source(n) is ParameterSource.COMMANDLINE]
    if given and not served:
        raise click.UsageError(f"--{given[0].replace('_', '-')} 与 --server 同用。")
    if (served or admin is not None) and folder is None:
        raise click.UsageError("请写明存放各项目的文件夹 DIR。")
    try:
        from drafting.workbench.home import Home

        home = Home()
        if folder is not None:
            home = Home(folder.absolute()) if served or admin is not None else _chosen(home, folder)
        if admin is not None:
            return _admin(home, url, admin)
        if served:
            return _serve(home, url, _PORT if port is None else port, options)
        return _alone(home, url, port or 0, no_browser=no_browser)
    except ModuleNotFoundError as error:
        what = "panel,workbench" if served or admin is not None else "workbench"
        how = f'pip install "cleaner-production-drafting[{what}]"'
        click.echo(f"错误：没有安装 {error.name}。请运行 {how}。", err=True)
        return 1


def _chosen(home: Home, folder: Path) -> Home:
    home.choose(str(folder.absolute()))
    return home


def _alone(home: Home, url: str, port: int, *, no_browser: bool) -> int:
    from drafting.workbench.serving import serve

    def told(start: str) -> None:
        click.echo(f"工作台：{start}（只能用一次；按 Ctrl+C 或在页面上点“退出”停止）", err=True)

    if serve(home, open_browser=not no_browser, told=told, port=port, url=url):
        return 0
    click.echo(f"错误：不能在 127.0.0.1:{port} 启动；端口可能已被占用。", err=True)
    return 1


def _serve(home: Home, url: str, port: int, options: dict[str, Any]) -> int:
    from drafting.workbench.trouble import PanelTroubleError

    config = config_of(port=port, **options)
    os.environ.setdefault("DRAFTING_TEMPLATES", "off")  # projects on a server bring no templates
    from drafting.workbench.house import serve_everybody

    def told() -> None:
        click.echo(f"工作台：{config.base_url}/（按 Ctrl+C 停止）", err=True)

    try:
        if serve_everybody(home, config, url, told):
            return 0
    except PanelTroubleError as error:
        click.echo(f"错误：{error}", err=True)
        return 1
    click.echo(f"错误：不能在 {config.host}:{config.port} 启动；端口可能已被占用。", err=True)
    return 1


def _admin(home: Home, url: str, login: str) -> int:
    from drafting.panel.database import DatabaseError
    from drafting.panel.membership import MembershipError, make_administrator
    from drafting.panel.writer import UnavailableError
    from drafting.workbench.hosted import database_of

    try:
        password = make_administrator(url or database_of(home, make=True), login)
    except (DatabaseError, MembershipError, OSError) as error:
        click.echo(f"错误：{error}", err=True)
        return 1
    except UnavailableError:
        click.echo("错误：数据库正忙或不可写，请稍后再试。", err=True)
        return 1
    click.echo(f"管理员用户名：{' '.join(login.split())}")
    click.echo(f"密码（只显示这一次）：{password}")
    return 0
