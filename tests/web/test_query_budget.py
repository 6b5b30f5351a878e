"""Every list page asks at most 12 questions of the database, and as many with 100 rows as with 10.

Counted is everything a page costs: session, person, second factor, frame and list, on the second call (what the frame
counts is kept until the next business transaction). The table below names every page with a ``Listing``; a test finds
the pages that have one and compares. Every one of these lists leaves as a file of exactly its rows.
"""

import csv
import io
import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from ecocloud.base.files.models import StoredFile
from ecocloud.base.rooms import load
from ecocloud.domains.chiefs.models import Office, Patrol
from ecocloud.domains.chiefs.models import Term as ChiefTerm
from ecocloud.intake.documents.models import Batch, BatchFile, Document, Question, Record, Term
from ecocloud.intake.monitoring.models import (
    AlarmIncident,
    AlarmRule,
    Command,
    Device,
    DeviceDay,
    DeviceState,
    QualityFlag,
    QualityReview,
    Stranger,
    StrayAnswer,
)
from ecocloud.kernel.duties import services as duties
from ecocloud.kernel.duties.lists import ItemListing
from ecocloud.kernel.duties.models import Instruction, ItemEvent, Notice, Round, RoundReport, WorkItem
from ecocloud.kernel.duties.services.batches import create_batch
from ecocloud.kernel.evidence.models import Indicator, Lock, Observation, Target
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import SYSTEM, change
from ecocloud.kernel.regions.models import (
    ApiKey,
    Department,
    Grid,
    GridTerm,
    Region,
    Role,
    RoleGrant,
    UnitQuestion,
    User,
)
from ecocloud.kernel.regions.services import CONSOLE
from ecocloud.portal.reports.models import Report
from ecocloud.web.access import access_table

pytestmark = pytest.mark.django_db
BUDGET, FEW, MANY = 12, 10, 100
TODAY = timezone.localdate()
YEAR = TODAY.year


def unit():
    return Department.objects.get(code="t-unit")


def region():
    return Region.objects.get(code="360800")


def office():
    return User.objects.get(username="test-office")


def other():
    return User.objects.get_or_create(username="other", defaults={"name": "他人", "department": unit()})[0]


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


def items(n, start, due=30, issued=True):
    for i in range(n):
        item = duties.create_item(
            office(), title=f"事项{start + i}", lead=unit(), deadline=TODAY + timedelta(days=due), year=YEAR
        )
        if issued:
            duties.issue(office(), item)


def late_items(n, start):
    items(n, start, due=-5)


def cooperating(n, start):
    from ecocloud.kernel.duties.models import ItemSeat

    items(n, start)
    ItemSeat.objects.update(role="cooperate")


def steps(n, start):
    items(1, start, issued=False)
    item = WorkItem.objects.latest("pk")
    ItemEvent.objects.bulk_create(
        ItemEvent(item=item, action="progress", action_zh="填报进展", from_state=item.state, to_state=item.state,
                  actor_id=f"user:{office().pk}", actor_name="测试", department=unit(), department_name="甲市乙局")
        for _ in range(n)
    )  # fmt: skip


def notices(n, start):
    items(1, start, issued=False)
    key = WorkItem.objects.latest("pk").pk
    Notice.objects.bulk_create(
        Notice(department=unit(), kind="urge", ref=f"item:{key}", title=f"催办{start + i}") for i in range(n)
    )


def words_of_leaders(n, start):
    items(n, start)
    Instruction.objects.bulk_create(
        Instruction(item=item, leader=other(), text="请抓紧") for item in WorkItem.objects.all()
    )


def reports(n, start):
    items(n, start)
    row = Round.objects.first() or Round.objects.create(
        title="调度",
        year=YEAR,
        period=f"{YEAR}-{TODAY:%m}",
        due=TODAY + timedelta(days=9),
        state=Round.State.OPEN,
        created_by=office(),
    )
    held = set(RoundReport.objects.values_list("item_id", flat=True))
    RoundReport.objects.bulk_create(
        RoundReport(round=row, item=item, department=unit()) for item in WorkItem.objects.exclude(pk__in=held)
    )


def rounds(n, start):
    Round.objects.bulk_create(
        Round(title=f"调度{start + i}", year=YEAR, period=f"{1000 + start + i}-01", due=TODAY, created_by=office())
        for i in range(n)
    )


def documents(n, start):
    for i in range(n):
        digest = f"{start + i:064d}"
        kept = StoredFile.objects.create(
            sha256=digest, size=9, kind="txt", name="要点.txt", path=digest, uploaded_by="x"
        )
        row = Document.objects.create(
            title=f"要点{start + i}", file=kept, sha256=digest, uploaded_by=office(), department=unit(),
            region=region(),
            status="in_review", text="全文",
        )  # fmt: skip
        Record.objects.create(document=row, kind="task", number=1, start=0, end=2, title="任务", quote="全文",
                              state="accepted", result_ref=f"item:{start + i}", decided_by=office(),
                              decided_at=timezone.now())  # fmt: skip
        other = Document.objects.exclude(pk=row.pk).order_by("-pk").first()
        span = {"start": 0, "end": 2, "quote": "全文", "role": "本文件", "doc": "", "place": "第 1 段"}
        Question.objects.create(document=row, other=other, key=str(i), kind="conflict", severity="error", start=0,
                                spans=[span], words="不一致")  # fmt: skip


def terms(n, start):
    for i in range(n):
        document = Document.objects.order_by("pk").first() or documents(1, 90_000) or Document.objects.get()
        Term.objects.create(
            kind="cut", text=f"词{start + i}", key=f"词{start + i}", meaning="start", by=office(), turned_by=office(),
            turned_at=timezone.now(), document=document, source=f"doc:{document.pk}#0-2",
        )  # fmt: skip


def batches(n, start):
    kept = StoredFile.objects.get_or_create(sha256="b" * 64, defaults={
        "size": 9, "kind": "zip", "name": "要点.zip", "path": "b", "uploaded_by": "x"})[0]  # fmt: skip
    made = Batch.objects.bulk_create(
        Batch(name=f"整批{start + i}.zip", file=kept, total=1, created_by=office()) for i in range(n)
    )
    BatchFile.objects.bulk_create(BatchFile(batch=one, number=1, path="要点.txt") for one in made)


def the_register():
    from ecocloud.kernel.registers import pack
    from ecocloud.kernel.registers.models import RegisterType
    from ecocloud.kernel.registers.services import packs

    if not RegisterType.objects.filter(code="outfall").exists():
        packs.load(CONSOLE, pack.read(pack.folder_of("river-outfalls")))
    return {"code": "outfall"}


def the_figure():
    the_register()
    return {"code": "river-outfalls", "figure": "all"}


def outfalls(n, start):
    from ecocloud.kernel.registers import services as registers
    from ecocloud.kernel.registers.register import open_register

    register = open_register(the_register()["code"])
    for i in range(start, start + n):
        registers.create(
            office(), register, name=f"排口{i}", region=region(), department=unit(), geometry=[115.1, 27.1],
            given={"kind": "village", "river": f"柳林港{i}", "found_on": TODAY, "authority": "t-unit"},
        )  # fmt: skip


def outfalls_due(n, start):
    from ecocloud.kernel.registers.models import RegisterObject

    outfalls(n, start)
    long_ago = timezone.now() - timedelta(days=900)
    RegisterObject.objects.update(created_at=long_ago)


def units(n, start):
    Department.objects.bulk_create(
        Department(code=f"d{start + i}", name=f"单位{start + i}", region=region(), parent=unit()) for i in range(n)
    )


def people(n, start):
    made = User.objects.bulk_create(
        User(username=f"p{start + i}", name=f"人员{start + i}", department=unit()) for i in range(n)
    )
    reader = Role.objects.get(code="reader")
    RoleGrant.objects.bulk_create(RoleGrant(user=one, role=reader) for one in made)


def api_keys(n, start):
    ApiKey.objects.bulk_create(
        ApiKey(user=other(), name=f"对接{start + i}", head=f"{start + i:010d}", digest="0" * 64,
               scopes=["registers:read"], per_minute=9, expires_on=TODAY)
        for i in range(n)
    )  # fmt: skip


def grids(n, start):
    made = Grid.objects.bulk_create(
        Grid(code=f"G{start + i}", level=3, name=f"网格{start + i}", region=region(), department=unit())
        for i in range(n)
    )
    GridTerm.objects.bulk_create(GridTerm(grid=one, department=unit(), valid_from=TODAY) for one in made)


def public_reports(n, start):
    Report.objects.bulk_create(
        Report(number=f"{start + i:011d}", salt="s", client_key=f"k{start + i}", category="water", region=region(),
               unit=unit(), state="handling")
