"""The tutorial's steps through the same pages, from the upload of its document to the verified journal."""

import re
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from ecocloud.intake.documents.models import Document, Record
from ecocloud.kernel.duties.models import WorkItem

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(settings, tmp_path):
    """The city of the tutorial with its office, two bureaus and one person for each part."""
    from ecocloud.kernel.evidence.services import load_catalogue
    from ecocloud.kernel.regions import services
    from ecocloud.kernel.regions.models import Department, Region, User
    from ecocloud.web.models import Site

    settings.MEDIA_ROOT = tmp_path / "files"
    settings.JOURNAL_ANCHOR_ON_COMMIT = True
    services.sync_roles()
    load_catalogue()
    province = Region.objects.create(code="360000", name="江西省", level="province")
    city = Region.objects.create(code="360800", name="吉安市", short_name="吉安", level="city", parent=province)
    Site.objects.create(name="生态云", region=city)

    def person(username, role, unit, short, function):
        department, _ = Department.objects.get_or_create(
            name=unit, defaults={"region": city, "short_name": short, "function": function}
        )
        user = User.objects.create_user(username, name=username, department=department, must_change_password=False)
        services.grant_role(services.CONSOLE, user, role)
        client = Client()
        client.force_login(User.objects.get(pk=user.pk), backend=settings.AUTHENTICATION_BACKENDS[-1])
        return client

    office = ("吉安市生态文明建设领导小组办公室", "市生态文明办", "eco-office")
    return SimpleNamespace(
        office=person("office", "office", *office),
        leader=person("leader", "leader", *office),
        water=person("water", "department", "吉安市水利局", "市水利局", "water"),
        ecology=person("ecology", "department", "吉安市生态环境局", "市生态环境局", "ecology"),
    )


@pytest.fixture
def tutorial(root) -> str:
    """The page."""
    return (root / "docs/tutorial.md").read_text("utf-8")


def body(response) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def act(client, item, action, label, tutorial, **data):
    """One step on the item's page: the button is there for this person, the tutorial names it, it works."""
    url = reverse("duties:item", args=[item.pk])
    assert label in body(client.get(url)), f"{label} is not offered"
    assert label in tutorial
    item.refresh_from_db()
    answer = client.post(
        reverse("duties:act", args=[item.pk]), {"action": action, "version": item.version, **data}, follow=True
    )
    assert f"已办理“{label}”" in body(answer), re.sub(r"\s+", " ", answer.content.decode())[-1500:]
    item.refresh_from_db()
    return item


def bring_in(site, root, year: int = 2026) -> Document:
    """Steps 1 and 2: upload, decide on every record. Another ``year`` may stand in the document."""
    content = (root / "docs/samples/workpoints.txt").read_bytes().replace(b"2026", str(year).encode())
    form = {"files": [SimpleUploadedFile("workpoints.txt", content)], "secrecy": "internal"}
    answer = site.office.post(reverse("documents:upload"), form, follow=True)
    assert f"吉安市{year}年生态文明建设工作要点" in body(answer)
    document = Document.objects.get()
    review = reverse("documents:review", args=[document.pk])
    page = body(site.office.get(review))
    for word in ("批量接受", "入台账", "接受", "修改", "不采纳", "撤销"):
        assert word in page
    site.office.post(reverse("documents:bulk", args=[document.pk]), {"act": "accept", "least": "0.90"})
    for record in Record.objects.filter(document=document, state="pending"):
        url = reverse("documents:decide", args=[document.pk, record.pk])
        if record.kind == "mechanism":
            site.office.post(url, {"act": "reject", "version": record.version, "opinion": "是任务的一部分"})
        else:
            site.office.post(url, {"act": "accept", "version": record.version})
    assert not Record.objects.filter(document=document, state="pending").exists()
    return document


def test_from_a_document_to_a_closed_task(site, root, tutorial):
    from ecocloud.kernel.evidence.models import Target
    from ecocloud.kernel.journal.anchors import write_anchor
    from ecocloud.kernel.journal.verification import verify

    document = bring_in(site, root)
    assert WorkItem.objects.count() == 0, "nothing enters the ledger before 入台账"
    told = body(site.office.post(reverse("documents:enter", args=[document.pk]), follow=True))
    made = re.search(r"任务 (\d+) 项，目标 (\d+) 个", told)
    assert made, "入台账 says what was made"
    assert f"任务 {made[1]} 项, 目标 {made[2]} 个" in tutorial
    assert (WorkItem.objects.count(), Target.objects.count()) == (int(made[1]), int(made[2]))
    site.office.post(reverse("documents:enter", args=[document.pk]))
    assert WorkItem.objects.count() == int(made[1]), "pressing it again makes nothing twice"

    item = WorkItem.objects.get(title__contains="河道清淤")
    assert item.lead_department.short_name == "市水利局"
    assert document.ref in item.source_ref
    assert item.code in body(site.office.get(reverse("duties:ledger"), {"q": "推进河道清淤"}))
    item = act(site.office, item, "issue", "交办", tutorial)
    assert item.title in body(site.water.get(reverse("duties:mine"), {"tab": "todo"}))
    item = act(site.water, item, "sign", "签收", tutorial)
    item = act(site.water, item, "start", "推进", tutorial)
    item = act(site.water, item, "report", "反馈", tutorial, opinion="已完成清淤46公里，验收合格。", progress="100")
    item = act(site.office, item, "review", "审核", tutorial)
    item = act(site.office, item, "accept", "办结", tutorial)
    item = act(site.leader, item, "close_out", "销号", tutorial)
    assert item.state == "closed_out" and item.light == "closed"

    page = body(site.water.get(reverse("duties:item", args=[item.pk])))
    for step in ("交办", "签收", "推进", "反馈", "审核", "办结", "销号", "已完成清淤46公里"):
        assert step in page, f"{step} is missing in the timeline"
    write_anchor()
    report = verify()
    assert report.consistent and report.entries > 10
    assert "以来一致" in report.sentence_zh() and "以来一致" in tutorial


def test_a_report_without_words_is_refused_and_others_cannot_sign(site, root):
    """What the tutorial says cannot be done; with a document whose deadlines are long past."""
    document = bring_in(site, root, year=2024)
    site.office.post(reverse("documents:enter", args=[document.pk]))
    item = WorkItem.objects.get(title__contains="河道清淤")
    url = reverse("duties:act", args=[item.pk])
    site.office.post(url, {"action": "issue", "version": item.version})
    item.refresh_from_db()
    site.ecology.post(url, {"action": "sign", "version": item.version})
    item.refresh_from_db()
    assert item.state == "issued"
    for action in ("sign", "start", "report"):
        site.water.post(url, {"action": action, "version": item.version})
        item.refresh_from_db()
    assert item.state == "in_progress", "办理情况 is mandatory"
    site.water.post(url, {"action": "report", "version": item.version, "opinion": "完成"})
    item.refresh_from_db()
    site.water.post(url, {"action": "accept", "version": item.version})
    site.water.post(url, {"action": "review", "version": item.version})
    item.refresh_from_db()
    assert item.state == "reported", "who reported cannot review"


def test_the_page_names_buttons_that_are_there(root, tutorial):
    """Every bold Chinese word of the tutorial stands in a template, a descriptor or a transition table."""
    shown = "\n".join(
        path.read_text("utf-8")
        for pattern in ("*.html", "*.py", "*.yaml")
        for path in (root / "ecocloud").rglob(pattern)
    )
    words = set(re.findall(r"\*\*([\u4e00-\u9fff、]+)\*\*", tutorial.partition("\n---\n")[0]))
    assert len(words) >= 12
    assert [word for word in sorted(words) if word not in shown] == []


def test_the_sample_document_is_read_as_the_page_says(root):
    from ecocloud.intake.documents.read import read_document

    reading = read_document((root / "docs/samples/workpoints.txt").read_bytes(), "workpoints.txt")
    assert [task["title"] for task in reading.tasks] == ["整治入河排污口", "推进河道清淤"]
    assert [unit["name"] for unit in reading.tasks[0]["units"]] == ["市生态环境局", "市水利局"]
    assert reading.tasks[1]["deadlines"][0]["date"] == "2026-12-20"
