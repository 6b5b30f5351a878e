"""What pages, the API, reports and exports read: accountings, forms and runs a person may see, and accounts rebuilt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum

from ecocloud.base.jobs.models import FINISHED, Job
from ecocloud.domains.gep import snapshot
from ecocloud.domains.gep.access import VIEW
from ecocloud.domains.gep.calculation import Account, Gap, Line
from ecocloud.domains.gep.models import Accounting, Form, RasterAccount, Run, RunAccount, RunGap, RunLine
from ecocloud.kernel.regions import scope


def accountings(viewer: Any) -> QuerySet[Accounting]:
    """The accountings a person may see: of his office, or with a form of a unit in his reach."""
    rows = Accounting.objects.select_related("region", "office")
    return scope.limit(rows, viewer, ("office", "forms__department"), "region", permission=VIEW)


def forms(viewer: Any, permission: str = VIEW) -> QuerySet[Form]:
    """The forms in a person's reach: those of his units, and all of an accounting of his office."""
    rows = Form.objects.select_related("accounting", "region", "department")
    return scope.limit(rows, viewer, ("department", "accounting__office"), permission=permission)


def runs(viewer: Any) -> QuerySet[Run]:
    """The runs of accountings a person may see."""
    rows = Run.objects.select_related("accounting__region", "accounting__office", "made_by", "confirmed_by")
    return rows.filter(accounting__in=accountings(viewer).values("pk"))


def rasters(viewer: Any) -> QuerySet[RasterAccount]:
    """The raster accounts of accountings a person may see."""
    rows = RasterAccount.objects.select_related("accounting__region", "accounting__office", "by")
    return rows.filter(accounting__in=accountings(viewer).values("pk"))


def raster_job(row: RasterAccount) -> Job | None:
    """The job that checks or computes a raster account and has not ended."""
    return Job.objects.filter(pk=row.job).exclude(state__in=FINISHED).first() if row.job else None


def line_of(row: RunLine) -> Line:
    """A stored line as the rules read it."""
    return Line(row.service, row.item, row.part, row.method, row.amount, row.unit, snapshot.price_of(row.price),
                Decimal(row.value).quantize(Decimal("0.01")), snapshot.used_of(row.used))  # fmt: skip


def accounts(rows: Iterable[RunAccount]) -> dict[int, Account]:
    """Stored accounts as the rules read them, by their key (two queries for any number)."""
    rows = list(rows)
    lines: dict[int, list[Line]] = defaultdict(list)
    gaps: dict[int, list[Gap]] = defaultdict(list)
    for line in RunLine.objects.filter(account__in=rows).order_by("account_id", "number"):
        lines[line.account_id].append(line_of(line))
    for gap in RunGap.objects.filter(account__in=rows):
        gaps[gap.account_id].append(Gap(gap.kind, gap.service, gap.item, gap.part, gap.code))
    editions = dict(Run.objects.filter(pk__in={row.run_id for row in rows}).values_list("pk", "edition"))
    return {
        row.pk: Account(editions[row.run_id], row.region_id, row.year, tuple(lines[row.pk]), tuple(gaps[row.pk]))
        for row in rows
    }


def accounts_of(run: Run, year: int | None = None) -> list[RunAccount]:
    """The accounts of a run, of one year or all: the whole's own first, then its parts."""
    rows = run.accounts.select_related("region")
    return list(rows if year is None else rows.filter(year=year))


def totals(run: Run) -> dict[int, Decimal]:
    """GEP of the region of a run by year, 万元: what the whole keeps and its parts."""
    rows = run.accounts.order_by("year").values("year").annotate(sum=Sum("total"))
    return {row["year"]: row["sum"] for row in rows}


def statistic(rows: Sequence[RunAccount], code: str, region: str) -> Decimal | None:
    """GDP (万元) or population (人) of a region as a run was given it; None where it was not."""
    for row in rows:
        if row.region_id == region:
            found = [one for one in row.inputs if one[0] == code and one[1] == ""]
            return Decimal(found[0][2]) if found else None
    return None


def area(rows: Sequence[RunAccount], region: str, whole: str) -> Decimal | None:
    """The area of the ecosystems of a region, km²: of the whole that of all its accounts; None where none was given."""
    given = [
        Decimal(one[2]) for row in rows if region in (row.region_id, whole) for one in row.inputs if one[0] == "area"
    ]
    return sum(given, Decimal(0)) if given else None


def standings(rows: Iterable[Accounting]) -> dict[int, dict[str, int]]:
    """How many forms of each accounting are in each state (one query)."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    counted = Form.objects.filter(accounting__in=list(rows)).order_by()
    for key, state, number in counted.values_list("accounting_id", "state").annotate(n=Count("pk")):
        found[key][state] = number
    return found
