"""The only writers of consultations and comments."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from ecocloud.base import typed
from ecocloud.intake.documents import paragraphs
from ecocloud.intake.documents import queries as documents
from ecocloud.intake.documents.models import Document
from ecocloud.kernel.duties.models import WorkItem
from ecocloud.kernel.duties.services import items
from ecocloud.kernel.evidence.guards import within_reach
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import Department, User
from ecocloud.portal.consulting import queries, states
from ecocloud.portal.consulting.models import Comment, Consultation
from ecocloud.portal.consulting.states import Showing, State, Verdict
from ecocloud.portal.errors import NotNow, Refused
from ecocloud.portal.facts import limits
from ecocloud.portal.plain import cleaned, one_line
from ecocloud.portal.reports.services import PUBLIC

EDIT = "portal.consult.edit"
_MOST_NAME = 60


def create(
    user: User, document: Document, *, opens: date, closes: date, title: str = "", intro: str = ""
) -> Consultation:
    """A draft consultation on a document that is marked public. Its paragraphs are taken as they are now.

    Raises Forbidden, :class:`Refused` for a document that is not public or has no text, and for days out of order.
    """
    permissions.require(user, EDIT)
    document = documents.document_for(user, document.pk)
    if document.secrecy != Document.Secrecy.PUBLIC:
        raise Refused(
            "这份文件不是公开文件，不能公开征求意见。", "the document is not public",
            where={"文件": document.title[:40]}, value=document.secrecy, remedy_zh="请先由有权的人把密级改为公开。",
        )  # fmt: skip
    unit = user.department or document.department
    if unit is None:
        raise Refused("没有组织征求意见的单位。", "no department", remedy_zh="请用有所属单位的账号操作。")
    segments = [
        [paragraphs.anchor_of(one), one[2], " ".join(document.text[one[0] : one[1]].split())]
        for one in document.segments
    ]
    if not segments:
        raise Refused("文件还没有读取出文字。", "the document has no text yet", where={"文件": document.title[:40]})
    if closes < opens:
        raise Refused("截止日早于开始日。", "the last day lies before the first", where={"截止": str(closes)})
    with change(user.actor()) as tx:
        row = Consultation.objects.create(
            title=typed.words(title or document.title)[:300], intro=typed.words(intro, lines=True),
            document_ref=document.ref, segments=segments, opens=opens, closes=closes, department=unit,
            region=document.region, created_by=user,
        )  # fmt: skip
        tx.log("portal.consult.create", row.ref, after={"document": document.ref, "opens": opens, "closes": closes})
    return row


def _locked(user: User, row: Consultation) -> Consultation:
    permissions.require(user, EDIT)
    fresh = (
        Consultation.objects.select_for_update(of=("self",))
        .select_related("department")
        .get(pk=queries.consultation_for(user, row.pk).pk)
    )
    within_reach(user, EDIT, fresh.region, fresh.department)
    return fresh


def _to(tx: Any, row: Consultation, state: State, action: str, note: str = "") -> Consultation:
    before, row.state = row.state, state.value
    if state in (State.CONCLUDED, State.WITHDRAWN):
        row.ended_at = timezone.now()
    row.save()
    tx.log(action, row.ref, before={"state": before}, after={"state": row.state}, note=note)
    return row


def publish(user: User, row: Consultation) -> Consultation:
    """Open it to the public for its window."""
    with change(user.actor()) as tx:
        row = _locked(user, row)
        return _to(tx, row, states.published(row.window, timezone.localdate()), "portal.consult.publish")


def withdraw(user: User, row: Consultation, reason: str) -> Consultation:
    """End it without results; the reason is told to everybody."""
    reason = typed.words(reason, lines=True)
    if not reason:
        raise Refused("没有写明撤回理由。", "no reason", where={"理由": ""})
    with change(user.actor()) as tx:
        row = _locked(user, row)
        row.reason = reason
        return _to(tx, row, states.withdrawn(row.window), "portal.consult.withdraw", reason)


def conclude(user: User, row: Consultation, conclusion: str) -> Consultation:
    """Publish the results. Raises NotNow before the window ended and while one comment is unanswered."""
    with change(user.actor()) as tx:
        row = _locked(user, row)
        row.conclusion = typed.words(conclusion, lines=True)
        state = states.concluded(row.window, timezone.localdate(), queries.unanswered(row).count())
        return _to(tx, row, state, "portal.consult.conclude", row.conclusion)


def comment(
    row: Consultation, text: str, *, anchor: str = "", name: str = "", client_key: str = "", at: datetime | None = None
) -> Comment:
    """Take a comment of the public; the same ``client_key`` gives the same comment.

    Raises :class:`NotNow` outside the window, :class:`Refused` for an empty or too long text or an unknown paragraph.
    """
    client_key = client_key[:64] or secrets.token_hex(16)
    known = Comment.objects.filter(client_key=client_key, consultation=row).first()
    if known is not None:  # sent again, be it after the last day
        return known
    text, name = cleaned(text), one_line(name)[:_MOST_NAME]
    most = limits().text.comment.value
    states.must_take_comments(row.window, timezone.localdate(at))
    if not text:
        raise Refused("还没有写意见。", "no comment yet", where={"意见": ""})
    if len(text) > most:
        raise Refused(f"有 {len(text)} 字，超过 {most} 字。", f"longer than {most} characters", where={"意见": ""},
                      remedy_zh="请压缩，或分段提出。")  # fmt: skip
    if anchor and anchor not in {one[0] for one in row.segments}:
        raise Refused("没有这一段。", "no such paragraph", where={"段落": anchor[:20]})
    return _take(row, text, anchor, name, client_key, at or timezone.now())


def _take(row: Consultation, text: str, anchor: str, name: str, client_key: str, at: datetime) -> Comment:
    try:
        with change(PUBLIC) as tx:
            Consultation.objects.select_for_update().get(pk=row.pk)  # numbers are given one by one
            last = Comment.objects.filter(consultation=row).aggregate(last=Max("number"))["last"] or 0
            with transaction.atomic():
                made = Comment.objects.create(consultation=row, number=last + 1, anchor=anchor, text=text, name=name,
                                              client_key=client_key, created_at=at)  # fmt: skip
            tx.log("portal.comment.create", made.ref, after={"consultation": row.pk, "anchor": anchor})
    except IntegrityError:
        known = Comment.objects.filter(client_key=client_key).first()
        if known is None:
            raise
        return known
    return made


def _comment(user: User, row: Comment) -> Comment:
    _locked(user, row.consultation)
    return Comment.objects.select_related("consultation__department").get(pk=row.pk)


def moderate(user: User, row: Comment, show: bool, reason: str = "") -> Comment:
    """Make a comment public or keep it back; keeping back needs a reason, which is told to everybody in its place."""
    reason = typed.words(reason, lines=True)
    if not show and not reason:
        raise Refused(
            "不公开须写明理由。", "no reason", where={"理由": ""}, remedy_zh="如含有他人电话、辱骂，或与草案无关。"
        )
    with change(user.actor()) as tx:
        row = _comment(user, row)
        if row.consultation.state != State.PUBLISHED.value:
            raise NotNow("征求意见已经结束。", "already ended", value=row.consultation.state)
        before, row.showing = row.showing, (Showing.SHOWN if show else Showing.HIDDEN).value
        row.hidden_reason = "" if show else reason
        row.save()
        tx.log("portal.comment.show" if show else "portal.comment.hide", row.ref, before={"showing": before},
               after={"showing": row.showing}, note=reason)  # fmt: skip
    return row


def answer(user: User, row: Comment, verdict: str, reason: str, change_note: str = "") -> Comment:
    """Answer a comment: 采纳, 部分采纳 or 不采纳, always with a reason; what is taken up says what changes."""
    reason, change_note = typed.words(reason, lines=True), typed.words(change_note, lines=True)
    if verdict not in set(Verdict):
        raise Refused("请选采纳、部分采纳或不采纳。", "choose an answer", where={"答复": ""}, value=verdict)
    if not reason:
        raise Refused("没有写明理由。", "no reason", where={"理由": ""}, remedy_zh="每条意见的答复都须写明理由。")
    if verdict != Verdict.REJECTED and not change_note:
        raise Refused("没有写明文字怎样修改。", "the change of the text is missing", where={"修改": ""},
                      remedy_zh="采纳和部分采纳须写明改哪里、改成什么。")  # fmt: skip
    with change(user.actor()) as tx:
        row = _comment(user, row)
        states.may_answer(row.consultation.window, Showing(row.showing))
        before = {"verdict": row.verdict, "answer": row.answer}
        row.verdict, row.answer = verdict, reason
        row.change_note = change_note if verdict != Verdict.REJECTED else ""
        row.answer_unit, row.answered_at = user.department.label if user.department else "", timezone.now()
        row.save()
        tx.log("portal.comment.answer", row.ref, before=before, after={"verdict": verdict, "answer": reason})
    return row


def make_task(user: User, row: Comment, lead: Department, deadline: date) -> WorkItem:
    """The change a comment brings becomes a work item of ``lead``; once. Needs the right to create work items."""
    from ecocloud.kernel.duties.services.standing import CREATE

    permissions.require(user, CREATE)
    with change(user.actor()) as tx:
        row = _comment(user, row)
        if row.verdict in (None, Verdict.REJECTED.value):
            raise NotNow("采纳或部分采纳的意见才转为任务。", "only accepted comments become tasks", value=row.verdict)
        if row.item_ref:
            raise NotNow("已经转为任务。", "already a task", value=row.item_ref)
        item = items.make(tx, user, items.Draft(
            title=f"按公众意见修改《{row.consultation.title}》：{row.change_note}"[:300], lead=lead, deadline=deadline,
            region=row.consultation.region, body=f"意见 {row.number}：{row.text}\n修改：{row.change_note}",
            source_ref=row.ref, source_title=row.consultation.title, source_place=row.place,
            refs=(row.consultation.document_ref,),
        ))  # fmt: skip
        row.item_ref = item.ref
        row.save(update_fields=["item_ref"])
        tx.log("portal.comment.task", row.ref, after={"item": item.ref})
    return item
