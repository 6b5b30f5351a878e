"""A made-up city with counties, townships, a grid, an office that takes reports and two people of it."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.cache import caches
from django.test import Client
from django.utils import timezone

from ecocloud.intake.documents.models import Document
from ecocloud.intake.documents.paragraphs import split
from ecocloud.kernel.regions.models import Department, Region, Role, RoleGrant, User
from ecocloud.kernel.regions.services import sync_roles
from ecocloud.portal.consulting import services as consulting
from ecocloud.portal.reports import services

# Inside the county 360802 of the boundaries that come with the platform, and far outside of the city.
TEXT = "某市河道管理办法（草案）\n第一条 为了保护河道，制定本办法。\n"
TEXT += "第二条 禁止在河道内倾倒垃圾。\n第三条 本办法自公布之日起施行。"
INSIDE, OUTSIDE = (114.98, 27.12), (116.40, 39.90)


def picture(kind="JPEG", size=(40, 30)):
    """A photo as bytes."""
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", size, (40, 90, 60)).save(out, kind)
    return out.getvalue()


@pytest.fixture(autouse=True)
def _fresh_rates():
    caches["shared"].clear()
    yield
    caches["shared"].clear()


@pytest.fixture
def town(db, settings, tmp_path):
    from ecocloud.portal.start import register

    register()
    sync_roles()
    settings.MEDIA_ROOT = tmp_path / "files"
    city = Region.objects.create(code="360800", name="某市", level="city")
    county = Region.objects.create(code="360802", name="某区", level="county", parent=city)
    place = Region.objects.create(code="360802100", name="东镇", level="township", parent=county)
    village = Region.objects.create(code="360802100201", name="上村", level="village", parent=place)
    Region.objects.create(code="360900", name="邻市", level="city")
    units = {
        "office": Department.objects.create(code="o", name="某市生态文明办", region=city, function="eco-office"),
        "ecology": Department.objects.create(code="e", name="某区生态环境局", region=county, function="ecology"),
        "east": Department.objects.create(code="t", name="东镇人民政府", region=place, kind="township"),
    }
    people = {}
    for name, unit, role in (
        ("clerk", "office", "office"), ("second", "office", "office"), ("worker", "ecology", "department"),
        ("mayor", "east", "township"), ("reader", "east", "reader"),
    ):  # fmt: skip
        people[name] = User.objects.create_user(name, name=name, department=units[unit])
        RoleGrant.objects.create(user=people[name], role=Role.objects.get(code=role))
    services.open_desk(people["clerk"])
    return SimpleNamespace(city=city, county=county, place=place, village=village, **units, **people)


@pytest.fixture
def public():
    """Somebody of the public, whose forms must carry their token."""
    return Client(enforce_csrf_checks=False)


@pytest.fixture
def staff(settings):
    """``staff(user)``: a client of that person."""

    def make(user):
        User.objects.filter(pk=user.pk).update(must_change_password=False, password_changed_at=timezone.now())
        client = Client()
        client.force_login(User.objects.get(pk=user.pk), backend=settings.AUTHENTICATION_BACKENDS[-1])
        return client

    return make


@pytest.fixture
def document(town):
    from ecocloud.base.files.models import StoredFile

    kept = StoredFile.objects.create(sha256="a" * 64, size=9, kind="txt", name="草案.txt", path="a", uploaded_by="x")
    return Document.objects.create(
        title="某市河道管理办法（草案）", file=kept, sha256="a" * 64, uploaded_by=town.clerk, region=town.city,
        department=town.office, text=TEXT, segments=split(TEXT), secrecy="public", status="in_review",
    )  # fmt: skip


@pytest.fixture
def running(town, document):
    row = consulting.create(
        town.clerk,
        document,
        opens=timezone.localdate() - timedelta(days=1),
        closes=timezone.localdate() + timedelta(days=1),
        intro="欢迎提意见",
    )
    return consulting.publish(town.clerk, row)
