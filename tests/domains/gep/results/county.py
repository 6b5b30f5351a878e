"""A made-up county of two townships over two years, and Ganzi 2010 as published, for tests of results."""

from decimal import Decimal as D

from ecocloud.domains.gep import calculation, editions, pricing
from ecocloud.domains.gep.asking import Given, Inputs
from ecocloud.domains.gep.facts import load
from ecocloud.domains.gep.pricing import Price
from ecocloud.domains.gep.results import outcome
from ecocloud.domains.gep.results.tables import Speech

FACTS = load()
EDITION = FACTS.editions["ndrc-481-2022"]
WHOLE, EAST, WEST = "360899", "360899101", "360899102"
SPEECH = Speech(regions={WHOLE: "青溪县", EAST: "东乡", WEST: "西乡"})
NEW = [Price("reservoir", 2023, "", D("8.13"), "县水利局2023年概算"), Price("co2", 2023, WHOLE, D("402.5"), "县林业局")]


def account(region, year, prices=(), services=None, **values):
    """One account; inputs as ``datum__part=value``."""
    given = [Given(name.partition("__")[0], name.partition("__")[2], D(str(value)), f"gepdatum:{at}")
             for at, (name, value) in enumerate(values.items(), 1)]  # fmt: skip
    chosen = [one for one in editions.choices(FACTS, EDITION) if services is None or one.service in services]
    known = [*pricing.published(FACTS), *prices]
    return calculation.calculate(FACTS, EDITION, chosen, region, year, Inputs(FACTS, given), known, [WHOLE])


def made(base_year=2022):
    """The outcome of 2023 beside 2022: two townships, tourism and products with the county."""
    before = (
        account(WHOLE, 2022, services=["farm_products", "recreation"], crops_value=12000, timber_value="830.55",
                livestock_value=9400, fishery_value=310, visitors__省内=120000, visit_hours__省内=8,
                hour_wage__省内=30, trip_cost__省内=260),
        account(EAST, 2022, services=LOCAL, area__11=100, area__12="40.5", rain=1600, evapotranspiration=800,
                nep__11=5000, nep__12=2100),
        account(WEST, 2022, services=LOCAL, area__11=60, area__33=7, rain=1580, evapotranspiration=790, nep__11=2700),
    )  # fmt: skip
    now = (
        account(WHOLE, 2023, NEW, services=["farm_products", "recreation"], crops_value=12600, timber_value="799.45",
                livestock_value=9900, fishery_value=330, visitors__省内=150000, visit_hours__省内=8,
                hour_wage__省内=31, trip_cost__省内=265),
        account(EAST, 2023, NEW, services=LOCAL, area__11=103, area__12="39.5", area__51=12, rain=1650,
                evapotranspiration=805, nep__11=5400, nep__12=2000),
        account(WEST, 2023, NEW, services=LOCAL, area__11=60, area__33="6.5", rain=1550, evapotranspiration=790,
                nep__11=2650, nep__33=90),
    )  # fmt: skip
    statistics = {(WHOLE, 2023, "gdp"): D(250000), (WHOLE, 2022, "gdp"): D(240000), (EAST, 2023, "gdp"): D(90000),
                  (WHOLE, 2023, "population"): D(123456), (WHOLE, 2023, "land"): D("512.3"),
                  (EAST, 2023, "land"): D(300), (WEST, 2023, "land"): D("212.3")}  # fmt: skip
    return outcome.Outcome(FACTS, 2023, now, before, statistics, base_year,
                           outcome.base_prices(FACTS, before) if base_year else {}, WHOLE)  # fmt: skip


LOCAL = ["water_retention", "carbon_fixation"]
