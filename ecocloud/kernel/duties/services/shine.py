"""Lights of items: the rule in force, the light of one item, the daily refresh in chunks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache

from django.db.models import Max, Model
from django.utils import timezone

from ecocloud.base.calendar import WorkCalendar
from ecocloud.base.jobs.services import enqueue
from ecocloud.kernel.duties import lights
from ecocloud.kernel.duties.errors import Invalid
from ecocloud.kernel.duties.kinds import all_kinds
from ecocloud.kernel.duties.models import ItemSeat, LightRule, TreeSeat, WorkItem
from ecocloud.kernel.duties.services import counts
from ecocloud.kernel.journal.services import SYSTEM, Actor, change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import User

RULES = "duties.rule.edit"
LIGHTS_JOB = "duties.lights"
_CHUNK = 500
_FIELDS = ("light", "light_rank", "light_words", "light_rule_version", "light_on")
# What a light is made of.
_READ = (
    *_FIELDS, "kind", "state", "since", "act_by", "deadline", "started_on", "paused_days", "progress", "closed_at",
)  # fmt: skip
_MAX_NEAR = 250


@lru_cache(maxsize=1)
def calendar() -> WorkCalendar:
    """The work calendar of this installation."""
    return WorkCalendar.load()


def rules() -> dict[str, lights.Rule]:
    """The rules in force by kind; ``*`` is always there."""
    found = {"*": lights.default_rule()}
    newest = LightRule.objects.order_by().values("kind").annotate(newest=Max("version"))
    wanted = {row["kind"]: row["newest"] for row in newest}
    for row in LightRule.objects.filter(kind__in=wanted):
        if row.version == wanted[row.kind]:
            found[row.kind] = lights.Rule(
                row.near_workdays, row.yellow_gap, row.red_gap, row.grace_share, row.version, row.kind
            )
    return found


def light_of(item: WorkItem, today: date, in_force: dict[str, lights.Rule]) -> lights.Light:
    """The light of ``item`` on the day ``today``."""
    return lights.light(
        deadline=item.deadline,
        start=item.runs_from,
        today=today,
        progress=Decimal(item.progress),
        rule=in_force.get(item.kind, in_force["*"]),
        calendar=calendar(),
        closed_on=timezone.localdate(item.closed_at) if item.closed_at else None,
        reported=item.state_row.owner == "office" and item.state_row.code in ("reported", "under_review"),
        paused_until=item.paused_until(today),
    )


def relight(item: WorkItem, today: date, in_force: dict[str, lights.Rule] | None = None) -> bool:
    """Set the light fields of ``item`` (not saved); tells whether anything changed."""
    in_force = in_force or rules()
    light = light_of(item, today, in_force)
    version = in_force.get(item.kind, in_force["*"]).version
    before = (item.light, item.light_words, item.light_rule_version)
    item.light, item.light_rank, item.light_words = light.code, light.rank, light.words
    item.light_rule_version, item.light_on = version, today
    return before != (item.light, item.light_words, version)


def edit_rule(
    user: User, *, kind: str = "*", near_workdays: int, yellow_gap: Decimal, red_gap: Decimal,
    grace_share: Decimal = Decimal(0), note: str = "",
) -> LightRule:  # fmt: skip
    """A new version of the rule for ``kind``; a job that refreshes the lights is queued with it."""
    import ecocloud.kernel.duties.jobs  # noqa: F401  (registers the job)

    permissions.require(user, RULES)
    if kind != "*" and kind not in all_kinds():
        raise Invalid(f"没有“{kind}”这种事项。", f"unknown kind {kind}", value=kind)
    if not 0 <= near_workdays <= _MAX_NEAR:
        raise Invalid(
            f"临期天数 {near_workdays} 不合理。", "near_workdays out of range", value=near_workdays,
            remedy_zh=f"应为 0 至 {_MAX_NEAR} 个工作日。",
        )  # fmt: skip
    if not 0 < yellow_gap <= red_gap <= 100 or not 0 <= grace_share <= 100:
        raise Invalid(
            "黄灯、红灯的差距应大于 0、不超过 100 个百分点，且红灯不小于黄灯。", "gaps out of order",
            value=f"{yellow_gap}/{red_gap}",
        )  # fmt: skip
    with change(user.actor()) as tx:
        newest = LightRule.objects.filter(kind=kind).aggregate(newest=Max("version"))["newest"]
        base = lights.default_rule().version if kind == "*" else 0
        rule = LightRule.objects.create(
            kind=kind, version=(newest or base) + 1, near_workdays=near_workdays, yellow_gap=yellow_gap,
            red_gap=red_gap, grace_share=grace_share, note=note, created_by=user,
        )  # fmt: skip
        after = {"near_workdays": near_workdays, "yellow_gap": yellow_gap, "red_gap": red_gap, "grace": grace_share}
        tx.log("duties.rule.edit", f"lightrule:{kind}@{rule.version}", after=after, note=note)
        enqueue(LIGHTS_JOB, key="lights", created_by=user.actor().id)
    return rule


def refresh_lights(
    actor: Actor = SYSTEM,
    today: date | None = None,
    *,
    after: int = 0,
    progress: Callable[[int, int], None] | None = None,
    stop: Callable[[int], bool] | None = None,
) -> int:
    """Bring the lights of all open items to the day ``today``, in chunks of one short transaction each.

    ``after`` is the last item id already done (to resume); ``progress(done, total)`` is called after each chunk;
    ``stop(last_id)`` true ends the work. Returns the number of items whose light changed colour.
    """
    today = today or timezone.localdate()
    in_force = rules()
    closed = [state.code for kind in all_kinds().values() for state in kind.states.values() if state.closed]
    waiting = WorkItem.objects.exclude(state__in=set(closed)).order_by("pk")
    total, done, changed = waiting.count(), 0, 0
    while True:
        ids = list(waiting.filter(pk__gt=after).values_list("pk", flat=True)[:_CHUNK])
        if not ids:
            break
        changed += _refresh_chunk(actor, ids, today, in_force)
        after, done = ids[-1], done + len(ids)
        if progress:
            progress(done, total)
        if stop and stop(after):
            break
    return changed


def _refresh_chunk(actor: Actor, ids: list[int], today: date, in_force: dict[str, lights.Rule]) -> int:
    with change(actor) as tx:
        items = list(WorkItem.objects.select_for_update().filter(pk__in=ids).only(*_READ).order_by("pk"))
        old = {item.pk: item.light for item in items}
        stale = [item for item in items if relight(item, today, in_force)]
        _write_alike(WorkItem, stale, _FIELDS)
        turned = {item.pk: item for item in stale if item.light != old[item.pk]}
        deltas: Counter[counts.SeatKey] = Counter()
        for model in (ItemSeat, TreeSeat):
            seats = list(model.objects.filter(item_id__in=turned))
            for seat in seats:
                item = turned[seat.item_id]
                deltas[counts.key_of(seat)] -= 1
                seat.light, seat.light_rank = item.light, item.light_rank
                deltas[counts.key_of(seat)] += 1
            _write_alike(model, seats, ("light", "light_rank"))
        counts.shift(tx, deltas)
        if turned:
            lit = Counter(f"{old[pk]}>{item.light}" for pk, item in turned.items())
            tx.log("duties.lights.refresh", "duties:lights", after={"day": today, "turned": dict(sorted(lit.items()))})
    return len(turned)


def _write_alike(model: type[Model], rows: Sequence[Model], fields: Sequence[str]) -> None:
    """Save ``fields`` of the rows, those with the same values together: lights are few, items are many."""
    alike = defaultdict(list)
    for row in rows:
        alike[tuple(getattr(row, name) for name in fields)].append(row.pk)
    for values, keys in sorted(alike.items()):
        model.objects.filter(pk__in=keys).update(**dict(zip(fields, values, strict=True)))
