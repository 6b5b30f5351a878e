"""Pages: every route opens for those who may and for nobody else; what they do is what the services do."""

import csv
import io
from datetime import date

import pytest
from django.urls import get_resolver, reverse
from openpyxl import load_workbook

from ecocloud.base.rooms import ANYONE, SIGNED_IN, load
from ecocloud.kernel.regions import permissions, services
from ecocloud.kernel.regions.grids.services import Given, save_grids
from ecocloud.kernel.regions.models import Department, PermissionCode, PostHandover, Role, UnitQuestion, User
from ecocloud.kernel.regions.resolution import resolve_unit
from ecocloud.kernel.regions.room import ROOM
from ecocloud.kernel.regions.services import CONSOLE

pytestmark = pytest.mark.django_db
ROLES = ("office", "leader", "department", "township", "reader", "sysadmin", "secadmin", "auditadmin")


def test_every_route_has_an_access_line_and_every_line_a_route():
    from ecocloud.kernel.regions import urls

    named = {f"regions:{pattern.name}" for pattern in urls.urlpatterns}
    assert named == {line.route for line in ROOM.access if not line.route.startswith("api:")}
    declared = {right.code for right in ROOM.permissions}
    assert {line.permission for line in ROOM.access} <= declared | {ANYONE, SIGNED_IN}
    assert {entry.permission for entry in ROOM.menu} <= declared
    assert get_resolver() is not None


@pytest.fixture
def full(place, make_user):
    """Something in every list."""
    make_user("department", department=place.ecology)
    leaving, following = (make_user("department", department=place.office) for _ in range(2))
    PostHandover.objects.create(
        giver=leaving, taker=following, department=place.office, on=date(2026, 1, 5), by=leaving, reason="调任"
    )
    services.rename_department(CONSOLE, place.water, "青瓷市水务局", on=date(2019, 1, 1))
    services.ask_unit(CONSOLE, resolve_unit("市碧水办", place.city), place.city)
    save_grids(CONSOLE, [Given(code="C", name="网格", level=1, region=place.east.code, department=place.office,
                               members=(place.e2.code,))])  # fmt: skip
    return place


@pytest.mark.parametrize("role", ROLES)
def test_every_page_by_every_role(full, make_user, inside, role):
    user = make_user(role, department=full.office)
    browser = inside(user)
    for line in ROOM.access:
        if "GET" not in line.methods or line.route in ("regions:sign-in", "regions:second-step"):
            continue
        url = reverse(line.route, kwargs=load(line.sample)() if line.sample else {})
        answer = browser.get(url)
        may = line.permission == SIGNED_IN or permissions.allowed(user, line.permission)
        assert answer.status_code == (200 if may else 403), (role, line.route)
        if may and "html" in answer["Content-Type"]:
            text = answer.content.decode()
            assert "style=" not in text.split("<main")[1] and "<script>" not in text, line.route


@pytest.mark.parametrize("route", ["regions:departments", "regions:people", "regions:unit-questions"])
def test_lists_ask_few_and_constant_queries(place, make_user, inside, route, kept):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    browser = inside(make_user("sysadmin" if route == "regions:people" else "office", department=place.office))
    sizes = []
    for _round in range(2):
        for number in range(5):
            make_user("reader", department=place.ecology)
            text = f"无名办公{_round}{number}"
            services.ask_unit(CONSOLE, resolve_unit(text, place.city), place.city)
        browser.get(reverse(route))
        with CaptureQueriesContext(connection) as caught:
            assert browser.get(reverse(route)).status_code == 200
        # The site's own row is kept in the cache outside tests.
        sizes.append(sum('"web_site"' not in query["sql"] for query in caught.captured_queries))
    assert sizes[0] == sizes[1] <= 12, sizes


def test_departments_are_found_by_name_alias_and_region(full, make_user, inside):
    browser = inside(make_user("office"))

    def rows(**query):
        return [unit.name for unit in browser.get(reverse("regions:departments"), query).context["listing"].rows]

    assert rows(q="青瓷市水利局") == ["青瓷市水务局"]
    assert rows(region="990123") == ["西水县人民政府", "竹溪乡人民政府"]
    assert "东山区人民政府" not in rows(region="990100")
    assert rows(state="ended") == []


def test_account_life_through_pages(place, make_user, inside, password):
    system, security = make_user("sysadmin"), make_user("secadmin")
    browser = inside(system)
    data = {"username": "zhang.san", "name": "张三", "department": place.water.pk}
    page = browser.post(reverse("regions:create-person"), data)
    person = User.objects.get(username="zhang.san")
    shown = page.content.decode()
    assert any(person.check_password(word) for word in shown.replace("<", " ").replace(">", " ").split())
    assert browser.post(reverse("regions:create-person"), data).status_code == 400
    assert browser.post(reverse("regions:grant-role", args=[person.pk]), {"role": "office"}).status_code == 403
    browser.post(reverse("regions:update-person", args=[person.pk]), {"name": "张叁", "department": place.ecology.pk})
    person.refresh_from_db()
    assert (person.name, person.department) == ("张叁", place.ecology)

    browser = inside(security)
    browser.post(reverse("regions:grant-role", args=[person.pk]), {"role": "office", "valid_until": "2099-01-01"})
    assert person.grants.get().valid_until.year == 2099
    browser.post(reverse("regions:grant-role", args=[person.pk]), {"role": "sysadmin"})
    browser.post(reverse("regions:grant-role", args=[person.pk]), {"role": "reader", "valid_until": "soon"})
    assert [grant.role.code for grant in person.grants.all()] == ["office"]
    browser.post(reverse("regions:revoke-role", args=[person.pk]), {"role": "office"})
    assert not person.grants.exists()


def test_department_changes_through_pages(place, make_user, inside):
    browser = inside(make_user("sysadmin"))
    change = reverse("regions:change-department", args=[place.team.pk])
    browser.post(change, {"kind": "merge", "other": place.ecology.pk, "on": "2020-13-01"})
    assert not place.team.changes.exists()
    browser.post(change, {"kind": "merge", "other": place.ecology.pk, "on": "2020-01-01", "basis": "文件甲"})
    assert place.team.changes.get().successor == place.ecology
    browser.post(reverse("regions:create-department"), {"name": "青瓷市林业局", "region": "9901", "kind": "department"})
    assert Department.objects.get(name="青瓷市林业局").region == place.city
    assert browser.post(reverse("regions:create-department"), {"name": "", "region": "9901"}).status_code == 400
    assert browser.post(reverse("regions:create-department"), {"name": "甲局", "region": "88"}).status_code == 400


def test_unit_questions_through_pages(full, make_user, inside):
    browser = inside(make_user("office"))
    question = UnitQuestion.objects.get()
    browser.post(reverse("regions:answer-unit", args=[question.pk]), {"other": "青瓷市水务局"})
    assert resolve_unit("市碧水办", full.city).department == full.water
    assert browser.get(reverse("regions:unit-questions"), {"state": "open"}).context["listing"].total == 0


def test_locks_through_pages(place, make_user, inside, client):
    user = make_user("office")
    for number in range(5):
        client.post(
            reverse("regions:sign-in"), {"username": user.username, "password": "x"}, REMOTE_ADDR=f"10.0.0.{number}"
        )
    browser = inside(make_user("secadmin"))
    lines = browser.get(reverse("regions:locks")).context["locks"]
    assert [(line["value"], line["failures"]) for line in lines if line["locked"]] == [(user.username, 5)]
    browser.post(reverse("regions:unlock"), {"username": user.username})
    assert browser.get(reverse("regions:locks")).context["locks"] == []


def test_the_rights_matrix_is_complete(place, make_user, inside):
    browser = inside(make_user("secadmin"))
    answer = browser.get(reverse("regions:export-matrix"))
    sheet = load_workbook(io.BytesIO(answer.content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) == 3 + PermissionCode.objects.count()
    assert len(rows[0]) == 3 + Role.objects.count()
    held = {
        (row[2], role)
        for row in rows[3:]
        for role, cell in zip(Role.objects.all(), row[3:], strict=True)
        if cell == "√"
    }
    assert {(code, role.code) for code, role in held} == {
        (code, role.code) for role in Role.objects.all() for code in role.permissions.values_list("code", flat=True)
    }
    text = browser.get(reverse("regions:export-matrix"), {"format": "csv"}).content.decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(text)))) == len(rows)
