"""A second opinion on 结果.json: every figure computed again from the record's own data.

Shares nothing with the program but the numeric cores (``weighting``, ``baselines``): it reads the record, not the
workbooks; the grouping, the reading of bounds and the whole of Appendix D (in fractions) are written anew.
"""

from drafting.verification.documents import verify_document
from drafting.verification.verdict import Difference, RecordError, Verdict
from drafting.verification.verify import read_record, verify

__all__ = ["Difference", "RecordError", "Verdict", "read_record", "verify", "verify_document"]
