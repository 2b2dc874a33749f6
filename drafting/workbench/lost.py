"""Projects whose folders are not where they were entered: people and panels are known by the path of a folder.

Nothing in a folder says whose it is, so that no folder that is brought from elsewhere gets anybody's rights; whoever
may see all projects says which folder a lost one is now.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from drafting.workbench.visit import RefusedError, Visit

if TYPE_CHECKING:
    from drafting.panel.membership import Registered
    from drafting.workbench.bench import Bench
    from drafting.workbench.home import Place


def lost(bench: Bench) -> tuple[Registered, ...]:
    """The projects of which there is no folder: on a server none in the list, on the own machine none at all.

    Raises drafting.workbench.home.HomeError, PanelTroubleError.
    """
    from drafting.panel.membership import registered

    with bench.panel.service().looking() as connection:
        every = registered(connection)
    if not bench.served:  # others' folders of projects may use the same database
        return tuple(one for one in every if one.panels and not Path(one.folder).is_dir())
    there = {str(p.folder.resolve()) for p in bench.home.projects()}
    return tuple(one for one in every if one.folder not in there)


def settle(visit: Visit, place: Place) -> None:
    """Let a folder be that of the lost project whose number the form names.

    Raises RefusedError: it is not lost, or the folder is known for itself.
    """
    from drafting.panel.membership import MembershipError, moved

    service, wanted = visit.bench.panel.service(), visit.text("lost", 9)
    found = next((one for one in lost(visit.bench) if str(one.id) == wanted), None)
    if found is None:
        raise RefusedError("没有改动", "这个项目的文件夹还在原处，或已经指定过。", 400)
    number, where, actor = found.id, str(place.folder.resolve()), visit.person.actor
    try:
        service.changing(lambda c: moved(c, number, where, place.name, actor, service.now))
    except MembershipError as error:
        raise RefusedError("没有改动", str(error)) from error
