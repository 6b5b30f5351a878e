"""Every page opens for the people it is for."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ecocloud.kernel.duties import services
from ecocloud.kernel.duties.services import rounds
from ecocloud.kernel.regions.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_(client, town):
    """``as_(person)``: a client signed in as the person."""
    User.objects.update(must_change_password=False)

    def _as(person):
        client.force_login(User.objects.get(pk=person.pk))
        return client

    return _as


def test_plain_pages_open(as_, town, make):
    make()
    client = as_(town.clerk)
    pages = "/ /mine/ /rounds/ /rule/ /year/ /new/ /instructions/ /owed/ /rounds/new/"
    for url in pages.split():
        assert client.get(f"/duties{url}").status_code == 200, url
    for tab in ["todo", "done", "started", "copied", "urged", "read", "warning", "overdue"]:
        assert client.get(f"/duties/mine/?tab={tab}").status_code == 200, tab


@pytest.mark.parametrize(
    "state", ["registered", "issued", "signed", "in_progress", "reported", "under_review", "completed", "closed_out"]
)
def test_an_item_opens_in_every_state_for_everybody(as_, town, make, state):
    item = make(state, deadline=timezone.localdate() + timedelta(days=9))
    for person in (town.clerk, town.chief, town.hydro, town.ranger):
        client = as_(person)
        answer = client.get(f"/duties/items/{item.pk}/")
        assert answer.status_code == 200
        assert item.title in answer.content.decode()
        drawer = client.get(f"/duties/?open={item.pk}", headers={"HX-Request": "true"}).content.decode()
        assert item.code in drawer and "<html" not in drawer


def test_round_pages_open(as_, town, make):
    make("signed")
    row = rounds.open_round(town.clerk, period="2026-08", due=timezone.localdate())
    for person, pages in (
        (town.clerk, ("", "check/", f"fill/?unit={town.at_water.pk}", "upload/")),
        (town.hydro, ("", "check/", "fill/", "upload/")),
    ):
        client = as_(person)
        for page in pages:
            assert client.get(f"/duties/rounds/{row.pk}/{page}").status_code == 200, page
    for form in ("docx", "xlsx"):
        assert client.get(f"/duties/rounds/{row.pk}/schedule.{form}").status_code == 200
    assert client.get(f"/duties/rounds/{row.pk}/workbook/").status_code == 200
    assert as_(town.clerk).get(f"/duties/rounds/{row.pk}/workbook/?all=1").status_code == 200


@pytest.mark.parametrize(
    "name", ["circular.docx", "letter.docx", "schedule.docx", "schedule.xlsx", "list.xlsx", "list.csv"]
)
def test_papers_are_made(as_, town, make, name):
    make("in_progress")
    make(lead=town.at_forest, units=[])
    answer = as_(town.clerk).get(f"/duties/papers/{name}")
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content)


def test_stories_have_every_part(as_, town, make):
    item = make("in_progress", deadline=timezone.localdate() + timedelta(days=9))
    item = services.instruct(town.chief, item, "请抓紧")
    item = services.request_extension(town.hydro, item, timezone.localdate() + timedelta(days=30), "汛期")
    page = as_(town.hydro).get(f"/duties/items/{item.pk}/").content.decode()
    assert "请抓紧" in page and "汛期" in page and "回复批示" in page
    assert "请抓紧" in as_(town.chief).get("/duties/instructions/").content.decode()
    assert as_(town.clerk).get(f"/duties/items/{item.pk}/edit/").status_code == 200
    assert as_(town.clerk).get(f"/duties/items/{item.pk}/decompose/").status_code == 200
