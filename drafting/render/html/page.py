"""Renders the tree through ``templates/html`` to one file: no network, no second file, readable without script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from drafting.charts.indicators import category_figures
from drafting.charts.svg import inline as inline_picture
from drafting.document.compiled import pages
from drafting.document.tree import Document, Image
from drafting.findings import Finding, Severity
from drafting.model.pictures import IndicatorPicture
from drafting.render.formulas import FormulaError, latex_to_mathml
from drafting.render.html.view import Entry, View, data_uri, kind, row_groups
from drafting.render.summary import Remark, Summary
from drafting.resources import templates

Key = tuple[str, ...]


def render_html(
    document: Document,
    *,
    provenance: Mapping[Key, str] | None = None,
    findings: Sequence[Finding | Remark] = (),
    summary: Summary | None = None,
    charts: Sequence[Image] = (),
    pictures: Sequence[IndicatorPicture] = (),
    inline: Mapping[str, Sequence[Finding]] | None = None,
) -> str:
    """Render a draft as one self-contained HTML file.

    ``document``: numbered and resolved.
    ``provenance``: key of a figure -> what is shown when a reader points at it.
    ``findings``: one by one or by cause. Shown in a panel before the draft.
    ``summary``: key figures and tables before the draft.
    ``charts``: pictures after the summary; embedded.
    ``pictures``: baselines over the surveyed values, drawn after the charts; an internal document names the enterprises
    of values to be verified.
    ``inline``: anchor of a clause, table or formula -> findings shown there as well.
    Returns a document that loads nothing from anywhere. A formula that cannot be read is shown as its LaTeX with the
    reason.
    """
    environment = _environment()
    script = (templates() / "html" / "page.js").read_text("utf-8").strip()
    return environment.get_template("page.html.j2").render(
        document=document,
        view=View(document, provenance or {}),
        summary=summary,
        charts=charts,
        baselines=category_figures(pictures, internal=document.edition == "internal"),
        inline=inline or {},
        findings=_by_severity(findings),
        styled=True,
        style=Markup(_style()),  # noqa: S704 -- our own files
        script=Markup(script),  # noqa: S704 -- our own file
        script_hash=_hash(script),
    )


@dataclass(frozen=True, slots=True)
class Sheet:
    """A draft as a piece of a page whose rules allow no style in elements: its looks are those of ``sheet.css``."""

    body: Markup
    contents: tuple[Entry, ...]
    """Lines of the contents, with the ids that they lead to."""
    ids: Mapping[str, str]
    """Anchor of a clause, table or formula -> its id in the body."""


def render_sheet(
    document: Document,
    *,
    provenance: Mapping[Key, str] | None = None,
    inline: Mapping[str, Sequence[Finding]] | None = None,
) -> Sheet:
    """Render a draft for a page of somebody else's; see :func:`render_html`."""
    view = View(document, provenance or {})
    contents = view.contents(document)
    body = (
        _environment()
        .get_template("sheet.html.j2")
        .render(document=document, view=view, inline=inline or {}, styled=False)
    )
    ids = {anchor: view.ids.of(anchor) for anchor in inline or {} if anchor in view.anchors}
    return Sheet(Markup(body), contents, ids)  # noqa: S704 -- escaped by the template


def _style() -> str:
    folder = templates() / "html"
    sheet = (folder / "sheet.css").read_text("utf-8").strip()
    return (folder / "style.css").read_text("utf-8").replace("/* sheet.css stands here */", sheet)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(templates() / "html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=pages(),
    )
    environment.filters.update(kind=kind, data_uri=data_uri, mathml=_mathml, drawn=inline_picture)
    environment.globals.update(row_groups=row_groups)
    return environment


def _mathml(latex: str, alt: str = "", block: bool = False) -> Markup:
    try:
        return Markup(latex_to_mathml(latex, alt or None, block=block))  # noqa: S704 -- serialised XML
    except FormulaError as error:
        return Markup('<code class="broken">{}</code> <span class="reason">（{}）</span>').format(latex, error.reason)


def _by_severity(
    findings: Sequence[Finding | Remark],
) -> tuple[tuple[Severity, tuple[Finding | Remark, ...]], ...]:
    order = list(Severity)
    ranked = sorted(findings, key=lambda f: order.index(f.severity))
    return tuple((severity, tuple(group)) for severity, group in groupby(ranked, key=lambda f: f.severity))


def _hash(script: str) -> str:
    """The hash by which the page's own policy allows its own script and no other."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
