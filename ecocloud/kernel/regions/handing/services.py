"""Handing over a post in one step: preview, then everything in one transaction, and nothing stays behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils import timezone

from ecocloud.base import typed
from ecocloud.base.errors import Forbidden
from ecocloud.base.rooms import all_rooms, load
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions import permissions, scope
from ecocloud.kernel.regions.handing.models import HandedThing, PostHandover
from ecocloud.kernel.regions.handing.parts import Handing, HandoverRefused, LeftBehind, Thing
from ecocloud.kernel.regions.handing.queries import HAND
from ecocloud.kernel.regions.models import Role, RoleGrant, User


@dataclass(frozen=True)
class Preview:
    """What would go over, and what stands in the way (empty: nothing)."""

    giver: User
    taker: User | None
    things: Sequence[Thing] = ()
    missing_roles: Sequence[Role] = field(default_factory=list)

    @property
    def by_kind(self) -> dict[str, list[Thing]]:
        """The things by kind, in the order of the rooms."""
        found: dict[str, list[Thing]] = {}
        for thing in self.things:
            found.setdefault(thing.kind, []).append(thing)
        return found


def _providers() -> list[Handing]:
    return [load(room.handing) for room in all_rooms() if room.handing]


def open_things(person: User, on: date | None = None) -> list[Thing]:
    """Everything that waits for a person by name, over all rooms."""
    day = on or timezone.localdate()
    return [thing for provider in _providers() for thing in provider.open_things(person, day)]


def roles_of(person: User) -> list[Role]:
    """The business roles a person holds, also of a closed account."""
    today = timezone.localdate()
    grants = RoleGrant.objects.filter(user=person, camp=Role.Camp.BUSINESS).select_related("role")
    grants = grants.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=today))
    return [grant.role for grant in grants.order_by("role__order", "role_id")]


def candidates(user: Any) -> list[User]:
    """The people whose posts ``user`` may hand over: of units in reach, administrators and other systems excepted."""
    rows = User.objects.filter(service=False, department__isnull=False).select_related("department", "post")
    rows = rows.exclude(grants__camp__in=[camp for camp in Role.Camp.values if camp != Role.Camp.BUSINESS])
    seen = scope.reach(user, HAND)
    if not seen.everything:
        rows = rows.filter(Q(department__in=sorted(seen.departments)) | Q(pk=user.pk))
    return list(rows.order_by("department__order", "department_id", "name", "pk"))


def _require_reach(user: Any, giver: User) -> None:
    permissions.require(user, HAND)
    if giver.pk != user.pk and not scope.sees_department(user, giver.department_id, HAND):
        raise Forbidden(
            "该人员不在您的数据范围内。", f"user {giver.pk} out of reach", code="regions.forbidden", value=giver.name
        )


def preview(user: Any, giver: User, taker: User | None = None) -> Preview:
    """What would go over from ``giver``, and which of his roles ``taker`` does not hold yet. Raises Forbidden."""
    _require_reach(user, giver)
    held = {role.pk for role in roles_of(taker)} if taker else set()
    missing = [role for role in roles_of(giver) if role.pk not in held] if taker else []
    return Preview(giver, taker, open_things(giver), missing)


def _checked(giver: User, taker: User) -> None:
    if giver.pk == taker.pk:
        raise HandoverRefused(
            "移交人和接任人是同一人。", "giver is taker", value=taker.name, remedy_zh="请选择接任人。"
        )
    if taker.service or not taker.is_active:
        raise HandoverRefused("接任人的账号不能使用。", f"user {taker.pk} is closed", value=taker.name,
                              remedy_zh="请先由系统管理员启用账号。")  # fmt: skip
    if giver.department_id is None or giver.department_id != taker.department_id:
        raise HandoverRefused(
            "接任人不在同一单位。", f"users {giver.pk}, {taker.pk} are of different units", value=taker.name,
            remedy_zh="事项由单位承办；请先由系统管理员把接任人调入该单位。",
        )  # fmt: skip
    held = {role.pk for role in roles_of(taker)}
    missing = [role.label_zh for role in roles_of(giver) if role.pk not in held]
    if missing:
        raise HandoverRefused(
            "接任人还没有该岗位的角色，审批等事项会无人办理。", f"user {taker.pk} lacks {missing}",
            value="、".join(missing), remedy_zh="请先由安全管理员授予这些角色。",
        )  # fmt: skip


def hand_over(user: Any, giver: User, taker: User, *, reason: str) -> PostHandover:
    """Everything that waits for ``giver`` goes to ``taker`` today, with the post: one transaction, journalled.

    Raises Forbidden, :class:`HandoverRefused` (another unit, missing roles, no reason), :class:`LeftBehind` when a
    room kept something back: then nothing has happened.
    """
    _require_reach(user, giver)
    reason = typed.words(reason)
    if not reason:
        raise HandoverRefused("没有写明交接原因。", "no reason", where={"字段": "原因"}, remedy_zh="请写明，如调任。")
    today = timezone.localdate()
    with change(user.actor()) as tx:
        people = {one.pk: one for one in User.objects.select_for_update().filter(pk__in=[giver.pk, taker.pk])}
        giver, taker = people[giver.pk], people[taker.pk]
        _checked(giver, taker)
        things = open_things(giver, today)
        made = PostHandover.objects.create(
            giver=giver, taker=taker, department=giver.department, post=giver.post, on=today, reason=reason[:200],
            by=user,
        )  # fmt: skip
        HandedThing.objects.bulk_create(
            [
                HandedThing(handover=made, kind=one.kind, ref=one.ref, title=one.title[:300], url=one.url[:300])
                for one in things
            ],
            batch_size=500,
        )
        for provider in _providers():
            provider.hand(tx, giver, taker, today, reason)
        left = open_things(giver, today)
        if left:
            raise LeftBehind(
                f"有 {len(left)} 件未能交接，本次交接未生效。", f"{left[0].ref} stayed with user {giver.pk}",
                value=left[0].title, remedy_zh="请联系系统管理员。",
            )  # fmt: skip
        before = {"post": giver.post_id}
        if giver.post_id is not None:
            taker.post, giver.post = giver.post, None
            taker.save(update_fields=["post"])
            giver.save(update_fields=["post"])
        counts = dict(sorted(Counter(one.kind for one in things).items()))
        after = {"handover": made.pk, "to": f"user:{taker.pk}", "things": counts, "refs": [one.ref for one in things]}
        tx.log("regions.post.hand", f"user:{giver.pk}", before, after, reason)
        tx.log("regions.post.take", f"user:{taker.pk}", None, {"handover": made.pk, "from": f"user:{giver.pk}"}, reason)
    return made
