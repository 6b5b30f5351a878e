"""A reach from the registers to its capacity. Expected values by the formulas of GB/T 25173-2010 worked out with the
math module, loads by hand."""

from __future__ import annotations

import io
import math
from datetime import date

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from ecocloud.intake.monitoring.results import capacity
from ecocloud.intake.monitoring.stations.models import Device
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.registers.models import RegisterObject, RegisterType
from tests.intake.monitoring.results.conftest import RUNNING, WATER
from tests.intake.monitoring.results.test_recalculating import chinese

pytestmark = pytest.mark.django_db
MARCH = date(2026, 3, 1)
BODIES = {
    "reach": {"water": "青溪", "kind": "main", "from_point": "上桥", "to_point": "下桥", "length": "10"},
    "section": {"river": "青溪", "water": "river"},
    "outfall": {"river": "青溪", "flow": "4320", "nh3n": "5", "cod": "40"},
}


@pytest.fixture
def reach(sites):
    """One reach of 10 km with one section, whose ammonia is 0.4 mg/L in March, and one outfall of 4320 m³/d."""
    made = {}
    for code, body in BODIES.items():
        kind = RegisterType.objects.create(code=code, zh=code, en=code, digest="0" * 64)
        made[code] = RegisterObject.objects.create(
            type=kind, code=f"{code}-1", name=f"{code} one", region=sites.place.east, state="in_use", body=body,
            schema=1, department=sites.place.bureau, valid_from=date(2026, 1, 1),
        )  # fmt: skip
    Device.objects.filter(pk=sites.river.pk).update(object_ref=f"obj:{made['section'].pk}")
    sites.send("river", 0, WATER)
    sites.recalculate(RUNNING)
    vars(sites).update(made)
    return sites


def balance(reach, **tried):
    every = capacity.reaches(reach.place.office)
    return capacity.balance(reach.place.office, reach.reach, every, "nh3n", MARCH, 3, tried)


def test_inputs_say_where_they_come_from_and_what_is_missing(reach):
    found = balance(reach)
    inputs = found.inputs
    assert (inputs["target"].value, inputs["target"].source) == (1.0, "standard")
    assert inputs["coming"].value == 0.4 and inputs["coming"].source.startswith("eval:")
    assert (inputs["length"].value, inputs["length"].source) == (10_000, f"obj:{reach.reach.pk}")
    assert inputs["outlet_flow"].value == pytest.approx(0.05) and inputs["outlet_flow"].source == "outlets"
    assert inputs["flow"].value is None
    assert {one.name: one.lacking for one in found.answers}["capacity.zero"] == ("flow",)
    assert {one.name: one.lacking for one in found.answers}["capacity.one"] == ("flow", "decay", "speed")


def test_capacity_with_inputs_that_are_tried(reach):
    """No dimension: (1 − 0.4)(5 + 0.05) = 3.03 g/s; along 10 km at 0.2 m/s with 0.2 a day."""
    found = balance(reach, flow=5, decay=0.2, speed=0.2)
    grams = {one.name: one.grams for one in found.answers}
    left = math.exp(-0.2 / 86_400 * 10_000 / 0.2)
    assert grams["capacity.zero"] == pytest.approx(3.03)
    assert grams["capacity.one"] == pytest.approx((1 - 0.4 * left) * 5.05)
    assert found.answers[0].tonnes == pytest.approx(3.03 * 31.536)
    assert found.inputs["flow"].source == "tried" and found.facts


def test_loads_of_outlets_and_of_the_section(reach):
    """4320 m³/d of 5 mg/L: 21.6 kg/d, 7.884 t/a; 0.4 mg/L in 5 m³/s through 31 days: 0.4 · 5 · 2678400 g = 5.3568 t."""
    found = balance(reach, flow=5)
    assert found.outlets[0].kilograms == pytest.approx(21.6) and found.load == pytest.approx(7.884)
    assert found.outlets[0].measured is None
    assert float(found.passing[0].tonnes) == pytest.approx(5.3568)
    assert balance(reach).passing[0].tonnes is None


def test_a_lake_has_its_own_models_and_limits(reach):
    """V = 10⁶ m³: (1.0 − 0.4) · 10⁶ g = 0.6 t; in balance 0.002 / 86400 · 10⁶ g/s."""
    RegisterObject.objects.filter(pk=reach.reach.pk).update(body=BODIES["reach"] | {"kind": "reservoir"})
    reach.reach.refresh_from_db()
    found = balance(reach, volume=1e6, decay=0.002)
    assert [one.name for one in found.answers] == ["capacity.lake", "capacity.lake_steady"]
    assert found.answers[0].tonnes == pytest.approx(0.6) and found.answers[0].grams is None
    assert found.answers[1].grams == pytest.approx(0.002 / 86_400 * 1e6)


def test_edges_of_inputs(reach):
    """A velocity of zero is no velocity; water above the target leaves a negative capacity."""
    assert (
        "speed" in {one.name: one.lacking for one in balance(reach, flow=5, decay=0.1, speed=0).answers}["capacity.one"]
    )
    assert balance(reach, flow=5, coming=2.0).answers[0].grams == pytest.approx(-5.05)
    assert balance(reach, flow=0).passing[0].tonnes == 0


@pytest.fixture
def client(reach, settings):
    client = Client()
    client.force_login(reach.place.office, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def page(client, **more):
    return client.get(reverse("monitoring:capacity"), more)


def test_the_page_tries_without_saving_and_leaves_as_a_file(reach, client):
    before = RegisterObject.objects.values_list("body", flat=True).order_by("pk")
    kept = list(before)
    shown = page(client, item="nh3n", at="2026-03", flow="5", decay="0.2", speed="0.2").content.decode()
    assert "3.03" in shown and "21.60" in shown and "没有数据" in shown and "试算" in shown and "5.3568" in shown
    assert "请填写不小于 0 的数" in page(client, item="nh3n", flow="-1").content.decode()
    assert list(before.all()) == kept
    file = page(client, item="nh3n", at="2026-03", flow="5", export="xlsx", language="zh-hans")
    data = b"".join(file.streaming_content)
    rows = list(openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows(values_only=True))
    assert any("eval:" in str(row[4]) for row in rows) and "3.03" in {str(row[2]) for row in rows}
    assert Entry.objects.filter(action__contains="export").exists()
    english = chinese(page(client, item="nh3n", at="2026-03", language="en").content.decode())
    assert english == []


def test_without_registers_the_page_says_what_to_do(sites, settings):
    client = Client()
    client.force_login(sites.place.office, backend=settings.AUTHENTICATION_BACKENDS[-1])
    assert "没有河段名录" in page(client).content.decode()
