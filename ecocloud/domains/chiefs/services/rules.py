"""Which patrol rule holds where, and plans of objects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import timezone
from pydantic import ValidationError

from ecocloud.base import typed
from ecocloud.base.errors import Conflict
from ecocloud.domains.chiefs import casework, queries
from ecocloud.domains.chiefs.errors import ChiefRefused
from ecocloud.domains.chiefs.facts import LEVELS, LevelRule, variants, words
from ecocloud.domains.chiefs.models import Measure, Plan, RuleChoice
from ecocloud.kernel.duties.services.standing import CREATE
from ecocloud.kernel.evidence.guards import within_reach
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions.models import Department, Region, User
from ecocloud.kernel.regions.permissions import require
from ecocloud.kernel.regions.terms import DAY
from ecocloud.kernel.registers.queries import visible_object


def choose_rule(
    user: User, region: Region, family: str, *, on: date | None = None, variant: str = "", basis: str = "",
    levels: Mapping[str, Any] | None = None,
) -> RuleChoice:  # fmt: skip
    """From the day ``on`` this rule holds in a division and below: a variant, or the office's own numbers with basis.

    The one that held until then ends the day before; on the same day it is replaced. Raises ChiefRefused, Conflict
    (a later choice is there), Forbidden.
    """
    within_reach(user, queries.RULE, region, None)
    day = on or timezone.localdate()
    held = _checked(family, variant, basis, levels, day)
    with change(user.actor()) as tx:
        rows = list(RuleChoice.objects.select_for_update().filter(region=region, family=family).order_by("valid_from"))
        if any(row.valid_from > day for row in rows):
            raise Conflict("之后已有新的规则。", f"a rule begins on {rows[-1].valid_from}", value=day,
                           remedy_zh=f"生效日期不应早于 {rows[-1].valid_from}。")  # fmt: skip
        for row in rows:
            if row.valid_to is None or row.valid_to >= day:
                row.valid_to = day - DAY
                row.save(update_fields=["valid_to"])
        made = RuleChoice.objects.create(region=region, family=family, variant=variant, basis=typed.words(basis)[:200],
                                         levels=held, valid_from=day, by=user)  # fmt: skip
        tx.log("chiefs.rule.choose", Ref("region", region.code), None,
               {"family": family, "variant": variant, "levels": held, "from": day}, basis)  # fmt: skip
    return made


def _checked(family: str, variant: str, basis: str, levels: Mapping[str, Any] | None, day: date) -> dict[str, Any]:
    if family not in {one.code for one in words().families}:
        raise ChiefRefused("没有这类对象。", f"unknown family {family!r}", value=family)
    if variant:
        found = variants().get(variant)
        if found is None or found.family != family:
            raise ChiefRefused("没有这个频次规则。", f"unknown variant {variant!r}", value=variant)
        if (found.valid_from and day < found.valid_from) or (found.valid_to and day > found.valid_to):
            raise ChiefRefused("该规则在这一天不施行。", f"{variant} is not in force on {day}", value=day,
                               remedy_zh=f"自 {found.valid_from} 起施行。")  # fmt: skip
        return {}
    if not typed.words(basis):
        raise ChiefRefused(
            "自定频次须写明依据。", "no basis", where={"字段": "依据"}, remedy_zh="如 县河长办〔2026〕3号。"
        )
    held = {}
    for level, given in (levels or {}).items():
        try:
            held[level] = LevelRule.model_validate(given).model_dump(mode="json", exclude_none=True)
        except ValidationError as fault:
            raise ChiefRefused("频次填写有误。", f"{level}: {fault.errors()[0]['msg']}", where={"字段": level},
                               remedy_zh="次数为 1 至 366 的整数。") from fault  # fmt: skip
        if level not in LEVELS:
            raise ChiefRefused("没有这一层级。", f"unknown level {level!r}", value=level)
    if not held:
        raise ChiefRefused("没有填写任何层级的频次。", "no level", remedy_zh="至少填写一个层级。")
    return held


def make_plan(user: User, object_pk: int, *, title: str, valid_from: date, valid_to: date, goal: str = "") -> Plan:
    """A plan 一河一策 of an object."""
    row = visible_object(user, object_pk)
    within_reach(user, queries.EDIT, row.region, row.department)
    title = typed.words(title)
    if not title or valid_to < valid_from:
        raise ChiefRefused(
            "没有填写名称，或期限颠倒。", "no title or days reversed", remedy_zh="请核对名称和起止日期。"
        )
    with change(user.actor()) as tx:
        made = Plan.objects.create(object=row, title=title[:120], goal=goal.strip()[:2000], valid_from=valid_from,
                                   valid_to=valid_to, by=user)  # fmt: skip
        tx.log("chiefs.plan.make", Ref("obj", str(row.pk)), None, {"plan": made.pk, "title": title, "from": valid_from,
                                                                   "to": valid_to})  # fmt: skip
    return made


def add_measure(user: User, plan: Plan, *, title: str, lead: Department, deadline: date) -> Measure:
    """A measure of a plan: a work item of its unit with its deadline."""
    require(user, CREATE)
    within_reach(user, queries.EDIT, plan.object.region, plan.object.department)
    if not plan.valid_from <= deadline <= plan.valid_to:
        raise ChiefRefused("措施期限不在方案期限内。", f"deadline {deadline} outside of the plan", value=deadline,
                           remedy_zh=f"应在 {plan.valid_from} 至 {plan.valid_to} 之间。")  # fmt: skip
    with change(user.actor()) as tx:
        made = casework.measure(tx, user, plan, title=title, lead=lead, deadline=deadline)
        tx.log("chiefs.plan.measure", Ref("obj", str(plan.object_id)), None, {"plan": plan.pk, "item": made.item_ref})
    return made
