"""A small place with two counties, an office, a bureau of the east county and a township reader. All made up."""

from types import SimpleNamespace

import pytest
from django.utils import timezone

from ecocloud.intake.monitoring.stations import services
from ecocloud.kernel.regions.models import Department, Region, Role, RoleGrant, User
from ecocloud.kernel.regions.services import sync_roles


@pytest.fixture
def place(db):
    """``east``, ``west``, ``bureau`` (of the east), people ``office``, ``east_staff``, ``west_staff``, ``reader``."""
    sync_roles()
    city = Region.objects.create(code="990100", name="试验市", level="city")
    east = Region.objects.create(code="990102", name="东县", level="county", parent=city)
    west = Region.objects.create(code="990103", name="西县", level="county", parent=city)
    main = Department.objects.create(code="p-main", name="试验市办公室", region=city)
    bureau = Department.objects.create(code="p-east", name="东县环境局", region=east)
    other = Department.objects.create(code="p-west", name="西县环境局", region=west)

    def person(name, role, department):
        user = User.objects.create(
            username=name, name=name, department=department, must_change_password=False,
            password_changed_at=timezone.now(),
        )  # fmt: skip
        RoleGrant.objects.create(user=user, role=Role.objects.get(code=role))
        user.refresh_from_db()
        return user

    return SimpleNamespace(
        city=city, east=east, west=west, bureau=bureau, other=other,
        office=person("office", "office", main), east_staff=person("east", "department", bureau),
        west_staff=person("west", "department", other), reader=person("reader", "reader", bureau),
    )  # fmt: skip


MN = "010000A8900016F000169DC0"


@pytest.fixture
def device(place):
    """An air station of the east county with its usual factors."""
    return services.add_device(
        place.office, mn=MN, name="东县一中", kind="air", region=place.east, department=place.bureau, password="123456"
    )
