"""Background jobs: reminders before a period ends, once for each office and period."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from ecocloud.base.jobs.registry import periodic
from ecocloud.domains.chiefs import queries, showing
from ecocloud.domains.chiefs.facts import words
from ecocloud.domains.chiefs.models import Office, Reminded
from ecocloud.kernel.duties.services.notices import tell_person, tell_unit
from ecocloud.kernel.journal.services import SYSTEM, change
from ecocloud.kernel.regions.grids.queries import in_force

NOTICE = "chiefs"


@periodic("chiefs.remind", at="07:50", label_zh="巡查到期提醒")
def remind(context: Any) -> dict[str, int]:
    """Tell chiefs, or the units of offices without an account, what is still owed before a period ends."""
    return {"told": remind_on(timezone.localdate())}


def remind_on(day: date) -> int:
    """The reminders of a day; how many. Running it again tells nobody twice."""
    rows = list(Office.objects.filter(queries.open_offices(day)).select_related("object", "region", "department"))
    standings, ahead = queries.standings(rows, day), words().remind_days
    chosen = queries.rules()
    due = []
    for row in rows:
        standing = standings.get(row.pk)
        if standing is None or not standing.missing:
            continue
        periods = {one.rule.every.period for one in chosen.timeline(row) if one.holds(day) and one.rule.every}
        if periods and (standing.slot.last - day).days <= ahead[periods.pop()]:
            due.append((row, standing))
    if not due:
        return 0
    with change(SYSTEM) as tx:
        known = set(Reminded.objects.filter(office__in=[row.pk for row, _ in due]).values_list("office", "period_end"))
        fresh = [(row, one) for row, one in due if (row.pk, one.slot.last) not in known]
        Reminded.objects.bulk_create(Reminded(office=row, period_end=one.slot.last) for row, one in fresh)
        held = queries.holders([row for row, _ in fresh], day)
        for row, one in fresh:
            _tell(row, one, held.get(row.pk), day)
        if fresh:
            tx.log("chiefs.reminders", "chiefs:reminders", None, {"day": day, "told": len(fresh)})
    return len(fresh)


def _tell(row: Office, standing: Any, term: Any, day: date) -> None:
    title = f"{showing.title(row)}：{showing.patrol_word(row)}到期提醒"
    text = f"{showing.standing_words(standing)}，本期到 {standing.slot.last} 止。"
    stands = row.helpers.filter(in_force(day), role="stand_in", person__isnull=False).select_related("person").first()
    person = stands.person if stands else term.person if term else None
    if person is not None:
        tell_person(person, NOTICE, row.ref, title, text)
    else:
        tell_unit(row.department, NOTICE, row.ref, title, text)
