"""The room's part of the sample site: reports of the public in five states, a consultation with comments, a published
file; made-up all of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from ecocloud.intake.documents.models import Document
from ecocloud.kernel.duties import services as duties
from ecocloud.kernel.duties.models import WorkItem
from ecocloud.kernel.regions.models import Region, User
from ecocloud.portal.consulting import services as consulting
from ecocloud.portal.disclosure import services as disclosure
from ecocloud.portal.reports import services
from ecocloud.portal.reports.models import Report

# category, how many days ago, words, place, what became of it
_REPORTS = (
    ("noise", 1, "工地夜里十一点以后还在施工。", "新建小区东侧", "handed"),
    ("water", 3, "河面有一片漂浮物，已经两三天。", "大桥下游约二百米", "working"),
    ("waste", 12, "路边倒了两车建筑垃圾，下雨会冲进水沟。", "村口往北的机耕道", "replied"),
    ("air", 20, "傍晚有人露天焚烧秸秆，烟很大。", "村后的田边", "rated"),
    ("other", 6, "路灯坏了。", "", "refused"),
)


def load(context: Any) -> None:
    """Open the desk in the name of the office's clerk and take the reports."""
    people: dict[str, User] = context.shared["people"]
    towns: list[Region] = context.shared["townships"]
    services.open_desk(people["office"])
    for number, (category, days, text, place, fate) in enumerate(_REPORTS):
        at = timezone.now() - timedelta(days=days, hours=2)
        given = services.Given(category, towns[number % len(towns)], place, text=text, client_key=f"sample-{number}")
        report = services.create(given, at)
        _FATES[fate](people, report)
        context.say(report.number)
    document = (context.shared.get("documents") or {}).get("congress_report")
    if document is not None:
        _consult(people, document)
        disclosure.publish(people["office"], "reports", document=document, period=str(timezone.localdate().year - 1))


def _stay(people: dict[str, User], report: Report) -> None:
    """The case waits at its unit."""


def _item(report: Report) -> WorkItem:
    return WorkItem.objects.get(pk=int(report.item_ref.partition(":")[2]))


def _working(people: dict[str, User], report: Report) -> None:
    office, worker = people["office"], people["ecology"]
    item = _item(report)
    if item.lead_department_id != worker.department_id:
        item = duties.assign(office, item, worker.department)
    duties.sign(worker, duties.issue(office, item))


def _replied(people: dict[str, User], report: Report) -> None:
    _working(people, report)
    words = "已组织清理并安排专人看守，路口设置了禁止倾倒的标牌。"
    item = duties.report(people["ecology"], _item(report), words, refs=[report.ref])
    services.reply(people["ecology"], report, words)
    duties.accept(people["office2"], item)


def _rated(people: dict[str, User], report: Report) -> None:
    _replied(people, report)
    services.rate(Report.objects.get(pk=report.pk), 5, "处理得很快。")


def _refused(people: dict[str, User], report: Report) -> None:
    services.refuse(people["office2"], report, "不属于生态环境问题，请拨打 12345。")


_FATES = {"handed": _stay, "working": _working, "replied": _replied, "rated": _rated, "refused": _refused}


# paragraph, words, name, verdict, reason, change
_COMMENTS = (
    (
        2,
        "建议写明各县（市、区）的完成情况，便于对照。",
        "一位居民",
        "accepted",
        "意见合理，已补充分县数据。",
        "在附件中增加分县（市、区）完成情况表。",
    ),
    (
        4,
        "希望增加乡镇饮用水水源保护的内容。",
        "",
        "partly",
        "乡镇水源另有专项方案，此处只写总体安排。",
        "增加一句乡镇水源保护的总体安排。",
    ),
    (0, "文件太长，能不能有一页纸的摘要？", "", None, "", ""),
)


def _consult(people: dict[str, User], document: Document) -> None:
    """A consultation whose window is open, with two answered comments and one that waits."""
    office, today = people["office"], timezone.localdate()
    row = consulting.create(office, document, opens=today - timedelta(days=10), closes=today + timedelta(days=20),
                            intro="欢迎对本报告提出修改意见，可以逐段提出。")  # fmt: skip
    row = consulting.publish(office, row)
    paragraphs = list(dict.fromkeys(one[0] for one in row.segments if one[1] == "p"))
    for number, (at, words, name, verdict, reason, changed) in enumerate(_COMMENTS):
        anchor = paragraphs[min(at, len(paragraphs) - 1)] if at else ""
        made = consulting.comment(row, words, anchor=anchor, name=name, client_key=f"sample-comment-{number}")
        if verdict:
            consulting.answer(office, consulting.moderate(office, made, True), verdict, reason, changed)
