"""A small organisation: one city, two counties, four townships, and people of every role."""

from types import SimpleNamespace

import pytest

from ecocloud.kernel.regions import services
from ecocloud.kernel.regions.models import Department, Region
from ecocloud.kernel.regions.services import CONSOLE

PASSWORD = "Celadon-2026-ridge"


@pytest.fixture
def roles(db):
    """Roles and rights as a fresh installation has them."""
    services.sync_roles()


def _region(code, name, parent=None):
    from ecocloud.kernel.regions import codes, naming

    return Region.objects.create(
        code=code, name=name, short_name=naming.short_region(name), level=codes.level_of(code), parent=parent
    )


def _unit(name, region, parent=None, **more):
    return Department.objects.create(name=name, region=region, parent=parent, **more)


@pytest.fixture
def place(roles):
    """Regions ``city east west`` with townships ``e1 e2 w1`` and their departments."""
    province = _region("990000", "明省")
    city = _region("990100", "青瓷市", province)
    east, west = _region("990102", "东山区", city), _region("990123", "西水县", city)
    e1, e2 = _region("990102001", "石桥街道", east), _region("990102100", "柳林镇", east)
    w1 = _region("990123200", "竹溪乡", west)
    government = _unit("青瓷市人民政府", city, kind="government")
    office = _unit("青瓷市生态文明建设领导小组办公室", city, government, short_name="市生态办", function="eco-office")
    ecology = _unit("青瓷市生态环境局", city, government, short_name="市生态环境局", function="ecology")
    water = _unit("青瓷市水利局", city, government, function="water")
    team = _unit("青瓷市环境监测站", city, ecology)
    east_gov = _unit("东山区人民政府", east, government, kind="government")
    west_gov = _unit("西水县人民政府", west, government, kind="government")
    east_ecology = _unit("青瓷市东山生态环境局", east, east_gov, function="ecology")
    units = {
        "street": _unit("石桥街道办事处", e1, east_gov, kind="township"),
        "town": _unit("柳林镇人民政府", e2, east_gov, kind="township"),
        "village": _unit("竹溪乡人民政府", w1, west_gov, kind="township"),
    }
    return SimpleNamespace(
        province=province,
        city=city,
        east=east,
        west=west,
        e1=e1,
        e2=e2,
        w1=w1,
        government=government,
        office=office,
        ecology=ecology,
        water=water,
        team=team,
        east_gov=east_gov,
        west_gov=west_gov,
        east_ecology=east_ecology,
        **units,
    )


@pytest.fixture
def make_user(roles):
    """``make_user("office", department)``: a person with that role and a known password."""
    made = []

    def make(*codes, department=None, username=""):
        username = username or f"u{len(made)}-{codes[0] if codes else 'none'}"
        user, _ = services.create_account(
            CONSOLE, username=username, name="测试人", department=department, must_change=False
        )
        for code in codes:
            services.grant_role(CONSOLE, user, code)
        user.set_password(PASSWORD)
        user.save()
        user.refresh_from_db()
        made.append(user)
        return user

    return make


@pytest.fixture
def password():
    """The password of every person made by ``make_user``."""
    return PASSWORD


@pytest.fixture
def inside(client):
    """``inside(user)``: a browser in which that person is signed in, with the second factor passed."""
    from django_otp import DEVICE_ID_SESSION_KEY
    from django_otp.plugins.otp_totp.models import TOTPDevice

    def enter(user):
        client.force_login(user)
        device, _ = TOTPDevice.objects.get_or_create(user=user, confirmed=True, defaults={"name": "x"})
        session = client.session
        session[DEVICE_ID_SESSION_KEY] = device.persistent_id
        session.save()
        return client

    return enter
