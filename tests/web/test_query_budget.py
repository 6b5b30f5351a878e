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
    PostHandover,
    Region,
    Role,
    RoleGrant,
    UnitQuestion,
    User,
)
from ecocloud.kernel.regions.services import CONSOLE
from ecocloud.portal.consulting.models import Comment, Consultation
from ecocloud.portal.disclosure.models import Publication
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


def handovers(n, start):
    leaving, following = other(), User.objects.exclude(pk=other().pk).first()
    PostHandover.objects.bulk_create(
        PostHandover(giver=leaving, taker=following, department=unit(), on=TODAY, reason=f"调任{start + i}",
                     by=following)
        for i in range(n)
    )  # fmt: skip


def grids(n, start):
    made = Grid.objects.bulk_create(
        Grid(code=f"G{start + i}", level=3, name=f"网格{start + i}", region=region(), department=unit())
        for i in range(n)
    )
    GridTerm.objects.bulk_create(GridTerm(grid=one, department=unit(), valid_from=TODAY) for one in made)


def chiefs(n, start):
    made = Office.objects.bulk_create(
        Office(kind="general", level="county", region=region(), department=unit(), post=f"副县长{start + i}",
               opened_on=TODAY)
        for i in range(n)
    )  # fmt: skip
    ChiefTerm.objects.bulk_create(ChiefTerm(office=one, name="甲", valid_from=TODAY) for one in made)


def patrols(n, start):
    chiefs(1, 90_000 + start)
    office_ = Office.objects.latest("pk")
    Patrol.objects.bulk_create(
        Patrol(key=f"key-{start + i:08d}", office=office_, department=unit(), region=region(), counts_as="chief",
               by=office(), start=timezone.now(), day=TODAY)
        for i in range(n)
    )  # fmt: skip


def public_reports(n, start):
    Report.objects.bulk_create(
        Report(number=f"{start + i:011d}", salt="s", client_key=f"k{start + i}", category="water", region=region(),
               unit=unit(), state="handling")
        for i in range(n)
    )  # fmt: skip


def consultations(n, start):
    Consultation.objects.bulk_create(
        Consultation(title=f"草案{start + i}", document_ref="doc:1", opens=TODAY, closes=TODAY, state="published",
                     department=unit(), region=region(), created_by=other())
        for i in range(n)
    )  # fmt: skip


def the_consultation():
    if not Consultation.objects.exists():
        consultations(1, 0)
    return {"pk": Consultation.objects.order_by("pk").first().pk}


def comments(n, start):
    pk = the_consultation()["pk"]
    Comment.objects.bulk_create(
        Comment(consultation_id=pk, number=start + i + 1, text="意见", client_key=f"c{start + i}") for i in range(n)
    )


def publications(n, start):
    kept = StoredFile.objects.get_or_create(sha256="c" * 64, defaults={
        "size": 9, "kind": "txt", "name": "公开.txt", "path": "c", "uploaded_by": "x"})[0]  # fmt: skip
    Publication.objects.bulk_create(
        Publication(listed="quality", title=f"公开{start + i}", file=kept, published_on=TODAY, department=unit(),
                    created_by=other())
        for i in range(n)
    )  # fmt: skip


def questions(n, start):
    UnitQuestion.objects.bulk_create(
        UnitQuestion(text=f"某单位{start + i}", region=region(), on_date=TODAY, reason="不明") for i in range(n)
    )


def entries(n, start):
    with change(SYSTEM) as tx:
        for i in range(n):
            tx.log("regions.signin", Ref("user", str(start + i)))


def devices(n, start):
    made = Device.objects.bulk_create(
        Device(mn=f"MN{start + i}", name=f"站{start + i}", kind="air", st="22", region=region(), department=unit())
        for i in range(n)
    )
    now = timezone.now()
    DeviceState.objects.bulk_create(DeviceState(device=one, online=True, last_packet=now) for one in made)
    DeviceDay.objects.bulk_create(
        DeviceDay(device=one, day=TODAY, due=24, got=23, valid=20, due_capture=24, valid_capture=20) for one in made
    )


def commands(n, start):
    devices(n, start)
    rows = Device.objects.order_by("-pk")[:n]
    held = {"acts": False, "approval": False, "notice": False, "single": True, "answer_s": 10, "execute_s": 30,
            "whole_s": 60, "resends": 3, "deliver_s": 60, "resend_s": 60, "report_s": 30, "approve_s": 60}  # fmt: skip
    Command.objects.bulk_create(
        Command(device=row, cn="1061", edition=2017, plan=held, acts=False, approval=False, reason="核对",
                state="refused", result=2, asked_by=office())
        for row in rows
    )  # fmt: skip


def strays(n, start):
    devices(n, start)
    now = timezone.now()
    StrayAnswer.objects.bulk_create(
        StrayAnswer(mn=row.mn, cn="9012", qn="1", result=1, raw_ref="raw:g/1", first=now, last=now, count=1)
        for row in Device.objects.order_by("-pk")[:n]
    )


def results(n, first, kind, body, **more):
    """Results of a month: their bodies carry what the lists show."""
    from ecocloud.intake.monitoring.results.models import Result

    Result.objects.bulk_create(
        Result(**{"kind": kind, "span": "month", "start": TODAY.replace(day=1), "subject": f"region:{first + i}",
                  "region": region(), "edition": "e", "value": 1, "level": 1, "body": body, "digest": "d",
                  "outcome": "o", "change": "first"} | more)
        for i in range(n)
    )  # fmt: skip


def section_results(n, start):
    devices(1, 90_000 + start)
    results(n, start, "water_section", {"items": {}}, device=Device.objects.latest("pk"), department=unit())


def parks(n, start):
    from ecocloud.kernel.registers.models import RegisterObject, RegisterType

    devices(n, 50_000 + start)
    kind, _new = RegisterType.objects.get_or_create(code="park", defaults={"zh": "园区", "en": "Park", "digest": ""})
    made = RegisterObject.objects.bulk_create(
        RegisterObject(type=kind, code=f"P{start + i}", name=f"园区{start + i}", region=region(), state="running",
                       schema=1, valid_from=TODAY)
        for i in range(n)
    )  # fmt: skip
    for park, row in zip(made, Device.objects.order_by("-pk")[:n], strict=True):
        Device.objects.filter(pk=row.pk).update(kind="park", object_ref=f"obj:{park.pk}")


def outlet_results(n, start):
    from ecocloud.intake.monitoring.results.models import Result

    devices(n, 70_000 + start)
    made = list(Device.objects.order_by("-pk")[:n])
    Device.objects.filter(pk__in=[one.pk for one in made]).update(kind="outlet_gas")
    Result.objects.bulk_create(
        Result(kind="emission", span="day", start=TODAY, subject=one.ref, device=one, region=region(),
               department=unit(), edition="", value=0, level=2, meets=False, final=True, digest="", outcome="",
               change="first", body={"items": {}, "off": {}})
        for one in made
    )  # fmt: skip


def source_results(n, start):
    devices(1, 93_000 + start)
    body = {"items": {}, "lacking": [], "due": 58, "intake": None, "counts": True}
    results(n, start, "water_source", body, device=Device.objects.latest("pk"), department=unit())
    results(n, start, "source_area", {"attained": SHARE, "volume": SHARE, "without": 0})


def lake_results(n, start):
    devices(1, 92_000 + start)
    body = {"water": "湖", "missing": [], "places": 1, "index": 1}
    results(n, start, "water_lake", body, device=Device.objects.latest("pk"), department=unit())


SHARE = {"part": 1, "whole": 2, "units": 500, "places": 1}


def air_results(n, start):
    results(n, start, "air_area", {"good": SHARE, "composite": {"places": 2}, "statistics": {}})


def water_results(n, start):
    body = {"good": SHARE, "worst": SHARE, "attained": SHARE, "sections": 2, "short_index": {"value": "1.0"}}
    results(n, start, "water_area", body)
    results(n, start, "water_area", body, span="year", start=TODAY.replace(month=1, day=1))
    section = {"items": {"ph": {"value": 7_200_000}}, "lake": False, "target_year": 0}
    devices(1, 95_000 + start)
    for span in ("day", "month"):
        for day in (TODAY.replace(day=1), TODAY.replace(year=YEAR - 1, day=1)):
            results(1, start, "water_section", section, span=span, start=day, device=Device.objects.latest("pk"))


def alarms(n, start):
    devices(n, start)
    now = timezone.now()
    AlarmIncident.objects.bulk_create(
        AlarmIncident(station=row.ref, device=row, cause="exceed", title="超限", level=1, peak=1, acknowledge_s=60,
                      first=now, last=now, deadline=now)
        for row in Device.objects.order_by("-pk")[:n]
    )  # fmt: skip


def alarm_rules(n, start):
    document = {"cause": "no_data", "zh": "中断", "interval": "hour",
                "grades": [{"level": 1, "when": {"is": "no_data"}}]}  # fmt: skip
    AlarmRule.objects.bulk_create(
        AlarmRule(name=f"规则{start + i}", cause="no_data", interval="hour", document=document, region=region())
        for i in range(n)
    )


def silent_devices(n, start):
    devices(n, start)
    DeviceState.objects.update(online=False)


def flags(n, start):
    devices(n, start)
    QualityFlag.objects.bulk_create(
        QualityFlag(device=row, factor="a34004", interval="hour", at=timezone.now(), rule="negative",
                    values={"value": "-1"}, bound={"low": "0"})
        for row in Device.objects.order_by("-pk")[:n]
    )  # fmt: skip


def reviews(n, start):
    devices(n, start)
    now = timezone.now()
    QualityReview.objects.bulk_create(
        QualityReview(device=row, interval="hour", first=now - timedelta(hours=1), last=now, valid=False, reason="校准",
                      by=office())
        for row in Device.objects.order_by("-pk")[:n]
    )  # fmt: skip


def strangers(n, start):
    now = timezone.now()
    Stranger.objects.bulk_create(
        Stranger(mn=f"X{start + i}", reason="unknown", first=now, last=now, packets=3) for i in range(n)
    )


def the_round():
    return {"pk": Round.objects.values_list("pk", flat=True).first() or 1}


def item_batches(n, start):
    for i in range(n):
        create_batch(office(), name=f"批次{start + i}")


MINE = "duties:mine"
# route, role, arguments, query, how rows are made
PAGES = (
    ("evidence:list", "office", {}, "", observations),
    ("evidence:list", "office", {}, "light=none", targets),
    ("evidence:review", "office", {}, "", submitted),
    ("evidence:mine", "office", {}, "", submitted),
    ("evidence:targets", "office", {}, "", targets),
    ("evidence:corrections", "office", {}, "", corrected),
    ("evidence:locks", "office", {}, "", year_locks),
    ("evidence:source", "office", {"kind": "demo", "key": "values"}, "place=row-2", observations),
    ("duties:ledger", "office", {}, "", items),
    (MINE, "office", {}, "tab=todo", lambda n, start: items(n, start, issued=False)),
    (MINE, "office", {}, "tab=started", items),
    (MINE, "office", {}, "tab=coming", items),
    (MINE, "office", {}, "tab=copied", cooperating),
    (MINE, "office", {}, "tab=warning", late_items),
    (MINE, "office", {}, "tab=overdue", late_items),
    (MINE, "office", {}, "tab=done", steps),
    (MINE, "office", {}, "tab=urged", notices),
    (MINE, "office", {}, "tab=read", notices),
    ("duties:owed", "office", {}, "", reports),
    ("duties:instructions", "office", {}, "", words_of_leaders),
    ("duties:rounds", "office", {}, "", rounds),
    ("duties:check", "office", the_round, "", reports),
    ("duties:batches", "office", {}, "", item_batches),
    ("documents:list", "office", {}, "", documents),
    ("documents:records", "office", {}, "", documents),
    ("documents:questions", "office", {}, "", documents),
    ("documents:dictionary", "office", {}, "", terms),
    ("documents:batches", "office", {}, "", batches),
    ("registers:list", "office", the_register, "", outfalls),
    ("registers:cards", "office", the_register, "", outfalls),
    ("registers:map", "office", the_register, "", outfalls),
    ("registers:compare", "office", the_register, "", outfalls),
    ("registers:statistics", "office", the_register, "by=county&by2=f_kind&sum=flow", outfalls),
    ("registers:figure", "office", the_figure, "", outfalls),
    ("registers:due", "office", {}, "", outfalls_due),
    ("monitoring:devices", "office", {}, "", devices),
    ("monitoring:live", "office", {}, "", devices),
    ("monitoring:rates", "office", {}, "", devices),
    ("monitoring:strangers", "office", {}, "", strangers),
    ("monitoring:commands", "office", {}, "", commands),
    ("monitoring:strays", "office", {}, "", strays),
    ("monitoring:alarms", "office", {}, "", alarms),
    ("monitoring:alarm-rules", "office", {}, "", alarm_rules),
    ("monitoring:offline", "office", {}, "", silent_devices),
    ("monitoring:flags", "office", {}, "", flags),
    ("monitoring:reviews", "office", {}, "", reviews),
    ("monitoring:sections", "office", {}, "", section_results),
    ("monitoring:lakes", "office", {}, "", lake_results),
    ("monitoring:sources", "office", {}, "", source_results),
    ("monitoring:air-ranking", "office", {}, "level=city", air_results),
    ("monitoring:air-ranking", "office", {}, "level=city&beside=1", air_results),
    ("monitoring:water-ranking", "office", {}, "level=city", water_results),
    ("monitoring:water-ranking", "office", {}, "level=city&beside=1", water_results),
    ("monitoring:water-ranking", "office", {}, "level=city&beside=1&span=year", water_results),
    ("monitoring:outlet-days", "office", {}, "", outlet_results),
    ("monitoring:exceedances", "office", {}, "", outlet_results),
    ("monitoring:parks", "office", {}, "", parks),
    ("portal:reports", "office", {}, "", public_reports),
    ("portal:consult-list", "office", {}, "", consultations),
    ("portal:consult-page", "office", the_consultation, "", comments),
    ("portal:comments", "office", {}, "", comments),
    ("portal:publications", "office", {}, "", publications),
    ("regions:departments", "office", {}, "", units),
    ("regions:grids", "office", {}, "", grids),
    ("chiefs:offices", "office", {}, "", chiefs),
    ("chiefs:patrols", "office", {}, "", patrols),
    ("regions:unit-questions", "office", {}, "", questions),
    ("regions:people", "sysadmin", {}, "", people),
    ("regions:keys", "sysadmin", {}, "", api_keys),
    ("regions:handovers", "office", {}, "", handovers),
    ("journal:list", "auditadmin", {}, "", entries),
)
# A list of made-up rows without a database; the lines of one reach, whose number does not grow with the tables.
WITHOUT_ROWS = {"web:gallery", "monitoring:capacity"}


def cost(client, url):
    """``(queries of the second call, rows of the page's list)``."""
    assert client.get(url).status_code == 200, url
    with CaptureQueriesContext(connection) as seen:
        response = client.get(url)
    return [query["sql"] for query in seen.captured_queries], response.context["listing"].total


@pytest.fixture(scope="module")
def measured():
    """(route, query) -> cost and rows with few rows, then with many."""
    return {}


def measure(fill, client_for_role):
    """The costs of all pages that show these rows: the rows are made once for them."""
    pages = [page for page in PAGES if page[4] is fill]
    clients = {role: client_for_role(role) for role in sorted({"office", *(page[1] for page in pages)})}
    found, made = {}, 0
    for size in (FEW, MANY):
        fill(size - made, made)
        made = size
        for route, role, arguments, query, _ in pages:
            url = reverse(route, kwargs=arguments() if callable(arguments) else arguments)
            found.setdefault((route, query), []).append(cost(clients[role], f"{url}?{query}"))
    return found


@pytest.mark.parametrize(
    ("route", "role", "arguments", "query", "fill"), PAGES, ids=[f"{n}-{page[0]}" for n, page in enumerate(PAGES)]
)
def test_list_pages_cost_the_same_with_ten_and_a_hundred_rows(
    route, role, arguments, query, fill, client_for_role, kept, measured
):
    if (route, query) not in measured:
        measured.update(measure(fill, client_for_role))
    (few, few_rows), (many, many_rows) = measured[route, query]
    assert few_rows < many_rows
    assert len(many) <= BUDGET, "\n".join(sql[:160] for sql in many)
    assert len(few) == len(many), "\n".join(sorted(sql[:160] for sql in many))


def test_the_table_names_every_page_with_a_list(client_for_role):
    clients = {role: client_for_role(role) for role in ("office", "sysadmin", "auditadmin")}
    items(1, 0)
    reports(0, 0)
    the_register()
    the_consultation()
    found = set()
    for line in access_table().values():
        if "GET" not in line.methods or line.route.startswith("api:"):
            continue
        arguments = load(line.sample)() if line.sample else {}
        if line.route in ("duties:check", "duties:fill", "duties:round"):
            arguments |= the_round()
        for client in clients.values():
            context = client.get(reverse(line.route, kwargs=arguments)).context
            if context is not None and "listing" in context:
                found.add(line.route)
    assert found - WITHOUT_ROWS == {page[0] for page in PAGES}


OWN_EXPORTS = (
    "duties:ledger",
    "evidence:list",
    "journal:list",
    "documents:questions",
    "registers:statistics",
    "registers:map",
)


@pytest.mark.parametrize(
    ("route", "role", "arguments", "query", "fill"), PAGES, ids=[f"{n}-{page[0]}" for n, page in enumerate(PAGES)]
)
def test_every_list_leaves_as_a_file_of_its_rows_and_is_journalled(
    route, role, arguments, query, fill, client_for_role
):
    client = client_for_role(role)
    if role != "office":
        client_for_role("office")
    fill(3, 0)
    url = f"{reverse(route, kwargs=arguments() if callable(arguments) else arguments)}?{query}"
    page = client.get(url)
    listing = page.context["listing"]
    if not listing.columns:  # a file of its own kind: 清单, 通报, indicators, journal
        assert route in OWN_EXPORTS or isinstance(listing, ItemListing)
        assert re.search(r'href="[^"]*(?:\.xlsx|export)', page.content.decode())
        return
    addresses = dict(listing.export_urls)
    assert listing.total and escape(addresses["csv"]) in page.content.decode()
    before = Entry.objects.filter(action="web.list.export").count()
    lines = list(csv.reader(io.StringIO(b"".join(client.get(addresses["csv"]).streaming_content).decode("utf-8-sig"))))
    assert lines[0] == [str(column.label) for column in listing.columns]
    assert len(lines) - 1 == listing.total
    assert any(any(line) for line in lines[1:])
    assert b"".join(client.get(addresses["xlsx"]).streaming_content).startswith(b"PK")
    taken = Entry.objects.filter(action="web.list.export").order_by("pk")[before:]
    told = [json.loads(row.after) for row in taken]
    assert [(one["rows"], one["form"]) for one in told] == [(listing.total, "csv"), (listing.total, "xlsx")]
