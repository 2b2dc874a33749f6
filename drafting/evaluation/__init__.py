"""Appendix D of GB/T 43329—2023, whole and exact: membership, comprehensive index, weight adjustment, grades."""

from __future__ import annotations

from drafting.evaluation.errors import EvaluationError
from drafting.evaluation.grading import Evaluation, evaluate
from drafting.evaluation.membership import Criterion, Membership, Note, membership
from drafting.evaluation.reasons import Reason, explain
from drafting.evaluation.rule import GRADES, GradeRule
from drafting.evaluation.weights import WeightSystem

__all__ = [
    "GRADES",
    "Criterion",
    "Evaluation",
    "EvaluationError",
    "GradeRule",
    "Membership",
    "Note",
    "Reason",
    "WeightSystem",
    "evaluate",
    "explain",
    "membership",
]
