"""Statistics of one Delphi round (专家咨询法, GB/T 43329 C.2.2): response, concentration, spread, agreement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from weighting.agreement import KendallW, RandDisagreement, kendall_w, rand_disagreement
from weighting.answers import AnswersError, FloatArray, LabelsError, PanelRound, UnknownExpertError, as_round
from weighting.quantiles import DEFAULT_CONVENTION, QuantileConvention, quantile_convention, quantiles


class ResponseState(Enum):
    """What became of one expert's questionnaire."""

    VALID = "valid"
    EXCLUDED = "excluded"
    NOT_RETURNED = "not-returned"


@dataclass(frozen=True, slots=True)
class Response:
    """Response of one round: numerators and denominators, never the percentage alone.

    Attributes
    ----------
    states : tuple of (str, ResponseState)
        Per expert asked, in the order asked.
    invited : int
        Experts invited to the panel before its first round.
    sent, returned, excluded, valid : int
        Questionnaires sent, returned, excluded by rule, and left as valid.
    responded_before, retained : int or None
        Experts asked who answered the round before, and those of them valid again; ``None`` in round 1.
    """

    states: tuple[tuple[str, ResponseState], ...]
    invited: int
    sent: int
    returned: int
    excluded: int
    valid: int
    responded_before: int | None
    retained: int | None

    @property
    def rate(self) -> float:
        """Response (积极系数): valid / sent."""
        return self.valid / self.sent

    @property
    def attrition(self) -> float | None:
        """Share of those who responded before and are not valid now."""
        if not self.responded_before or self.retained is None:
            return None
        return 1 - self.retained / self.responded_before


def response(
    sent: Sequence[str],
    returned: Iterable[str],
    *,
    excluded: Iterable[str] = (),
    invited: int | None = None,
    responded_before: Iterable[str] | None = None,
) -> Response:
    """Response of a round (积极系数) with each expert's state.

    Parameters
    ----------
    sent : sequence of str
        Experts whom the questionnaire was sent to.
    returned : iterable of str
        Experts who returned it.
    excluded : iterable of str
        Returned ones that a rule excludes (e.g. blank or all the same).
    invited : int, optional
        Experts invited at first; by default as many as were asked.
    responded_before : iterable of str, optional
        Experts valid in the round before.

    Raises
    ------
    LabelsError
        Nobody was asked, or an expert is listed twice.
    UnknownExpertError
        Returned or excluded without having been asked, or excluded without having returned.
    """
    asked = tuple(sent)
    if not asked or len(set(asked)) != len(asked):
        raise LabelsError("the experts asked must be at least one, each once", values=asked)
    back, out = tuple(returned), tuple(excluded)
    for given in (back, out):
        if len(set(given)) != len(given):
            raise LabelsError("an expert is listed twice", values=given)
    strangers = [(k, code) for k, code in enumerate(back) if code not in asked]
    strangers += [(k, code) for k, code in enumerate(out) if code not in back]
    if strangers:
        codes = [code for _, code in strangers]
        raise UnknownExpertError(f"not asked or not returned: {', '.join(codes)}", [(k,) for k, _ in strangers], codes)
    states = tuple(
        (
            code,
            ResponseState.NOT_RETURNED
            if code not in back
            else ResponseState.EXCLUDED
            if code in out
            else ResponseState.VALID,
        )
        for code in asked
    )
    valid = {code for code, state in states if state is ResponseState.VALID}
    before = None if responded_before is None else set(responded_before)
    if invited is not None and invited < len(asked):
        raise AnswersError(f"{invited} invited, yet {len(asked)} asked", values=(invited, len(asked)))
    return Response(
        states=states,
        invited=len(asked) if invited is None else invited,
        sent=len(asked),
        returned=len(back),
        excluded=len(out),
        valid=len(valid),
        responded_before=None if before is None else len(before),
        retained=None if before is None else len(before & valid),
    )


@dataclass(frozen=True, slots=True)
class ItemStatistics:
    """One item in one round; ``None`` marks a figure that is undefined, e.g. the SD of one answer.

    Attributes
    ----------
    item : str
    n, missing : int
        Answers and blanks.
    mean : float or None
        M_j.
    full_marks : int or None
        Answers at the scale's maximum; ``None`` without a scale.
    full_mark_share : float or None
        K_j = full marks / answers.
    sd : float or None
        With n − 1.
    cv : float or None
        SD / mean; ``None`` at mean 0.
    median, q1, q3, iqr, minimum, maximum : float or None
    rand : RandDisagreement or None
        On a nine-point scale only.
    """

    item: str
    n: int
    missing: int
    mean: float | None = None
    full_marks: int | None = None
    full_mark_share: float | None = None
    sd: float | None = None
    cv: float | None = None
    median: float | None = None
    q1: float | None = None
    q3: float | None = None
    iqr: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    rand: RandDisagreement | None = None


@dataclass(frozen=True, slots=True)
class RoundStatistics:
    """All items of one group in one round.

    Attributes
    ----------
    group : str
    experts : tuple of str
    items : tuple of ItemStatistics
    kendall : KendallW or None
        ``None`` where W has no meaning: fewer than two items, or fewer than two complete answers (`kendall_note`).
    kendall_note : str or None
        ``"one-item"``, ``"too-few-complete-answers"``, ``"all-tied"`` (W itself is then ``None``) or ``None``.
    scale : (low, high) or None
    quantiles : QuantileConvention
        To be printed with every quartile.
    """

    group: str
    experts: tuple[str, ...]
    items: tuple[ItemStatistics, ...]
    kendall: KendallW | None
    kendall_note: str | None
    scale: tuple[float, float] | None
    quantiles: QuantileConvention


def round_statistics(answers: PanelRound | npt.ArrayLike, *, convention: str = DEFAULT_CONVENTION) -> RoundStatistics:
    """Statistics of one round, for rating scales and for direct allocations alike.

    Parameters
    ----------
    answers : PanelRound or array_like, shape (experts, items)
        NaN = no answer; each item uses the answers it has, Kendall's W the experts who answered all items.
    convention : str
        Sample quantile of the quartiles, see :mod:`weighting.quantiles`. The median is the usual one throughout.

    Returns
    -------
    RoundStatistics

    Raises
    ------
    ShapeError, NotANumberError, AnswerValueError
        Answers are not a usable array; see :class:`PanelRound`.
    UnknownSettingError
        Unknown convention.

    References
    ----------
    .. [1] 王春枝, 斯琴 (2011). 德尔菲法中的数据统计处理方法及其应用研究. 内蒙古财经学院学报(综合版) 9(4).
    """
    asked = as_round(answers)
    rule = quantile_convention(convention)
    items = tuple(
        _item_statistics(label, asked.values[:, j], asked.scale, convention) for j, label in enumerate(asked.items)
    )
    complete = int((~np.isnan(asked.values).any(axis=1)).sum())
    agreement, note = None, None
    if len(items) < 2:
        note = "one-item"
    elif complete < 2:
        note = "too-few-complete-answers"
    else:
        agreement = kendall_w(asked)
        note = "all-tied" if agreement.w is None else None
    return RoundStatistics(asked.group, asked.experts, items, agreement, note, asked.scale, rule)


def _item_statistics(
    item: str, column: FloatArray, scale: tuple[float, float] | None, convention: str
) -> ItemStatistics:
    given = column[~np.isnan(column)]
    n = int(given.size)
    if n == 0:
        return ItemStatistics(item, 0, int(column.size))
    # where all answers are equal, an SD of rounding noise would print as disagreement
    equal = bool(given.min() == given.max())
    mean = float(given[0] if equal else given.mean())
    sd = None if n < 2 else 0.0 if equal else float(given.std(ddof=1))
    full_marks = None if scale is None else int((given == scale[1]).sum())
    q1, q3 = (float(q) for q in quantiles(given, (0.25, 0.75), convention))
    return ItemStatistics(
        item=item,
        n=n,
        missing=int(column.size) - n,
        mean=mean,
        full_marks=full_marks,
        full_mark_share=None if full_marks is None else full_marks / n,
        sd=sd,
        cv=None if sd is None or mean == 0 else sd / abs(mean),
        median=float(np.median(given)),
        q1=q1,
        q3=q3,
        iqr=q3 - q1,
        minimum=float(given.min()),
        maximum=float(given.max()),
        rand=rand_disagreement(given, convention) if scale == (1.0, 9.0) else None,
    )
