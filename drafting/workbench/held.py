"""Uploads that wait for a decision: somebody else's file is there meanwhile. In memory, for half an hour."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

_SECONDS = 1_800.0
_MOST_BYTES = 512 << 20
_MOST_NOTES = 200


@dataclass(frozen=True, slots=True)
class Upload:
    """Files that came in for a slot of a project, by their path in it."""

    project: str
    slot: str
    files: Mapping[str, bytes]
    instead: tuple[str, ...]
    at: float

    @property
    def bytes(self) -> int:
        """How much memory it takes."""
        return sum(map(len, self.files.values()))


class Held:
    """The uploads that wait."""

    def __init__(self) -> None:
        self._uploads: OrderedDict[str, Upload] = OrderedDict()
        self._notes: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._lock = Lock()

    def put(self, project: str, slot: str, files: Mapping[str, bytes], instead: tuple[str, ...]) -> str:
        """Keep an upload and give its name; the oldest go where they take too much room."""
        token = secrets.token_urlsafe(16)
        with self._lock:
            self._uploads[token] = Upload(project, slot, files, instead, time.monotonic())
            while len(self._uploads) > 1 and sum(u.bytes for u in self._uploads.values()) > _MOST_BYTES:
                self._uploads.popitem(last=False)
        return token

    def get(self, token: str, project: str) -> Upload | None:
        """The upload of a name; None if there is none of this project any more."""
        with self._lock:
            found = self._uploads.get(token)
            if found is not None and time.monotonic() - found.at > _SECONDS:
                del self._uploads[token]
                return None
        return found if found is not None and found.project == project else None

    def note(self, said: tuple[str, ...]) -> str:
        """Keep what is to be said on the next page, and give its name."""
        token = secrets.token_urlsafe(8)
        with self._lock:
            self._notes[token] = said
            while len(self._notes) > _MOST_NOTES:
                self._notes.popitem(last=False)
        return token

    def said(self, token: str) -> tuple[str, ...]:
        """What is to be said; nothing where it was forgotten."""
        with self._lock:
            return self._notes.get(token, ())

    def drop(self, token: str) -> None:
        """Forget an upload."""
        with self._lock:
            self._uploads.pop(token, None)
