"""Rows of the lists of the room gep: accountings, forms, raster accounts, runs and the lines of one."""

from ecocloud.domains.gep.models import Accounting, Form, RasterAccount, Run, RunAccount, RunLine
from tests.web.budget.common import TODAY, office, region, unit

BASIS = {"choices": [], "own": [], "parameters": {}, "prices": []}


def the_run():
    """The address of the run with lines; makes it when there is none."""
    run = Run.objects.filter(number=1).first() or runs(1, 1)
    RunAccount.objects.get_or_create(run=run, region=region(), year=2023, whole=True,
                                     defaults={"inputs": [], "checksum": "0", "digest": "0", "total": 0})  # fmt: skip
    return {"pk": run.pk}


def runs(n, start):
    accounting, _new = Accounting.objects.get_or_create(
        title="某市核算", edition="ndrc-481-2022", region=region(), first_year=2023, last_year=2023, office=unit(),
        deadline=TODAY, opened_by=office(),
    )  # fmt: skip
    made = Run.objects.bulk_create(
        Run(accounting=accounting, number=start + i, edition="ndrc-481-2022", basis=BASIS, code_version="0",
            digest=f"{start + i}", made_by=office())
        for i in range(n)
    )  # fmt: skip
    return made[0]


def lines(n, start):
    account = RunAccount.objects.get(run=the_run()["pk"])
    RunLine.objects.bulk_create(
        RunLine(account=account, number=start + i + 1, service="water_retention", item="retained", part="11",
                method="water.balance", amount=1, unit="立方米", value=1, used=[],
                price={"kind": "reservoir", "year": 2010, "place": "", "value": "7", "source": "甲", "mark": "decided"})
        for i in range(n)
    )  # fmt: skip


def accountings(n, start):
    rows = Accounting.objects.bulk_create(
        Accounting(title=f"核算{start + i}", edition="ndrc-481-2022", region=region(), first_year=2023, last_year=2023,
                   office=unit(), deadline=TODAY, opened_by=office())
        for i in range(n)
    )  # fmt: skip
    Form.objects.bulk_create(
        Form(accounting=row, code="GEP101", region=region(), year=2023, department=unit(), deadline=TODAY)
        for row in rows
    )


def forms(n, start):
    accountings(1, 50_000 + start)
    row = Accounting.objects.latest("pk")
    Form.objects.bulk_create(
        Form(accounting=row, code="GEP102", region=region(), year=1990 + i, department=unit(), deadline=TODAY)
        for i in range(n)
    )


def rasters(n, start):
    accountings(1, 60_000 + start)
    row = Accounting.objects.latest("pk")
    RasterAccount.objects.bulk_create(
        RasterAccount(accounting=row, year=2023, name=f"栅格核算{start + i}", state="running", job=start + i + 1,
                      by=office())
        for i in range(n)
    )  # fmt: skip


PAGES = (
    ("gep:accountings", "office", {}, "", accountings),
    ("gep:forms", "office", {}, "", forms),
    ("gep:result-list", "office", {}, "", runs),
    ("gep:raster-list", "office", {}, "", rasters),
    ("gep:lines", "office", the_run, "", lines),
)
