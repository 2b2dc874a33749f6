"""One workbench for everybody of an organisation: accounts, roles, experts' pages, reached as the panel is."""

from __future__ import annotations

from collections.abc import Callable

from drafting.panel import membership
from drafting.panel.config import Config
from drafting.panel.serving import run
from drafting.workbench.app import application
from drafting.workbench.bench import Bench
from drafting.workbench.home import Home
from drafting.workbench.trouble import PanelTroubleError


def serve_everybody(home: Home, config: Config, url: str, told: Callable[[], None]) -> bool:
    """Run until told to stop; False if the address is taken.

    Raises PanelTroubleError: the database cannot be used, or nobody may enter accounts yet.

    ``url``: of the database that holds accounts and answers; empty for the one beside the projects.
    ``told``: called once it listens.
    """
    bench = Bench(home, config.port, url, config)
    try:
        service = bench.panel.service()
        with service.engine.connect() as connection:
            if not membership.has_administrator(connection):
                raise PanelTroubleError(
                    "还没有管理员。请先运行 drafting workbench 文件夹 --admin 用户名，得到密码后再启动。"
                )
        return run(application(bench), config, told, ["drafting.workbench", "drafting.panel"])
    finally:
        bench.close()
