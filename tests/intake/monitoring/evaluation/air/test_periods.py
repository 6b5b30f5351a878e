"""Years and months: statistics, validity at its edges, attainment, rates, composite index, ranks, comparison, 倒算."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecocloud.intake.monitoring.evaluation.air import backcasting, comparing, periods, rates
from ecocloud.intake.monitoring.evaluation.air.daily import evaluate_items
from ecocloud.intake.monitoring.evaluation.air.means import Means, Reason
from ecocloud.intake.monitoring.evaluation.air.periods import Span
from ecocloud.intake.monitoring.evaluation.air.rules import editions
from ecocloud.intake.monitoring.evaluation.facts import NoFact
from ecocloud.intake.monitoring.evaluation.scaled import Amounts
from tests.intake.monitoring.evaluation.air import oracle

OLD, TRANSITION, FINAL = (editions().named(name) for name in ("2012", "2026-transition", "2026-final"))
YEAR = Span.year(2027)
CLEAN = {"so2": 10, "no2": 20, "pm10": 40, "co": Decimal("0.8"), "o3": 120, "pm25": 20}


def series(*values):
    return Means.of(Amounts.from_numbers(values))


def flat(span, gaps=(), **values):
    """Every pollutant the same each day; days of ``gaps`` missing."""
    return {p: series(*[None if n in gaps else v for n in range(len(span.days))]) for p, v in (CLEAN | values).items()}


# --- percentiles, means ---------------------------------------------------------------------------------------------


@given(st.lists(st.decimals(0, 500, places=1), min_size=1, max_size=40), st.sampled_from([0, 50, 90, 95, 98, 100]))
def test_percentiles_as_the_plain_way_and_numpy(values, percent):
    exact = periods.percentiles(Amounts.from_numbers([*values, None]), percent).exact()
    assert exact == oracle.percentile([Fraction(one) for one in values], percent)
    assert float(exact) == pytest.approx(np.percentile(np.array(values, float), percent))


def test_percentiles_of_many_series_and_of_none():
    two = Amounts.of(np.array([[3, 1, 2], [9, 0, 0]]) * 10**6, np.array([[False] * 3, [True] * 3]))
    found = periods.percentiles(two, 50)
    assert (found.exact(0), found.exact(1), found.reason.tolist()) == (2, None, [0, Reason.MISSING])
    with pytest.raises(ValueError, match="no percentile"):
        periods.percentiles(two, 101)


def test_a_mean_is_rounded_once_and_equal_to_the_limit_attains():
    # 183 days of 30 and 182 of 31 give 30.4986…, published as 30
    values = [30] * 183 + [31] * 182
    found = periods.assessment(TRANSITION, YEAR, flat(YEAR) | {"pm25": series(*values)})
    mean = found.statistics["pm25", "mean"]
    assert (mean.values.exact(), mean.rounded.number(), bool(mean.over)) == (Fraction(11132, 365), 30, False)
    assert (bool(found.attained), bool(found.known)) == (True, True)
    above = periods.assessment(TRANSITION, YEAR, flat(YEAR, pm25=31))
    mean = above.statistics["pm25", "mean"]
    assert (bool(above.attained), int(mean.multiple), mean.limits) == (False, 3, (15, 30))
    assert bool(periods.assessment(OLD, YEAR, flat(YEAR, pm25=31)).attained), "35 until 2026-02-28"
    assert not periods.assessment(OLD, YEAR, flat(YEAR, pm25=31), 1).attained, "15 in class-1 zones"


@given(st.lists(st.one_of(st.none(), st.decimals(0, 500, places=1)), min_size=2, max_size=60), st.randoms())
def test_the_order_of_days_changes_no_statistic(values, chance):
    turned = list(values)
    chance.shuffle(turned)
    span = Span(date(2027, 1, 1), date(2027, 1, 1) + timedelta(days=len(values) - 1))
    for name in ("mean", "p95"):
        one, other = (periods.statistic(TRANSITION, span, "pm25", name, series(*given_)) for given_ in (values, turned))
        assert one.values.exact() == other.values.exact()
        assert (int(one.count), bool(one.over)) == (int(other.count), bool(other.over))


# --- validity -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("gaps", "reason"), [(41, Reason.PRESENT), (42, Reason.TOO_FEW_DAYS)])
def test_years_with_324_and_323_days(gaps, reason):
    """Gaps spread so that each month keeps 27 days (February 25)."""
    lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    spare = [3 if days == 28 else days - 27 for days in lengths]
    assert sum(spare) == 43
    starts = np.cumsum([0, *lengths[:-1]])
    missing = [start + n for start, most in zip(starts, spare, strict=True) for n in range(most)][:gaps]
    found = periods.statistic(TRANSITION, YEAR, "pm25", "mean", flat(YEAR, missing)["pm25"])
    assert (int(found.count), int(found.rounded.reason)) == (365 - gaps, reason)


def test_a_month_short_of_a_day_spoils_the_year():
    for day, length, reason in ((31, 5, Reason.TOO_FEW_DAYS), (0, 4, Reason.PRESENT), (0, 5, Reason.TOO_FEW_DAYS),
                                (31, 3, Reason.PRESENT), (31, 4, Reason.TOO_FEW_DAYS)):  # fmt: skip
        found = periods.statistic(TRANSITION, YEAR, "pm25", "mean", flat(YEAR, range(day, day + length))["pm25"])
        assert found.rounded.reason == reason, (day, length)
    february, july = Span.month(2028, 2), Span.month(2027, 7)
    there, few = Reason.PRESENT, Reason.TOO_FEW_DAYS
    for span, gaps, reason in ((february, 4, there), (february, 5, few), (july, 4, there), (july, 5, few),
                               (july, 31, Reason.MISSING)):  # fmt: skip
        found = periods.statistic(TRANSITION, span, "so2", "mean", flat(span, range(gaps))["so2"])
        assert found.rounded.reason == reason
    some = Span(date(2027, 1, 1), date(2027, 1, 10))
    assert periods.statistic(TRANSITION, some, "so2", "mean", flat(some, range(9))["so2"]).rounded.number() == 10


def test_days_of_co_and_o3_are_a_rule_from_memory():
    short = flat(YEAR, range(60))
    found = periods.assessment(TRANSITION, YEAR, short)
    assert found.statistics["o3", "p90"].rounded.reason == Reason.TOO_FEW_DAYS
    assert "validity.year_more" in found.facts
    off = editions().switched(off=["validity.year_more", "statistic.percentile"]).named("2026-transition")
    loose = periods.assessment(off, YEAR, short)
    assert loose.statistics["o3", "p90"].rounded.reason == Reason.FACT_OFF
    assert "statistic.percentile" not in loose.facts


def test_attainment_is_known_when_one_exceeds_whatever_is_missing():
    lacking = {one: days for one, days in flat(YEAR, pm25=31).items() if one != "co"}
    found = periods.assessment(TRANSITION, YEAR, lacking)
    assert (bool(found.attained), bool(found.known)) == (False, True)
    unknown = periods.assessment(TRANSITION, YEAR, {one: days for one, days in flat(YEAR).items() if one != "co"})
    assert (bool(unknown.attained), bool(unknown.known)) == (False, False)


def test_percentiles_are_held_against_the_limits_of_days():
    days = [100] * 328 + [161] * 37  # the 90th percentile lies at 327.6 of 0 to 364
    found = periods.assessment(TRANSITION, YEAR, flat(YEAR) | {"o3": series(*days)})
    p90 = found.statistics["o3", "p90"]
    assert (p90.values.exact(), p90.limits) == (100 + Fraction(61 * 6, 10), (100, 160))
    assert not p90.over
    one_more = periods.statistic(TRANSITION, YEAR, "o3", "p90", series(*[100] * 327, *[161] * 38))
    assert (one_more.rounded.number(), bool(one_more.over)) == (161, True)


def test_the_edition_of_a_period_is_that_of_its_last_day():
    edition, during = periods.edition_of(editions(), Span.year(2026))
    assert (edition.id, during) == ("2026-transition", ("2012", "2026-transition"))
    assert periods.edition_of(editions(), Span.year(2025))[1] == ("2012",)
    assert periods.edition_of(editions(), Span.year(2031))[0] is FINAL


# --- rates ----------------------------------------------------------------------------------------------------------


def indices(span, under=None, **values):
    items = {"so2_24h": "so2", "no2_24h": "no2", "pm10_24h": "pm10", "co_24h": "co", "o3_8h": "o3", "pm25_24h": "pm25"}
    days = flat(span) | {name: series(*given) for name, given in values.items()}
    return evaluate_items(
        editions(), span.days, {item: days[name] for item, name in items.items()}, under=under
    ).indices


def test_good_days_and_days_by_category():
    span = Span(date(2027, 1, 1), date(2027, 1, 7))
    days = indices(span, pm25=[10, 60, 61, 116, 151, 251, None], o3=[90] * 7)
    share = rates.good_days(TRANSITION, days)
    assert (int(share.part), int(share.whole)) == (2, 6)
    assert Decimal(int(share.units)) / 10 == Decimal("33.3")
    assert rates.days_by_category(TRANSITION, days).tolist() == [1, 1, 1, 1, 1, 1]
    assert rates.primary_days(days)["pm25"] == 5
    assert rates.primary_days(days)["o3"] == 0
    left = np.array([False, False, True, True, False, False, False])
    assert rates.good_days(TRANSITION, days, left).whole == 4
    none = rates.good_days(TRANSITION, indices(span, **{one: [None] * 7 for one in CLEAN}))
    assert none.whole == 0


def test_composite_index_by_hand():
    """10/60 + 20/40 + 40/60 + 20/30 + 0.8/4 + 120/160 = 2.95; with 70 and 35 of 2012 2.76; of 2031 10/20 + 20/30 +
    40/50 + 20/25 + 0.2 + 0.75 = 3.72
    """
    for edition, total in ((TRANSITION, "2.95"), (OLD, "2.76"), (FINAL, "3.72")):
        found = rates.composite(edition, periods.assessment(edition, YEAR, flat(YEAR)).statistics)
        assert found.total.number() == Decimal(total)
        assert found.facts == ("composite.decimals", "statistic.percentile")
    statistics = periods.assessment(TRANSITION, YEAR, flat(YEAR)).statistics
    found = rates.composite(TRANSITION, statistics)
    assert (found.mains(), found.parts["o3"].number()) == (("o3",), Decimal("0.75"))
    tie = rates.composite(TRANSITION, periods.assessment(TRANSITION, YEAR, flat(YEAR, no2=30)).statistics)
    assert tie.mains() == ("no2", "o3")
    lacking = rates.composite(TRANSITION, {key: one for key, one in statistics.items() if key[0] != "co"})
    assert (lacking.total.number(), lacking.mains()) == (None, ())
    short = periods.assessment(TRANSITION, YEAR, flat(YEAR, range(60))).statistics
    assert rates.without_value(short, ())["pm25_mean"] == Reason.TOO_FEW_DAYS


def test_the_weighted_index_is_off_unless_switched_on():
    statistics = periods.assessment(TRANSITION, YEAR, flat(YEAR)).statistics
    with pytest.raises(NoFact):
        rates.composite(TRANSITION, statistics, weighted=True)
    on = editions().switched(on=["composite.weights"]).named("2026-transition")
    found = rates.composite(on, statistics, weighted=True)
    # 1/6 + 2·1/2 + 2/3 + 3·2/3 + 0.2 + 2·0.75
    assert found.total.number() == Decimal("5.53")
    assert "composite.weights" in found.facts
    assert rates.composite(on, statistics).total.number() == Decimal("2.95"), "switched on it still has to be asked for"


def test_ranks_share_a_place():
    given_ = [Decimal("3.21"), Decimal("2.95"), None, Decimal("2.95"), Decimal("4.00")]
    assert rates.ranks(given_) == [3, 1, None, 1, 4]
    assert rates.ranks(given_, highest_first=True) == [2, 3, None, 3, 1]
    assert rates.ranks([]) == []


@given(st.lists(st.decimals(0, 9, places=1), max_size=12), st.randoms())
def test_ranks_do_not_depend_on_order(values, chance):
    turned = list(range(len(values)))
    chance.shuffle(turned)
    straight, other = rates.ranks(values), rates.ranks([values[n] for n in turned])
    assert [straight[n] for n in turned] == other
    assert straight == [1 + sum(one < value for one in values) for value in values]


# --- comparison -----------------------------------------------------------------------------------------------------


def test_year_on_year_under_the_same_edition_and_under_both():
    def good(span, edition):
        days = indices(span, edition, pm25=[61 if n % 2 else 30 for n in range(len(span.days))])
        share = rates.good_days(edition or OLD, days)
        return Decimal(int(share.units)) / 10

    now, before = Span(date(2026, 3, 1), date(2026, 3, 10)), Span(date(2025, 3, 1), date(2025, 3, 10))
    found = comparing.year_on_year(editions(), good, now, before)
    assert found.as_published == comparing.Change(Decimal(50), Decimal(100), Decimal(-50), Decimal("-50.0"))
    assert found.under_now.change == found.under_before.change == 0
    assert (found.under_now.before, found.under_before.now) == (50, 100)
    assert (found.editions, found.comparable, found.same_state) == (("2026-transition", "2012"), False, True)
    old = comparing.year_on_year(editions(), good, Span.month(2019, 3), Span.month(2018, 3))
    assert (old.comparable, old.same_state) == (True, False), "gases at 273 K before 2018-09-01"
    assert comparing.change(Decimal(3), None).change is None
    assert comparing.change(Decimal(3), Decimal(0)) == comparing.Change(Decimal(3), Decimal(0), Decimal(3), None)


def test_moving_mean_of_three_years():
    found = comparing.moving_mean(TRANSITION, {2026: Decimal(31), 2027: Decimal(30), 2028: Decimal(30)}, 2028, 0)
    assert (found.value, found.years, found.facts) == (30, (2026, 2027, 2028), ("moving_mean.years",))
    lacking = comparing.moving_mean(TRANSITION, {2027: Decimal(30), 2028: Decimal(30)}, 2028, 0)
    assert (lacking.value, lacking.missing) == (None, (2026,))
    with pytest.raises(NoFact):
        comparing.moving_mean(OLD, {}, 2020, 0)


def test_exceptional_days_are_left_out_only_with_an_approval_and_both_results_stay():
    span = Span(date(2027, 4, 1), date(2027, 4, 30), "month")
    values = Means.of(Amounts.from_numbers([40] * 27 + [700] * 3))[None, :]
    storm = comparing.Event(date(2027, 4, 28), date(2027, 4, 29), "沙尘", "环函〔2027〕1号")
    rumour = comparing.Event(date(2027, 4, 30), date(2027, 4, 30), "沙尘", " ")
    elsewhere = comparing.Event(date(2027, 4, 30), date(2027, 4, 30), "沙尘", "环函〔2027〕2号", frozenset({5}))

    def mean(mask):
        return periods.statistic(TRANSITION, span, "pm10", "mean", values.without(mask)).rounded.number(0)

    found = comparing.both_ways(mean, span.days, 1, [storm, rumour, elsewhere])
    assert (found.all_days, found.without) == (106, oracle.half_even(Fraction(40 * 27 + 700, 28), 0))
    assert (found.applied, found.refused) == ((storm, elsewhere), (rumour,))
    left = values.without(comparing.excluded_days(span.days, 1, [storm]))
    assert left.reason[0, 27] == Reason.EXCLUDED
    assert left.exact(0, 27) is None
    all_gone = comparing.both_ways(
        mean, span.days, 1, [comparing.Event(span.first, span.last, "沙尘", "环函〔2027〕3号")]
    )
    assert all_gone.without is None


# --- 倒算 -----------------------------------------------------------------------------------------------------------


def test_the_mean_left_by_hand():
    """300 days of 33, target 30, 65 left: (30·365 − 9900)/65 = 16.15; up to 30.5 published (even 30): 18.96"""
    found = backcasting.mean_left(Decimal(30), 300 * 33, 300, 65, 0)
    assert (found.strict, found.published, found.outlook) == (Decimal("16.1"), Decimal("18.9"), "possible")
    assert backcasting.mean_left(Decimal(30), 300 * 60, 300, 65, 0).outlook == "impossible"
    assert backcasting.mean_left(Decimal(30), Fraction(61, 2) * 365, 365, 0, 0).outlook == "met", (
        "30.5 is published as 30"
    )
    assert backcasting.mean_left(Decimal(31), Fraction(63, 2) * 365, 365, 0, 0).outlook == "missed", "31.5 as 32"
    with pytest.raises(ValueError, match="days"):
        backcasting.mean_left(Decimal(30), 0, 0, 0, 0)


@given(st.integers(0, 60), st.integers(0, 40), st.integers(1, 40), st.integers(0, 2000))
def test_keeping_to_the_mean_left_reaches_the_target_and_more_does_not(target, done, left, total):
    found = backcasting.mean_left(Decimal(target), total, done, left, 0)
    days = done + left

    def published(rest):
        return oracle.half_even((total + Fraction(rest) * left) / days, 0)

    assert (total + Fraction(found.strict) * left) / days <= target
    assert published(found.published) <= target < published(found.published + Decimal("0.1"))


@given(st.integers(0, 1000), st.integers(0, 60), st.integers(0, 60), st.integers(1, 60))
def test_polluted_days_left_by_trying_every_number(tenths, good, bad, left):
    target = Decimal(tenths) / 10
    days = good + bad + left
    found = backcasting.polluted_days_left(target, good, good + bad, left)
    tried = [n for n in range(left + 1) if oracle.half_even(Fraction((good + left - n) * 100, days), 1) >= target]
    strict = [n for n in range(left + 1) if Fraction((good + left - n) * 100, days) >= target]
    assert found.published == max(tried) if tried else found.published < 0
    assert found.strict == max(strict) if strict else found.strict < 0
    assert found.outlook == ("impossible" if not tried else "secure" if len(tried) == left + 1 else "possible")


@given(st.sampled_from([90, 95, 98]), st.integers(1, 70), st.data())
def test_exceeding_days_left_keep_the_percentile(percent, days, data):
    left = data.draw(st.integers(1, days))
    above = data.draw(st.integers(0, days - left))
    found = backcasting.exceeding_days_left(percent, above, days - left, left)

    def reached(more):
        values = [Fraction(900)] * (above + more) + [Fraction(160)] * (days - above - more)
        return oracle.percentile(values, percent) <= 160

    if found.strict >= 0:
        assert reached(found.strict)
        if found.strict < left:
            assert not reached(found.strict + 1)
    else:
        assert not reached(0)


def test_periods_that_are_over():
    assert backcasting.polluted_days_left(Decimal("95.0"), 347, 365, 0).outlook == "met", "95.07"
    assert backcasting.polluted_days_left(Decimal("95.1"), 347, 365, 0).outlook == "met", "published as 95.1"
    assert backcasting.polluted_days_left(Decimal("95.2"), 347, 365, 0).outlook == "missed"
    assert backcasting.exceeding_days_left(90, 36, 365, 0).outlook == "met"
    assert backcasting.exceeding_days_left(90, 37, 365, 0).outlook == "missed"
    with pytest.raises(ValueError, match="good days"):
        backcasting.polluted_days_left(Decimal(95), 3, 2, 1)


def test_where_a_month_stands():
    found = backcasting.standing(
        [Decimal(31), Decimal(28), None, Decimal(31)], 0, target=Decimal(30), before=Decimal(25)
    )
    assert (found.gap, found.yearly.percent, found.rank, found.of) == (1, Decimal("24.0"), 2, 3)
    nothing = backcasting.standing([None, Decimal(28)], 0, target=Decimal(30))
    assert (nothing.gap, nothing.rank, nothing.yearly.change) == (None, None, None)
