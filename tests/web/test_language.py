"""The language of the page reaches the last byte: streamed lists, and addresses that nothing answers."""

import io
import re

import pytest
from django.utils import timezone, translation
from openpyxl import load_workbook

from ecocloud.kernel.regions.services import CONSOLE
from ecocloud.kernel.registers import pack
from ecocloud.kernel.registers.models import RegisterObject
from ecocloud.kernel.registers.register import open_register
from ecocloud.kernel.registers.services import objects, packs
from ecocloud.web.middleware import speaking

pytestmark = pytest.mark.django_db
CHINESE = re.compile(r"[\u4e00-\u9fff]")
HYDRO = "/registers/type/hydro_station/"


def test_a_stream_is_made_in_the_language_of_its_page_and_leaves_that_of_the_thread_alone():
    seen = []

    def parts():
        for number in range(3):
            seen.append(translation.get_language())
            yield bytes([number])

    with translation.override("zh-hans"):
        between = [translation.get_language() for _ in speaking("en", parts())]
        assert translation.get_language() == "zh-hans"
    assert seen == ["en"] * 3 and between == ["zh-hans"] * 3


@pytest.fixture
def office(client_for_role):
    """The office's client, with one object whose own words are no Chinese."""
    client = client_for_role("office")
    packs.load(CONSOLE, pack.read(pack.folder_of("small-hydro")))
    register = open_register("hydro_station")
    user = client.session["_auth_user_id"]
    from ecocloud.kernel.regions.models import User

    viewer = User.objects.get(pk=user)
    example = register.definition.examples[0]
    spoken = {code: value for code, value in example.values.items() if not CHINESE.search(str(value))}
    spoken |= {one.code: "Alpha" for one in register.definition.required if one.code not in spoken}
    objects.create(viewer, register, name="Alpha", region=viewer.department.region, department=viewer.department,
                   geometry=example.geometry, given=spoken)  # fmt: skip
    return client


LISTS = [HYDRO, f"{HYDRO}compare/?from=2020-01-01&to={timezone.localdate()}", f"{HYDRO}statistics/?by=state",
         "/duties/templates/"]  # fmt: skip


def _rows(answer, form):
    content = b"".join(answer.streaming_content)
    if form == "xlsx":
        return [[str(cell or "") for cell in row] for row in load_workbook(io.BytesIO(content)).active.values]
    import csv

    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("address", LISTS)
def test_a_list_asked_for_in_english_leaves_in_english(office, address, form):
    names = set(RegisterObject.objects.values_list("region__name", "department__name").get())
    joint = "&" if "?" in address else "?"
    answer = office.get(f"{address}{joint}export={form}&language=en")
    assert answer.status_code == 200 and answer["Content-Language"] == "en"
    rows = _rows(answer, form)
    assert len(rows) > 1
    left = {cell for row in rows for cell in row if CHINESE.search(cell)}
    assert {cell for cell in left if not any(name in cell or cell in name for name in names)} == set()
    office.get("/registers/?language=zh-hans")
    chinese = _rows(office.get(f"{address}{joint}export={form}"), form)
    assert len(chinese) == len(rows) and any(CHINESE.search(cell) for cell in chinese[0])


@pytest.mark.parametrize("address", ["/api/nothing", "/api/v1/nothing/3", "/api/v1/registers/x/y/z"])
def test_an_address_of_the_api_without_a_route_is_a_problem(client, address):
    answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    told = answer.json()
    assert (told["code"], told["value"]) == ("http.404", address) and told["message_zh"] and told["remedy_zh"]


def test_other_addresses_without_a_route_are_a_page(client):
    answer = client.get("/nothing")
    assert answer.status_code == 404 and answer["Content-Type"].startswith("text/html")
