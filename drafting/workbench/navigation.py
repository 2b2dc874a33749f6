"""The screens of a project in the order of the work: part of the address, name, one-line purpose."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen of a project; its handlers stand in ``screens/``, its page in ``templates/workbench/``."""

    slug: str
    title: str


NAVIGATION: tuple[Screen, ...] = (
    Screen("", "总览"),
    Screen("files", "文件"),
    Screen("findings", "问题"),
    Screen("rounds", "专家轮次"),
    Screen("weights", "权重"),
    Screen("levels", "基准值"),
    Screen("trial", "试评价"),
    Screen("draft", "草案"),
    Screen("outputs", "输出"),
    Screen("versions", "版本"),
    Screen("opinions", "意见"),
)
"""In the order of the work; a screen that is added stands here, in ``app.py``, in ``access.py`` and in ``docs``."""


def navigation(*, served: bool) -> tuple[Screen, ...]:
    """The screens; on a server with the people of the project."""
    return (*NAVIGATION, Screen("people", "人员")) if served else NAVIGATION
