"""Data scopes. The oracle is an independent definition in plain Python over the same rows."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecocloud.kernel.regions import queries, scope, services
from ecocloud.kernel.regions.models import Department, Role, User
from ecocloud.kernel.regions.services import CONSOLE

pytestmark = pytest.mark.django_db

# Rows of other rooms look like accounts here: department is a path to a unit, the account itself is its own owner.
FIELDS = {"department_fields": ["department"], "region_field": None, "owner_field": "pk"}


def _visible(user, **more):
    return set(scope.limit(User.objects.all(), user, **(FIELDS | more)).values_list("username", flat=True))


@pytest.fixture
def crowd(place, make_user):
    """One person without any role in every department, named by it."""
    return {
        name: make_user(department=unit, username=f"in-{name.replace('_', '-')}")
        for name, unit in vars(place).items()
        if isinstance(unit, Department)
    }


def _names(*names):
    return {f"in-{name.replace('_', '-')}" for name in names}


def test_each_scope(place, crowd, make_user):
    everything = {user.username for user in User.objects.all()}
    office = make_user("office", department=place.office, username="boss")
    assert _visible(office) == everything | {"boss"}
    bureau = make_user("department", department=place.ecology, username="bureau")
    assert _visible(bureau) == _names("ecology", "team") | {"bureau"}
    town = make_user("township", department=place.town, username="town")
    assert _visible(town) == _names("town") | {"town"}
    admin = make_user("sysadmin", department=place.government, username="admin")
    assert _visible(admin) == {"admin"}
    assert _visible(admin, owner_field=None) == set()
    nobody = make_user(department=place.government, username="nobody")
    assert _visible(nobody) == set()
    assert not scope.departments_in_scope(nobody).exists()


def test_custom_scope_is_the_list_on_the_role(place, crowd, make_user):
    role = Role.objects.create(code="liaison", label_zh="联络员", scope="custom")
    role.departments.set([place.water, place.village])
    user = make_user("liaison", department=place.ecology, username="liaison-1")
    assert _visible(user) == _names("water", "village")
    assert set(scope.departments_in_scope(user)) == {place.water, place.village}


def test_a_person_without_department_sees_nothing_by_department(place, crowd, make_user):
    assert _visible(make_user("department", username="lost")) == set()


def test_merged_departments_stay_visible_to_the_successor(place, crowd, make_user):
    user = make_user("township", department=place.town, username="mayor")
    tomorrow = timezone.localdate() + timedelta(days=1)
    services.merge_department(CONSOLE, place.street, place.town, on=tomorrow)
    assert _visible(user) == _names("town") | {"mayor"}
    place.street.changes.update(on=date(2020, 1, 1))
    assert _visible(user) == _names("town", "street") | {"mayor"}


def test_grants_end(place, crowd, make_user):
    user = make_user(department=place.office, username="temp")
    yesterday = timezone.localdate() - timedelta(days=1)
    services.grant_role(CONSOLE, user, "office", valid_until=yesterday)
    assert _visible(user) == set()
    services.grant_role(CONSOLE, user, "office", valid_until=timezone.localdate())
    assert len(_visible(user)) > 3


def test_paths_over_many_rows_give_no_duplicates(place, make_user):
    for _ in range(3):
        make_user(department=place.ecology)
    user = make_user("department", department=place.ecology, username="bureau")
    rows = scope.limit(
        Department.objects.all(), user, department_fields=["people__department", "children__people__department"]
    )
    assert sorted(rows.values_list("pk", flat=True)) == [place.government.pk, place.ecology.pk]


def test_regions_judge_rows_without_department(place, make_user):
    """Departments as rows: their region, and no department field at all."""

    def seen(user):
        rows = scope.limit(Department.objects.all(), user, region_field="region")
        return {unit.region_id for unit in rows}

    assert seen(make_user("department", department=place.east_gov)) == {"990102", "990102001", "990102100"}
    assert seen(make_user("township", department=place.east_gov)) == {"990102"}
    assert seen(make_user("department", department=place.government)) == set(
        Department.objects.values_list("region_id", flat=True)
    )
    # A row that names a department is not opened by its region.
    user = make_user("department", department=place.east_gov)
    rows = scope.limit(Department.objects.all(), user, department_fields=["parent"], region_field="region")
    assert place.east_ecology in rows and place.east_gov not in rows


def _expected(held, department, rows, parents, custom):
    """The rule again, written the slow way: ids of owners whose rows are visible."""

    def below(unit):
        while unit is not None:
            if unit == department:
                return True
            unit = parents[unit]
        return False

    found = set()
    for owner, unit in rows.items():
        if "all" in held or ("self" in held and owner == "me"):
            found.add(owner)
        elif unit is None:
            continue
        elif (
            ("department" in held and unit == department and department is not None)
            or ("department_tree" in held and department is not None and below(unit))
            or ("custom" in held and unit in custom)
        ):
            found.add(owner)
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_union_over_roles_and_never_more(data, place):
    from django.db import transaction

    class Undo(Exception):
        pass

    size = data.draw(st.integers(1, 7))
    parents = {n: data.draw(st.sampled_from([None, *range(n)])) for n in range(size)}
    held = data.draw(st.sets(st.sampled_from(Role.Scope.values), max_size=3))
    own = data.draw(st.sampled_from([None, *range(size)]))
    custom = data.draw(st.sets(st.sampled_from(range(size)), max_size=3))
    where = {f"p{n}": data.draw(st.sampled_from([None, *range(size)])) for n in range(4)} | {"me": own}
    try:
        with transaction.atomic():
            units = {}
            for n in range(size):
                units[n] = Department.objects.create(name=f"单位{n}", region=place.city, parent=units.get(parents[n]))
            users = {
                name: User.objects.create(username=f"x-{name}", name=name, department=units.get(unit))
                for name, unit in where.items()
            }
            me = users["me"]
            for code in held:
                role = Role.objects.create(code=f"r-{code}", label_zh=code, scope=code)
                role.departments.set([units[n] for n in custom])
                services.grant_role(CONSOLE, me, role)
            rows = User.objects.filter(username__startswith="x-")
            limited = scope.limit(rows, me, department_fields=["department"], owner_field="pk")
            got = {name.removeprefix("x-") for name in limited.values_list("username", flat=True)}
            assert got == _expected(held, own, where, parents, custom)
            raise Undo
    except Undo:
        pass


def test_queries_are_few(place, make_user, django_assert_max_num_queries):
    user = make_user("department", department=place.ecology)
    user._scope_memo = {}
    list(scope.limit(User.objects.all(), user, **FIELDS))
    with django_assert_max_num_queries(1):
        list(scope.limit(User.objects.all(), user, **FIELDS))


def test_names_over_time(place):
    services.rename_department(CONSOLE, place.water, "青瓷市水务局", on=date(2019, 3, 1))
    place.water.refresh_from_db()
    assert queries.name_on(place.water, date(2019, 2, 28)) == "青瓷市水利局"
    assert queries.name_on(place.water, date(2019, 3, 1)) == "青瓷市水务局"
