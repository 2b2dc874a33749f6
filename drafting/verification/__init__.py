"""Every figure of 结果.json computed again from the record's own data, which is read by its schema.

The pipeline runs once more (:mod:`~drafting.verification.rerun`), and what it publishes is computed by a second route
that imports no core (:mod:`~drafting.verification.opinion`).
"""

from drafting.verification.documents import verify_document
from drafting.verification.verdict import Difference, RecordError, Verdict
from drafting.verification.verify import read_record, verify

__all__ = ["Difference", "RecordError", "Verdict", "read_record", "verify", "verify_document"]
