"""The tile of the cockpit: figures of the confirmed account alone, gaps said as gaps, few and as many questions."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ecocloud.domains.gep import queries
from ecocloud.domains.gep.models import Accounting, RunAccount
from ecocloud.domains.gep.results import cockpit, reading, tables
from ecocloud.domains.gep.services import reviewing, runs
from tests.domains.gep.results.county import SPEECH
from tests.domains.gep.results.test_pages import left_in_chinese

pytestmark = pytest.mark.django_db
ALL = 2026


@pytest.fixture
def confirmed(place, accounting, approved, fill):
    """A run of two years, prices of 2022 as base, confirmed by another person."""
    Accounting.objects.filter(pk=accounting.pk).update(base_year=2022)
    accounting.refresh_from_db()
    for year in (2023, 2024):
        approved(year)
    return reviewing.confirm(place.second, runs.make_run(place.office, accounting))


def test_figures_are_those_of_the_confirmed_account(place, confirmed):
    shown = cockpit.tile(place.office, place.county, ALL)
    first, outcome = shown["first"], reading.outcome_of(confirmed, 2024, 2022)
    assert first["year"] == 2024 and first["total"] * 10_000 == queries.totals(confirmed)[2024]
    assert first["ratio"] == (outcome.total / 50_000).quantize(first["ratio"])
    assert first["change"] == tables.years(outcome, SPEECH).rows[-1].cells[3] == 0  # both years are filled in alike
    assert (first["before"], first["base_year"]) == (2023, 2022) and first["open"] > 0
    assert shown["below"] == [] and f"results/{confirmed.pk}/?year=2024" in first["url"]
    assert cockpit.tile(place.office, place.county, 2023)["first"]["year"] == 2023


def test_a_gap_is_said_and_never_zero(place, accounting, confirmed, client, at):
    assert cockpit.tile(place.office, place.other, ALL)["first"] is None
    assert cockpit.tile(place.office, place.county, 2022)["first"] is None  # not accounted then
    shown = cockpit.tile(place.office, place.county, 2023)["first"]
    assert shown["change"] is None and shown["before"] == 0  # no year before
    Accounting.objects.update(base_year=0)
    assert cockpit.tile(place.office, place.county, ALL)["first"]["change"] is None  # no prices of a base year
    for row in RunAccount.objects.all():
        row.inputs = [one for one in row.inputs if one[0] != "gdp"]
        row.save(update_fields=["inputs"])
    assert cockpit.tile(place.office, place.county, ALL)["first"]["ratio"] is None
    html = at(place.office).get("/cockpit/?view=topics&region=360802").content.decode()
    assert "没有填报GDP" in html and "没有基年价格" in html and "未核算事项" in html


def test_of_a_region_without_its_own_account_those_in_it_are_named(place, confirmed):
    shown = cockpit.tile(place.office, place.city, ALL)
    assert shown["first"] is None and [one["name"] for one in shown["below"]] == [place.county.name]
    assert shown["below"][0]["total"] * 10_000 == queries.totals(confirmed)[2024]


def test_a_trial_and_what_is_out_of_reach_are_not_shown(place, accounting, approved):
    approved(2023)
    run = runs.make_run(place.office, accounting)
    assert cockpit.tile(place.office, place.county, ALL)["first"] is None
    reviewing.confirm(place.second, run)
    assert cockpit.tile(place.office, place.county, ALL)["first"]["year"] == 2023
    assert cockpit.tile(place.stranger, place.county, ALL)["first"] is None


def test_it_asks_few_questions_however_much_there_is(place, confirmed):
    with CaptureQueriesContext(connection) as seen:
        cockpit.tile(place.office, place.county, ALL)
    assert len(seen) <= 12, [one["sql"] for one in seen.captured_queries]


def test_it_is_there_in_english_too(place, confirmed, at):
    client = at(place.office)
    page = client.get("/cockpit/?view=topics&region=360802&language=en").content.decode()
    start = page.index('data-tile="gep.account"')
    assert left_in_chinese(f"<main {page[start : page.index('</section>', start)]}<footer") == set()
