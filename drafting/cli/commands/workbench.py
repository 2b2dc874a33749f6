"""``drafting workbench``."""

from __future__ import annotations

from pathlib import Path

import click

from drafting.cli.chinese import command as chinese_command


@chinese_command(
    "workbench", "工作台：在浏览器中编制。只在本机运行，不访问网络；DIR 为存放各项目的文件夹（默认为上次选的）。"
)
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="监听端口（默认任选一个空闲的）。")
@click.option("--no-browser", is_flag=True, help="不打开浏览器，只显示启动地址。")
def command(folder: Path | None, port: int, no_browser: bool) -> int:
    """Run the workbench."""
    try:
        from drafting.workbench.home import Home
        from drafting.workbench.serving import serve
    except ModuleNotFoundError as error:
        how = 'pip install "cleaner-production-drafting[workbench]"'
        click.echo(f"错误：没有安装 {error.name}。请运行 {how}。", err=True)
        return 1
    home = Home()
    if folder is not None:
        home.choose(str(folder.absolute()))

    def told(start: str) -> None:
        click.echo(f"工作台：{start}（只能用一次；按 Ctrl+C 或在页面上点“退出”停止）", err=True)

    if serve(home, open_browser=not no_browser, told=told, port=port):
        return 0
    click.echo(f"错误：不能在 127.0.0.1:{port} 启动；端口可能已被占用。", err=True)
    return 1
