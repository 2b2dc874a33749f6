"""4.2.1: the industry is one of GB/T 4754, its code and name agree."""

from __future__ import annotations

from collections.abc import Iterator

from drafting.findings import Finding, finding
from drafting.industries import IndustryCheck, Verdict, check_industry
from drafting.rules.case import Case

_ANCHOR = "part:selection"


def industry(case: Case) -> Iterator[Finding]:
    """Check code and name against the classification that the user supplies, else against the divisions."""
    info = case.inputs.document
    code = case.place("info", "行业代码", sheet="文件信息")
    name = case.place("info", "行业名称", sheet="文件信息")
    found = check_industry(info.industry_code, info.industry, case.classification)
    match found.verdict:
        case Verdict.MISSING:
            for what, value, place in (("行业代码", info.industry_code, code), ("行业名称", info.industry, name)):
                if not value.strip():
                    yield finding("industry-missing", place, what=what, anchor=_ANCHOR)
        case Verdict.BAD_FORMAT | Verdict.UNKNOWN_CODE | Verdict.WRONG_SECTION:
            yield finding(
                "industry-bad-code", code, found=info.industry_code, suggestion=_suggested(found), anchor=_ANCHOR
            )
        case Verdict.NAME_DIFFERS:
            yield finding(
                "industry-name-differs", name, industry_code=found.code, expected=found.expected_name,
                found=info.industry, suggestion=_suggested(found), anchor=_ANCHOR,
            )  # fmt: skip
        case Verdict.DIVISION_ONLY:
            yield finding(
                "industry-division-only", code, industry_code=found.code, division=found.division,
                division_name=found.division_name, anchor=_ANCHOR,
            )  # fmt: skip


def _suggested(found: IndustryCheck) -> str:
    return f"按名称应为 {found.expected_code}？" if found.expected_code and found.expected_code != found.code else ""
