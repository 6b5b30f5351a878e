"""A made-up city with an office, three bureaus, two townships and one person for every part."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from ecocloud.kernel.duties import services
from ecocloud.kernel.regions.models import Department, Region, Role, RoleGrant, RolePermission, User


def people_and_units():
    """Roles with the rights room.py names, units and people; used by the multi-process tests too."""
    from ecocloud.kernel.duties.room import ROOM
    from ecocloud.kernel.regions.facts import roles_file

    for row in roles_file().roles:
        role, _ = Role.objects.get_or_create(code=row.code, defaults=row.model_dump(exclude={"code"}))
        for right in ROOM.permissions:
            if row.code in right.roles:
                RolePermission.objects.get_or_create(role=role, code=right.code)
    city, _ = Region.objects.get_or_create(code="360900", defaults={"name": "某市", "level": "city"})
    made = {}
    for code, name in (
        ("office", "市生态文明办"),
        ("water", "市水利局"),
        ("forest", "市林业局"),
        ("roads", "市交通局"),
        ("east", "东乡"),
        ("west", "西镇"),
    ):
        made[code], _ = Department.objects.get_or_create(code=code, defaults={"name": name, "region": city})
    users = {}
    for name, unit, role in (
        ("clerk", "office", "office"),
        ("second", "office", "office"),
        ("chief", "office", "leader"),
        ("hydro", "water", "department"),
        ("hydro2", "water", "department"),
        ("ranger", "forest", "department"),
        ("driver", "roads", "department"),
        ("farmer", "east", "township"),
        ("auditor", "roads", "reader"),
        ("root", "office", "sysadmin"),
    ):
        user = User.objects.filter(username=name).first()
        if user is None:
            user = User.objects.create_user(name, name=name, department=made[unit])
            RoleGrant.objects.create(user=user, role=Role.objects.get(code=role))
        users[name] = user
    return SimpleNamespace(city=city, **{f"at_{k}": v for k, v in made.items()}, **users)


@pytest.fixture
def town(db):
    from django.core.cache import cache, caches

    cache.clear()
    caches["shared"].clear()
    return people_and_units()


@pytest.fixture
def land(town):
    """The town is a county's: a township's unit, the county's office and a city office above it with a checker each."""
    Region.objects.filter(code="360900").update(level="city")
    county = Region.objects.create(code="360921", name="某县", level="county", parent_id="360900")
    place = Region.objects.create(code="360921100", name="东乡", level="township", parent=county)
    Department.objects.filter(pk=town.at_east.pk).update(region=place, kind="township")
    town.at_county = Department.objects.create(
        code="county-eco", name="县生态文明办", region=county, function="eco-office"
    )
    Department.objects.filter(pk=town.at_office.pk).update(function="eco-office")
    for name, unit, role in (
        ("mayor", town.at_east, "township"),
        ("keeper", town.at_east, "township"),
        ("county", town.at_county, "office"),
        ("county2", town.at_county, "office"),
    ):
        user = User.objects.create_user(name, name=name, department=unit)
        RoleGrant.objects.create(user=user, role=Role.objects.get(code=role))
        setattr(town, name, user)
    town.at_east.refresh_from_db()
    return town


@pytest.fixture
def make(town):
    """``make(lead=..., state=...)``: an item moved by its services to the wanted state."""
    return maker(town)


def maker(town):
    """Makes items of that town: ``make(lead=..., state=...)``."""

    def _make(state="registered", **fields):
        fields = {"title": "完成河道清淤", "lead": town.at_water, "units": [town.at_forest]} | fields
        item = services.create_item(town.clerk, **fields)
        path = ["issued", "signed", "in_progress", "reported", "under_review", "completed", "closed_out"]
        proof = {"refs": ["doc:1#1-2"]}
        acts = {
            "issued": lambda i: services.issue(town.clerk, i),
            "signed": lambda i: services.sign(town.hydro, i),
            "in_progress": lambda i: services.start(town.hydro, i),
            "reported": lambda i: services.report(town.hydro, i, "已完成", **proof),
            "under_review": lambda i: services.review(town.clerk, i),
            "completed": lambda i: services.accept(town.clerk, i),
            "closed_out": lambda i: services.close_out(town.chief, i),
        }
        for step in path:
            if item.state == state:
                break
            item = acts[step](item)
        assert item.state == state
        return item

    return _make


def some_items(make, n):
    """n items made by ``make``, half of them late."""
    town, today = people_and_units(), timezone.localdate()
    for k in range(n):
        due = today - timedelta(days=3) if k % 2 else today + timedelta(days=90)
        make("issued" if k % 3 else "registered", title=f"任务{k}", deadline=due,
             lead=town.at_water if k % 4 else town.at_forest, units=[town.at_roads],
             source_ref=f"doc:{k % 2 + 1}#1-9", source_title=f"文件{k % 2 + 1}", source_place=f"第 {k} 条")  # fmt: skip


@pytest.fixture
def exact():
    """Fails the test when a count differs from its seats, seats from items, or an item from its journal."""
    from ecocloud.kernel.duties import past
    from ecocloud.kernel.duties.models import ItemSeat, WorkItem
    from ecocloud.kernel.duties.services import counts

    def _exact():
        assert counts.differences() == {}
        for item in WorkItem.objects.all():
            seats = {s.department_id: s for s in ItemSeat.objects.filter(item=item)}
            assert {unit: seat.role for unit, seat in seats.items()} == counts.wanted_seats(item)
            if not item.state_row.closed and item.state_row.owner == "lead":
                assert item.current_department_id == item.lead_department_id
            for seat in seats.values():
                for name in ("year", "kind", "state", "light", "light_rank", "due"):
                    assert getattr(seat, name) == getattr(item, name)
            assert past.differences(item) == []

    yield _exact
    _exact()
