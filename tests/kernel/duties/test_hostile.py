"""What a script may send: wrong types are refused with a sentence, never a failure of the server; services refuse
people out of scope by themselves."""

import json

import pytest
from django.test import Client

from ecocloud.base.errors import EcoError
from ecocloud.kernel.duties.api import _DATA
from ecocloud.kernel.duties.models import RoundReport, WorkItem
from ecocloud.kernel.duties.services import drafts, rounds
from ecocloud.kernel.regions.models import Role

pytestmark = pytest.mark.django_db
ODD = [None, True, -1, 10**30, 1.5, "NaN", "Infinity", "1e999999", "x", "", [], {}, [[1]], {"a": 1}]


@pytest.fixture
def browser(settings):
    from django.utils import timezone

    def make(user):
        user.must_change_password, user.password_changed_at = False, timezone.now()
        user.save()
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
        return client

    return make


@pytest.mark.parametrize(
    ("state", "who", "action"),
    [
        ("registered", "clerk", "assign"), ("registered", "clerk", "change"), ("registered", "clerk", "consult"),
        ("in_progress", "hydro", "progress"), ("in_progress", "hydro", "request_extension"),
        ("in_progress", "chief", "instruct"), ("in_progress", "hydro", "finish_node"),
        ("in_progress", "clerk", "transfer"), ("in_progress", "hydro", "reply_instruction"),
    ],
)  # fmt: skip
def test_odd_values_are_refused_not_failures(browser, town, make, state, who, action):
    item = make(state)
    client = browser(getattr(town, who))
    for name in sorted(_DATA):
        for value in ODD:
            item.refresh_from_db()
            sent = {"action": action, "version": item.version, "opinion": "说明", "data": {name: value}}
            answer = client.post(f"/api/duties/items/{item.pk}/act", json.dumps(sent), content_type="application/json")
            assert answer.status_code < 500, (name, value)


@pytest.mark.parametrize("field", ["version", "opinion", "key", "action"])
def test_odd_frames_are_refused_not_failures(browser, town, make, field):
    item = make("issued")
    client = browser(town.hydro)
    for value in [*ODD, "半\ud800", "x" * 5000]:
        sent = {"action": "sign", "version": item.version, "opinion": "好"} | {field: value}
        answer = client.post(f"/api/duties/items/{item.pk}/act", json.dumps(sent), content_type="application/json")
        assert answer.status_code < 500, (field, value)


@pytest.fixture
def county_office(town):
    """A second office whose role sees only its own department."""
    from ecocloud.kernel.regions.models import RoleGrant, RolePermission, User

    role = Role.objects.create(code="narrow", label_zh="区县办", label_en="County office", scope="department")
    office = Role.objects.get(code="office")
    RolePermission.objects.bulk_create(
        RolePermission(role=role, code=code)
        for code in RolePermission.objects.filter(role=office).values_list("code", flat=True)
    )
    user = User.objects.create_user("county", name="county", department=town.at_west)
    RoleGrant.objects.create(user=user, role=role)
    return user


def test_an_office_out_of_scope_neither_fills_nor_judges_reports(town, make, county_office):
    item = make("in_progress")
    row = rounds.open_round(town.clerk, period="2026-08", due=item.created_at.date())
    report = RoundReport.objects.get(round=row, item=item)
    with pytest.raises(EcoError):
        rounds.fill(county_office, report, progress=10, text="越界")
    rounds.fill(town.hydro, report, progress=40, text="正在清淤")
    report.refresh_from_db()
    for refused in (rounds.check, lambda user, one: rounds.send_back(user, one, "越界")):
        with pytest.raises(EcoError):
            refused(county_office, report)
    report.refresh_from_db()
    assert report.state == RoundReport.State.SUBMITTED
    assert WorkItem.objects.get(pk=item.pk).progress == item.progress
    rounds.check(town.clerk, report)


def test_an_office_out_of_scope_keeps_no_drafts(town, make, county_office):
    item = make("in_progress")
    row = rounds.open_round(town.clerk, period="2026-08", due=item.created_at.date())
    report = RoundReport.objects.get(round=row, item=item)
    entry = drafts.Entry(report, report.version, 10, "越界")
    with pytest.raises(EcoError):
        drafts.save_drafts(county_office, [entry])
