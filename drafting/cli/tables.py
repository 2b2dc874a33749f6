"""What the commands show of a standard with several tables: the same for each, with its name above."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from drafting.cli.screen import Screen
    from drafting.run import Run

table_option = click.option("--table", "table", metavar="代号", help="有几张表时：只看其中一张，写“分表”表中的代号。")


def chosen(run: Run, table: str | None, *, needed: str = "") -> Run:
    """The run of the table that was asked for; the run itself where none was.

    ``needed``: what cannot be done over several tables at once, in words; blank where it can.
    """
    from drafting.model.identity import label_key

    tables = run.of_tables
    known = "、".join(tables)
    if table is None:
        if tables and needed:
            raise click.UsageError(f"项目有几张表，{needed}一次只能看一张：请加 --table 代号（{known}）。")
        return run
    if not tables:
        raise click.UsageError("--table 只用于有几张表的项目。")
    found = next((one for key, one in tables.items() if label_key(key) == label_key(table)), None)
    if found is None:
        raise click.UsageError(f"没有代号为“{table}”的表；可用：{known}。")
    return found


def shown(out: Screen, run: Run) -> Iterator[Run]:
    """Give the runs to show, with the table above each; of a project with one table itself."""
    tables, inputs = run.of_tables, run.project.inputs
    if not tables or inputs is None:
        yield run
        return
    for table in inputs.tables:
        out.line(f"【{table.key}】{table.caption if table.caption != table.key else ''}", bold=True)
        yield tables[table.key]
        out.line()
