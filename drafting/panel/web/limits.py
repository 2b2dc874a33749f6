"""How often something may fail before it has to wait."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable


class Limiter:
    """Counts failures by key within a sliding time; forgets the oldest keys when there are too many.

    Parameters
    ----------
    most : int
        Failures allowed within `seconds`.
    seconds : float
    clock : callable
        Monotonic seconds: the clock on the wall may jump.
    """

    def __init__(
        self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic, keys: int = 20_000
    ) -> None:
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._keys = keys
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def blocked(self, key: str) -> bool:
        """Whether that key has to wait."""
        with self._lock:
            return len(self._recent(key)) >= self._most

    def failed(self, key: str) -> None:
        """Count a failure."""
        with self._lock:
            recent = self._recent(key)
            recent.append(self._clock())
            self._failures[key] = recent
            self._failures.move_to_end(key)
            while len(self._failures) > self._keys:
                self._failures.popitem(last=False)

    def succeeded(self, key: str) -> None:
        """Forget a key's failures."""
        with self._lock:
            self._failures.pop(key, None)

    def _recent(self, key: str) -> deque[float]:
        recent = self._failures.get(key, deque(maxlen=self._most))
        since = self._clock() - self._seconds
        while recent and recent[0] < since:
            recent.popleft()
        return recent
