"""Authority of the panel (权威程度): experts' coefficients from their self-assessment in sheet 专家组."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from drafting.findings import Finding, Provenance, finding
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


def expert_weights(inputs: Inputs, where: Provenance) -> tuple[Mapping[str, float] | None, list[Finding]]:
    """Weights of the experts by code under setting 专家权重; None means that all weigh the same."""
    if inputs.settings.expert_weights == "相同":
        return None, []
    found: list[Finding] = []
    for position, expert in enumerate(inputs.experts):
        blank = [k for k, v in {**assessed(expert), "熟悉程度": expert.familiarity}.items() if not v]
        if blank:
            place = where.find("expert", str(position))
            found.append(finding("authority-incomplete", place, expert=expert.code, what=f"未填{'、'.join(blank)}"))
    panel = panel_authority(inputs)
    if panel is None:
        return None, found
    if not panel.acceptable:
        found.append(finding("authority-low", value=f"{panel.mean_cr:.2f}", limit=f"{panel.limit:.2f}"))
    return MappingProxyType(dict(zip(panel.experts, map(float, panel.cr), strict=True))), found
