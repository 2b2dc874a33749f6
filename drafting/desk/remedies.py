"""Remedies as the pages say them: where the catalogue names a command, a page names the screen that does the same."""

from __future__ import annotations

import re
from collections.abc import Mapping

from drafting.model.document import STAGES

_FOLDER = r"(?: 项目文件夹(?P<inner>/\w+)?)?"
_STAGE = rf"(?: (?P<stage>{'|'.join(STAGES)}))?"
_OPTIONS = (
    r"(?P<options>(?: --(?:ahp|rating|json|verify)| --delphi(?: \d+)?"
    r"| --(?:to|restore|export|table) [^\s，；。、（）]+)*)"
)
_VERB = r"(?P<verb>(?:(?:重新)?(?:运行|执行)|用)\s*)?"
_COMMAND = re.compile(
    rf"(?: |{_VERB})drafting (?P<command>[a-z]+){_FOLDER}{_STAGE}{_OPTIONS} ?"
    r"(?P<again>(?:重新)?(?:生成|输出)(?=[，。；（）]|$))?"
)
"""A command in a sentence: the verb before it, and behind it that something is made, if the clause ends with that."""
_SCREENS: Mapping[str, str] = {
    "build": "总览",
    "check": "问题",
    "weights": "权重",
    "baselines": "基准值",
    "trial": "试评价",
    "calibrate": "联合校准",
    "questionnaires": "专家轮次",
    "forms": "文件",
    "new": "项目",
    "render": "输出",
    "stage": "版本",
}
"""Command -> the screen that does the same."""
_MADE = {"workbook": "勾选“企业自评表”生成", "pdf": "勾选“PDF”生成"}


def on_page(text: str) -> str:
    """A remedy with the screens of the workbench in place of commands.

    ``运行 drafting build`` becomes ``在“总览”页重新生成草案``, ``见 drafting trial`` becomes ``见“试评价”页``.
    A command that no screen answers stands as it is: only commands of the terminal itself speak of such.
    """
    return _COMMAND.sub(_said, text)


def _said(found: re.Match[str]) -> str:
    command = found["command"]
    if command not in _SCREENS:
        return found[0]
    screen, act = _SCREENS[command], ""
    options = dict(re.findall(r"--([a-z]+)(?: ([^- ]\S*))?", found["options"]))
    if command == "build":
        act = "重新生成草案"
    elif options.get("to") == "comments":
        screen = "意见"
    elif command == "render":
        act = _MADE.get(options.get("to", ""), "另行生成")
    elif "restore" in options:
        act = f"恢复“{options['restore']}”"
    elif "export" in options:
        act = f"下载“{options['export']}”的文件"
    elif found["stage"]:
        act = f"留存“{found['stage']}”"
    if found["inner"]:  # a project within the project, which is in no list
        name = found["inner"].strip("/")
        return f"把其中的“{name}”文件夹复制到存放各项目的文件夹，在它的“{screen}”页"
    act = act or found["again"] or ""
    return f"在“{screen}”页{act}" if found["verb"] or act else f"“{screen}”页"
