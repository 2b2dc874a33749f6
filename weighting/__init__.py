"""Weights of indicators (GB/T 43329—2023, 5.4 and Appendix C): AHP, Delphi and their combination.

Pure functions on arrays and labels: no files, no clock, no hidden random state. ``import weighting`` costs next to
nothing; numpy is imported with the first name that is used.

    >>> from weighting import analyse
    >>> result = analyse([[1, 2, 4], [1 / 2, 1, 2], [1 / 4, 1 / 2, 1]])
    >>> [round(float(w), 4) for w in result.weights], round(float(result.cr), 12)
    ([0.5714, 0.2857, 0.1429], 0.0)
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # one line per name of the table below; a test holds the two together
    from weighting.agreement import KendallW as KendallW
    from weighting.agreement import RandDisagreement as RandDisagreement
    from weighting.agreement import kendall_w as kendall_w
    from weighting.agreement import rand_disagreement as rand_disagreement
    from weighting.agreement import weighted_kappa as weighted_kappa
    from weighting.allocation import AllocationError as AllocationError
    from weighting.allocation import AllocationFault as AllocationFault
    from weighting.allocation import AllocationProblem as AllocationProblem
    from weighting.allocation import PanelWeights as PanelWeights
    from weighting.allocation import allocation_weights as allocation_weights
    from weighting.allocation import check_allocations as check_allocations
    from weighting.allocation import importance_weights as importance_weights
    from weighting.answers import AnswersError as AnswersError
    from weighting.answers import AnswerValueError as AnswerValueError
    from weighting.answers import LabelsError as LabelsError
    from weighting.answers import PanelRound as PanelRound
    from weighting.answers import TooFewAnswersError as TooFewAnswersError
    from weighting.answers import UnknownExpertError as UnknownExpertError
    from weighting.answers import UnknownSettingError as UnknownSettingError
    from weighting.apportion import apportion as apportion
    from weighting.authority import AUTHORITY_TABLES as AUTHORITY_TABLES
    from weighting.authority import Authority as Authority
    from weighting.authority import AuthorityTable as AuthorityTable
    from weighting.authority import AuthorityTableError as AuthorityTableError
    from weighting.authority import AuthorityTermError as AuthorityTermError
    from weighting.authority import authority as authority
    from weighting.authority import authority_table as authority_table
    from weighting.chance import ChanceConsensus as ChanceConsensus
    from weighting.chance import chance_consensus as chance_consensus
    from weighting.combine import CoefficientError as CoefficientError
    from weighting.combine import CombinedWeights as CombinedWeights
    from weighting.combine import WeightVectorError as WeightVectorError
    from weighting.combine import combine as combine
    from weighting.combine import global_weights as global_weights
    from weighting.comparison import PairwiseMatrix as PairwiseMatrix
    from weighting.comparison import islands as islands
    from weighting.consistency import Analysis as Analysis
    from weighting.consistency import Consistency as Consistency
    from weighting.consistency import analyse as analyse
    from weighting.consistency import consistency as consistency
    from weighting.delphi import ItemStatistics as ItemStatistics
    from weighting.delphi import Response as Response
    from weighting.delphi import ResponseState as ResponseState
    from weighting.delphi import RoundStatistics as RoundStatistics
    from weighting.delphi import response as response
    from weighting.delphi import round_statistics as round_statistics
    from weighting.errors import ConvergenceError as ConvergenceError
    from weighting.errors import DiagonalError as DiagonalError
    from weighting.errors import DisconnectedError as DisconnectedError
    from weighting.errors import ExpertWeightError as ExpertWeightError
    from weighting.errors import JudgementError as JudgementError
    from weighting.errors import MissingJudgementError as MissingJudgementError
    from weighting.errors import NotANumberError as NotANumberError
    from weighting.errors import OptionError as OptionError
    from weighting.errors import PanelError as PanelError
    from weighting.errors import PriorityError as PriorityError
    from weighting.errors import ReciprocityError as ReciprocityError
    from weighting.errors import ShapeError as ShapeError
    from weighting.errors import WeightingError as WeightingError
    from weighting.feedback import Dissent as Dissent
    from weighting.feedback import Feedback as Feedback
    from weighting.feedback import ItemFeedback as ItemFeedback
    from weighting.feedback import QuartileSide as QuartileSide
    from weighting.feedback import dissent as dissent
    from weighting.feedback import feedback as feedback
    from weighting.group import Consensus as Consensus
    from weighting.group import InconsistencyPolicy as InconsistencyPolicy
    from weighting.group import Outliers as Outliers
    from weighting.group import PanelSelection as PanelSelection
    from weighting.group import aggregate_judgements as aggregate_judgements
    from weighting.group import aggregate_priorities as aggregate_priorities
    from weighting.group import consensus as consensus
    from weighting.group import outlying_experts as outlying_experts
    from weighting.group import select_experts as select_experts
    from weighting.group import variation as variation
    from weighting.intervals import jackknife_interval as jackknife_interval
    from weighting.objective import ObjectiveWeights as ObjectiveWeights
    from weighting.objective import SurveyError as SurveyError
    from weighting.objective import UndefinedWeightsError as UndefinedWeightsError
    from weighting.objective import critic_weights as critic_weights
    from weighting.objective import entropy_weights as entropy_weights
    from weighting.priorities import Method as Method
    from weighting.priorities import complete as complete
    from weighting.priorities import priorities as priorities
    from weighting.quantiles import CONVENTIONS as CONVENTIONS
    from weighting.quantiles import QuantileConvention as QuantileConvention
    from weighting.quantiles import quantile_convention as quantile_convention
    from weighting.quantiles import quantiles as quantiles
    from weighting.random_index import RANDOM_INDEX_TABLES as RANDOM_INDEX_TABLES
    from weighting.random_index import RandomIndex as RandomIndex
    from weighting.random_index import RandomIndexTable as RandomIndexTable
    from weighting.random_index import random_index as random_index
    from weighting.screening import ScreenedItem as ScreenedItem
    from weighting.screening import Screening as Screening
    from weighting.screening import ScreeningBoundaries as ScreeningBoundaries
    from weighting.screening import ScreeningDecision as ScreeningDecision
    from weighting.screening import ScreeningMeasure as ScreeningMeasure
    from weighting.screening import screen as screen
    from weighting.split import SplitQuestionnaire as SplitQuestionnaire
    from weighting.split import split_questionnaire as split_questionnaire
    from weighting.stability import ItemStability as ItemStability
    from weighting.stability import McNemar as McNemar
    from weighting.stability import RoundStability as RoundStability
    from weighting.stability import UnpairedRoundsError as UnpairedRoundsError
    from weighting.stability import histogram_change as histogram_change
    from weighting.stability import mcnemar as mcnemar
    from weighting.stability import round_stability as round_stability
    from weighting.stopping import StoppingOutcome as StoppingOutcome
    from weighting.stopping import StoppingReason as StoppingReason
    from weighting.stopping import StoppingVerdict as StoppingVerdict
    from weighting.stopping import evaluate_stopping as evaluate_stopping
    from weighting.stopping_rule import CriterionKind as CriterionKind
    from weighting.stopping_rule import StoppingRule as StoppingRule
    from weighting.stopping_rule import StoppingRuleChangedError as StoppingRuleChangedError
    from weighting.stopping_rule import StoppingRuleError as StoppingRuleError
    from weighting.suggestions import Suggestion as Suggestion
    from weighting.suggestions import nearest_step as nearest_step
    from weighting.suggestions import preference_cycles as preference_cycles
    from weighting.suggestions import scale_text as scale_text
    from weighting.suggestions import suggestions as suggestions
    from weighting.uncertainty import ExpertInfluence as ExpertInfluence
    from weighting.uncertainty import JudgementShift as JudgementShift
    from weighting.uncertainty import WeightDistribution as WeightDistribution
    from weighting.uncertainty import bootstrap as bootstrap
    from weighting.uncertainty import judgement_noise as judgement_noise
    from weighting.uncertainty import leave_one_out as leave_one_out
    from weighting.uncertainty import one_at_a_time as one_at_a_time
    from weighting.uncertainty import rank_switches as rank_switches

# Public name -> the module of this package that defines it.
_EXPORTS: dict[str, str] = {
    "aggregate_judgements": "group",
    "aggregate_priorities": "group",
    "allocation_weights": "allocation",
    "AllocationError": "allocation",
    "AllocationFault": "allocation",
    "AllocationProblem": "allocation",
    "analyse": "consistency",
    "Analysis": "consistency",
    "AnswersError": "answers",
    "AnswerValueError": "answers",
    "apportion": "apportion",
    "Authority": "authority",
    "authority": "authority",
    "authority_table": "authority",
    "AUTHORITY_TABLES": "authority",
    "AuthorityTable": "authority",
    "AuthorityTableError": "authority",
    "AuthorityTermError": "authority",
    "bootstrap": "uncertainty",
    "check_allocations": "allocation",
    "CoefficientError": "combine",
    "combine": "combine",
    "CombinedWeights": "combine",
    "complete": "priorities",
    "Consensus": "group",
    "ChanceConsensus": "chance",
    "chance_consensus": "chance",
    "consensus": "group",
    "jackknife_interval": "intervals",
    "Consistency": "consistency",
    "consistency": "consistency",
    "CONVENTIONS": "quantiles",
    "ConvergenceError": "errors",
    "CriterionKind": "stopping_rule",
    "critic_weights": "objective",
    "DiagonalError": "errors",
    "DisconnectedError": "errors",
    "Dissent": "feedback",
    "dissent": "feedback",
    "entropy_weights": "objective",
    "evaluate_stopping": "stopping",
    "ExpertInfluence": "uncertainty",
    "ExpertWeightError": "errors",
    "Feedback": "feedback",
    "feedback": "feedback",
    "global_weights": "combine",
    "histogram_change": "stability",
    "importance_weights": "allocation",
    "InconsistencyPolicy": "group",
    "islands": "comparison",
    "ItemFeedback": "feedback",
    "ItemStability": "stability",
    "ItemStatistics": "delphi",
    "judgement_noise": "uncertainty",
    "JudgementError": "errors",
    "JudgementShift": "uncertainty",
    "kendall_w": "agreement",
    "KendallW": "agreement",
    "LabelsError": "answers",
    "leave_one_out": "uncertainty",
    "McNemar": "stability",
    "mcnemar": "stability",
    "Method": "priorities",
    "MissingJudgementError": "errors",
    "nearest_step": "suggestions",
    "NotANumberError": "errors",
    "ObjectiveWeights": "objective",
    "one_at_a_time": "uncertainty",
    "OptionError": "errors",
    "Outliers": "group",
    "outlying_experts": "group",
    "PairwiseMatrix": "comparison",
    "PanelError": "errors",
    "PanelRound": "answers",
    "PanelSelection": "group",
    "PanelWeights": "allocation",
    "preference_cycles": "suggestions",
    "priorities": "priorities",
    "PriorityError": "errors",
    "quantile_convention": "quantiles",
    "QuantileConvention": "quantiles",
    "quantiles": "quantiles",
    "QuartileSide": "feedback",
    "rand_disagreement": "agreement",
    "RandDisagreement": "agreement",
    "random_index": "random_index",
    "RANDOM_INDEX_TABLES": "random_index",
    "RandomIndex": "random_index",
    "RandomIndexTable": "random_index",
    "rank_switches": "uncertainty",
    "ReciprocityError": "errors",
    "Response": "delphi",
    "response": "delphi",
    "ResponseState": "delphi",
    "round_stability": "stability",
    "round_statistics": "delphi",
    "RoundStability": "stability",
    "RoundStatistics": "delphi",
    "scale_text": "suggestions",
    "screen": "screening",
    "ScreenedItem": "screening",
    "Screening": "screening",
    "ScreeningBoundaries": "screening",
    "ScreeningDecision": "screening",
    "ScreeningMeasure": "screening",
    "select_experts": "group",
    "ShapeError": "errors",
    "split_questionnaire": "split",
    "SplitQuestionnaire": "split",
    "StoppingOutcome": "stopping",
    "StoppingReason": "stopping",
    "StoppingRule": "stopping_rule",
    "StoppingRuleChangedError": "stopping_rule",
    "StoppingRuleError": "stopping_rule",
    "StoppingVerdict": "stopping",
    "Suggestion": "suggestions",
    "suggestions": "suggestions",
    "SurveyError": "objective",
    "TooFewAnswersError": "answers",
    "UndefinedWeightsError": "objective",
    "UnknownExpertError": "answers",
    "UnknownSettingError": "answers",
    "UnpairedRoundsError": "stability",
    "variation": "group",
    "WeightDistribution": "uncertainty",
    "weighted_kappa": "agreement",
    "WeightingError": "errors",
    "WeightVectorError": "combine",
}

__all__ = sorted(_EXPORTS)


class _Package(ModuleType):
    """Keep a public function visible under its name after the submodule of the same name was imported.

    ``import weighting.consistency`` makes the import system bind the *module* as ``weighting.consistency``; the public
    name belongs to the function. ``from weighting.consistency import …`` goes through ``sys.modules`` and still works.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (isinstance(value, ModuleType) and name in _EXPORTS):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> object:
    """Import a public name when it is first used (PEP 562)."""
    if name not in _EXPORTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_EXPORTS[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted({*globals(), *_EXPORTS})
