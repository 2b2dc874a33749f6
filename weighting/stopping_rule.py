"""A stopping rule for a Delphi study, fixed before round 1, and its fingerprint.

Consensus without stability is no reason to stop, nor is stability alone; the rule needs at least one criterion of
each kind. The canonical JSON and its SHA-256 let anyone check later that the rule was not bent to the result.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass, fields
from enum import Enum

from weighting.answers import AnswersError
from weighting.quantiles import DEFAULT_CONVENTION, quantile_convention

RULE_VERSION = 1


class StoppingRuleError(AnswersError):
    """The rule contradicts itself, cannot be read, or does not fit the evidence; ``values`` holds what is wrong."""


class StoppingRuleChangedError(StoppingRuleError):
    """The rule's hash is not the one frozen before round 1; ``values`` holds the frozen and the present hash."""


class CriterionKind(Enum):
    """What a criterion is about."""

    STABILITY = "stability"
    CONSENSUS = "consensus"
    CONDITION = "condition"
    PARTICIPATION = "participation"


STABILITY_CRITERIA = ("max_cv_change", "max_histogram_change", "min_wilcoxon_p", "min_kappa")
CONSENSUS_CRITERIA = ("max_cv", "max_iqr", "min_w", "max_w_p", "no_disagreement")
_SHARES = (
    "max_histogram_change", "min_wilcoxon_p", "min_w", "max_w_p", "min_stable_share", "min_consensus_share",
    "min_response", "class_share",
)  # fmt: skip
_COUNTS = ("min_rounds", "max_rounds", "min_pairs")
_LATER = ("min_pairs", "class_share")
"""Fields that rules frozen before have not: left out of the canonical JSON where they are off, so that hashes stay."""


@dataclass(frozen=True, slots=True)
class StoppingRule:
    """A stopping rule; ``None`` switches a criterion off. Limits are inclusive except where noted.

    Attributes
    ----------
    max_cv_change : float or None
        Stable: |ΔCV| between rounds ≤ this.
    max_histogram_change : float or None
        Stable: ½ Σ|h1 − h2|/n < this (customarily 0.15).
    min_wilcoxon_p : float or None
        Stable: signed-rank p > this; an item in which nobody changed passes.
    min_kappa : float or None
        Stable: weighted kappa ≥ this; an item in which nobody changed passes.
    max_cv : float or None
        Consensus: CV ≤ this (customarily 0.25).
    max_iqr : float or None
        Consensus: Q3 − Q1 ≤ this, in the unit of the answers.
    min_w, max_w_p : float or None
        Consensus per group: Kendall's W ≥ `min_w`, p < `max_w_p`. Groups of one item, or with all answers tied,
        have no W and are passed over; at least one group must have one.
    no_disagreement : bool
        Consensus: no RAND/UCLA disagreement (nine-point scale).
    min_stable_share, min_consensus_share : float
        Share of all items that must pass each per-item criterion.
    min_rounds : int
        At least 2, since stability needs two rounds.
    max_rounds : int or None
        Stop here at the latest, with the reason that the rounds are used up.
    min_response : float or None
        Participation: share of the experts asked who answered the round, in its least answered group, ≥ this. Below
        it nothing stops, the last permitted round included (Sumsion 1998 asks for 0.7 in every round).
    min_pairs : int or None
        Participation: experts of each group who answered the round compared with as well, ≥ this, or all of them in
        a smaller panel. Below it nothing stops.
    class_share : float or None
        Width of the classes in which allocations are counted, as a share of the item's median in the round before;
        None: the caller's fixed width.
    quantiles : str
        Convention of the quartiles.

    Raises
    ------
    StoppingRuleError
        A limit out of range, or no criterion of stability or of consensus.
    """

    max_cv_change: float | None = None
    max_histogram_change: float | None = 0.15
    min_wilcoxon_p: float | None = None
    min_kappa: float | None = None
    max_cv: float | None = 0.25
    max_iqr: float | None = None
    min_w: float | None = None
    max_w_p: float | None = None
    no_disagreement: bool = False
    min_stable_share: float = 1.0
    min_consensus_share: float = 1.0
    min_rounds: int = 2
    max_rounds: int | None = None
    min_response: float | None = None
    min_pairs: int | None = None
    class_share: float | None = None
    quantiles: str = DEFAULT_CONVENTION

    def __post_init__(self) -> None:
        for field in fields(self):
            name, value = field.name, getattr(self, field.name)
            if name == "quantiles":
                quantile_convention(value)
            elif name == "no_disagreement":
                if not isinstance(value, bool):
                    raise StoppingRuleError(f"{name} is true or false, not {value!r}", values=(name, value))
            elif name in _COUNTS:
                least = 1 if name == "min_pairs" else 2
                if not (value is None and name != "min_rounds") and (type(value) is not int or value < least):
                    raise StoppingRuleError(
                        f"{name} is a whole number from {least}, not {value!r}", values=(name, value)
                    )
            elif value is None:
                if name in ("min_stable_share", "min_consensus_share"):
                    raise StoppingRuleError(f"{name} cannot be switched off", values=(name, value))
            else:
                self._set_limit(name, value)
        if self.max_rounds is not None and self.max_rounds < self.min_rounds:
            raise StoppingRuleError(
                f"max_rounds {self.max_rounds} < min_rounds {self.min_rounds}", values=("max_rounds", self.max_rounds)
            )
        wanted = {CriterionKind.STABILITY: STABILITY_CRITERIA, CriterionKind.CONSENSUS: CONSENSUS_CRITERIA}
        for kind, names in wanted.items():
            if all(getattr(self, name) is None or getattr(self, name) is False for name in names):
                raise StoppingRuleError(f"the rule has no criterion of {kind.value}", values=(kind.value,))

    def _set_limit(self, name: str, value: object) -> None:
        upper = 1.0 if name in _SHARES or name == "min_kappa" else sys.float_info.max
        lower = -1.0 if name == "min_kappa" else sys.float_info.min if name == "class_share" else 0.0
        if isinstance(value, bool) or not isinstance(value, int | float) or not lower <= value <= upper:
            raise StoppingRuleError(f"{name} = {value!r} is no limit in [{lower:g}, {upper:g}]", values=(name, value))
        # 1 and 1.0, 0.0 and -0.0 are the same rule and must have the same hash
        object.__setattr__(self, name, float(value) + 0.0)

    def canonical_json(self) -> str:
        """Write the rule as JSON with sorted keys and no blanks: equal rules give the same bytes in UTF-8."""
        content = {field.name: getattr(self, field.name) for field in fields(self)} | {"version": RULE_VERSION}
        content = {name: value for name, value in content.items() if not (name in _LATER and value is None)}
        return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)

    @property
    def sha256(self) -> str:
        """Hexadecimal SHA-256 of the canonical JSON in UTF-8."""
        return hashlib.sha256(self.canonical_json().encode("utf-8")).hexdigest()

    @classmethod
    def from_json(cls, text: str) -> StoppingRule:
        """Read a rule back.

        Raises
        ------
        StoppingRuleError
            Not JSON, another version, unknown or missing keys, limits out of range.
        UnknownSettingError
            Unknown quantile convention.
        """
        try:
            content = json.loads(text)
        except json.JSONDecodeError as error:
            raise StoppingRuleError(f"the stopping rule is not JSON: {error}", values=(text,)) from error
        if not isinstance(content, dict) or content.pop("version", None) != RULE_VERSION:
            raise StoppingRuleError(f"not a stopping rule of version {RULE_VERSION}", values=(content,))
        wrong = sorted((set(content) ^ {field.name for field in fields(cls)}) - (set(_LATER) - set(content)))
        if wrong:
            raise StoppingRuleError(f"unknown or missing keys: {', '.join(wrong)}", values=wrong)
        return cls(**content)
