"""What the cover, the foreword and the lists of a draft say (sheets 文件信息, 政策依据, 引用文件, 术语)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from drafting.model.sheet import row

KINDS = ("国家标准", "行业标准", "地方标准", "团体标准")
STAGES = ("工作组讨论稿", "征求意见稿", "送审讨论稿", "送审稿", "报批稿")
_NEXT_DOCUMENT = re.compile(r"[、；;，,\n和](?=\s{0,9}[A-Z][A-Z/]{0,9}\s{0,9}\d)")
_NUMBER_AND_NAME = re.compile(
    r"(?P<number>[^《》（(\u4e00-\u9fff]+)(?:《(?P<quoted>.+)》|(?P<plain>[\u4e00-\u9fff].*))"
)


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """Metadata of the draft. Lists are typed into one cell, separated by 、 or ；."""

    title: str = row("文件名称", "", "如：水泥行业清洁生产评价指标体系。")
    title_en: str = row("英文名称", "", "封面英文译名。")
    number: str = row("文件编号", "", "如：GB/T ×××××—××××；未定时可空。")
    replaces: str = row(
        "代替文件", "", "如 GB/T 12345—2015《××行业清洁生产评价指标体系》，几个用顿号隔开；首次制定留空。"
    )
    ics: str = row("ICS号", "", "如：13.020.20。")
    ccs: str = row("CCS号", "", "如：Z 04。")
    kind: str = row("文件类别", "国家标准", "标准的级别。", choices=KINDS)
    stage: str = row("阶段", "征求意见稿", "文稿所处阶段。", choices=STAGES)
    industry_code: str = row("行业代码", "", "GB/T 4754 的代码，如 C3011 或 3011（4.2.1）。")
    industry: str = row("行业名称", "", "与代码一致的行业名称，如：水泥制造。")
    proposed_by: str = row("提出单位", "", "前言：本文件由……提出。")
    under: str = row("归口单位", "", "前言：本文件由……归口。")
    drafted_by: str = row("起草单位", "", "用顿号隔开。")
    drafters: str = row("主要起草人", "", "用顿号隔开。")
    published: str = row("发布日期", "", "如 2026-06-01；未定时留空。")
    effective: str = row("实施日期", "", "如 2026-12-01；未定时留空。")
    issuers: str = row("发布部门", "", "封面发布机构，用顿号隔开。")
    first_edition: str = row("首次发布", "是", "本文件是否为首次发布。", choices=("是", "否"))
    scope: str = row("适用范围", "", "本文件适用于……（写在第 1 章）。")
    annex_levels: str = row("基准值附录", "是", "草案是否印出基准值的样本和达到比例。", choices=("是", "否"))
    annex_weights: str = row("权重附录", "是", "草案是否印出权重的检验；给定权重时不印。", choices=("是", "否"))
    template_folder: str = row("模板目录", "", "委员会自己的模板文件夹；留空用自带模板。", also=("templates",))

    @property
    def replaced(self) -> tuple[Reference, ...]:
        """The documents of 代替文件, each with its name where it was typed behind the number, in 《》 or without.

        What is more than number and name stays as typed, as the number.
        """
        found = []
        for typed in filter(None, map(str.strip, _NEXT_DOCUMENT.split(self.replaces.strip().removeprefix("代替")))):
            read = _NUMBER_AND_NAME.fullmatch(typed)
            number, name = (read["number"].strip(), read["quoted"] or read["plain"]) if read else (typed, "")
            found.append(Reference(number, name))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy that the draft is based on (政策依据, 4.1)."""

    group: str
    name: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A normative reference (规范性引用文件)."""

    number: str
    name: str


@dataclass(frozen=True, slots=True)
class Term:
    """A term with its English equivalent, definition and source (术语和定义)."""

    term: str
    english: str
    definition: str
    source: str = ""
