"""Days of outlets from the lake against the limits their register names; amounts of months; capture of a quarter.

Expected figures are worked out here by Fraction from the clauses named, not by the code under test.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
import yaml
from django.utils import timezone

from ecocloud.intake.monitoring.evaluation.emission.limits import limits_of
from ecocloud.intake.monitoring.quality import services as quality
from ecocloud.intake.monitoring.results import outlets, showing, sources
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.intake.monitoring.results.rules import Period, period_of, rules
from ecocloud.intake.monitoring.stations import services
from ecocloud.intake.monitoring.stations.models import Channel, Device
from ecocloud.kernel.journal.refs import resolve
from ecocloud.kernel.registers.pack import own_folder
from tests.intake.monitoring.results.conftest import AFTER, DAY, RUNNING
from tests.intake.monitoring.results.emission_site import GAS, SEWAGE, amend, fill, plants

__all__ = ["plants"]
pytestmark = pytest.mark.django_db
MIDNIGHT = datetime(2026, 3, 4, 16, tzinfo=UTC)  # 2026-03-05 00:00 Beijing time


def result(device, span="day", start=DAY):
    return Result.objects.get(device=device, kind="emission", span=span, start=start, current=True)


def check(row, item, averaging=None):
    found = [one for one in row.body["items"][item]["checks"] if averaging in (None, one["averaging"])]
    (one,) = found
    return one


def units(value):
    """Millionths, half to even, as the platform keeps amounts."""
    return round(Fraction(value) * 10**6)


def test_a_kiln_is_judged_by_converted_hours(plants):
    """GB 25464-2010 table 5 with the amendment of 2014: NOx 180 mg/m³ at 18 % oxygen; HJ 212-2017 annex D (28)."""
    fill(plants, "kiln", GAS, h3={"a19001": 19.5, "a21002": 100}, h7={"a19001": 19.5, "a21002": 90}, f9="M",
         h9={"a21002": 500})  # fmt: skip
    plants.run()
    row, one = result(plants.kiln), check(result(plants.kiln), "nox")
    converted = Fraction(100) * (21 - 18) / (Fraction(21) - Fraction("19.5"))  # 200
    assert one["over"] == [[3, units(converted), round((converted - 180) / 180 * 100)]] and row.items == "nox"
    # 90 × 3 / 1.5 is 180: equal to the limit is no exceedance
    assert one["values"][7] == units(180) and one["values"][3] == units(200) and one["values"][9] is None
    assert (row.meets, row.level, row.value, row.body["set"]) == (False, 2, 11, "gb25464_kiln")
    assert [9, "flag:M", units(500)] in row.body["off"]["a21002"] and one["judged"] == 23
    # the permit says the same as the standard: judged once
    assert [line["limit"] for line in row.body["items"]["nox"]["checks"]] == ["gb25464_gas.kiln.nox.hour"]
    # HJ 212-2017 annex D (33): as measured, m³/s × 3600; hour 9 proves nothing
    mass = Fraction(100 * 22 + 90, 1) * 10 * 3600 / 10**6
    assert row.body["items"]["nox"]["kg"] == units(mass) and row.body["items"]["nox"]["covered"] == 23
    assert showing.value_words(row) == "超标（0.11 倍）" and "GB 25464-2010" in row.edition


def test_sewage_works_are_judged_by_weighted_days(plants):
    """GB 18918-2002 4.1.4.2: daily means; HJ 356-2019: weighted by flow; table 1: NH3-N 5 (8) by 12 ℃ of the water."""
    for hour in range(24):
        busy = hour < 6
        plants.send("works", hour, SEWAGE | {"w01010": 11.5 if busy else 12.4, "w00000": 200 if busy else 50,
                                             "w01018": 80 if busy else 20, "w21003": 6})  # fmt: skip
    plants.run()
    row = result(plants.works)
    mean = Fraction(6 * 200 * 80 + 18 * 50 * 20, 6 * 200 + 18 * 50)
    cod = check(row, "cod")
    # L/s to m³/h is 3.6 for all hours and falls out of the mean
    assert cod["value"] == units(mean) and cod["over"] == [[None, units(mean), round((mean - 50) / 50 * 100)]]
    # the plain mean of the temperature is 12.175: above 12, so the stricter limit
    assert Fraction(6 * 115 + 18 * 124, 240) > 12 and check(row, "nh3n")["most"] == 5 * 10**6
    assert row.items == "cod,nh3n" and row.meets is False
    assert row.value == max(round((mean - 50) / 50 * 100), round(Fraction(1, 5) * 100))
    kilograms = Fraction(6 * 200 * 80 + 18 * 50 * 20) * Fraction("3.6") / 1000
    assert row.body["items"]["cod"]["kg"] == units(kilograms)
    assert check(row, "tp")["most"] == 500_000  # built in 2010: table 1, since 2006-01-01


def test_ph_at_any_moment_and_equal_to_the_bound(plants):
    """GB 18918-2002 table 1: pH 6 to 9, any value of it; a range has no multiple."""
    fill(plants, "works", SEWAGE, h4={"w01001": 9.0}, h5={"w01001": 9.01}, h6={"w01001": 6.0})
    plants.run()
    row = result(plants.works)
    assert check(row, "ph")["over"] == [[5, units("9.01"), None]] and row.items == "ph" and row.value == 0
    assert showing.value_words(row) == "超标"


def test_hours_that_prove_nothing_say_why(plants):
    services.add_upkeep(plants.place.office, plants.kiln.pk, kind="maintenance", start=MIDNIGHT + timedelta(hours=2),
                        end=MIDNIGHT + timedelta(hours=3, minutes=10))  # fmt: skip
    channel = Channel.objects.get(device=plants.kiln, code="a21026")
    services.add_upkeep(plants.place.office, plants.kiln.pk, kind="calibration", start=MIDNIGHT + timedelta(hours=8),
                        end=MIDNIGHT + timedelta(hours=9), channel=channel)  # fmt: skip
    fill(plants, "kiln", GAS | {"a21002": 400}, f5="F")
    plants.take()
    for at, factor, valid in ((2, "", True), (6, "a21002", False)):
        first = MIDNIGHT + timedelta(hours=at)
        quality.review(plants.place.office, plants.kiln, interval="hour", factor=factor, valid=valid, first=first,
                       last=first + timedelta(hours=1), reason="核对")  # fmt: skip
    plants.run()
    row = result(plants.kiln)
    why = {hour: word for hour, word, _value in row.body["off"]["a21002"]}
    # a decision that a value is valid stands over upkeep; upkeep holds for every hour it touches
    assert why == {3: "upkeep:maintenance", 5: "flag:F", 6: "review"}
    assert 8 in {hour for hour, _why, _value in row.body["off"]["a21026"]} and 8 not in why
    assert len(check(row, "nox")["over"]) == 21 and row.body["stopped"] == 1
    assert [showing.why_word(one) for one in why.values()] == ["维护", "标记 F 排放源停运", "人工审核无效"]


def test_days_that_are_not_judged(plants):
    services.add_upkeep(plants.place.office, plants.kiln.pk, kind="shutdown", start=MIDNIGHT,
                        end=MIDNIGHT + timedelta(days=1), note="停产报告1号")  # fmt: skip
    fill(plants, "kiln", GAS | {"a21002": 900})
    fill(plants, "works", SEWAGE | {"w01018": 90}, hours=range(17))
    plants.run()
    row = result(plants.kiln)
    assert (row.meets, row.level, row.value, row.reason) == (None, 3, None, "stopped")
    assert row.body["items"]["nox"]["kg"] is None
    # of 24 hours of which the flow of 7 is unknown 17 are less than the 75 % a day needs
    works = result(plants.works)
    assert check(works, "cod")["reason"] == "too_few" and works.body["items"]["cod"]["covered"] == 17
    assert works.reason == "" and works.meets is True  # pH alone is judged, at any moment


def test_stopped_hours_are_not_due(plants):
    services.add_upkeep(plants.place.office, plants.works.pk, kind="shutdown", start=MIDNIGHT + timedelta(hours=12),
                        end=MIDNIGHT + timedelta(days=1), note="停产报告2号")  # fmt: skip
    fill(plants, "works", SEWAGE, hours=range(12))
    plants.run()
    assert check(result(plants.works), "cod")["judged"] == 1 and result(plants.works).meets is True


def test_without_oxygen_flow_or_limits(plants):
    fill(plants, "kiln", {key: value for key, value in GAS.items() if key != "a19001"} | {"a21002": 900})
    Channel.objects.filter(device=plants.works, code="w00000").delete()
    fill(plants, "works", {key: value for key, value in SEWAGE.items() if key != "w00000"} | {"w01018": 60})
    plants.run()
    kiln, works = result(plants.kiln), result(plants.works)
    assert check(kiln, "nox")["reason"] == "no_oxygen" and kiln.meets is None and kiln.reason == "no_oxygen"
    # without a meter of flow: the plain mean, and no mass
    assert check(works, "cod")["value"] == units(60) and works.items == "cod"
    assert works.body["items"]["cod"]["kg"] is None and works.body["flow"] is None
    assert kiln.body["items"]["nox"]["kg"] == units(Fraction(900 * 24 * 36000, 10**6))


def test_limits_of_the_permit(plants):
    """A limit of the permit is held for the hour (gas), with the oxygen the register names, and labelled."""
    body = {"medium": "gas", "nox_limit": "150", "oxygen": "18"}
    amend(plants.outlet, body, date(2020, 1, 2))
    fill(plants, "kiln", GAS | {"a21002": 150}, h3={"a21002": 150.1})
    plants.run()
    row, one = result(plants.kiln), check(result(plants.kiln), "nox")
    assert (one["limit"], one["most"], one["over"]) == ("own.nox.hour", 150 * 10**6, [[3, units("150.1"), 0]])
    assert row.edition == "own" and "results:emission" in row.facts and row.body["items"]["so2"]["checks"] == []
    assert showing.edition_word("emission", row.edition) == "排污许可"
    assert any("小时均值" in one.text for one in showing.labels(row.facts))


def test_limits_are_those_of_the_day(plants):
    """A permit that is changed on a day holds from that day on; what it changes is evaluated again."""
    for day in (DAY - timedelta(days=1), DAY):
        fill(plants, "kiln", GAS | {"a21002": 150}, day=day)
    plants.recalculate()
    assert [result(plants.kiln, start=day).meets for day in (DAY - timedelta(days=1), DAY)] == [True, True]
    amend(plants.outlet, plants.outlet.body | {"nox_limit": "120"}, DAY)
    assert plants.recalculate()["days"] == 1
    assert result(plants.kiln, start=DAY - timedelta(days=1)).version == 1
    row = result(plants.kiln)
    assert (row.version, row.meets, row.items) == (2, False, "nox")
    assert [one["limit"] for one in row.body["items"]["nox"]["checks"] if one["over"]] == ["own.nox.hour"]


def test_late_values_reviews_and_upkeep_are_made_good(plants):
    fill(plants, "kiln", GAS, hours=range(20))
    plants.recalculate()
    assert result(plants.kiln).meets is True and result(plants.kiln, "month", DAY.replace(day=1)).value == 0
    plants.send("kiln", 21, GAS | {"a21002": 400})
    plants.recalculate()
    row = result(plants.kiln)
    assert (row.version, row.change, row.meets) == (2, "late", False)
    month = result(plants.kiln, "month", DAY.replace(day=1))
    assert (month.value, month.meets, month.version) == (1, False, 2) and [row.pk, 2] in month.sources["results"]
    end = services.add_upkeep(plants.place.office, plants.kiln.pk, kind="fault", start=MIDNIGHT + timedelta(hours=21))
    plants.recalculate()
    assert result(plants.kiln).meets is True and result(plants.kiln).version == 3
    services.end_upkeep(plants.place.office, end.pk, MIDNIGHT + timedelta(hours=21, minutes=1))
    plants.recalculate()
    assert result(plants.kiln).meets is True  # the hour is touched all the same
    services.cancel_upkeep(plants.place.office, end.pk, "误登")
    plants.recalculate()
    assert result(plants.kiln).meets is False and plants.recalculate() == {"days": 0}


def test_stamps_at_the_end_of_hours(plants):
    """What is stamped 00:00 is the last hour of the day before; upkeep is of the hours and not of the stamps."""
    fill(plants, "kiln", GAS, h0={"a21002": 400}, h5={"a21002": 500})
    plants.recalculate()
    assert check(result(plants.kiln), "nox")["over"][0][0] == 0
    Device.objects.filter(pk=plants.kiln.pk).update(hour_ending=True, restamped_at=timezone.now())
    services.add_upkeep(plants.place.office, plants.kiln.pk, kind="fault", start=MIDNIGHT + timedelta(hours=4),
                        end=MIDNIGHT + timedelta(hours=5))  # fmt: skip
    plants.recalculate()
    row, before = result(plants.kiln), result(plants.kiln, start=DAY - timedelta(days=1))
    assert row.meets is True and [4, "upkeep:fault", units(500)] in row.body["off"]["a21002"]
    assert check(before, "nox")["over"] == [[23, units(400), round(Fraction(400 - 180, 180) * 100)]]
    assert "400" in resolve(sources.lake_refs(before)["a21002", 23], plants.place.office).excerpt


def test_the_order_of_arrival_changes_nothing(plants):
    fill(plants, "kiln", GAS, h3={"a21002": 400})
    plants.run()
    first = result(plants.kiln)
    plants.fresh()
    for hour in (*range(12, 24), *range(12)):
        plants.send("kiln", hour, GAS | ({"a21002": 400} if hour == 3 else {}))
        if hour == 20:
            plants.run(now=RUNNING)
    plants.run()
    again = result(plants.kiln)
    assert (again.digest, again.outcome) == (first.digest, first.outcome)


def test_months_and_years_add_up(plants):
    """Three days in two months: sums in whole numbers, each month of its days, the year of its months."""
    days = (date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2))
    for number, day in enumerate(days):
        fill(plants, "kiln", GAS | {"a21002": 100 + 100 * number}, day=day)
    plants.run(days[0], days[-1])
    masses = [units(Fraction((100 + 100 * number) * 24 * 36000, 10**6)) for number in range(3)]
    march, year = (result(plants.kiln, span, start) for span, start in
                   (("month", date(2026, 3, 1)), ("year", date(2026, 1, 1))))  # fmt: skip
    assert march.body["items"]["nox"]["kg"] == masses[1] + masses[2] and march.body["days"] == 2
    assert year.body["items"]["nox"] | {} == {
        "kg": sum(masses), "kg_days": 3, "covered": 72, "over_days": 2, "over_hours": 48,
    }  # fmt: skip
    assert (march.value, year.value, year.body["enterprise"]) == (2, 2, f"obj:{plants.firm.pk}")


def test_capture_of_a_quarter_and_what_stands_in(plants):
    """HJ 75-2017 table 5: at 90 % and more a gap of up to 24 h takes the greatest of the 180 valid hours before it."""
    for back in range(3, 0, -1):
        fill(plants, "kiln", GAS | {"a21002": 100 + back}, day=DAY - timedelta(days=back))
    fill(plants, "kiln", GAS, f3="D", f4="F", h3={"a21002": 999})
    plants.run(DAY - timedelta(days=3), DAY)
    row = result(plants.kiln, "quarter", date(2026, 1, 1))
    nox = row.body["items"]["nox"]
    running = (DAY - date(2026, 1, 1)).days * 24 + 24 - 1  # from the first day on, without the hour it stood still
    assert (nox["part"], nox["whole"], nox["passes"]) == (94, running, False) and row.meets is False
    assert nox["by"] == 0 and nox["open"] == running - 94  # below 75 % nothing stands in
    assert row.body["to_date"] == DAY.isoformat() and "emission:gas.capture" in row.facts
    # a quarter that began with the stack's running: the days before it stood still
    services.add_upkeep(plants.place.office, plants.kiln.pk, kind="shutdown", note="未投产",
                        start=datetime(2025, 12, 31, 16, tzinfo=UTC),
                        end=datetime(2026, 3, 1, 16, tzinfo=UTC))  # fmt: skip
    plants.recalculate(AFTER)
    row = result(plants.kiln, "quarter", date(2026, 1, 1))
    nox = row.body["items"]["nox"]
    assert (nox["part"], nox["whole"], nox["passes"], nox["by"]) == (94, 95, True, 1)
    each = Fraction(36000, 10**6)
    measured = (103 + 102 + 101) * 24 * each + 22 * 100 * each
    assert nox["kg"] == units(measured) and nox["with_kg"] == units(measured + 103 * each)
    assert showing.value_words(row) == "捕集率 98.9%"


def test_figures_lead_to_rows_of_the_lake(plants):
    fill(plants, "kiln", GAS, h3={"a21002": 400})
    plants.run()
    row = result(plants.kiln)
    refs = sources.lake_refs(row)
    shown = resolve(refs["a21002", 3], plants.place.office)
    assert "400" in shown.title + shown.excerpt and len(refs) == 24 * len(GAS)
    assert [one.pk for one in sources.parents(result(plants.kiln, "month", DAY.replace(day=1)))] == [row.pk]


def test_every_set_of_limits_is_in_the_packs_and_in_the_facts():
    """What a register offers is judged, and what is judged has limits on the day."""
    rule = rules().emission
    for name, one in rule.sets.items():
        assert limits_of(one.standard, one.levels, DAY, built=date(2015, 1, 1)), name
        for level in one.levels:
            assert limits_of(one.standard, (level,), DAY, built=date(2015, 1, 1)), (name, level)
    for code, pack in (("outlet", "key-enterprises"), ("outfall", "river-outfalls"), ("sewage_work", "sewage-works")):
        register = rule.registers[code]
        read = yaml.safe_load((own_folder() / pack / "types" / f"{code}.yaml").read_text("utf-8"))
        fields = {one["code"]: one for one in read["fields"]}
        choices = {one["code"]: [entry["code"] for entry in one["entries"]] for one in read["dictionaries"]}
        offered = choices[fields[register.set]["dictionary"]]
        assert {register.words.get(one, one) for one in offered} <= set(rule.sets), code
        named = [one for one in (register.built, register.oxygen, register.enterprise) if one]
        assert {*named, *(one.field for one in register.own)} <= set(fields), code
        assert {one.code for one in register.own} <= set(outlets.items())
    enterprise = yaml.safe_load((own_folder() / "key-enterprises" / "types" / "enterprise.yaml").read_text("utf-8"))
    assert set(rule.permitted.fields.values()) <= {one["code"] for one in enterprise["fields"]}


def test_quarters_are_periods():
    assert period_of("quarter", date(2026, 3, 5)) == Period("quarter", date(2026, 1, 1))
    last = Period("quarter", date(2026, 10, 1))
    assert (last.after, last.text) == (date(2027, 1, 1), "2026Q4")
    assert not last.final(datetime(2026, 12, 31, 16, tzinfo=UTC)) and last.final(datetime(2026, 12, 31, 18, tzinfo=UTC))
