"""Runs kept in the database: lines with what they came from, totals and parts, rerun, confirmation."""

from decimal import Decimal as D

import pytest

from ecocloud.base.errors import Forbidden
from ecocloud.domains.gep import queries, snapshot
from ecocloud.domains.gep.errors import GepError, OwnWork
from ecocloud.domains.gep.models import RunAccount, RunLine
from ecocloud.domains.gep.services import accountings, reporting, reviewing, runs
from ecocloud.kernel.evidence.models import Observation
from ecocloud.kernel.journal.refs import resolve

pytestmark = pytest.mark.django_db


def price(place, accounting, value="8", year=2022):
    accountings.set_price(place.office, accounting, kind="reservoir", value=value, year=year, source="县水利局概算")


def test_water_of_two_townships_by_hand(place, accounting, filled):
    """The same numbers as the pure test: 7 256 000 m³ at 7.06 = 5122.74, 1 455 360 m³ = 1027.48 万元."""
    filled()
    run = runs.make_run(place.office, accounting)
    lines = {(one.account.region_id, one.item, one.part): one for one in
             RunLine.objects.filter(account__run=run, account__year=2023).select_related("account")}  # fmt: skip
    upper, lower = lines["360802101", "retained", "11"], lines["360802102", "retained", "12"]
    assert (upper.amount, upper.value) == (D(7_256_000), D("5122.74"))
    assert (lower.amount, lower.value) == (D(1_455_360), D("1027.48"))
    used = {one["code"]: one for one in upper.used}
    assert used["reservoir"]["value"] == "7.06" and used["rain"]["value"] == "1600"
    # What a line was computed from opens down to the form it stands in.
    assert resolve(used["area"]["source"], place.office).title == "GEP101 上游镇 2023"
    assert lines["360802", "tourism", ""].value == D("345.67")


def test_the_total_is_the_sum_of_its_parts(place, accounting, filled):
    filled()
    run = runs.make_run(place.office, accounting)
    rows = queries.accounts_of(run, 2023)
    made = queries.accounts(rows)
    assert [(row.region_id, row.whole) for row in rows] == [
        ("360802", True), ("360802101", False), ("360802102", False)]  # fmt: skip
    for row in rows:
        assert row.total == made[row.pk].total == sum(line.value for line in row.lines.all())
    assert queries.totals(run)[2023] == sum(row.total for row in rows) > 0
    # Crops were given by the townships only, tourism by the county only: each once.
    items = [line.item for one in made.values() for line in one.lines]
    assert items.count("crops") == 2 and items.count("tourism") == 1


def test_a_figure_of_the_whole_beside_its_parts_is_a_check_and_no_input(place, accounting, fill, filled):
    filled()
    before = queries.totals(runs.make_run(place.office, accounting))
    fill("GEP106", place.county, {"crops_value": 999})
    assert queries.totals(runs.make_run(place.office, accounting)) == before


def test_gaps_are_told_once_where_they_lie(place, accounting, filled):
    filled()
    run = runs.make_run(place.office, accounting)
    told = [(gap.account.region_id, gap.item, gap.part, gap.code) for row in queries.accounts_of(run, 2023)
            for gap in row.gaps.select_related("account")]  # fmt: skip
    assert len(told) == len(set(told))
    assert ("360802", "so2", "", "emission_so2") in told and ("360802101", "so2", "", "emission_so2") not in told
    # The lower township has a forest without net production: its own gap.
    assert [one for one in told if one[1] == "co2"] == [("360802102", "co2", "", "nep")]
    assert not [one for one in told if one[1] == "tourism"]


def test_rerun_to_the_last_digit_whatever_changes_meanwhile(place, accounting, filled, fill):
    filled()
    price(place, accounting)
    run = runs.make_run(place.office, accounting)
    fill("GEP102", place.county, {"rain": 1700})
    price(place, accounting, "9", 2023)
    again = runs.rerun(run)
    assert again.same and again.same_code and not again.differing and not again.spoiled
    assert set(runs.outdated(run)) >= {"360802101 2023 年数据", "价格"}
    newer = runs.make_run(place.office, accounting)
    assert newer.digest != run.digest and newer.number == 2 and runs.rerun(newer).same
    assert runs.rerun(run).same


@pytest.mark.parametrize(
    "value", ["0.1234567890123456789012345", "1E+3", "123456789.987654321", "0.00000000000001", "-7"]
)
def test_every_digit_comes_back(place, accounting, fill, value):
    """25 digits of a value, an exponent, what is below zero: kept as text, so that nothing is rounded on the way."""
    fill("GEP104", place.upper, {"nep__11": value})
    run = runs.make_run(place.office, accounting)
    line = RunLine.objects.get(account__run=run, account__year=2023, item="co2")
    assert {D(one["value"]) for one in line.used if one["code"] == "nep"} == {D(value)}
    assert line.amount == D(value) * 44 / 12 and runs.rerun(run).same


def test_a_run_does_not_change_with_newer_published_coefficients(place, accounting, filled, monkeypatch):
    filled()
    run = runs.make_run(place.office, accounting)
    known = runs.facts.load()
    one = known.parameters["runoff"]
    newer = one.model_copy(update={"values": tuple(v.model_copy(update={"value": D(50)}) for v in one.values)})
    changed = known.model_copy(update={"parameters": known.parameters | {"runoff": newer}})
    monkeypatch.setattr(runs.facts, "load", lambda: changed)
    assert runs.rerun(run).same and "公开参数" in runs.outdated(run)


def test_what_was_tampered_with_is_named(place, accounting, filled):
    filled()
    run = runs.make_run(place.office, accounting)
    row = RunAccount.objects.get(run=run, region=place.upper, year=2023)
    for one in row.inputs:
        if one[0] == "rain":
            one[2] = "1601"
    row.save()
    again = runs.rerun(run)
    assert not again.same and again.spoiled == (("360802101", 2023),)
    told = [(one.region, one.item, one.part) for one in again.differing]
    assert told == [("360802101", "retained", "11"), ("360802101", "retained", "41")]


def test_a_changed_line_is_named(place, accounting, filled):
    filled()
    run = runs.make_run(place.office, accounting)
    RunLine.objects.filter(account__run=run, item="crops", account__region=place.lower).update(value=D("60.01"))
    again = runs.rerun(run)
    assert not again.same and [(one.item, one.now.split("，")[1]) for one in again.differing] == [
        ("crops", "60.00 万元")
    ]


def test_another_code_version_is_told(place, accounting, filled, monkeypatch):
    filled()
    run = runs.make_run(place.office, accounting)
    monkeypatch.setattr(snapshot, "code_version", lambda: "9.9.9+x")
    again = runs.rerun(run)
    assert again.same and not again.same_code


@pytest.mark.parametrize(("year", "source"), [("", "出处"), (None, "出处"), ("二三", "出处"), (2023, " ")])
def test_a_price_without_year_or_source_is_refused(place, accounting, year, source):
    with pytest.raises(GepError):
        accountings.set_price(place.office, accounting, kind="reservoir", value="8", year=year, source=source)
    with pytest.raises(GepError):
        accountings.set_parameter(place.office, accounting, code="runoff", value="8", year=year, source=source)


def test_own_coefficients_and_prices_go_before_the_published(place, accounting, filled):
    filled()
    price(place, accounting)
    accountings.set_parameter(place.office, accounting, code="runoff", part="11", value="10", year=2022, source="实测")
    run = runs.make_run(place.office, accounting)
    line = RunLine.objects.get(account__run=run, account__year=2023, item="retained", part="11")
    assert line.amount == D(6_400_000) and line.value == D(5120)  # 10⁷ × (1600 × 0.9 − 800) mm, at 8
    assert {one["code"]: one["source"] for one in line.used}["runoff"] == "实测（2022年）"


def test_nothing_filled_in_runs_nothing(place, accounting):
    with pytest.raises(GepError, match="holds no values"):
        runs.make_run(place.office, accounting)
    with pytest.raises(Forbidden):
        runs.make_run(place.land, accounting)


def test_figures_of_a_confirmed_run_lead_back_to_it(place, accounting, approved):
    approved()
    run = runs.make_run(place.office, accounting)
    assert run.unapproved == 0
    with pytest.raises(OwnWork):
        reviewing.confirm(place.office, run)
    reviewing.confirm(place.second, run)
    total = queries.totals(run)[2023]
    found = {(row.region_id, row.indicator.code): row for row in
             Observation.objects.filter(period="2023").select_related("indicator")}  # fmt: skip
    assert found["360802", "FIN.GEP.TOTAL"].value == total / 10000
    assert found["360802", "FIN.GEP.GDP"].value == (total / 50000).quantize(D("0.01"))
    assert found["360802", "FIN.GEP.PROVISION"].value == D("0.0314")
    shares = ("FIN.GEP.PROVISION", "FIN.GEP.REGULATE", "FIN.GEP.CULTURE")
    assert sum(found["360802", code].value for code in shares) == found["360802", "FIN.GEP.TOTAL"].value
    assert all(row.status == "confirmed" and row.entered_by == place.office for row in found.values())
    assert found["360802101", "FIN.GEP.TOTAL"].source == f"gep:{run.pk}#360802101-2023"
    assert resolve(found["360802", "FIN.GEP.TOTAL"].source, place.reader).allowed
    assert {form.state for form in accounting.forms.filter(year=2023, data__isnull=False)} == {"locked"}


def test_a_run_is_confirmed_with_approved_data_only(place, accounting, filled):
    filled()
    run = runs.make_run(place.office, accounting)
    assert run.unapproved > 0
    with pytest.raises(GepError, match="values not approved"):
        reviewing.confirm(place.second, run)


def test_another_run_takes_its_place_with_a_reason_only(place, accounting, approved):
    approved()
    first = runs.make_run(place.office, accounting)
    reviewing.confirm(place.second, first)
    price(place, accounting)
    second = runs.make_run(place.office, accounting)
    with pytest.raises(GepError, match="confirmed results stand"):
        reviewing.confirm(place.second, second)
    assert not RunAccount.objects.filter(run=second, standing=True).exists()
    reviewing.confirm(place.second, second, reason="采用本地造价")
    first.refresh_from_db()
    assert first.state == "superseded" and second.accounts.filter(standing=True).count() == 6
    assert set(first.accounts.values_list("superseded_by", flat=True)) == {second.pk}
    row = Observation.objects.get(
        indicator__code="FIN.GEP.TOTAL", region=place.county, period="2023", status="confirmed"
    )
    assert row.version == 2 and row.reason == "采用本地造价" and row.source.startswith(f"gep:{second.pk}#")


def test_comments_are_answered_before_a_run_is_confirmed(place, accounting, approved):
    approved()
    run = runs.make_run(place.office, accounting)
    line = RunLine.objects.filter(account__run=run).first()
    said = reviewing.comment(place.reader, run, "径流系数偏小", line=line.pk)
    assert said.service == line.service
    with pytest.raises(GepError, match="open comments"):
        reviewing.confirm(place.second, run)
    with pytest.raises(GepError, match="without a reply"):
        reviewing.resolve(place.second, said)
    reviewing.comment(place.office, run, "采用省内文献值", parent=said.pk)
    reviewing.resolve(place.second, said)
    assert reviewing.confirm(place.second, run).state == "confirmed"


def test_what_changed_after_a_run_stops_its_confirmation(place, accounting, approved):
    forms = approved()
    run = runs.make_run(place.office, accounting)
    datum = forms[2].data.first()
    reporting.step(place.second, forms[2], "lock")
    change = reporting.propose_correction(place.office, datum, value="1650", reason="漏加一站")
    reporting.decide_correction(place.second, change, accept=True)
    with pytest.raises(GepError, match="changed since"):
        reviewing.confirm(place.second, run)
    assert runs.rerun(run).same


def test_runs_are_seen_by_whom_their_accounting_concerns(place, accounting, filled):
    filled()
    run = runs.make_run(place.office, accounting)
    assert run in queries.runs(place.land) and run in queries.runs(place.reader)
    assert run not in queries.runs(place.stranger)
    with pytest.raises(GepError):
        reviewing.comment(place.stranger, run, "看看")
