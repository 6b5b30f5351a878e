"""Forms: filled in, sent, checked, returned, approved, locked; a locked value changes by a correction only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone

from ecocloud.base import typed
from ecocloud.domains.gep import checking, facts, formreading, steps
from ecocloud.domains.gep.access import APPROVE, FILL
from ecocloud.domains.gep.checking import Finding, fits, part_code
from ecocloud.domains.gep.datasheet import in_unit
from ecocloud.domains.gep.errors import GepError, OwnWork, Stale, WrongState
from ecocloud.domains.gep.facts import InputFact
from ecocloud.domains.gep.models import Accounting, Correction, Datum, Form, FormStep
from ecocloud.domains.gep.services import telling
from ecocloud.domains.gep.services.guards import form_in_reach, within_form
from ecocloud.kernel.journal.services import Change, change
from ecocloud.kernel.regions.models import User


@dataclass(frozen=True)
class Entered:
    """One value as somebody enters it; ``value`` None or '' takes it out. ``unit``: where it is not the datum's own."""

    code: str
    part: str = ""
    value: Any = None
    unit: str = ""
    source: str = ""
    note: str = ""


def _where(form: Form) -> dict[str, Any]:
    return {"报表": form.code, "地区": form.region.name, "年度": form.year}


def _locked(user: User, form: Form | int, action: str, revision: int | None) -> Form:
    """The form, locked for this step, after all that speaks against it."""
    step = steps.STEPS[action]
    key = form if isinstance(form, int) else form.pk
    rows = Form.objects.select_for_update(of=("self",)).select_related("accounting__region", "region")
    locked = rows.filter(pk=key).first()
    # In a state without this step the right of the first way is asked for, so that a stranger learns nothing.
    right = step.ways[locked.state if locked and locked.state in step.ways else next(iter(step.ways))][1]
    within_form(user, right, locked)
    assert locked is not None
    if locked.accounting.state != Accounting.State.OPEN:
        raise WrongState("该核算已关闭。", f"accounting {locked.accounting_id} is closed", where=_where(locked))
    if revision is not None and revision != locked.revision:
        raise Stale("报表已被他人修改。", f"revision {revision} is stale, now {locked.revision}", where=_where(locked),
                    value=revision, remedy_zh="请刷新后再操作。")  # fmt: skip
    if locked.state not in step.ways:
        word = formreading.state_zh(locked.state)
        raise WrongState(f"报表“{word}”，不能{step.zh}。", f"{locked.state} has no step {action}", where=_where(locked),
                         value=locked.state, remedy_zh="请刷新后查看最新状态。")  # fmt: skip
    if step.foreign and user.pk in formreading.fillers(locked):
        raise OwnWork(f"不能{step.zh}自己填报的报表。", f"user {user.pk} filled form {key} in", where=_where(locked),
                      remedy_zh="请由另一位有权限的人员办理。")  # fmt: skip
    return locked


def _move(tx: Change, user: User, form: Form, action: str, note: str = "") -> None:
    before, to = form.state, steps.STEPS[action].ways[form.state][0]
    form.state = to
    form.reason = note[:300] if action == "return" else ("" if action in ("submit", "check") else form.reason)
    form.revision += 1
    if action == "submit":
        form.submitted_at = timezone.now()
    form.save(update_fields=["state", "reason", "revision", "submitted_at"])
    FormStep.objects.create(form=form, action=action, by=user, note=note[:300])
    if action == "return":
        telling.returned(form, note)
    tx.log(f"gep.form.{action}", form.ref, {"state": before}, {"state": to}, note)


def save(user: User, form: Form | int, entered: Iterable[Entered], *, revision: int | None = None) -> Form:
    """Write values of a form: only those that change; an empty value takes one out. Raises all that is wrong with the
    first bad value (datum, part, value, what would be right).
    """
    with change(user.actor()) as tx:
        row = _locked(user, form, "save", revision)
        known = {fact.code: fact for fact in formreading.asked(row).data}
        there = {(one.code, one.part): one for one in row.data.all()}
        before, after, kept = {}, {}, []
        for one in entered:
            fact = known.get(one.code)
            if fact is None:
                raise GepError("报表没有这个数据项。", f"{row.code} has no datum {one.code!r}", where=_where(row),
                               value=one.code)  # fmt: skip
            fresh = _datum(row, fact, one, user)
            old = there.get((one.code, fresh.part if fresh else part_code(facts.load(), fact, typed.words(one.part))))
            if _same(old, fresh):
                continue
            name = f"{one.code}[{fresh.part if fresh else one.part}]"
            before[name] = None if old is None else str(old.value)
            after[name] = None if fresh is None else str(fresh.value)
            if old is not None and fresh is None:
                old.delete()
            elif fresh is not None:
                if old is not None:
                    fresh.pk = old.pk
                kept.append(fresh)
        if before:
            for datum in kept:
                datum.save()
            tx.log("gep.form.values", row.ref, before, after)
            _move(tx, user, row, "save")
    return row


def _same(old: Datum | None, new: Datum | None) -> bool:
    if old is None or new is None:
        return old is new
    return all(getattr(old, name) == getattr(new, name) for name in ("value", "given", "source", "note"))


def _datum(form: Form, fact: InputFact, one: Entered, user: User) -> Datum | None:
    part, where = part_code(facts.load(), fact, typed.words(one.part)), _where(form) | {"数据项": fact.zh}
    if one.value is None or str(one.value).strip() == "":
        return None
    if part:
        where["部分"] = part
    try:
        value = one.value if isinstance(one.value, Decimal) else typed.number(str(one.value))
    except typed.BadInput as bad:
        raise GepError(bad.message_zh, f"{fact.code}: {bad.message_en}", where=where, value=one.value,
                       remedy_zh=bad.remedy_zh) from bad  # fmt: skip
    if not value.is_finite() or abs(value.adjusted()) > 20 or len(value.as_tuple().digits) > 30:
        raise GepError("数值过大、过小或位数过多。", f"{fact.code}: {value}", where=where, value=one.value)
    if not fits(facts.load(), fact, part):
        raise GepError(*_PART[fact.scope], where=where, value=part, remedy_zh=_PART_REMEDY[fact.scope])
    if len(part) > 60:
        raise GepError("名称太长。", f"part of {len(part)} characters", where=where, remedy_zh="最多 60 个字。")
    value, given = in_unit(value, typed.words(one.unit), fact, where)
    source, note = typed.words(one.source)[:200], typed.words(one.note)[:300]
    return Datum(form=form, code=fact.code, part=part, value=value, given=given, source=source, note=note, by=user)


_PART = {
    "region": ("该数据项按地区填一个数。", "a datum of the region has no parts"),
    "ecosystem": ("没有这类生态系统。", "no such class of ecosystem"),
    "object": ("没有写明名称。", "a datum of things needs a name"),
}
_PART_REMEDY = {
    "region": "请删去“部分”。",
    "ecosystem": "请填生态系统类型代码，如 11；面积等总量须分类型填写。",
    "object": "请填湖泊、水库或客源地名称。",
}


def submit(user: User, form: Form | int, *, note: str = "", revision: int | None = None) -> Form:
    """Send a form: nothing that cannot be may stand in it, and what is not plausible has to be explained (note of the
    value; what is missing, note of the form).
    """
    note = typed.words(note)
    with change(user.actor()) as tx:
        row = _locked(user, form, "submit", revision)
        noted = {(one.code, one.part) for one in row.data.all() if one.note}
        open_ = [one for one in formreading.findings(row) if not _explained(one, noted, note)]
        if open_:
            told = "；".join(checking.told_zh(facts.load(), one) for one in open_[:5])
            raise GepError(f"有 {len(open_)} 处须更正或说明：{told}。", f"{len(open_)} findings", where=_where(row),
                           remedy_zh="确实无误的，在该数据的“说明”中写明原因；缺少的，在报送说明中写明。")  # fmt: skip
        _move(tx, user, row, "submit", note)
    return row


def _explained(finding: Finding, noted: set[tuple[str, str]], note: str) -> bool:
    if finding.hard:
        return False
    return bool(note) if finding.kind == "missing" else (finding.datum, finding.part) in noted


def step(user: User, form: Form | int, action: str, *, note: str = "", revision: int | None = None) -> Form:
    """Recall, check, return (with a reason), approve or lock a form.

    Raises Forbidden, WrongState, Stale, OwnWork, :class:`GepError`.
    """
    if action in steps.FILLING or action not in steps.STEPS:
        raise GepError("没有这个步骤。", f"no step {action!r}", value=action)
    note = typed.words(note)
    if steps.STEPS[action].reason and not note:
        raise GepError("退回必须写明理由。", "return without a reason", where={"字段": "理由"},
                       remedy_zh="请说明哪里需要修改。")  # fmt: skip
    with change(user.actor()) as tx:
        row = _locked(user, form, action, revision)
        _move(tx, user, row, action, note)
    return row


def lock_all(tx: Change, user: User, forms: Sequence[Form]) -> int:
    """Lock every approved form among ``forms`` inside the caller's change; returns how many."""
    approved = [one for one in forms if one.state == Form.State.APPROVED]
    for one in approved:
        _move(tx, user, one, "lock")
    return len(approved)


def propose_correction(user: User, datum: Datum | int, *, value: Any, reason: str, unit: str = "") -> Correction:
    """Propose another value for one of a locked form, with the reason. Raises Forbidden, WrongState, GepError."""
    key = datum if isinstance(datum, int) else datum.pk
    row = Datum.objects.select_related("form__accounting", "form__region").get(pk=key)
    form = form_in_reach(user, FILL, row.form_id)
    reason = typed.words(reason)
    if form.state != Form.State.LOCKED:
        raise WrongState("只有已锁定的数据需要更正。", f"form {form.pk} is {form.state}", where=_where(form),
                         remedy_zh="未锁定的报表请退回后修改。")  # fmt: skip
    if not reason:
        raise GepError("更正必须写明理由。", "correction without a reason", where={"字段": "理由"},
                       remedy_zh="请说明为什么更正、依据是什么。")  # fmt: skip
    known = {fact.code: fact for fact in formreading.asked(form).data}
    fresh = _datum(form, known[row.code], Entered(row.code, row.part, value, unit), user)
    if fresh is None or fresh.value == row.value:
        raise GepError("没有填写新的数值。", "no new value", where=_where(form), value=value)
    with change(user.actor()) as tx:
        if row.corrections.filter(state=Correction.State.PROPOSED).exists():
            raise WrongState("已有一条更正待审定。", "a correction is open", where=_where(form))
        made = Correction.objects.create(datum=row, before=row.value, after=fresh.value, reason=reason[:300],
                                         proposed_by=user)  # fmt: skip
        tx.log("gep.correction.propose", form.ref, {"datum": row.code, "part": row.part, "value": str(row.value)},
               {"value": str(made.after)}, reason)  # fmt: skip
    return made


def decide_correction(user: User, correction: Correction | int, *, accept: bool, opinion: str = "") -> Correction:
    """Accept or refuse a proposed correction; not by who proposed it. An accepted one is the value from then on."""
    key = correction if isinstance(correction, int) else correction.pk
    with change(user.actor()) as tx:
        row = Correction.objects.select_for_update(of=("self",)).select_related("datum__form__region").get(pk=key)
        form = form_in_reach(user, APPROVE, row.datum.form_id)
        if row.state != Correction.State.PROPOSED:
            raise WrongState("该更正已经审定。", f"correction is {row.state}", where=_where(form))
        if row.proposed_by_id == user.pk:
            raise OwnWork("不能审定自己提出的更正。", f"user {user.pk} proposed it", where=_where(form),
                          remedy_zh="请由另一位有权限的人员办理。")  # fmt: skip
        row.state = Correction.State.ACCEPTED if accept else Correction.State.REFUSED
        row.decided_by, row.decided_at, row.opinion = user, timezone.now(), typed.words(opinion)[:300]
        row.save()
        if accept:
            datum = row.datum
            datum.value, datum.given, datum.by, datum.at = row.after, "", row.proposed_by, timezone.now()
            datum.save(update_fields=["value", "given", "by", "at"])
        tx.log("gep.correction.decide", form.ref, {"value": str(row.before)},
               {"state": row.state, "value": str(row.after if accept else row.before)}, row.opinion)  # fmt: skip
    return row
