"""Systems of the programme from what goes in to what comes out, through services and pages: chiefs and the public.

The rows are those of ecocloud/packs/systems.csv; what goes in and comes out is told there.
"""

import io
from datetime import datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from shapely.geometry import box, mapping

from ecocloud.base.officedocs import docx_text
from ecocloud.base.sheets import export_workbook
from ecocloud.domains.chiefs import importing
from ecocloud.domains.chiefs.models import Office, Patrol
from ecocloud.kernel.duties.models import WorkItem
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.regions.services import CONSOLE
from ecocloud.kernel.registers import pack
from ecocloud.kernel.registers import services as registers
from ecocloud.kernel.registers.register import open_register
from ecocloud.kernel.registers.services import packs
from ecocloud.portal.consulting.models import Comment, Consultation
from tests.systems.proving import proved

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_s148_forest_chiefs_from_units_and_patrols_to_coverage_and_tickets(place, at):
    """S148 林长制: forest units, chiefs, patrols -> coverage, tickets."""
    today = timezone.localdate()
    last = today.replace(day=1) - DAY
    first, year = last.replace(day=1), last.replace(month=1, day=1)
    unit = place.units["town"]
    unit.code = "u-town"
    unit.save(update_fields=["code"])
    packs.load(CONSOLE, pack.read(pack.folder_of("forest-chiefs")))
    block = registers.create(
        place.office, open_register("forest_block"), name="云岭东坡责任区", region=place.town, department=unit,
        geometry=mapping(box(115.0, 27.0, 115.1, 27.1)),
        given={"kind": "public", "extent": "320.50", "level": "township"},
    )  # fmt: skip
    # chiefs: the workbook through its pages, as the forestry bureau would
    row = {"kind": "forest", "nature": "administrative", "level": "township", "place": block.code,
           "department": "u-town", "post": "副镇长", "sign": "LZ-01", "opened_on": year, "holder": "林守山",
           "account": "chief", "since": year}  # fmt: skip
    book = io.BytesIO(export_workbook(importing.spec(place.office), [row]))
    book.name = "林长.xlsx"
    client = at(place.office)
    preview = client.post(reverse("sheets:upload", args=[importing.KEY]), {"file": book}, follow=True)
    assert "新增" in preview.content.decode()
    client.post(preview.request["PATH_INFO"] + "commit/", follow=True)
    office = Office.objects.get()
    assert (office.object, office.terms.get().person) == (block, place.chief)
    # how often: the township's own rule, twice a month
    rule = {"region": place.town.code, "variant": ":forest", "basis": "镇林长办", "times-township": "2",
            "period-township": "month", "on": f"{year}"}  # fmt: skip
    client.post(reverse("chiefs:rule-choose"), rule)
    # a patrol needs its days; nothing is recorded of one that has not happened
    refused = at(place.chief).post(reverse("chiefs:patrol-new"), {
        "key": "s148-patrol-0000", "office": office.pk, "result": "none", "lon": "115.05", "lat": "27.05",
        "start": (timezone.now() + 2 * DAY).isoformat(),
    })  # fmt: skip
    assert not Patrol.objects.exists()
    # one patrol last month, on the phone page, with a problem
    start = timezone.make_aware(datetime.combine(first + 14 * DAY, time(9)))
    sent = at(place.chief).post(reverse("chiefs:patrol-new"), {
        "key": "s148-patrol-0001", "office": office.pk, "result": "found", "kind": "felling", "problem": "砍了两棵松树",
        "start": start.isoformat(), "lon": "115.05", "lat": "27.05",
    })  # fmt: skip
    patrol = Patrol.objects.get()
    assert sent["Location"] == reverse("chiefs:patrol", args=[patrol.pk]) and patrol.day == first + 14 * DAY
    # out: a ticket that leads back to the patrol
    item = WorkItem.objects.get()
    assert (item.kind, item.source_ref) == ("case", f"{patrol.ref}#problem-1") and item.lead_department is not None
    client = at(place.office)
    shown = client.get(reverse("duties:item", args=[item.pk])).content.decode()
    assert "乱砍滥伐" in shown and reverse("chiefs:patrol", args=[patrol.pk]) in shown
    # out: coverage of the month: two owed, one made, one problem open
    asked = {"first": f"{first}", "last": f"{last}", "family": "forest"}
    (line,) = client.get(reverse("chiefs:coverage"), asked).context["found"].offices
    assert (line.cover.owed, line.cover.done, line.cover.missing, line.found, line.open) == (2, 1, 1, 1, 1)
    paper = client.get(reverse("chiefs:report"), asked)
    assert "应巡查2次，到位1次" in docx_text(b"".join(paper.streaming_content)).replace("[1]", "").replace("[2]", "")
    # and the public reads whose forest it is
    assert "林守山" in client.get(reverse("chiefs:public"), {"family": "forest"}).content.decode()
    actions = set(Entry.objects.values_list("action", flat=True))
    assert {"chiefs.office.open", "chiefs.term.appoint", "chiefs.patrol.record"} <= actions
    proved(
        "S148",
        given={"Forest units": block, "chiefs": office, "patrols": patrol},
        refused=refused,
        came_out={"Coverage": ((2, 1), (line.cover.owed, line.cover.done)), "tickets": ("乱砍滥伐", shown)},
    )


def test_s244_consultation_from_draft_and_comments_to_table_and_adoption(town, document, public, staff):
    """S244 公开征求意见: draft, comments, deadline -> comment table, adoption result."""
    today = timezone.localdate()
    clerk = staff(town.clerk)
    given = {"document": document.pk, "opens": today, "closes": today + DAY}
    early = clerk.post("/portal/consult/new/", given | {"closes": today - DAY})
    assert early.status_code == 400 and not Consultation.objects.exists()  # the deadline lies after the publication
    made = clerk.post("/portal/consult/new/", given)
    clerk.post(made["Location"], {"act": "publish"})
    row = Consultation.objects.get()
    page = f"/public/consult/{row.pk}/"
    assert page in public.get("/public/consult/").content.decode()
    for text, anchor in (("垃圾二字太宽", "p2"), ("同意", ""), ("第三条应写明日期", "p3")):
        assert public.post(page, {"text": text, "anchor": anchor}).status_code == 302
    comments = Comment.objects.count()
    Consultation.objects.update(opens=today - 9 * DAY, closes=today - DAY)
    late = public.post(page, {"text": "来晚了"})
    assert late.status_code == 409
    verdicts = (("partly", "有理", "垃圾改为固体废物"), ("accepted", "谢谢", "不改"), ("rejected", "已有规定", ""))
    for one, (verdict, text, note) in zip(Comment.objects.order_by("number"), verdicts, strict=True):
        address = f"/portal/comments/{one.pk}/"
        clerk.post(address, {"act": "show"})
        clerk.post(address, {"act": "answer", "verdict": verdict, "text": text, "change": note})
    clerk.post(f"/portal/consult/{row.pk}/", {"act": "conclude", "text": "共收到三条意见。"})
    row.refresh_from_db()
    assert row.state == "concluded"
    # out: the table of comments, as a file of staff and as open data
    lines = b"".join(clerk.get("/portal/comments/?export=csv").streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 4
    told = public.get("/public/data/comments.json").json()["rows"]
    assert {one["verdict"] for one in told} == {"partly", "accepted", "rejected"}
    # out: what became of each, for everybody
    text = docx_text(public.get(f"{page}result.docx").content)
    for said in ("共收到意见3条", "部分采纳1条", "固体废物", "已有规定", "共收到三条意见"):
        assert said in text, said
    assert "已有规定" in public.get(page).content.decode()
    proved(
        "S244",
        given={"Draft": document, "comments": comments, "deadline": row.closes},
        refused=late,
        came_out={"Comment table": (4, len(lines)), "adoption result": ("已有规定", text)},
    )
