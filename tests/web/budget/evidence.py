"""Rows of the lists of evidence: indicators, their values, targets and locks."""

from ecocloud.kernel.evidence.models import Indicator, Lock, Observation, Target
from tests.web.budget.common import TODAY, YEAR, other, region, unit


def indicators(n, start):
    rows = [
        Indicator(code=f"T.{start + i}", zh=f"指标{start + i}", group="AIR", unit="%", decimals=1, aggregation="none",
                  direction="up", order=start + i, status="active")
        for i in range(n)
    ]  # fmt: skip
    return Indicator.objects.bulk_create(rows)


def observations(n, start, **more):
    month = {"period": f"{YEAR}-01", "start": TODAY.replace(month=1, day=1), "end": TODAY.replace(month=1, day=31)}
    facts = {"unit": "%", "value": 90, "status": "confirmed", "source": "demo:values#row-2", "entered_by": other()}
    Observation.objects.bulk_create(
        Observation(indicator=one, region=region(), department=unit(), **(month | facts | more))
        for one in indicators(n, start)
    )


def submitted(n, start):
    observations(n, start, status="submitted")


def corrected(n, start):
    observations(n, start, status="superseded")
    for old in list(Observation.objects.filter(status="superseded", corrections__isnull=True)):
        Observation.objects.create(
            indicator=old.indicator, region=old.region, department=unit(), period=old.period,
            start=old.start, end=old.end,
            unit="%", value=91, status="confirmed", source=old.source, version=2, replaces=old, reason="更正",
        )  # fmt: skip


def targets(n, start):
    first, last = TODAY.replace(month=1, day=1), TODAY.replace(month=12, day=31)
    Target.objects.bulk_create(
        Target(indicator=one, region=region(), department=unit(), period=str(YEAR), start=first, end=last,
        operator=">=",
               value=95, unit="%", document=f"doc:{start + i}", entered_by=other())
        for i, one in enumerate(indicators(n, start))
    )  # fmt: skip


def year_locks(n, start):
    Lock.objects.bulk_create(Lock(region=region(), year=1000 + start + i, locked_by=other()) for i in range(n))


PAGES = (
    ("evidence:list", "office", {}, "", observations),
    ("evidence:list", "office", {}, "light=none", targets),
    ("evidence:review", "office", {}, "", submitted),
    ("evidence:mine", "office", {}, "", submitted),
    ("evidence:targets", "office", {}, "", targets),
    ("evidence:corrections", "office", {}, "", corrected),
    ("evidence:locks", "office", {}, "", year_locks),
    ("evidence:source", "office", {"kind": "demo", "key": "values"}, "place=row-2", observations),
)
