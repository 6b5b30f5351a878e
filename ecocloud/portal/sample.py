"""The room's part of the sample site: reports of the public in five states, made-up all of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from ecocloud.kernel.duties import services as duties
from ecocloud.kernel.duties.models import WorkItem
from ecocloud.kernel.regions.models import Region, User
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
