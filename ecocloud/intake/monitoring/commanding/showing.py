"""Commands for people: names, states with their lights, codes in words, the steps and the timeline of one command."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecocloud.base.pages.exports import ExportColumn
from ecocloud.intake.monitoring.commanding import parameters, queries
from ecocloud.intake.monitoring.commanding.machine import OPEN, State, Why
from ecocloud.intake.monitoring.commanding.matching import By
from ecocloud.intake.monitoring.commanding.models import Command, CommandEvent
from ecocloud.intake.monitoring.commanding.table import Offer, offer_of
from ecocloud.intake.monitoring.hj212.building import REQUEST_ANSWER
from ecocloud.intake.monitoring.hj212.tables import command_of, fields
from ecocloud.kernel.regions.models import in_language

Kind = CommandEvent.Kind
WHY = {
    Why.NOT_APPROVED: gettext_lazy("规定时间内没有审批"),
    Why.OFF_LINE: gettext_lazy("规定时间内设备没有上线"),
    Why.NO_ANSWER: gettext_lazy("设备没有应答；可能已经收到"),
    Why.NO_RESULT: gettext_lazy("设备没有返回执行结果"),
    Why.NO_CODE: gettext_lazy("设备返回的结果没有代码"),
    Why.NO_REPORT: gettext_lazy("接收网关没有报告是否发出；为避免重复操作，不再发送，请现场核实"),
    Why.ANSWERED_LATE: gettext_lazy("超时以后设备才应答"),
    Why.NOT_BUILT: gettext_lazy("按设备现在的登记不能组成命令"),
}


def name_of(cn: str, edition: int) -> str:
    """What a command does, in the language of the page."""
    offer = offer_of(cn, edition)
    return in_language(offer.zh, offer.en) if offer else cn


def offer_name(offer: Offer) -> str:
    """The same of an offer."""
    return in_language(offer.zh, offer.en)


def code_words(cn: str | None, code: int | None) -> str:
    """A QnRtn (9011) or ExeRtn (9012) with its meaning."""
    if code is None:
        return ""
    words = fields().request_answers if cn == REQUEST_ANSWER else fields().results
    known = next((word for word in words if word.code == str(code)), None)
    return f"{code} {in_language(known.zh, known.en)}" if known else str(code)


def why_words(row: Command) -> str:
    """Why a command is where it is: the code of the device, or what did not come in time."""
    parts = []
    if row.state in (State.REFUSED.value, State.FAILED.value):
        cn = REQUEST_ANSWER if row.state == State.REFUSED.value else ""
        parts.append(code_words(cn, row.result))
    if row.why:
        parts.append(str(WHY[Why(row.why)]))
    if row.state == State.DISMISSED.value and row.opinion:
        parts.append(row.opinion)
    return in_language("；", "; ").join(part for part in parts if part)


def dressed(rows: Iterable[Command]) -> list[Command]:
    """Commands as lists show them."""
    found = list(rows)
    for row in found:
        row.name = name_of(row.cn, row.edition)
        row.light = queries.light(row.state)
        row.why_text = why_words(row)
        row.given_text = given_words(row)
    return found


def parameter_words(row: Command) -> list[tuple[str, str]]:
    """The parameters of a command with their labels, in the order of the table."""
    labels = {one.name: in_language(one.zh, one.en) for one in fields().parameters} | {parameters.INFO: _("信息值")}
    offer = offer_of(row.cn, row.edition)
    order = [*(offer.command.parameters if offer else ()), parameters.INFO]
    return [(labels[name], parameters.shown(row.given[name])) for name in order if name in row.given]


def given_words(row: Command) -> str:
    """The parameters in one line."""
    return in_language("，", ", ").join(f"{label} {value}" for label, value in parameter_words(row))


def steps(row: Command) -> list[dict[str, str]]:
    """The way of a command as a row of steps: what is behind it, where it is."""
    words = [_("提出")]
    if row.approval:
        words.append(_("审批"))
    words += [_("下发到设备"), _("应答"), _("结果")]
    place = {State.PREPARED.value: 1, State.DISMISSED.value: 1}.get(row.state)
    if place is None:
        shift = 1 if row.approval else 0
        at = {State.READY: 1, State.HANDED: 1, State.UNDELIVERED: 1, State.WITHDRAWN: 1, State.UNKNOWN: 1,
              State.SENT: 2, State.REFUSED: 2, State.ACCEPTED: 3}  # fmt: skip
        place = at.get(State(row.state), 3) + shift
        if row.state == State.TIMED_OUT.value and row.why == Why.NO_ANSWER.value:
            place = 2 + shift
    over = row.state == State.DONE.value
    return [{"label": word, "mark": "done" if number < place or over else "now" if number == place else ""}
            for number, word in enumerate(words)]  # fmt: skip


# States as the list filters them: code -> words, light, states.
GROUPS = {
    "waiting": (gettext_lazy("待审批"), "yellow", (State.PREPARED,)),
    "open": (gettext_lazy("进行中"), "none", (State.READY, State.HANDED, State.SENT, State.ACCEPTED)),
    "done": (gettext_lazy("已完成"), "green", (State.DONE,)),
    "failed": (gettext_lazy("拒绝或未成功"), "red", (State.REFUSED, State.FAILED)),
    "doubt": (gettext_lazy("超时或不明"), "red", (State.TIMED_OUT, State.UNKNOWN, State.INCOMPLETE)),
    "over": (gettext_lazy("未下发"), "none", (State.UNDELIVERED, State.DISMISSED, State.WITHDRAWN)),
}


def states_of(group: str) -> list[str]:
    """The states of a group of the filter."""
    return [state.value for state in GROUPS[group][2]]


def timeline(row: Command) -> list[dict[str, Any]]:
    """Every step with who, when and the packet it came in; packets of data one after another are one step."""
    found: list[dict[str, Any]] = []
    for event in row.events.select_related("person__department").order_by("at", "pk"):
        entry = _entry(row, event)
        if event.kind == Kind.DATA and found and found[-1]["data"] and found[-1]["title"] == entry["title"]:
            found[-1]["raws"] += entry["raws"]
        else:
            found.append(entry)
    return found


def _entry(row: Command, event: CommandEvent) -> dict[str, Any]:
    title, kind = str(event.get_kind_display()), ""
    who, unit, text = "", "", event.note
    if event.person:
        who, unit = event.person.name, event.person.department.name if event.person.department else ""
    elif event.kind in (Kind.ANSWER, Kind.DATA):
        who = row.device.name
        known = command_of(event.cn or "", row.edition)
        title = (
            f"{event.cn} {in_language(known.zh, known.en) if known else ''}"
            if event.kind == Kind.ANSWER
            else f"{title} {event.cn}"
        )
        text = code_words(event.cn, event.result)
        if event.matched == By.DEVICE.value:
            text = f"{text}\n{_('应答的 QN 与指令不同，按设备对应：')}{event.qn or '—'}".strip()
    elif event.kind == Kind.HANDED:
        who, text = event.note, f"QN {event.qn}"
    elif event.kind == Kind.TIME:
        text = str(WHY.get(Why(row.why))) if row.why and event.state == row.state else ""
        text = f"{_state_word(event.state)}{in_language('：', ': ') if text else ''}{text}"
    if event.state in (State.REFUSED, State.FAILED, State.UNKNOWN, State.TIMED_OUT, State.DISMISSED):
        kind = "back"
    raws = [(event.raw_ref, event.raw_ref.partition(":")[2])] if event.raw_ref else []
    return {"title": title, "who": who, "unit": unit, "at": event.at, "text": text, "kind": kind, "raws": raws,
            "data": event.kind == Kind.DATA}  # fmt: skip


def _state_word(state: str) -> str:
    return str(dict(Command._meta.get_field("state").choices)[state])


def is_open(row: Command) -> bool:
    """Whether something is still expected."""
    return row.state in {one.value for one in OPEN}


COLUMNS = (
    ExportColumn(gettext_lazy("编号"), "pk"),
    ExportColumn(gettext_lazy("设备"), "device.name"),
    ExportColumn(gettext_lazy("MN 号"), "device.mn"),
    ExportColumn(gettext_lazy("命令"), "cn"),
    ExportColumn(gettext_lazy("名称"), lambda row: name_of(row.cn, row.edition)),
    ExportColumn(gettext_lazy("参数"), given_words),
    ExportColumn(gettext_lazy("事由"), "reason"),
    ExportColumn(gettext_lazy("状态"), lambda row: _state_word(row.state)),
    ExportColumn(gettext_lazy("原因"), why_words),
    ExportColumn(gettext_lazy("提出人"), "asked_by.name"),
    ExportColumn(gettext_lazy("提出时间"), "asked_at"),
    ExportColumn(gettext_lazy("审批人"), "decided_by.name"),
    ExportColumn(gettext_lazy("审批意见"), "opinion"),
    ExportColumn(gettext_lazy("下发时间"), "sent_at"),
    ExportColumn(gettext_lazy("下发次数"), "sends"),
    ExportColumn("QN", "qn"),
    ExportColumn(gettext_lazy("数据包"), "data"),
    ExportColumn(gettext_lazy("结束时间"), "ended_at"),
)
STRAY_COLUMNS = (
    ExportColumn(gettext_lazy("MN 号"), "mn"),
    ExportColumn(gettext_lazy("命令"), "cn"),
    ExportColumn("QN", "qn"),
    ExportColumn(gettext_lazy("代码"), lambda row: code_words(row.cn, row.result)),
    ExportColumn(gettext_lazy("次数"), "count"),
    ExportColumn(gettext_lazy("首次"), "first"),
    ExportColumn(gettext_lazy("最近"), "last"),
    ExportColumn(gettext_lazy("报文"), "raw_ref"),
)
