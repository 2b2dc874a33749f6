"""How long somebody who failed has to wait: longer each time, and nobody else with them."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class _Failures:
    count: int
    last: float


class Slowdown:
    """Counts failures by key; after some free ones every further failure doubles the time to wait.

    Tries made while waiting are not counted, so that nobody can hold somebody else off for good by trying on. The
    oldest keys are forgotten when there are too many.

    ``free``: failures without any wait.
    ``longest``: seconds to wait at most.
    ``forget``: seconds after the last failure in which all are forgotten.
    ``clock``: monotonic seconds: the clock on the wall may jump.
    """

    def __init__(
        self, free: int, longest: float, forget: float, clock: Callable[[], float] = time.monotonic, keys: int = 20_000
    ) -> None:
        self._free = free
        self._longest = longest
        self._forget = forget
        self._clock = clock
        self._keys = keys
        self._failures: OrderedDict[str, _Failures] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, key: str) -> float:
        """Seconds that this key still has to wait, 0 for none."""
        with self._lock:
            found = self._recent(key)
            if found is None or found.count < self._free:
                return 0.0
            whole = min(self._longest, 2.0 ** min(found.count - self._free + 1, 30))
            return max(0.0, found.last + whole - self._clock())

    def failed(self, key: str) -> None:
        """Count a failure."""
        with self._lock:
            found = self._recent(key) or _Failures(0, 0.0)
            self._failures[key] = _Failures(found.count + 1, self._clock())
            self._failures.move_to_end(key)
            while len(self._failures) > self._keys:
                self._failures.popitem(last=False)

    def succeeded(self, key: str) -> None:
        """Forget a key's failures."""
        with self._lock:
            self._failures.pop(key, None)

    def _recent(self, key: str) -> _Failures | None:
        found = self._failures.get(key)
        if found is not None and self._clock() - found.last > self._forget:
            del self._failures[key]
            return None
        return found


def source_of(address: str) -> str:
    """What counts as one source: an IPv4 address, or the /64 network of an IPv6 address, which one household owns."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))
