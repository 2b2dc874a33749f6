"""Secrets that a browser sends back."""

from __future__ import annotations

import hmac


def same(sent: str, expected: str) -> bool:
    """Compare secrets without telling by time how far they agree."""
    return hmac.compare_digest(sent.encode("utf-8", "surrogatepass"), expected.encode("utf-8", "surrogatepass"))
