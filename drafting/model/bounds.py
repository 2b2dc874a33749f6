"""What baseline and target cells say: ``parse_bound`` and the :class:`Bound` it returns.

The notation is that of real indicator tables and public targets (≤0.65, 不低于90%, 85～90, 控制在8.5%以内, 3次以下,
≤0.14+0.08n, 同Ⅰ级, —). 以上, 以下 and 以内 include the number (Civil Code, article 1259); 超过 and 不满 do not.
"""

from __future__ import annotations

from drafting.model.bound_value import Bound, BoundKind, Operator, bound_for, is_stricter
from drafting.notation.cells import parse_bound

__all__ = ["Bound", "BoundKind", "Operator", "bound_for", "is_stricter", "parse_bound"]
