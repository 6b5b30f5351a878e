"""The only writers of reports. The public's own acts are journalled without who or whence, and without their words."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from ecocloud.base import sealing
from ecocloud.base.errors import EcoError, Forbidden
from ecocloud.kernel.duties.models import WorkItem
from ecocloud.kernel.duties.services.notices import tell_unit
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import SYSTEM, Actor, Change, change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import Department, Region, User
from ecocloud.portal import words
from ecocloud.portal.errors import NotNow, NotOpen, Refused
from ecocloud.portal.facts import categories, limits
from ecocloud.portal.plain import cleaned, one_line
from ecocloud.portal.reports import handing, queries, states
from ecocloud.portal.reports.models import AlsoSeen, Report, ReportDesk, ReportPhoto, ReportStep
from ecocloud.portal.reports.states import Event, State

VIEW, HANDLE, DESK = "portal.report.view", "portal.report.handle", "portal.desk.edit"
PUBLIC = Actor("public", "公众")
Kind = ReportStep.Kind
_NUMBER_TRIES = 40


@dataclass(frozen=True)
class Given:
    """What somebody hands in, already read from the form."""

    category: str
    region: Region
    place: str = ""
    lon: float | None = None
    lat: float | None = None
    text: str = ""
    contact: str = ""
    photos: Sequence[ReportPhoto] = ()
    client_key: str = ""


def windows() -> states.Windows:
    """The windows of the data."""
    row = limits().window
    return states.Windows(row.rate_days.value, row.reopen_days.value, row.reopen_times.value)


def key_file() -> Path:
    """The key file of contacts."""
    return settings.HOME / "keys" / "contacts.key"


def open_desk(user: User, *, office: Department | None = None, is_open: bool = True) -> ReportDesk:
    """Open or close the reports for the public; cases are made in the name of whoever opened them."""
    permissions.require(user, DESK)
    office = office or user.department
    if office is None:
        raise Refused("没有受理单位。", "no office", remedy_zh="请用有所属单位的账号开通。")
    with change(user.actor()) as tx:
        row, _made = ReportDesk.objects.update_or_create(
            pk=1, defaults={"office": office, "person": user, "is_open": is_open, "since": timezone.now()}
        )
        tx.log("portal.desk.open" if is_open else "portal.desk.close", "reportdesk:1", after={"office": office.pk})
    return row


def _checked(given: Given) -> Given:
    most = limits().text
    text, place, contact = cleaned(given.text), one_line(given.place), one_line(given.contact)
    for name, field, value, limit in (
        ("说明", "text", text, most.report), ("具体位置", "place", place, most.place),
        ("联系方式", "contact", contact, most.contact),
    ):  # fmt: skip
        if len(value) > limit.value:
            raise Refused(f"有 {len(value)} 字，超过 {limit.value} 字。", f"longer than {limit.value} characters",
                          where={name: ""}, value=field, remedy_zh="请压缩后再提交。")  # fmt: skip
    if given.category not in categories():
        raise Refused("还没有选类别。", "no category yet", where={"类别": ""}, value="category")
    if not given.photos and not text:
        raise Refused("请拍一张照片，或写几个字说明情况。", "a photo or a few words are needed", value="text")
    return Given(given.category, given.region, place, given.lon, given.lat, text, contact, given.photos,
                 given.client_key[:64] or secrets.token_hex(16))  # fmt: skip


def _fresh_number(day: date) -> str:
    for _try in range(_NUMBER_TRIES):
        number = f"{day:%y%m%d}{secrets.randbelow(100_000):05d}"
        if not Report.objects.filter(number=number).exists():
            return number
    raise NotOpen("今天受理的件数已满，请明天再来，或拨打 12369。", "no number is free today")


def _step(
    report: Report, kind: Kind, unit: str = "", text: str = "", at: datetime | None = None, text_en: str = ""
) -> None:
    ReportStep.objects.create(
        report=report, kind=kind, unit=unit[:120], text=text, text_en=text_en, at=at or timezone.now()
    )


def create(given: Given, at: datetime | None = None) -> Report:
    """Take a report of the public and make its case; the same ``client_key`` gives the same report.

    Raises :class:`NotOpen` while reports are not taken here and :class:`Refused` for what is missing or too long.
    """
    desk = queries.desk()
    if desk is None or not desk.is_open:
        raise NotOpen("本平台暂未开通网上反映。", "reports are not taken here yet", remedy_zh="请拨打 12345 或 12369。")
    given = _checked(given)
    known = Report.objects.filter(client_key=given.client_key).first()
    if known is not None:
        return known
    try:
        return _create(desk, given, at or timezone.now())
    except IntegrityError:
        known = Report.objects.filter(client_key=given.client_key).first()
        if known is None:
            raise
        return known


def _create(desk: ReportDesk, given: Given, at: datetime) -> Report:
    with change(PUBLIC) as tx:
        with transaction.atomic():
            report = Report.objects.create(
                number=_fresh_number(timezone.localdate(at)), salt=secrets.token_hex(16), client_key=given.client_key,
                category=given.category, region=given.region, place=given.place, lon=given.lon, lat=given.lat,
                text=given.text, created_at=at,
            )  # fmt: skip
        if given.contact:
            report.contact = sealing.seal(given.contact.encode(), f"{report.number}/contact", key_file())
            report.save(update_fields=["contact"])
        mine = [photo.pk for photo in given.photos]
        ReportPhoto.objects.filter(pk__in=mine, report__isnull=True).update(report=report)
        _step(report, Kind.RECEIVED, desk.office.label, at=at)
        digest = hashlib.sha256(given.text.encode()).hexdigest()
        tx.log("portal.report.create", report.ref, after={
            "number": report.number, "category": report.category, "region": report.region_id, "photos": len(mine),
            "text": digest,
        })  # fmt: skip
        try:
            _hand(tx, desk.person, report, desk.office, None, at)
        except EcoError as error:  # kept for the office, which sees it in its list: nothing is lost
            tell_unit(desk.office, "report", report.ref, f"公众反映 {report.number} 未能自动交办", error.message_zh, at)
    return report


def _hand(tx: Change, user: User, report: Report, office: Department, lead: Department | None, at: datetime) -> None:
    with change(user.actor()):
        after = states.step(report.standing, Event.HAND, timezone.localdate(at), windows())
        photos = [photo.file for photo in report.photos.select_related("file")]
        item = handing.hand(tx, user, report, office, photos, lead or handing.lead_of(report))
        report.item_ref, report.unit = item.ref, item.lead_department
        _put(report, after)
        _step(report, Kind.HANDED, item.lead_department.label, at=at)
        tx.log("portal.report.hand", report.ref, after={"item": item.ref, "unit": item.lead_department_id})


def _put(report: Report, standing: states.Standing) -> None:
    report.state, report.ended_on, report.reopened = standing.state.value, standing.ended_on, standing.reopened
    if not standing.rated:
        report.rating, report.rating_text = None, ""
    report.save()


def locked(pk: int) -> Report:
    """The report for a change."""
    return Report.objects.select_for_update(of=("self",)).select_related("region", "unit").get(pk=pk)


def hand_over(user: User, report: Report, lead: Department) -> Report:
    """A person gives a report that could not be routed, or was not taken, to a unit: its case is made."""
    permissions.require(user, HANDLE)
    desk = queries.desk()
    with change(user.actor()) as tx:
        report = locked(queries.report_for(user, report.number).pk)
        if report.item_ref:
            raise NotNow("这件反映已经交办。", "already handed over", value=report.item_ref)
        _hand(tx, user, report, desk.office if desk else lead, lead, timezone.now())
    return report


def refuse(user: User, report: Report, reason: str) -> Report:
    """The office does not take a report (no matter of this platform, an insult): the reason is told to everybody. Its
    case, where there is one, is terminated with it, which needs that right."""
    permissions.require(user, HANDLE)
    if not is_desk(user):
        raise Forbidden("只有受理单位可以不予受理。", "only the office may refuse a report")
    reason = cleaned(reason)
    if not reason:
        raise Refused("没有写明理由。", "no reason", where={"理由": ""}, remedy_zh="不予受理须告知理由和其他渠道。")
    with change(user.actor()) as tx:
        report = locked(queries.report_for(user, report.number).pk)
        after = states.step(report.standing, Event.REFUSE, timezone.localdate(), windows())
        case = handing.case_of(report)
        if case is not None and not case.closed:
            handing.terminate(user, report, reason)
            report = locked(report.pk)
            ReportStep.objects.filter(report=report, kind=Kind.REFUSED, text="").delete()
        else:
            _put(report, after)
        _step(report, Kind.REFUSED, user.department.label if user.department else "", reason)
        tx.log("portal.report.refuse", report.ref, note=reason)
    return report


def is_desk(user: User) -> bool:
    """Whether the person is of the office that takes reports."""
    desk = queries.desk()
    return desk is not None and user.department_id == desk.office_id


def reply(user: User, report: Report, text: str) -> Report:
    """The handling unit (or the office) tells the public what came of it."""
    permissions.require(user, HANDLE)
    text = cleaned(text)
    if not text:
        raise Refused("没有写答复内容。", "no reply", where={"答复": ""})
    with change(user.actor()) as tx:
        report = locked(queries.report_for(user, report.number).pk)
        _must_handle(user, report)
        unit = user.department.label if user.department else ""
        before = report.reply
        report.reply, report.reply_unit, report.replied_at = text, unit, timezone.now()
        report.save()
        _step(report, Kind.REPLIED, unit, text)
        tx.log("portal.report.reply", report.ref, before={"reply": before}, after={"reply": text})
    return report


def _must_handle(user: User, report: Report) -> None:
    if user.department_id not in handing.handlers(report) and not is_desk(user):
        raise Forbidden("只有办理单位可以这样做。", "only the handling unit may do this", remedy_zh="请联系办理单位。")


def read_contact(user: User, report: Report) -> str:
    """The contact of the reporter, for people of the lead unit of its case (before there is one: of the office); every
    look is journalled."""
    permissions.require(user, HANDLE)
    report = queries.report_for(user, report.number)
    unit = report.unit_id if report.item_ref else getattr(queries.desk(), "office_id", None)
    if unit is None or user.department_id != unit:
        raise Forbidden("联系方式只对办理单位开放。", "the contact is open to the handling unit alone")
    if report.contact is None:
        return ""
    with change(user.actor()) as tx:
        tx.log("portal.contact.read", report.ref)
    return sealing.unseal(report.contact, f"{report.number}/contact", key_file()).decode()


def is_reporter(report: Report, word: str) -> bool:
    """Whether the word is that of the report."""
    return words.same(word, words.word_of(report.number, report.salt))


def rate(report: Report, stars: int, text: str = "") -> Report:
    """The reporter says how content, 1 to 5. The caller has checked the word."""
    if stars not in range(1, 6):
        raise Refused("请选 1 至 5 分。", "choose 1 to 5", where={"满意度": ""}, value=stars)
    with change(PUBLIC) as tx:
        report = locked(report.pk)
        after = states.step(report.standing, Event.RATE, timezone.localdate(), windows())
        report.rating, report.rating_text = stars, cleaned(text)[: limits().text.report.value]
        _put(report, after)
        _step(report, Kind.RATED, text=str(stars))
        tx.log("portal.report.rate", report.ref, after={"rating": stars})
        if report.unit_id and stars <= 2:
            tell_unit(report.unit_id, "report", report.ref, f"公众反映 {report.number} 评价不满意（{stars} 分）")
    return report


def reopen(report: Report, text: str) -> Report:
    """The reporter is not content: the case is opened again, or the office looks at it again. The caller has checked
    the word. Raises :class:`NotNow` outside the window."""
    text = cleaned(text)[: limits().text.report.value]
    if not text:
        raise Refused("请写明哪里没有解决。", "say what is not solved", where={"说明": ""}, value="text")
    desk = queries.desk()
    with change(PUBLIC) as tx:
        report = locked(report.pk)
        after = states.step(report.standing, Event.REOPEN, timezone.localdate(), windows())
        _put(report, after)
        _step(report, Kind.REOPENED)
        tx.log("portal.report.reopen", report.ref, after={"times": after.reopened})
        if report.item_ref and desk is not None:
            case = handing.case_of(report)
            if case is not None and case.closed:
                handing.reopen(desk.person, report, f"反映人要求重办：{text}")
        elif desk is not None:
            tell_unit(desk.office, "report", report.ref, f"公众反映 {report.number} 要求重新受理", text)
    return report


def also_seen(report: Report, key: str) -> int:
    """Somebody else has seen it too; once for each browser. Returns how many by now."""
    digest = hashlib.sha256(f"{settings.SECRET_KEY}/{key}".encode()).hexdigest()
    with change(SYSTEM):
        _row, made = AlsoSeen.objects.get_or_create(report=report, key=digest)
        if made:
            Report.objects.filter(pk=report.pk).update(seen=F("seen") + 1)
    return Report.objects.values_list("seen", flat=True).get(pk=report.pk)


def item_moved(tx: Change, user: Any, item: WorkItem, at: datetime) -> None:
    """A case made of a report has moved: the reports that follow it move with it. In the transaction of the case."""
    own = Ref.parse(item.source_ref).key if item.source_ref else ""
    keys = {int(Ref.parse(ref).key) for ref in handing.following(item)} | ({int(own)} if own.isdecimal() else set())
    for pk in sorted(keys):
        report = locked(pk) if Report.objects.filter(pk=pk, item_ref__isnull=False).exists() else None
        if report is not None:
            _follow(tx, report, item, at)


def _follow(tx: Change, report: Report, item: WorkItem, at: datetime) -> None:
    merged = item.ref == report.item_ref and item.state == "merged"
    event = Event.WORK if item.is_open or merged else Event.REFUSE if item.state_row.void else Event.FINISH
    try:
        after = states.step(report.standing, event, timezone.localdate(at), windows())
    except NotNow:
        return
    unit, before = item.current_department.label, report.state
    report.unit = item.lead_department
    _put(report, after)
    if merged:
        _step(report, Kind.MERGED, unit, at=at)
    elif after.state is State.DONE and before != State.DONE.value:
        _step(report, Kind.DONE, unit, at=at)
    elif after.state is State.REFUSED:
        _step(report, Kind.REFUSED, unit, at=at)
    elif before in (State.DONE.value, State.REFUSED.value):
        _step(report, Kind.WORK, unit, at=at)
    else:
        _step(report, Kind.MOVED, unit, item.state_zh, at, item.state_row.label_en)
    tx.log("portal.report.follow", report.ref, before={"state": before}, after={"state": report.state})
