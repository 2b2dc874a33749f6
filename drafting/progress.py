"""How far long work has come, for bars on a terminal and in a browser; and the way to stop it before it is too late."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Step:
    """A step of long work that has begun.

    Attributes
    ----------
    number, of : int
        Counted from 1, and how many there are.
    name : str
        In Chinese.
    share : float or None
        How much of this step is done, 0 to 1; None where that is not known.
    """

    number: int
    of: int
    name: str
    share: float | None = None

    @property
    def whole(self) -> float:
        """How much of all steps is done, 0 to 1."""
        return min(1.0, (self.number - 1 + (self.share or 0.0)) / max(self.of, 1))


class StoppedError(Exception):
    """Somebody stopped the work; nothing of it stands."""


def _silent(_: Step) -> None:
    pass


def _go_on() -> None:
    pass


@dataclass
class Progress:
    """Reports the steps of one piece of work."""

    report: Callable[[Step], None] = _silent
    """Called with each step as it begins, and as more of it is done; may raise :class:`StoppedError`."""
    last_chance: Callable[[], None] = _go_on
    """Called before results take their places, after which the work is not stopped any more; may raise it too."""
    of: int = 1
    _at: Step = field(default_factory=lambda: Step(0, 1, ""))

    def begin(self, name: str) -> None:
        """Begin the next step."""
        number = self._at.number + 1
        self.of = max(self.of, number)
        self._at = Step(number, self.of, name)
        self.report(self._at)

    def within(self, done: int, total: int) -> None:
        """Say how much of the present step is done."""
        if self._at.number and total:
            self.report(replace(self._at, share=min(1.0, done / total)))
