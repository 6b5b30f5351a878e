"""The reporting system: forms as data, who owes what, the life of a form, checks, corrections."""

from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as drawn
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ecocloud.base.errors import EcoError, Forbidden
from ecocloud.domains.gep import access, checking, editions, facts, formreading, formset, steps
from ecocloud.domains.gep.asking import Given
from ecocloud.domains.gep.errors import GepError, OwnWork, Stale, WrongState
from ecocloud.domains.gep.gathering import Control, controls, gather
from ecocloud.domains.gep.models import Correction, Datum, Form
from ecocloud.domains.gep.services import accountings, reporting, telling
from ecocloud.domains.gep.services.reporting import Entered
from ecocloud.kernel.duties.models import Notice
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.regions.facts import functions_file

FACTS = facts.load()
EDITION = FACTS.editions["ndrc-481-2022"]
ASKED = formset.asked(FACTS, EDITION, editions.choices(FACTS, EDITION))


# Forms as data


def test_every_datum_stands_in_one_form_of_a_function_that_exists():
    known = {one.code for one in functions_file().functions}
    assert {form.function for form in formset.forms().values()} <= known
    data = [code for form in formset.forms().values() for code in form.data]
    assert sorted(data) == sorted({**FACTS.inputs, **FACTS.statistics})


def test_an_edition_asks_only_for_what_its_methods_use():
    gap = FACTS.editions["gbt-46869-2025"]
    asked = formset.asked(FACTS, gap, editions.choices(FACTS, gap))
    assert set(asked) == {"GEP106"}  # farm products are the only formula seen; statistics are always asked for
    assert "sand_kept" in {one.code for one in ASKED["GEP104"].data} and "sand_kept" not in ASKED["GEP104"].needed


# Checks


def found(code, values, **more):
    return [(one.kind, one.datum, one.part, one.hard) for one in checking.check(FACTS, ASKED[code], values, **more)]


@pytest.mark.parametrize(
    ("value", "flagged"),
    [(D(1600), False), (D(300), False), (D(3500), False), (D("299.9"), True), (D("3500.1"), True), (D(0), True),
     (D(-5), True), (D(1600) * 1000, True), (D(1600) / 1000, True)],
)  # fmt: skip
def test_rain_outside_of_the_plausible_range_is_flagged(value, flagged):
    """300 to 3500 mm a year; metres or micrometres for millimetres are wrong by 1000."""
    assert (("range", "rain", "", False) in found("GEP102", {("rain", ""): value})) is flagged


def test_a_thousandfold_of_last_year_is_flagged_where_no_range_is_known():
    values, last = {("nep", "11"): D(3_000_000)}, {("nep", "11"): D(3000)}
    assert ("jump", "nep", "11", False) in found("GEP104", values, last=last)
    assert not [
        one for one in found("GEP104", {("nep", "11"): D(4500)}, last=last) if one[0] == "jump"
    ]  # equal to 50 %


def test_a_class_and_one_inside_it_and_parts_that_fit_nothing_have_to_be_put_right():
    nested = found("GEP101", {("area", "1"): D(10), ("area", "11"): D(4)})
    assert ("nested", "area", "1", True) in nested
    assert ("part", "area", "", True) in found("GEP101", {("area", ""): D(10)})
    assert ("part", "area", "99", True) in found("GEP101", {("area", "99"): D(10)})
    assert ("part", "rain", "", True) not in found("GEP102", {("rain", ""): D(1600)})
    assert ("part", "lake_area", "", True) in found("GEP103", {("lake_area", ""): D(1)})


def test_products_from_outside_are_no_more_than_the_products():
    chosen = editions.choices(FACTS, EDITION, {"farm_products": ("products.local",)})
    asked = formset.asked(FACTS, EDITION, chosen)["GEP106"]
    values = {("crops_value", ""): D(100), ("crops_outside", ""): D(101)}
    assert [one.kind for one in checking.check(FACTS, asked, values) if one.hard] == ["whole"]
    values["crops_outside", ""] = D(100)
    assert not [one for one in checking.check(FACTS, asked, values) if one.hard]


def test_parts_that_do_not_sum_to_the_whole_are_flagged_beyond_the_tolerance():
    def kinds(parts):
        return [one[0] for one in found("GEP101", {("area", "11"): D(1000)},
                                        controls=[Control("area", "11", D(1000), D(parts))])]  # fmt: skip

    assert "sum" not in kinds(1000) and "sum" not in kinds(1001) and "sum" in kinds("1001.1")


def test_amounts_are_counted_once_and_rates_serve_every_part():
    whole = [Given("area", "11", D(12)), Given("rain", "", D(1600)), Given("tourism_revenue", "", D(5))]
    parts = {"a": [Given("area", "11", D(10)), Given("rain", "", D(1700))], "b": [Given("area", "11", D(1))]}
    made = gather(FACTS, whole, parts)
    assert {one.datum for one in made[""]} == {"rain", "tourism_revenue"}
    assert {(one.datum, one.value) for one in made["a"]} == {("area", D(10)), ("rain", D(1700))}
    assert {(one.datum, one.value) for one in made["b"]} == {("area", D(1)), ("rain", D(1600))}
    (control,) = controls(FACTS, whole, parts)
    assert (control.whole, control.parts, control.off) == (D(12), D(11), True)


AMOUNTS, RATES = ("area", "nep"), ("rain", "hot_days", "erodibility")
VALUES = st.dictionaries(st.sampled_from(AMOUNTS + RATES), st.integers(0, 9), max_size=5)


def _given(values):
    """Amounts of broadleaf forest, rates of the region."""
    return [Given(code, "11" if code in AMOUNTS else "", D(value)) for code, value in values.items()]


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@drawn(whole=VALUES, parts=st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3))
def test_whatever_is_given_amounts_count_once_and_rates_are_everywhere(whole, parts):
    made = gather(FACTS, _given(whole), {code: _given(values) for code, values in parts.items()})
    for code in AMOUNTS:
        of_parts = [values[code] for values in parts.values() if code in values]
        counted = [one.value for rows in made.values() for one in rows if one.datum == code]
        assert sum(counted) == (sum(of_parts) if of_parts else whole.get(code, 0))
    for code in RATES:
        for part, values in parts.items():
            seen = [one.value for one in made[part] if one.datum == code]
            assert seen == [values[code] if code in values else whole[code]] if {code} & {*values, *whole} else not seen


# Who owes what


def test_each_form_has_one_owner_and_deadline(place, accounting):
    owners = {(form.code, form.region_id): form.department.name for form in accounting.forms.filter(year=2023)}
    assert owners["GEP101", "360802101"] == "青山县自然资源局" and owners["GEP102", "360802"] == "试验市气象局"
    assert owners["GEP107", "360802"] == "试验市生态文明办"  # nobody answers for energy: the office itself
    assert set(accounting.forms.values_list("deadline", flat=True)) == {date(2027, 3, 31)}
    assert Entry.objects.filter(action="gep.accounting.open").count() == 1


@pytest.mark.parametrize(
    "more", [{"years": (2024, 2023)}, {"years": (2000, 2023)}, {"years": (2023, 2199)}, {"edition": "hj-1173-2021"},
             {"edition": "none"}, {"title": " "}, {"methods": {"water_retention": ["soil.rusle"]}}, {"base_year": 20}],
)  # fmt: skip
def test_what_cannot_be_accounted_is_not_opened(place, more):
    given = {"title": "核算", "region": place.county, "years": (2023, 2023), "deadline": date(2027, 1, 1)} | more
    with pytest.raises(GepError):
        accountings.open_accounting(place.office, **given)
    assert not Form.objects.exists()


def test_parts_lie_inside_and_apart(place):
    given = {"title": "核算", "region": place.city, "years": (2023, 2023), "deadline": date(2027, 1, 1)}
    for parts in ([place.province], [place.city], [place.county, place.upper]):
        with pytest.raises(GepError):
            accountings.open_accounting(place.office, parts=parts, **given)
    with pytest.raises(Forbidden):
        accountings.open_accounting(place.land, **given)


def told(unit):
    return [row.title for row in Notice.objects.filter(department=unit, kind="gep").order_by("pk")]


def test_units_are_told_what_they_owe_once_each(place, accounting, fill):
    unit = place.units["water"]
    assert told(unit) == ["青山县生态产品总值核算：请填报 2 张报表"]
    assert telling.remind_on(date(2027, 3, 27)) == 0
    form = fill("GEP103", place.county, {"water_domestic": 100}, by=place.water)
    reporting.submit(place.water, form, note="其余没有")
    assert telling.remind_on(date(2027, 3, 28)) > 0 and telling.remind_on(date(2027, 3, 31)) == 0
    assert told(unit)[1:] == ["青山县生态产品总值核算：1 张报表即将到期"]
    assert telling.remind_on(date(2027, 4, 1)) > 0 and telling.remind_on(date(2027, 5, 1)) == 0
    assert told(unit)[2:] == ["青山县生态产品总值核算：1 张报表已逾期"]
    reporting.step(place.office, form, "return", note="少一座水库")
    assert "报表已退回" in told(unit)[3]
    accountings.close(place.office, accounting)
    assert telling.remind_on(date(2027, 6, 1)) == 0


# Filling in


def test_values_are_converted_and_keep_what_was_given(place, accounting):
    form = accounting.forms.get(code="GEP101", region=place.upper, year=2023)
    reporting.save(
        place.land, form, [Entered("area", "阔叶林", "15000", "亩"), Entered("erodibility", "全部", "0.0042137")]
    )
    area = form.data.get(code="area")
    assert (area.part, area.value, area.given) == ("11", D(10), "15000 亩")
    assert form.data.get(code="erodibility").value == D("0.0042137")
    with pytest.raises(GepError, match="平方公里|not"):
        reporting.save(place.land, form, [Entered("area", "12", "5", "吨")])
    reporting.save(place.land, form, [Entered("area", "11 阔叶林", "")])
    assert not form.data.filter(code="area").exists()


@pytest.mark.parametrize("bad", ["一百", "1,2", "12 3 x", "NaN", "1/2", "9" * 40])
def test_what_is_no_number_is_named(place, accounting, bad):
    form = accounting.forms.get(code="GEP102", region=place.county, year=2023)
    with pytest.raises(GepError) as refused:
        reporting.save(place.office, form, [Entered("evapotranspiration", "", "800"), Entered("rain", "", bad)])
    assert refused.value.where["数据项"] == "年降水量" and refused.value.value is not None
    assert not Datum.objects.exists(), "all of it or none"


def test_a_form_with_what_cannot_be_is_not_sent_until_put_right_or_explained(place, accounting):
    form = accounting.forms.get(code="GEP102", region=place.county, year=2023)
    reporting.save(place.office, form, [Entered("rain", "", "1600000"), Entered("evapotranspiration", "", "800")])
    with pytest.raises(GepError, match="findings") as refused:
        reporting.submit(place.office, form, note="其余没有")
    assert "年降水量 1600000 毫米 超出常见范围" in refused.value.message_zh
    reporting.save(place.office, form, [Entered("rain", "", "1600000", note="已核对")])
    reporting.submit(place.office, form, note="其余没有")
    with pytest.raises(WrongState):
        reporting.save(place.office, form, [Entered("rain", "", "1600")])


def test_who_read_an_older_state_writes_nothing(place, accounting, fill):
    form = fill("GEP102", place.county, {"rain": 1600})
    fill("GEP102", place.county, {"rain": 1650})
    with pytest.raises(Stale):
        reporting.save(place.office, form, [Entered("rain", "", "1700")], revision=form.revision)


def test_a_unit_fills_in_its_own_forms_only(place, accounting):
    form = accounting.forms.get(code="GEP104", region=place.upper, year=2023)
    for person in (place.water, place.stranger, place.reader):
        with pytest.raises(Forbidden):
            reporting.save(person, form, [Entered("nep", "11", "3000")])


def test_nobody_checks_approves_or_returns_what_he_filled_in(place, accounting, fill):
    form = fill("GEP101", place.upper, {"area__11": 10}, by=place.land)
    fill("GEP101", place.upper, {"area__12": 1}, by=place.chief)
    reporting.submit(place.land, form, note="其余没有")
    for person in (place.land, place.chief):
        for action in ("check", "return"):
            with pytest.raises(OwnWork):
                reporting.step(person, form, action, note="看")
    reporting.step(place.office, form, "check")
    reporting.step(place.office, form, "return", note="少一类")
    form.refresh_from_db()
    assert (form.state, form.reason) == ("returned", "少一类")
    with pytest.raises(GepError, match="without a reason"):
        reporting.step(place.office, form, "return", note="  ")


def test_a_locked_value_changes_by_a_correction_with_its_reason(place, accounting, approved):
    form = approved()[2]
    datum = form.data.get(code="rain")
    with pytest.raises(WrongState):
        reporting.propose_correction(place.office, datum, value="1650", reason="早了")
    reporting.step(place.second, form, "lock")
    with pytest.raises(WrongState):
        reporting.save(place.office, form, [Entered("rain", "", "1650")])
    for bad in ({"value": "1650", "reason": " "}, {"value": "1600", "reason": "同"}, {"value": "", "reason": "空"}):
        with pytest.raises(GepError):
            reporting.propose_correction(place.office, datum, **bad)
    made = reporting.propose_correction(place.office, datum, value="1650", reason="漏加一站")
    with pytest.raises(WrongState):
        reporting.propose_correction(place.second, datum, value="1651", reason="又一条")
    with pytest.raises(OwnWork):
        reporting.decide_correction(place.office, made, accept=True)
    reporting.decide_correction(place.second, made, accept=True)
    datum.refresh_from_db()
    form.refresh_from_db()
    assert datum.value == 1650 and form.state == "locked"
    with pytest.raises(WrongState):
        reporting.decide_correction(place.second, made, accept=False)
    told = Entry.objects.filter(ref_kind="gepform", ref_key=str(form.pk)).order_by("pk")
    assert [one.action.rpartition(".")[2] for one in told] == [
        "values", "save", "submit", "check", "approve", "lock", "propose", "decide"]  # fmt: skip


def test_a_refused_correction_changes_nothing(place, accounting, approved):
    form = approved()[2]
    reporting.step(place.second, form, "lock")
    datum = form.data.get(code="rain")
    made = reporting.propose_correction(place.office, datum, value="1650", reason="漏加一站")
    reporting.decide_correction(place.second, made, accept=False, opinion="站点不在本县")
    datum.refresh_from_db()
    assert datum.value == 1600 and Correction.objects.get().state == "refused"


def test_a_closed_accounting_changes_no_more(place, accounting, fill):
    form = fill("GEP102", place.county, {"rain": 1600})
    accountings.close(place.office, accounting)
    with pytest.raises(WrongState):
        reporting.save(place.office, form, [Entered("rain", "", "1650")])
    with pytest.raises(WrongState):
        accountings.set_price(place.office, accounting, kind="reservoir", value="8", year=2023, source="概算")


# The life of a form


def test_the_table_of_steps_leads_from_owed_to_locked_and_back():
    assert set(steps.STATES) == {str(state) for state in Form.State}
    reached, waiting = set(), ["owed"]
    while waiting:
        state = waiting.pop()
        if state not in reached:
            reached.add(state)
            waiting += [step.ways[state][0] for step in steps.STEPS.values() if state in step.ways]
    assert reached == set(steps.STATES)
    assert not [step for step in steps.STEPS.values() if "locked" in step.ways]
    assert all(step.foreign for action, step in steps.STEPS.items() if action in ("check", "approve", "return"))


ALL = frozenset({access.FILL, access.CHECK, access.APPROVE})


class Life(RuleBasedStateMachine):
    """Two people with every right do whatever they like with one form; a model knows what may happen."""

    def __init__(self):
        super().__init__()
        self.state, self.fillers, self.note = "owed", set(), 0

    @initialize()
    def begin(self):
        self.form = self.owed()

    @rule(person=st.sampled_from([0, 1]), action=st.sampled_from(sorted(steps.STEPS)), reason=st.booleans())
    def act(self, person, action, reason):
        user = self.people[person]
        self.note += 1
        note = "理由" if reason or action == "submit" else ""
        may = action in steps.possible(self.state, ALL, {self.people[n].pk for n in self.fillers}, user.pk)
        may = may and (reason or not steps.STEPS[action].reason)
        try:
            if action == "save":
                reporting.save(user, self.form, [Entered("rain", "", str(1000 + self.note))])
            elif action == "submit":
                reporting.submit(user, self.form, note=note)
            else:
                reporting.step(user, self.form, action, note=note)
        except EcoError:
            assert not may, (self.state, action, person)
        else:
            assert may, (self.state, action, person)
            self.state = steps.STEPS[action].ways[self.state][0]
            if action in steps.FILLING:
                self.fillers.add(person)

    @precondition(lambda self: hasattr(self, "form"))
    @invariant()
    def the_database_agrees(self):
        self.form.refresh_from_db()
        assert self.form.state == self.state
        assert formreading.fillers(self.form) == {self.people[n].pk for n in self.fillers}
        if self.state in steps.DONE:
            done = {step.by_id for step in self.form.steps.filter(action__in=("check", "approve"))}
            assert not done & formreading.fillers(self.form) or len(self.fillers) == 2


def test_whatever_two_people_do_a_form_goes_its_way(place, accounting):
    form = accounting.forms.get(code="GEP102", region=place.county, year=2023)

    def owed():
        form.data.all().delete()
        form.steps.all().delete()
        Form.objects.filter(pk=form.pk).update(state="owed", reason="", revision=0)
        return form

    machine = type("LifeHere", (Life,), {"people": [place.office, place.second], "owed": staticmethod(owed)})
    run_state_machine_as_test(machine, settings=settings(
        max_examples=8, stateful_step_count=14, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    ))  # fmt: skip
