"""Departments and their dated history."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from ecocloud.base.errors import Conflict, Forbidden
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.journal.refs import resolve
from ecocloud.kernel.regions import queries, services
from ecocloud.kernel.regions.models import Department, DepartmentChange
from ecocloud.kernel.regions.services import CONSOLE
from ecocloud.kernel.regions.services.organisation import DepartmentError

pytestmark = pytest.mark.django_db


def test_only_the_system_administrator_changes_departments(place, make_user):
    with pytest.raises(Forbidden):
        services.create_department(make_user("office"), name="新局", region=place.city)
    unit = services.create_department(make_user("sysadmin"), name=" 青瓷市 新局 ", region=place.city)
    assert unit.name == "青瓷市新局"
    assert Entry.objects.filter(action="regions.department.create", ref_key=str(unit.pk)).exists()


def test_stale_versions_are_refused(place):
    first = services.update_department(CONSOLE, place.water, version=0, short_name="市水利局")
    assert first.version == 1
    with pytest.raises(Conflict):
        services.update_department(CONSOLE, place.water, version=0, short_name="别名")
    with pytest.raises(DepartmentError):
        services.update_department(CONSOLE, place.water, name="新名")


def test_renames_in_order(place):
    services.rename_department(CONSOLE, place.water, "青瓷市水务局", on=date(2019, 1, 1), basis="文件甲")
    with pytest.raises(DepartmentError):
        services.rename_department(CONSOLE, place.water, "青瓷市河湖局", on=date(2019, 1, 1))
    services.rename_department(CONSOLE, place.water, "青瓷市河湖局", on=date(2021, 1, 1))
    place.water.refresh_from_db()
    names = [queries.name_on(place.water, on) for on in (date(2018, 12, 31), date(2019, 1, 1), date(2021, 1, 1))]
    assert names == ["青瓷市水利局", "青瓷市水务局", "青瓷市河湖局"]
    assert set(place.water.aliases.values_list("text", flat=True)) == {"青瓷市水利局", "青瓷市水务局"}


def test_mergers_chain(place):
    services.merge_department(CONSOLE, place.team, place.ecology, on=date(2020, 1, 1))
    services.merge_department(CONSOLE, place.ecology, place.water, on=date(2022, 1, 1))
    assert queries.successors(place.team, date(2019, 12, 31)) == [Department.objects.get(pk=place.team.pk)]
    place.team.refresh_from_db()
    assert place.team.valid_to == date(2019, 12, 31)
    assert queries.successors(place.team, date(2020, 1, 1)) == [place.ecology]
    place.ecology.refresh_from_db()
    assert queries.successors(place.team, date(2022, 1, 1)) == [place.water]
    assert place.team not in queries.in_force(date(2020, 1, 1))
    assert place.team in queries.in_force(date(2019, 12, 31))
    with pytest.raises(DepartmentError):
        services.merge_department(CONSOLE, place.team, place.water, on=date(2023, 1, 1))


def test_impossible_changes(place):
    with pytest.raises(DepartmentError):
        services.merge_department(CONSOLE, place.water, place.water, on=date(2020, 1, 1))
    with pytest.raises(DepartmentError):
        services.move_department(CONSOLE, place.ecology, place.team, on=date(2020, 1, 1))
    with pytest.raises(DepartmentError):
        services.split_department(CONSOLE, place.water, [place.team], on=date(2020, 1, 1))
    with pytest.raises(DepartmentError):
        services.set_members(CONSOLE, place.water, [place.team])
    assert not DepartmentChange.objects.exists()


def test_the_database_keeps_dates_and_successors(place):
    with pytest.raises(IntegrityError), transaction.atomic():
        Department.objects.create(name="甲", region=place.city, valid_from=date(2020, 1, 2), valid_to=date(2020, 1, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        DepartmentChange.objects.create(department=place.water, kind="merge", on=date(2020, 1, 1))


def test_closing_and_moving(place):
    services.close_department(CONSOLE, place.team, on=date(2020, 1, 1))
    assert queries.successors(Department.objects.get(pk=place.team.pk)) == [place.team]
    moved = services.move_department(CONSOLE, place.water, place.ecology, on=date(2020, 1, 1))
    assert moved.parent == place.ecology


def test_references(place, make_user):
    office, admin, nobody = make_user("office"), make_user("sysadmin"), make_user("auditadmin")
    found = resolve(f"dept:{place.water.pk}", office)
    assert (found.title, found.place, found.allowed) == ("青瓷市水利局", "青瓷市", True)
    assert found.url.endswith(f"/{place.water.pk}")
    assert resolve(f"dept:{place.water.pk}", nobody).url == ""
    assert resolve("dept:999999", office).allowed is False
    assert resolve("dept:x", office).allowed is False
    assert resolve("region:990102", office).title == "东山区"
    assert resolve(f"user:{office.pk}", admin).url.endswith(f"people/{office.pk}")
    assert resolve(f"user:{office.pk}", nobody).allowed is False
