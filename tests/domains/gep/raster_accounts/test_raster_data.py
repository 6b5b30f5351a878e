"""A result put into the forms: which form gets what, what stands there now, what may not be overwritten, who may."""

from decimal import Decimal

import pytest

from ecocloud.base.errors import Forbidden
from ecocloud.domains.gep.errors import GepError, OwnWork, Stale, WrongState
from ecocloud.domains.gep.models import Datum, Form
from ecocloud.domains.gep.services import raster_data, rasters, reporting, runs
from ecocloud.domains.gep.services.reporting import Entered
from ecocloud.kernel.journal.refs import resolve
from tests.domains.gep.raster_accounts.conftest import GONE, RAIN, zones

pytestmark = pytest.mark.django_db


def values(proposal, code, region):
    group = next(one for one in proposal.forms if (one.form.code, one.form.region_id) == (code, region))
    return {(one.code, one.part): one.value for one in group.values}, group


def form(accounting, code, region):
    return Form.objects.get(accounting=accounting, code=code, region=region, year=2023)


def test_each_form_gets_what_its_region_gives(place, accounting, computed):
    """Areas of the townships into their own forms; rain is asked of the county alone: the mean of all cells of both."""
    proposal = raster_data.propose(place.office, computed)
    upper, _group = values(proposal, "GEP101", "360802101")
    lower, _group = values(proposal, "GEP101", "360802102")
    # A cell is 1 hm², 0.01 km²: 10 x 10 and 8 x 10 cells of forest (11) and of paddy (51).
    assert upper == {("area", "11"): 1, ("area", "51"): 1}
    assert lower == {("area", "11"): Decimal("0.8"), ("area", "51"): Decimal("0.8")}
    county, _group = values(proposal, "GEP102", "360802")
    assert county == {("rain", "11"): Decimal(str(RAIN)).normalize(), ("rain", "51"): 1600,
                      ("evapotranspiration", "11"): GONE, ("evapotranspiration", "51"): GONE}  # fmt: skip
    assert {one.form.region_id for one in proposal.forms if one.form.code == "GEP102"} == {"360802"}
    assert proposal.strays == ("别处",) and proposal.absent == ()
    assert not any(one.form.code == "GEP101" and one.form.region_id == "360802" for one in proposal.forms)


def test_values_are_written_with_the_account_as_their_source(place, accounting, computed):
    written = raster_data.put(place.office, computed, token=raster_data.propose(place.office, computed).token)
    assert written == 8
    one = Datum.objects.get(form=form(accounting, "GEP101", "360802101"), code="area", part="11")
    assert (one.value, one.source) == (1, f"gepraster:{computed.pk}#area@{computed.digest[:16]}")
    opened = resolve(one.source, place.office)
    assert opened.allowed and opened.url
    assert not resolve(one.source, place.stranger).allowed
    with pytest.raises(GepError, match="nothing to write"):
        raster_data.put(place.office, computed)


def test_who_puts_it_in_does_not_check_it(place, accounting, computed):
    raster_data.put(place.office, computed)
    row = form(accounting, "GEP101", "360802101")
    reporting.submit(place.office, row, note="只有面积")
    with pytest.raises(OwnWork):
        reporting.step(place.office, row, "check")
    assert reporting.step(place.second, row, "check").state == "checked"


def lead(place, row, until):
    reporting.submit(place.office, row, note="试验")
    for action in ("check", "approve", "lock")[:until]:
        reporting.step(place.second, row, action)


@pytest.mark.parametrize(("until", "why"), [(0, "sent"), (1, "sent"), (2, "approved"), (3, "locked")])
def test_what_was_sent_approved_or_locked_is_not_overwritten(place, accounting, computed, fill, until, why):
    row = fill("GEP101", place.upper, {"area__11": 7})
    lead(place, row, until)
    proposal = raster_data.propose(place.office, computed)
    _values, group = values(proposal, "GEP101", "360802101")
    assert group.why == why and {one.part: one.before for one in group.values} == {"11": 7, "51": None}
    raster_data.put(place.office, computed)
    assert list(row.data.values_list("part", "value")) == [("11", 7)]
    assert form(accounting, "GEP101", "360802102").data.count() == 2  # the other township's form took its values


def test_what_is_not_plausible_is_told_and_explained(place, accounting, computed, fill):
    """forms.yaml: the area of an ecosystem may change by a tenth on the year before without a word."""
    last = Form.objects.get(accounting=accounting, code="GEP101", region=place.upper, year=2023)
    later = rasters.copy(place.office, computed, "2024年")
    type(later).objects.filter(pk=later.pk).update(year=2024, state="done", digest=computed.digest)
    later.refresh_from_db()
    reporting.save(place.office, last, [Entered("area", "11", "5")])
    later.folder.mkdir(parents=True)
    (later.folder / "result").symlink_to(computed.folder / "result")
    proposal = raster_data.propose(place.office, later)
    _values, group = values(proposal, "GEP101", "360802101")
    found = {one.part: [each.kind for each in one.findings] for one in group.values}
    assert found == {"11": ["jump"], "51": []}
    raster_data.put(place.office, later, note="分类更细")
    rows = Datum.objects.filter(form__year=2024, form__region="360802101", code="area").order_by("part")
    assert list(rows.values_list("part", "note")) == [("11", "分类更细"), ("51", "")]


def test_what_else_stands_in_the_form_is_named(place, accounting, computed, fill):
    fill("GEP101", place.upper, {"area__12": 3, "area__11": 7, "coast_length": 0})
    _values, group = values(raster_data.propose(place.office, computed), "GEP101", "360802101")
    assert [(one.code, one.part, one.value) for one in group.beside] == [("area", "12", 3)]


def test_forms_that_changed_meanwhile_are_not_written(place, accounting, computed, fill):
    token = raster_data.propose(place.office, computed).token
    fill("GEP101", place.upper, {"area__11": 7})
    with pytest.raises(Stale):
        raster_data.put(place.office, computed, token=token)


def test_a_form_that_changes_between_look_and_lock_is_not_overwritten(place, computed, fill, monkeypatch):
    """On a database with many writers another can save after the token is compared, before the form is locked."""
    look = raster_data.propose

    def slowly(*given):
        proposal = look(*given)
        fill("GEP101", place.upper, {"area__11": 7})
        return proposal

    token = look(place.office, computed).token
    monkeypatch.setattr(raster_data, "propose", slowly)
    with pytest.raises(Stale):
        raster_data.put(place.office, computed, token=token)


def test_of_forms_that_a_person_does_not_see_nothing_is_told(place, accounting, computed, fill):
    """Natural resources of the county does not see what the weather service is filling in, nor of the year before."""
    row = fill("GEP102", place.county, {"rain__11": 900, "rain__12": 5})
    _values, group = values(raster_data.propose(place.office, computed), "GEP102", "360802")
    assert group.seen and {one.before for one in group.values} == {900, None} and len(group.beside) == 1
    lead(place, row, 0)
    _values, group = values(raster_data.propose(place.land, computed), "GEP102", "360802")
    assert not group.seen and group.why == "foreign" and group.beside == () and group.values
    assert all(one.before is None and one.kept is None and one.findings == () for one in group.values)


def test_a_value_of_a_part_of_the_region_is_told_and_explained(place, accounting, partial):
    """Land cover of 120 of 200 cells of the upper township, 160 of 160 of the lower; four of the upper have no rain."""
    proposal = raster_data.propose(place.office, partial)
    known = {(one.code, each.code): each.known for group in proposal.forms for one in [group.form]
             for each in group.values if one.region_id != "360802102"}  # fmt: skip
    assert known["GEP101", "area"] == Decimal("0.6")
    assert round(known["GEP102", "rain"], 6) == round(Decimal(276) / 360, 6)
    lower = next(one for one in proposal.forms if one.form.region_id == "360802102")
    assert {(one.known, one.partial) for one in lower.values} == {(1, False)}
    with pytest.raises(GepError, match="of the area"):
        raster_data.put(place.office, partial, note="  ")
    assert not Datum.objects.exists()
    raster_data.put(place.office, partial, note="云下")
    notes = dict(Datum.objects.values_list("form__region", "note").filter(part="11", form__code="GEP101"))
    assert notes == {"360802101": "有数据的面积 60.00 %；云下", "360802102": ""}


def test_a_small_gap_is_told_but_needs_no_word(place, computed):
    """Four of 360 cells without rain: 98.9 %, more than forms.yaml asks a word for."""
    _values, group = values(raster_data.propose(place.office, computed), "GEP102", "360802")
    assert {(raster_data.percent(one.known), one.partial) for one in group.values} == {(Decimal("98.88"), False)}


def test_a_unit_writes_its_own_forms_only(place, accounting, computed):
    proposal = raster_data.propose(place.land, computed)  # natural resources of the county: GEP101
    why = {one.form.code: one.why for one in proposal.forms}
    assert why == {"GEP101": "", "GEP102": "foreign"}
    assert raster_data.put(place.land, computed) == 4
    with pytest.raises(Forbidden):
        raster_data.put(place.reader, computed)


def test_a_county_with_a_township_missing_is_given_nothing_as_a_whole(place, accounting, files, work):
    layers = {**files.layers, "watersheds": files("one.geojson", zones(("上游镇", "某地", "别处")))}
    row = rasters.open_raster(place.office, accounting, 2023, "只有一镇", layers)
    rasters.start(place.office, row)
    work()
    row.refresh_from_db()
    proposal = raster_data.propose(place.office, row)
    assert [one.form.region_id for one in proposal.forms] == ["360802101"]  # by its name
    assert proposal.strays == ("某地", "别处") and [one.code for one in proposal.absent] == ["360802102"]


def test_before_it_is_done_there_is_nothing_to_put(place, raster):
    with pytest.raises(WrongState):
        raster_data.propose(place.office, raster)


def test_a_run_takes_the_values(place, accounting, computed):
    raster_data.put(place.office, computed)
    made = runs.make_run(place.office, accounting)
    inputs = made.accounts.get(region="360802101", year=2023).inputs
    assert ["area", "11", "1"] in [one[:3] for one in inputs]
