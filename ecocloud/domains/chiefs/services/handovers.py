"""What one chief hands to the next: a list of what is open, signed by both."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from ecocloud.base import typed
from ecocloud.base.errors import Conflict, Forbidden
from ecocloud.domains.chiefs import queries
from ecocloud.domains.chiefs.errors import ChiefRefused, NoSuchChief
from ecocloud.domains.chiefs.models import Finding, Handover, Measure, Office, Term
from ecocloud.domains.chiefs.services.offices import locked
from ecocloud.kernel.duties.models import ItemRef, WorkItem
from ecocloud.kernel.duties.queries import open_states
from ecocloud.kernel.evidence.guards import inside
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions import scope
from ecocloud.kernel.regions.models import User
from ecocloud.kernel.regions.permissions import require
from ecocloud.kernel.registers.models import Attachment

MOST_LINES = 300
_MOST_GIVEN = 50


def open_lines(office: Office) -> list[dict[str, str]]:
    """What is open at an office: work items of its object, its patrols and its plan; files of the object by name."""
    refs = set(Finding.objects.filter(patrol__office=office, open=True).values_list("item_ref", flat=True))
    found = []
    if office.object_id:
        about = ItemRef.objects.filter(ref=f"obj:{office.object_id}").values_list("item", flat=True)
        measures = Measure.objects.filter(plan__object=office.object_id).values_list("item_ref", flat=True)
        refs |= {f"item:{pk}" for pk in about} | set(measures)
    keys = [int(ref.removeprefix("item:")) for ref in refs]
    problems = set(Finding.objects.filter(item_ref__in=refs).values_list("item_ref", flat=True))
    rows = WorkItem.objects.filter(pk__in=keys, state__in=open_states()).order_by("due", "pk")[:MOST_LINES]
    for item in rows:
        kind = "problem" if item.ref in problems else "item"
        found.append({"kind": kind, "title": f"{item.code} {item.title}", "ref": item.ref})
    if office.object_id:
        names = Attachment.objects.filter(object=office.object_id, removed_at__isnull=True).values_list(
            "file__name", flat=True
        )
        found += [{"kind": "file", "title": name, "ref": f"obj:{office.object_id}"} for name in names[:MOST_LINES]]
    return found


def prepare(
    user: User, pk: int, *, taker_name: str, taker: User | None = None, more: str = "", note: str = ""
) -> Handover:  # fmt: skip
    """A handover list of what is open today; ``more``: further papers and things, one to a line."""
    name = typed.words(taker_name)
    if not name:
        raise ChiefRefused("没有填写接任人。", "no successor", where={"字段": "接任人"})
    with change(user.actor()) as tx:
        row = locked(user, pk)
        giver = row.terms.order_by("-valid_from", "-pk").first()
        if giver is None:
            raise ChiefRefused("该岗位还没有任职记录，无可交接。", f"office {pk} has no term")
        if row.handovers.filter(taken_at__isnull=True).exists() or row.handovers.filter(given_at__isnull=True).exists():
            raise Conflict(
                "已有一份交接单尚未签完。", f"office {pk} has an open handover", remedy_zh="请先签完或重新生成。"
            )
        given = [typed.words(line)[:200] for line in more.splitlines()[:_MOST_GIVEN] if line.strip()]
        lines = open_lines(row) + [{"kind": "other", "title": line, "ref": ""} for line in given]
        made = Handover.objects.create(office=row, giver=giver, taker_name=name[:40], taker=taker, lines=lines,
                                       note=note.strip()[:2000], made_by=user)  # fmt: skip
        tx.log("chiefs.handover.prepare", row.ref, None,
               {"handover": made.pk, "from": giver.name, "to": name, "lines": len(lines)})  # fmt: skip
    return made


def renew(user: User, pk: int) -> Handover:
    """The list made anew from what is open today; nobody may have signed yet."""
    with change(user.actor()) as tx:
        made = _locked(pk)
        locked(user, made.office_id)
        if made.given_at or made.taken_at:
            raise ChiefRefused("已有人签字，不能重新生成。", "already signed")
        kept = [line for line in made.lines if line["kind"] == "other"]
        made.lines = open_lines(made.office) + kept
        made.save(update_fields=["lines"])
        tx.log("chiefs.handover.renew", made.office.ref, None, {"handover": made.pk, "lines": len(made.lines)})
    return made


def _locked(pk: int) -> Handover:
    made = Handover.objects.select_for_update().filter(pk=pk).first()
    if made is None:
        raise NoSuchChief("没有这份交接单。", f"no handover {pk}", value=pk)
    return made


def may_sign(user: Any, made: Handover, side: str) -> bool:
    """Whether a person may sign one side: the one named there; where no account is named, somebody of the unit in
    reach. Never who signed the other side."""
    named = made.giver.person_id if side == "give" else made.taker_id
    other = made.taken_by_id if side == "give" else made.given_by_id
    if user.pk == other:
        return False
    if named is not None:
        return user.pk == named
    return inside(scope.reach(user, queries.SIGN), made.office.region, made.office.department)


def sign(user: User, pk: int, side: str) -> Handover:
    """Sign as the one who gives (``give``) or takes over (``take``). Raises Forbidden, Conflict (already signed)."""
    require(user, queries.SIGN)
    if side not in ("give", "take"):
        raise ChiefRefused("没有这一方。", f"unknown side {side!r}", value=side)
    with change(user.actor()) as tx:
        made = _locked(pk)
        queries.office_for(user, made.office_id)
        at = made.given_at if side == "give" else made.taken_at
        if at is not None:
            raise Conflict("这一方已经签字。", f"{side} already signed", value=side)
        if not may_sign(user, made, side):
            raise Forbidden("您不能在这一方签字。", f"user {user.pk} may not sign {side}", code="chiefs.sign",
                            remedy_zh="移交和接收应由本人签字，且不能是同一人。")  # fmt: skip
        now = timezone.now()
        if side == "give":
            made.given_by, made.given_at = user, now
        else:
            made.taken_by, made.taken_at = user, now
        made.save()
        tx.log("chiefs.handover.sign", made.office.ref, None,
               {"handover": made.pk, "side": side, "lines": made.lines if made.done else len(made.lines)})  # fmt: skip
    return made


def giver_of(office: Office) -> Term | None:
    """Whose term a handover would end."""
    return office.terms.order_by("-valid_from", "-pk").first()
