"""Words that a questionnaire holds as it is sent out, by which what was added to it is told apart."""

from __future__ import annotations

import re

FEEDBACK_SHEET = "上轮反馈"
SCALE = (
    ("1", "同等重要"), ("3", "稍微重要"), ("5", "明显重要"), ("7", "强烈重要"), ("9", "极端重要"),
    ("2、4、6、8", "介于相邻两级之间"), ("1/2～1/9", "反过来：列比行重要"),
)  # fmt: skip
PAIRS_TITLE, MEANINGS_TITLE = "逐对对照（随填随显，不在此处填写）", "各项的含义"
COMPARED = " 相比"
SENTENCE = re.compile(rf"[A-Z]{{1,3}}\d{{1,3}}　.* 与 .*{COMPARED}")
IN_WORDS = re.compile(r"未填|已填|同等重要|“.*”重要，[\d.]+ 倍")
"""What the formula beside a sentence says, where a program kept its value alone."""
CHECKS = re.compile(r"已填（次）|λmax|CI|RI（n=\d+）|CR|结论(?:（限值 [\d.e-]+）)?|全卷进度（次）")
"""Labels of the check beside a matrix; its values stand right of them."""
SUM = re.compile(r"合计 ?\d+|[0-9.]+ / \d+(?: ✓)?")
"""What the formula beside a group of weights says."""
OWN_ANSWER = "您上一轮的答案"
"""Begins the comment on a cell in which a reason is asked."""
