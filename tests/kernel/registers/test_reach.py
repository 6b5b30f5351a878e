"""What lies outside a person's reach is neither named nor referred to, nor is its proof changed in a closed year."""

from __future__ import annotations

from datetime import date

import pytest

from ecocloud.kernel.journal.refs import resolve
from ecocloud.kernel.registers import object_page, services, workbooks
from ecocloud.kernel.registers.errors import StepRefused, ValuesRefused
from ecocloud.kernel.registers.forms import ObjectForm

pytestmark = pytest.mark.django_db


def test_an_object_of_another_county_is_neither_named_nor_referred_to(place, wells, dig):
    theirs = dig("东密井", department=place.units["east"])
    ref = f"obj:{theirs.pk}"
    form = ObjectForm.of_row(wells, None, asked={"v_twin": ref}, viewer=place.other)
    assert form.given["v_twin"] == ref
    assert "东密井" in ObjectForm.of_row(wells, None, asked={"v_twin": ref}, viewer=place.clerk).given["v_twin"]
    assert workbooks.objects_of("well", theirs.code, place.other) == []
    assert [one.code for one in workbooks.objects_of("well", theirs.code, place.clerk)] == [ref]
    assert "东密井" not in str(resolve(ref, place.other))
    mine = dig("西井", user=place.other, region=place.west, department=place.units["west"])
    with pytest.raises(ValuesRefused) as caught:
        services.edit(place.other, wells, mine.pk, given={"twin": ref})
    assert [fault.field for fault in caught.value.faults] == ["twin"]


def test_a_number_no_database_has_is_a_fault_and_no_crash(place, wells, dig):
    with pytest.raises(ValuesRefused):
        dig("井", twin="obj:99999999999999999999999")


def test_the_history_from_outside_the_reach_is_not_shown(place, wells, dig):
    made = dig("井", owner="旧东主", department=place.units["east"], on=date(2026, 1, 1))
    follows = {place.units["east"].pk: place.units["west"]}
    services.move(place.office, wells, place.east, place.west, departments=follows, note="区划调整")
    shown = object_page.context(place.other, made.pk)
    assert "旧东主" not in "".join(str(entry) for entry in shown["entries"][1:])
    assert object_page.context(place.other, made.pk, date(2026, 3, 1))["missing"]
    assert not object_page.context(place.office, made.pk, date(2026, 3, 1))["missing"]


def test_a_retired_object_takes_no_inspection_and_no_file(place, wells, dig, photo):
    made = dig("井")
    services.retire(place.office, wells, made.pk, reason="填埋")
    with pytest.raises(StepRefused):
        services.attach(place.office, wells, "photo", [(made.pk, photo())])
