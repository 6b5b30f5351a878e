"""Hours to days to areas: rules of validity at their edges, stamps, and the plain way on made-up hours."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.intake.monitoring.evaluation.air import areas, hours
from ecocloud.intake.monitoring.evaluation.air.daily import evaluate_areas, evaluate_hours, evaluate_items
from ecocloud.intake.monitoring.evaluation.air.index import indices
from ecocloud.intake.monitoring.evaluation.air.means import Means, Reason, mean_of_means
from ecocloud.intake.monitoring.evaluation.air.rules import editions
from ecocloud.intake.monitoring.evaluation.facts import NoFact
from ecocloud.intake.monitoring.evaluation.scaled import Amounts
from tests.intake.monitoring.evaluation.air import oracle

OLD, TRANSITION = editions().named("2012"), editions().named("2026-transition")
POLLUTANTS = ("so2", "no2", "pm10", "co", "o3", "pm25")


def day(*values):
    """24 hours; None missing."""
    assert len(values) == 24
    return Amounts.from_numbers(values)


def with_gaps(value, gaps):
    return day(*[None if hour in gaps else value for hour in range(24)])


def test_a_day_needs_twenty_hours():
    enough = hours.day_means(with_gaps(30, range(4)), 20)
    few = hours.day_means(with_gaps(30, range(5)), 20)
    none = hours.day_means(with_gaps(30, range(24)), 20)
    assert (enough.exact(0), enough.reason[0]) == (30, Reason.PRESENT)
    assert (few.exact(0), few.reason[0]) == (None, Reason.TOO_FEW_HOURS)
    assert none.reason[0] == Reason.MISSING
    assert hours.day_maxima(day(*range(24)), 20).exact(0) == 23
    assert hours.day_maxima(with_gaps(30, range(5)), 20).reason[0] == Reason.TOO_FEW_HOURS
    with pytest.raises(ValueError, match="whole days"):
        hours.day_means(Amounts.from_numbers([1] * 23), 20)


def test_the_windows_of_mda8():
    """8 hours that end at 08:00 are the hours 0 to 7; windows before 08:00 and over midnight do not count."""
    assert hours.mda8(OLD, day(*[80] * 8, *[0] * 16)).exact(0) == 80
    assert hours.mda8(OLD, day(*[0] * 16, *[80] * 8)).exact(0) == 80
    two = Amounts.from_numbers([0] * 20 + [100] * 8 + [0] * 20)
    assert [hours.mda8(OLD, two).exact(n) for n in (0, 1)] == [50, 50]
    six = [None, None] + [84] * 6
    assert hours.mda8(OLD, day(*six, *[0] * 16)).exact(0) == 84, "6 of 8 hours"
    # 8 windows end in hours 15 to 24 with at least 6 values; a day with hours 10 to 23 only has 9 windows
    rest = day(*[None] * 10, *[160] * 14)
    found = hours.mda8(OLD, rest)
    assert (found.exact(0), found.reason[0]) == (None, Reason.TOO_FEW_WINDOWS), "160 is not above the limit"
    above = hours.mda8(OLD, day(*[None] * 10, *[161] * 14))
    assert above.exact(0) == 161, "short, but above the limit"
    tie = hours.mda8(OLD, day(*[None] * 10, *[Decimal("160.5")] * 14))
    assert tie.reason[0] == Reason.TOO_FEW_WINDOWS, "160.5 rounds to 160"
    assert hours.mda8(OLD, rest, 1).exact(0) == 160, "grade 1 has the limit 100"
    fourteen = day(*[None] * 5, *[50] * 19)
    assert hours.mda8(OLD, fourteen).exact(0) == 50
    assert hours.mda8(OLD, day(*[None] * 6, *[50] * 18)).reason[0] == Reason.TOO_FEW_WINDOWS
    assert hours.mda8(OLD, with_gaps(50, range(24))).reason[0] == Reason.MISSING


def test_running_means():
    given = Amounts.from_numbers([8, None, 8, 8, 8, 8, 8, 8, 80])
    found = hours.running_means(given, 8, 6)
    assert found.reason.tolist() == [Reason.TOO_FEW_HOURS] * 6 + [0, 0, 0]
    assert [found.exact(n) for n in (6, 7, 8)] == [8, 8, Fraction(8 * 6 + 80, 7)]
    assert hours.running_means(Amounts.from_numbers([None]), 8, 6).reason.tolist() == [Reason.MISSING]


def test_items_of_an_hour_by_edition():
    series = {one: Amounts.from_numbers([10] * 23 + [34]) for one in POLLUTANTS}
    old, new = hours.hour_items(OLD, series), hours.hour_items(TRANSITION, series)
    assert set(old) == {"so2_1h", "no2_1h", "o3_1h", "co_1h", "o3_8h", "pm10_24h", "pm25_24h", "so2_24h"}
    assert set(new) == {"so2_1h", "no2_1h", "co_1h", "o3_1h", "pm10_1h", "pm25_1h"}
    assert (old["pm25_24h"].exact(23), old["o3_8h"].exact(23), new["pm25_1h"].exact(23)) == (11, 13, 34)
    assert indices(OLD, "hourly", old).one(23).aqi == 148, "CO 34 mg/m³ in an hour: 100 + 50 / 25 · 24"
    assert hours.facts_of(OLD, "hourly") == ("hour.negative", "window.day_least")
    assert hours.facts_of(TRANSITION, "hourly") == ("hour.negative",)


def test_values_below_zero():
    """Our rule, from memory: invalid. It can be switched off; they then count as measured."""
    small = {"pm25": day(*[Decimal("-0.5")] * 5, *[30] * 19)}
    assert hours.day_items(TRANSITION, small)["pm25_24h"].reason[0] == Reason.TOO_FEW_HOURS
    off = editions().switched(off=["hour.negative"]).named("2026-transition")
    assert hours.day_items(off, small)["pm25_24h"].exact(0) == Fraction(Decimal("567.5")) / 24
    assert hours.facts_of(off, "daily") == ()
    assert hours.facts_of(OLD, "daily") == ("hour.negative", "validity.o3_1h_hours")
    zero = {"pm25": day(*[0] * 24)}
    assert hours.day_items(TRANSITION, zero)["pm25_24h"].exact(0) == 0, "zero is a value"


def test_what_a_stamp_means():
    """The value of the hour that ends at 24:00 belongs to the day that ends."""
    beijing = datetime(2026, 2, 28, 16, tzinfo=UTC)  # 2026-03-01 00:00 in Beijing
    stamps = np.array([beijing.replace(tzinfo=None), beijing.replace(tzinfo=None, minute=30)], "datetime64[us]")
    start, off = hours.hours_of(stamps, hour_ending=False)
    end, _ = hours.hours_of(stamps, hour_ending=True)
    assert off.tolist() == [False, True]
    assert np.datetime64(0, "h") + int(start[0]) == np.datetime64("2026-03-01T00")
    assert np.datetime64(0, "h") + int(end[0]) == np.datetime64("2026-02-28T23")
    one = Amounts.from_numbers([7, 9])
    options = {"count": 1, "first": date(2026, 2, 28), "days": 1}
    by_start = hours.hour_grid(np.zeros(2, int), stamps, one, hour_ending=False, **options)
    by_end = hours.hour_grid(np.zeros(2, int), stamps, one, hour_ending=True, **options)
    assert (by_start.outside, by_start.off_hour, by_start.amounts.missing.all()) == (1, 1, True)
    assert (by_end.outside, by_end.amounts.number(0, 23)) == (0, Decimal(7))


def test_two_values_for_one_hour_are_refused_and_the_same_again_is_not():
    stamps = np.array([0, 0], "datetime64[us]")
    options = {"count": 1, "first": date(1970, 1, 1), "days": 1, "hour_ending": False}
    again = hours.hour_grid(np.zeros(2, int), stamps, Amounts.from_numbers([5, 5]), **options)
    assert again.amounts.number(0, 8) == 5
    with pytest.raises(hours.TwoValues) as error:
        hours.hour_grid(np.zeros(2, int), stamps, Amounts.from_numbers([5, 6]), **options)
    assert error.value.where == {"序列": 0, "小时": "1970-01-01T08"}
    lacking = hours.hour_grid(np.zeros(2, int), stamps, Amounts.from_numbers([None, 6]), **options)
    assert lacking.amounts.number(0, 8) == 6, "a missing row says nothing"


def test_rows_of_many_factors():
    codes = editions().codes(date(2026, 3, 1))
    assert codes["a34004"] == "pm25"
    assert codes["a05024"] == "o3"
    words = ["a34004", "w01001", "a05024"]
    stamps = np.array([0, 0, 0, 3_600_000_000])
    found = hours.pollutant_grids(
        codes, np.array([0, 1, 2, 0]), words, np.array([1, 1, 1, 0]), stamps, Amounts.from_numbers([5, 6, 7, 8]),
        count=2, first=date(1970, 1, 1), days=1, hour_ending=False,
    )  # fmt: skip
    assert set(found) == set(POLLUTANTS)
    assert [found["pm25"].amounts.number(*place) for place in ((1, 8), (0, 9), (0, 8))] == [5, 8, None]
    assert found["o3"].amounts.number(1, 8) == 7
    assert found["so2"].amounts.missing.all()


# --- made-up hours against the plain way ----------------------------------------------------------------------------


def made(series: int, days: int, seed: int, gaps: float = 0.08) -> dict[str, Amounts]:
    """Hours with gaps, ties, zeros, negatives and a few very high ones."""
    chance = np.random.default_rng(seed)
    found = {}
    for pollutant in POLLUTANTS:
        scale = 0.03 if pollutant == "co" else 1.0
        level = chance.gamma(2.0, 30.0, (series, days, 1)) * np.ones(24) * scale
        values = np.round(level + chance.normal(0, 6 * scale, (series, days, 24)), 1 if pollutant == "co" else 0)
        values[chance.random(values.shape) < 0.002] = 1500 * scale
        lacking = chance.random(values.shape) < gaps * chance.random((series, days, 1)) * 4
        found[pollutant] = Amounts.from_floats(values.reshape(series, -1), lacking.reshape(series, -1))
    return found


def plain(amounts: Amounts, series: int, n: int):
    return [None if (one := amounts.number(series, n * 24 + hour)) is None else Fraction(one) for hour in range(24)]


@pytest.mark.parametrize("first", [date(2026, 2, 27), date(2030, 12, 30)])
def test_hours_to_days_as_the_plain_way(first, full_size):
    series, days = (60, 6) if full_size else (15, 4)
    given_hours = made(series, days, first.toordinal())
    grade = np.where(np.arange(series) % 5 == 0, 1, 2)
    found = evaluate_hours(editions(), first, given_hours, grade=grade)
    seen = set()
    for one in range(series):
        for n in range(days):
            on = first + timedelta(days=n)
            edition = oracle.edition_of(on)
            values = oracle.day_of_hours(
                edition, {p: plain(given_hours[p], one, n) for p in POLLUTANTS}, int(grade[one])
            )
            got = found.indices.one(one, n)
            expected = oracle.aqi(edition, values)
            assert (got.edition, got.aqi, set(got.primary), got.category) == (edition, *expected), (one, on)
            assert set(found.exceeded(one, n)) == oracle.over(edition, values, int(grade[one]))
            for item in got.iaqi:
                value = values[item]
                assert (value is None) == (
                    got.reasons[item] not in (Reason.PRESENT, Reason.ABOVE_TABLE, Reason.NOT_AN_ITEM)
                ) or (got.reasons[item] == Reason.NOT_AN_ITEM)
            seen.add((edition, got.aqi is None))
    assert len(seen) >= 3, "published and withheld days, two editions"
    assert found.indices.facts[0] == "hour.negative"


def same(one, other):
    """Every array equal."""
    for name in (
        "units",
        "iaqi",
        "reason",
        "aqi",
        "aqi_reason",
        "computed",
        "incomplete",
        "category",
        "primary",
        "edition",
    ):
        assert np.array_equal(getattr(one.indices, name), getattr(other.indices, name)), name
    assert np.array_equal(one.over, other.over)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10**6))
def test_order_batches_and_late_rows_change_nothing(seed):
    chance = np.random.default_rng(seed)
    first, series, days = date(2026, 2, 27), 6, 4
    whole = made(series, days, seed)
    expected = evaluate_hours(editions(), first, whole, threads=1)
    begin = int((datetime(2026, 2, 27, tzinfo=UTC) - timedelta(hours=8)).timestamp()) * 1_000_000
    rows = {}
    for pollutant, amounts in whole.items():
        who, hour = np.nonzero(~amounts.missing)
        stamps = begin + (hour + 1) * 3_600_000_000  # stamped with the end of the hour
        late = chance.integers(0, max(len(who), 1), len(who) // 3)  # a third come again, later
        order = chance.permutation(np.concatenate([np.arange(len(who)), late]))
        values = Amounts(amounts.values[who, hour][order], np.zeros(len(order), bool))
        rows[pollutant] = hours.hour_grid(
            who[order], stamps[order], values, count=series, first=first, days=days, hour_ending=True
        ).amounts
    same(evaluate_hours(editions(), first, rows), expected)
    shuffled = chance.permutation(series)
    turned = evaluate_hours(editions(), first, {p: a[shuffled] for p, a in whole.items()})
    assert np.array_equal(turned.indices.aqi, expected.indices.aqi[shuffled])
    cut = int(chance.integers(1, series))
    halves = [
        evaluate_hours(editions(), first, {p: a[part] for p, a in whole.items()})
        for part in (slice(cut), slice(cut, None))
    ]
    assert np.array_equal(np.concatenate([half.indices.primary for half in halves]), expected.indices.primary)
    by_day = [
        evaluate_hours(editions(), first + timedelta(days=n), {p: a[:, n * 24 : n * 24 + 24] for p, a in whole.items()})
        for n in range(days)
    ]
    assert np.array_equal(np.concatenate([one.indices.aqi for one in by_day], axis=1), expected.indices.aqi)


def test_no_series_no_days_and_unknown_pollutants():
    empty = {"pm25": Amounts(np.zeros((0, 48), np.int64), np.zeros((0, 48), bool))}
    assert evaluate_hours(editions(), date(2026, 2, 28), empty).indices.aqi.shape == (0, 2)
    with pytest.raises(ValueError, match="no days"):
        evaluate_hours(
            editions(), date(2026, 2, 28), {"pm25": Amounts(np.zeros((1, 0), np.int64), np.zeros((1, 0), bool))}
        )
    with pytest.raises(NoFact):
        evaluate_hours(editions(), date(2026, 2, 28), {"pm2.5": made(1, 1, 1)["pm25"]})


# --- areas ----------------------------------------------------------------------------------------------------------


def points(*columns):
    """Daily means of points, one day."""
    return Means.of(Amounts.from_numbers(columns))[:, None]


def test_concentrations_are_averaged_before_the_index():
    found = areas.area_means(TRANSITION, points(60, 60, 60, 63), np.array([0, 0, 1, 1]), 2)
    assert [found.exact(0, 0), found.exact(1, 0)] == [60, Fraction(123, 2)]
    both = areas.area_means(TRANSITION, points(20, 100), np.array([0, 0]), 1)
    assert indices(TRANSITION, "daily", {"pm25_24h": both}).computed[0, 0] == 100, "60, not the worst point"


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ((1, 2, 3, None), Reason.PRESENT), ((1, 2, None, None), Reason.TOO_FEW_POINTS), ((1, 2, None), Reason.PRESENT),
        ((1, None, None), Reason.TOO_FEW_POINTS), ((1, None), Reason.PRESENT), ((None,) * 4, Reason.MISSING),
        ((5,) * 5 + (None,) * 2, Reason.TOO_FEW_POINTS), ((5,) * 6 + (None,) * 2, Reason.PRESENT),
    ],
)  # fmt: skip
def test_an_area_needs_a_share_of_its_points(values, reason):
    found = areas.area_means(TRANSITION, points(*values), np.zeros(len(values), int), 1)
    assert found.reason[0, 0] == reason
    off = editions().switched(off=["area.points"]).named("2026-transition")
    loose = areas.area_means(off, points(*values), np.zeros(len(values), int), 1)
    assert (loose.reason[0, 0] == 0) == any(one is not None for one in values)
    assert areas.facts_of(off) == ()


def test_points_outside_of_the_assessment_and_areas_without_points():
    found = areas.area_means(TRANSITION, points(10, 90), np.array([0, -1]), 2)
    assert found.exact(0, 0) == 10
    assert found.reason[1, 0] == Reason.MISSING
    assert areas.facts_of(TRANSITION) == ("area.points",)
    with pytest.raises(ValueError, match="areas for"):
        areas.area_means(TRANSITION, points(10), np.array([0, 0]), 1)


def test_hours_of_points_to_days_of_areas_as_the_plain_way():
    first, points_, days = date(2026, 2, 27), 9, 4
    of = np.array([0, 0, 0, 1, 1, 1, 1, 1, -1])
    given_ = made(points_, days, 11, gaps=0.05)
    found = evaluate_areas(editions(), first, given_, of, 2)
    assert "area.points" in found.indices.facts
    published = 0
    for area, need in ((0, 2), (1, 4)):  # half of three points, three quarters of five
        for n in range(days):
            edition = oracle.edition_of(first + timedelta(days=n))
            each = [oracle.day_of_hours(edition, {p: plain(given_[p], one, n) for p in POLLUTANTS}, 2)
                    for one in np.flatnonzero(of == area)]  # fmt: skip
            values = {}
            for item in each[0]:
                there = [one[item] for one in each if one[item] is not None]
                values[item] = sum(there) / len(there) if len(there) >= need else None
            got = found.indices.one(area, n)
            assert (got.aqi, set(got.primary), got.category) == oracle.aqi(edition, values)
            assert set(found.exceeded(area, n)) == oracle.over(edition, values, 2)
            published += got.aqi is not None
    assert published >= 4


def test_a_city_of_points_is_exact():
    """Means of 20 to 24 hours over one denominator, and what is far too large beside them."""
    hourly = made(7, 3, 5)["pm25"]
    daily = hours.day_means(hours.valid_hours(TRANSITION, hourly), 20)
    city = areas.area_means(TRANSITION, daily, np.zeros(7, int), 1)
    for n in range(3):
        parts = [daily.exact(one, n) for one in range(7) if daily.exact(one, n) is not None]
        assert city.exact(0, n) == (sum(parts) / len(parts) if len(parts) >= 6 else None)
    huge = Means.of(Amounts.from_numbers([10**9, Decimal("0.1")]))[:, None]
    mixed = Means(np.concatenate([huge.tops, np.array([[1], [2]])]), np.array([[1], [1], [23 * 22], [21 * 19 * 17]]),
                  np.zeros((4, 1), np.uint8))  # fmt: skip
    exact = [mixed.exact(n, 0) for n in range(4)]
    assert mean_of_means(mixed, 0).exact(0) == oracle.half_even(sum(exact) / 4, 6), "does not fit int64: to 6 places"
    assert mean_of_means(mixed[1:], 0).exact(0) == sum(exact[1:]) / 3
    assert mean_of_means(mixed[:2], 0).exact(0) == sum(exact[:2]) / 2
    items = {"pm25_24h": city}
    assert evaluate_items(
        editions(), np.arange("2026-03-01", "2026-03-04", dtype="datetime64[D]"), items
    ).over.shape == (1, 3)
