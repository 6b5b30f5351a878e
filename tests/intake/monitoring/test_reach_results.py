"""Who sees what of alarms, quality and results: people of another county and keys of another department find nothing in
lists, on pages, in files, in the API, in counters, to-dos and the excerpts of references, and change nothing."""

import io
import json
from datetime import timedelta

import openpyxl
import pytest
from django.core.cache import cache, caches
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ecocloud.base.rooms import load
from ecocloud.intake.monitoring.alarms import access as alarms_access
from ecocloud.intake.monitoring.alarms import document as doc
from ecocloud.intake.monitoring.alarms import replaying, running, services
from ecocloud.intake.monitoring.alarms.models import AlarmEvent, AlarmIncident, AlarmRule
from ecocloud.intake.monitoring.lake import schema
from ecocloud.intake.monitoring.quality import access as quality_access
from ecocloud.intake.monitoring.quality import services as quality
from ecocloud.intake.monitoring.quality.models import QualityFlag, QualityReview
from ecocloud.intake.monitoring.results import access as results_access
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.intake.monitoring.stations.models import Device
from ecocloud.kernel.journal.refs import resolve
from ecocloud.kernel.regions.models import Role, RoleGrant, User
from ecocloud.kernel.regions.services import CONSOLE, create_account, issue_key
from tests.intake.monitoring.alarms.conftest import HIGH
from tests.intake.monitoring.lake.conftest import made
from tests.intake.monitoring.results.conftest import AIR, DAY, RUNNING, WATER, sites
from tests.intake.monitoring.stations.conftest import place

__all__ = ["made", "place", "sites"]
pytestmark = pytest.mark.django_db
# What belongs to the east alone and stands nowhere else.
STATION, SECTION, SAID, WHY = "东县实验小学站", "东县青石断面", "阀门已检修完毕", "零点漂移剔除"
TOLD = (STATION, SECTION, SAID, WHY)


@pytest.fixture
def full(sites, place):
    """Stations of the east with values, results, an incident with a remark, flags and a decision; one of the west."""
    for row, name in ((sites.east, STATION), (sites.river, SECTION)):
        row.name = name
        row.save(update_fields=["name"])
    for hour in range(24):
        sites.send("east", hour, AIR | {"a34004": 160})
        sites.send("river", hour, WATER)
    sites.send("east", 23, AIR | {"a34002": -5})
    sites.take()
    sites.run(now=RUNNING)
    row = services.save_rule(place.office, None, given=HIGH, region=place.city)
    first = schema.day_bounds(DAY)[0]
    AlarmRule.objects.filter(pk=row.pk).update(begun=first)
    Device.objects.update(created_at=first - timedelta(days=1))
    running.run(first + timedelta(hours=20))
    incident = AlarmIncident.objects.get()
    services.comment(place.office, incident.pk, note=SAID)
    QualityFlag.objects.create(
        device=sites.east,
        factor="a34002",
        interval="hour",
        at=first,
        rule="range",
        values={"value": "-5"},
        bound={"low": "0"},
    )
    quality.review(place.east_staff, sites.east, factor="a34002", interval="hour", first=first,
                   last=first + timedelta(hours=1), valid=False, reason=WHY)  # fmt: skip
    return sites


@pytest.fixture
def at(settings):
    """``at(user)``: a client signed in as that person."""

    def signed(user):
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
        return client

    return signed


@pytest.fixture
def keyed(place):
    """``keyed("monitoring:read")``: a client with a key of the account of another system at home in the west."""
    cache.clear()
    caches["shared"].clear()
    owner, _password = create_account(CONSOLE, username="feed", name="县平台", department=place.other, service=True)
    RoleGrant.objects.create(user=owner, role=Role.objects.get(code="department"))

    def make(*scopes):
        last = timezone.localdate() + timedelta(days=30)
        _row, token = issue_key(CONSOLE, owner, name="数据对接", scopes=scopes, expires_on=last)
        return Client(headers={"authorization": f"Bearer {token}"})

    return make


def addresses():
    """Every route of alarms, quality and results with its methods, at what belongs to the east."""
    for one in (*alarms_access.ACCESS, *quality_access.ACCESS, *results_access.ACCESS):
        if one.route == "monitoring:park":  # an object of the registers: results/test_parks.py
            continue
        given = load(one.sample)() if one.sample else {}
        if one.route == "monitoring:result":
            given = {"pk": Result.objects.filter(region__code="990102").order_by("pk").first().pk}
        yield one.route, reverse(one.route, kwargs=given), one.methods


def content_of(answer):
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def theirs():
    """Results of the east as pages and files name them."""
    numbers = Result.objects.filter(region__code__in=("990100", "990102")).values_list("pk", flat=True)
    return [text for pk in numbers for text in (f"/results/{pk}/", f"eval:{pk}@")]


def state():
    """What must not change."""
    return [
        list(model.objects.order_by("pk").values()) for model in (AlarmIncident, AlarmEvent, AlarmRule, QualityReview)
    ]


POSTED = {"opinion": "越权", "reason": "越权", "unit": "1", "deadline": "2099-01-01", "factor": "a34004", "valid": "0",
          "interval": "hour", "first": "2026-03-05T08:00", "last": "2026-03-05T09:00", "on": "0"}  # fmt: skip
# Rules are of everybody who sees alarms; who may make them is told by their right.
LISTS = ("monitoring:alarms", "monitoring:flags", "monitoring:reviews", "monitoring:sections", "monitoring:offline",
         "monitoring:lakes", "monitoring:air-ranking", "monitoring:water-ranking")  # fmt: skip


def test_the_people_of_the_place_find_it(place, full, at):
    """Else the tests below could not fail."""
    client, found = at(place.east_staff), set()
    for route, url, methods in addresses():
        if "GET" in methods and route != "monitoring:live-objects":
            asked = {"first": str(DAY), "last": str(DAY)} if route == "api:monitoring-air-hours" else {}
            answer = client.get(url, asked)
            assert answer.status_code in (200, 403), (route, answer.status_code)
            body = content_of(answer).decode(errors="replace")
            found |= {one for one in (*TOLD, *theirs()) if one in body}
    assert found >= set(TOLD) and any(one.startswith("/results/") for one in found)


def test_people_of_another_county_find_nothing_and_change_nothing(place, full, at):
    client, before, other = at(place.west_staff), state(), theirs()
    for route, url, methods in addresses():
        if "GET" in methods:
            asked = {"first": str(DAY), "last": str(DAY)} if route == "api:monitoring-air-hours" else {}
            for given in (asked, *({"export": form} for form in ("csv", "xlsx") if route in LISTS)):
                answer = client.get(url, given)
                assert answer.status_code in (200, 400, 403, 404), (route, answer.status_code)
                body = content_of(answer)
                text = sheet_text(body) if given.get("export") == "xlsx" else body.decode(errors="replace")
                # The address that was asked for stands on the page that refuses it.
                assert not [one for one in (*TOLD, *other) if one in text.replace(url, "")], (route, given)
        if "POST" in methods and not url.startswith("/api/") and route != "monitoring:alarm-rules-install":
            answer = client.post(url, POSTED)
            assert answer.status_code in (200, 302, 400, 403, 404), (route, answer.status_code)
            assert not [one for one in TOLD if one in content_of(answer).decode()], route
        assert state() == before, route


def sheet_text(data):
    """All cells of a workbook."""
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    return " ".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)


def test_every_object_of_the_east_is_as_if_it_were_not(place, full, at):
    """Each by its number: pages answer as for a number nobody has."""
    client = at(place.west_staff)
    for pk in Result.objects.filter(region__code__in=("990100", "990102")).values_list("pk", flat=True):
        assert client.get(reverse("monitoring:result", args=[pk])).status_code == 404, pk
    incident, review = AlarmIncident.objects.get(), QualityReview.objects.get()
    for name in ("acknowledge", "assign", "done", "false", "comment", "item"):
        url = reverse(f"monitoring:alarm-{name}", args=[incident.pk])
        assert client.post(url, POSTED | {"unit": place.other.pk}).status_code in (403, 404), name
    assert client.post(reverse("monitoring:review-cancel", args=[review.pk]), {"opinion": "x"}).status_code == 404
    assert client.post(reverse("monitoring:review-decide", args=[full.east.pk]), POSTED).status_code in (403, 404)
    assert client.get(reverse("monitoring:evaluation", args=[full.east.pk])).status_code == 404


def test_counters_and_to_dos_count_what_the_person_may_see(place, full):
    for person, number in ((place.east_staff, 1), (place.west_staff, 0)):
        assert alarms_access.going(person) == alarms_access.todo_count(person, "todo") == number
        assert alarms_access.menu_count(person) == len(alarms_access.todo_rows(person, "todo", 9)) == number


def test_references_tell_strangers_neither_name_nor_words(place, full):
    result = Result.objects.filter(device=full.river).order_by("pk").first()
    incident, review = AlarmIncident.objects.get(), QualityReview.objects.get()
    for ref, word in ((incident.ref, STATION), (review.ref, WHY), (f"eval:{result.pk}", SECTION)):
        mine, other = resolve(ref, place.east_staff), resolve(ref, place.west_staff)
        assert mine.allowed and word in f"{mine.title} {mine.excerpt}", ref
        assert not other.allowed and not other.url and not other.excerpt, ref
        assert not [one for one in TOLD if one in f"{other.title} {other.place}"], ref


def test_an_incident_given_to_another_unit_opens_for_that_unit_alone(place, full, at):
    """The unit sees the incident; results and decisions of the station stay with its county."""
    incident = AlarmIncident.objects.get()
    services.assign(place.office, incident.pk, unit=place.other, note="请协助")
    west = User.objects.get(pk=place.west_staff.pk)
    assert at(west).get(reverse("monitoring:alarm", args=[incident.pk])).status_code == 200
    assert alarms_access.going(west) == 1
    assert WHY not in at(west).get(reverse("monitoring:reviews")).content.decode()
    result = Result.objects.filter(device=full.east).order_by("pk").first()
    assert at(west).get(reverse("monitoring:result", args=[result.pk])).status_code == 404


def test_a_trial_reads_devices_in_reach_alone(place, full):
    for person, number in ((place.office, 2), (place.east_staff, 1), (place.west_staff, 1)):
        found = replaying.try_on(person, doc.read(HIGH), place.city, 30, now=schema.day_bounds(DAY)[1])
        assert (found.devices, found.incidents) == (number, int(person != place.west_staff))


def test_a_key_of_another_department_sees_and_changes_nothing(place, full, keyed):
    client, before = keyed("monitoring:read", "monitoring:write"), state()
    for name in ("alarms", "flags", "reviews"):
        assert client.get(reverse(f"api:monitoring-{name}")).json() == [], name
        assert client.get(reverse(f"api:monitoring-{name}"), {"device": full.east.pk}).json() == [], name
    pk = AlarmIncident.objects.get().pk
    assert client.get(reverse("api:monitoring-alarm", args=[pk])).status_code == 404
    steps = [
        {"step": one, "note": "越权", "unit": place.other.pk} for one in ("acknowledge", "comment", "assign", "false")
    ]
    decision = {"device": full.east.pk, "first": "2026-03-05T00:00:00Z", "last": "2026-03-05T01:00:00Z", "valid": True,
                "reason": "越权"}  # fmt: skip
    for url, body in (
        *((reverse("api:monitoring-alarm-step", args=[pk]), one) for one in steps),
        (reverse("api:monitoring-reviews"), decision),
        (reverse("api:monitoring-alarm-try"), {"document": HIGH}),
    ):
        assert client.post(url, json.dumps(body), "application/json").status_code in (400, 403, 404, 422), (url, body)
        assert state() == before
