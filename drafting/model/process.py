"""What only the committee can tell about its work, for the 编制说明 and the foreword (sheet 编制过程)."""

from __future__ import annotations

from dataclasses import dataclass

from drafting.model.sheet import row


@dataclass(frozen=True, slots=True)
class Process:
    """How the document came about, in the committee's own words; what is empty is marked 【待补充：…】."""

    plan: str = row("计划文号", "", "任务来源：下达计划的部门、计划文号和项目编号。", also=("任务来源", "计划项目"))
    division: str = row("分工", "", "各起草单位和起草人的分工。", also=("起草分工",))
    meetings: str = row(
        "会议", "", "历次会议、征求意见的时间、范围和意见处理情况。", also=("历次会议", "征求意见", "主要工作过程")
    )
    industry: str = row("行业概况", "", "企业数量、产能产量、工艺路线、资源能源消耗和污染物排放现状。")
    trial: str = row("试评价分析", "", "起草组对试评价结果的分析和对基准值的取舍。", also=("试评价",))
    law: str = row("法律法规", "", "与现行法律、法规和强制性标准有无抵触。", also=("法规关系",))
    coordination: str = row("标准协调", "", "与相关国家标准、行业标准的协调情况。", also=("标准关系",))
    differences: str = row("版本差异", "", "与被代替文件的主要差异，代替旧版时填写。", also=("主要差异",))
    changes: str = row("主要技术变化", "", "印在前言中，代替旧版时填写，如：增加了单位产品碳排放量（见表1）。")
    history: str = row(
        "历次版本", "", "所代替文件的历次版本发布情况，印在前言中，代替旧版时填写。", also=("历次版本发布情况",)
    )
    stopping: str = row("停止咨询", "", "专家咨询停止的理由；有停止规则的不必填写。", also=("停止咨询的理由",))
    limiting: str = row(
        "限定性指标", "", "未设限定性指标，或未设 5.3 所列的某些限定性指标的，在此写明理由。", also=("限定性",)
    )
    dissent: str = row(
        "分歧", "", "起草过程中的重大分歧意见及其处理经过和依据，或写明无。", also=("重大分歧", "分歧意见")
    )
    patents: str = row("专利", "", "专利检索和征集的结果，或写明起草过程中未发现涉及专利。", also=("涉及专利",))
    advice: str = row("实施建议", "", "实施日期的建议和过渡期安排。", also=("实施要求",))
    table_reason: str = row("分表理由", "", "有几张表时：为何这样分，各表的边界如何划定。", quiet=True)
    combination: str = row("多表评定理由", "", "有几张表时：为何采用所选的多表评定方式。", quiet=True)
    more: tuple[tuple[str, str], ...] = ()
    """Anything else that is to be told, with its heading; printed under 其他应予说明的事项."""
