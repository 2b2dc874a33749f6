"""Authority of the panel (权威程度): experts' coefficients from their self-assessment in sheet 专家组."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from drafting.findings import Finding, Provenance, finding
from drafting.model.consultation import ExpertAuthority, PanelAuthority
from drafting.model.experts import Expert
from drafting.model.inputs import Inputs
from weighting.authority import Authority, AuthorityTermError, authority


def assessed(expert: Expert) -> Mapping[str, str]:
    """An expert's bases of judgement as the value tables name them."""
    return {
        "实践经验": expert.practice,
        "理论分析": expert.theory,
        "国内外资料": expert.literature,
        "直觉": expert.intuition,
    }


def panel_authority(inputs: Inputs) -> Authority | None:
    """Coefficients of all experts; None unless every expert's self-assessment is complete."""
    experts = inputs.experts
    if not experts:
        return None
    try:
        return authority(
            [assessed(e) for e in experts],
            [e.familiarity for e in experts],
            inputs.settings.authority_table,
            experts=[e.code for e in experts],
        )
    except AuthorityTermError:
        return None


def authority_of(inputs: Inputs) -> Mapping[str, float] | None:
    """Authority coefficients by code, None unless all are known."""
    panel = panel_authority(inputs)
    return None if panel is None else MappingProxyType(dict(zip(panel.experts, map(float, panel.cr), strict=True)))


def authority_details(inputs: Inputs) -> PanelAuthority | None:
    """The panel's authority as the papers print it: Ca, Cs, Cr of every expert, the means, the value table."""
    panel = panel_authority(inputs)
    if panel is None:
        return None
    return PanelAuthority(
        table=panel.table.name,
        source=panel.table.source,
        limit=panel.limit,
        acceptable=panel.acceptable,
        mean_ca=panel.mean_ca,
        mean_cs=panel.mean_cs,
        mean_cr=panel.mean_cr,
        experts=tuple(
            ExpertAuthority(expert=e, ca=float(ca), cs=float(cs), cr=float(cr))
            for e, ca, cs, cr in zip(panel.experts, panel.ca, panel.cs, panel.cr, strict=True)
        ),
    )


def expert_weights(inputs: Inputs, where: Provenance) -> tuple[Mapping[str, float] | None, list[Finding]]:
    """Weights of the experts by code under setting 专家权重; None means that all weigh the same."""
    if inputs.settings.expert_weights == "相同":
        return None, []
    found: list[Finding] = []
    if not inputs.experts:
        found.append(finding("authority-no-panel", where.find("setting", "专家权重")))
        return None, found
    for position, expert in enumerate(inputs.experts):
        blank = [k for k, v in {**assessed(expert), "熟悉程度": expert.familiarity}.items() if not v]
        if blank:
            place = where.find("expert", str(position), blank[0]) or where.find("expert", str(position))
            found.append(finding("authority-incomplete", place, expert=expert.code, what=f"未填{'、'.join(blank)}"))
    panel = panel_authority(inputs)
    if panel is None:
        return None, found
    if not panel.acceptable:
        found.append(finding("authority-low", value=f"{panel.mean_cr:.2f}", limit=f"{panel.limit:.2f}"))
    return authority_of(inputs), found
