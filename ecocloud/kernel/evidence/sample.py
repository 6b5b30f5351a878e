"""The room's part of the sample site: figures of a published report with their source, and made-up demonstration
values (marked as such) for one city and its counties, with targets of every light."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from ecocloud.base.periods import Period
from ecocloud.kernel.evidence import facts, services
from ecocloud.kernel.evidence.models import Indicator, Observation, Target
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import SYSTEM, change
from ecocloud.kernel.regions.models import Region


class _Fact(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Figure(_Fact):
    """A published figure or target."""

    code: str
    period: str
    value: Decimal
    operator: str = ""


class Public(_Fact):
    """A published document with its figures."""

    key: str
    title: str
    publisher: str
    published: date
    citation: str
    region: str
    figures: tuple[Figure, ...]
    targets: tuple[Figure, ...]


class Made(_Fact):
    """A made-up indicator course around its target."""

    code: str
    operator: str
    target: Decimal
    factor: Decimal
    every: str
    season: str = ""


class Sheet(_Fact):
    """A sheet of the demonstration workbook."""

    key: str
    name: str


class Demo(_Fact):
    """The demonstration workbook."""

    title: str
    sheets: tuple[Sheet, ...]
    note: str
    indicators: tuple[Made, ...]


class SampleFile(_Fact):
    """``data/sample.yaml``."""

    public: Public
    demo: Demo


def sample_file() -> SampleFile:
    """The checked sample data."""
    text = (files(__package__) / "data" / "sample.yaml").read_text(encoding="utf-8")
    return SampleFile.model_validate(yaml.safe_load(text))


def load(context: Any) -> None:
    """The catalogue, published figures, two years of demonstration values and targets, and work in progress."""
    services.load_catalogue()
    data = sample_file()
    shared = context.shared
    city, counties = shared["region"], shared["counties"]
    indicators = {row.code: row for row in Indicator.objects.all()}
    maker = _Maker(context.today, indicators, shared["departments"])
    with change(SYSTEM) as tx:
        maker.publish(data.public, Region.objects.get(pk=data.public.region))
        for course in data.demo.indicators:
            maker.course(course, city, counties)
        Observation.objects.bulk_create(maker.observations, batch_size=500)
        Target.objects.bulk_create(maker.targets, batch_size=500)
        counts = {"observations": len(maker.observations), "targets": len(maker.targets)}
        tx.log("evidence.sample.load", Ref("region", city.pk), None, counts)
    _work_in_progress(shared, city, indicators, context.today)


class _Maker:
    """Collects rows; the same input gives the same rows."""

    def __init__(self, today: date, indicators: dict[str, Indicator], departments: dict[str, Any]) -> None:
        self.today, self.indicators, self.departments = today, indicators, departments
        self.observations: list[Observation] = []
        self.targets: list[Target] = []
        self.row = 1

    def _department(self, indicator: Indicator) -> Any:
        code = facts.function_codes().get(indicator.function, "")
        return self.departments.get(code) or self.departments.get("eco-office")

    def _source(self) -> str:
        self.row += 1
        return f"demo:values#row-{self.row}"

    def _observe(self, indicator: Indicator, region: Region, span: Period, value: Decimal, source: str,
                 days: int | None = None) -> None:  # fmt: skip
        self.observations.append(Observation(
            indicator=indicator, region=region, period=span.edtf, start=span.start, end=span.end, unit=indicator.unit,
            value=value, status="confirmed", source=source, department=self._department(indicator), revision=1,
            denominator=None if days is None else Decimal(days),
        ))  # fmt: skip

    def _promise(
        self, indicator: Indicator, region: Region, year: int, operator: str, value: Decimal, document: str
    ) -> None:
        span = Period.of(year)
        self.targets.append(Target(
            indicator=indicator, region=region, period=span.edtf, start=span.start, end=span.end, operator=operator,
            value=value, unit=indicator.unit, document=document, department=self._department(indicator), revision=1,
        ))  # fmt: skip

    def publish(self, public: Public, region: Region) -> None:
        """The published figures and targets, each with the report as its source."""
        for number, figure in enumerate(public.figures, 1):
            source = f"public:{public.key}#figure-{number}"
            self._observe(self.indicators[figure.code], region, Period.parse(figure.period), figure.value, source)
        for number, figure in enumerate(public.targets, 1):
            document = f"public:{public.key}#target-{number}"
            self._promise(
                self.indicators[figure.code], region, int(figure.period), figure.operator, figure.value, document
            )

    def course(self, made: Made, city: Region, counties: list[Region]) -> None:
        """Two years of one indicator for the city and its counties, with this and last year's targets."""
        indicator = self.indicators[made.code]
        shares = (
            _shares(made.code, len(counties)) if indicator.aggregation == "sum" or made.code.endswith("COUNT") else None
        )
        for number, region in enumerate([city, *counties]):
            seed = random.Random(f"{made.code}{region.pk}")
            scale = Decimal(1) if number == 0 or shares is None else shares[number - 1]
            wobble = Decimal(0) if number == 0 else Decimal(seed.randint(-60, 60)) / 1000
            goal = _rounded(made.target * scale, indicator)
            for year in (self.today.year - 1, self.today.year):
                self._promise(indicator, region, year, made.operator, goal, f"demo:targets#row-{self.row}")
                factor = made.factor + wobble if year == self.today.year else made.factor + wobble / 2 + Decimal("0.01")
                if made.operator == "=":
                    factor = made.factor if number == 0 else min(Decimal(1), made.factor + wobble / 4)
                if made.every == "month":
                    self._months(made, indicator, region, year, goal, factor, seed)
                else:
                    self._yearly(indicator, region, year, goal, factor)

    def _months(self, made: Made, indicator: Indicator, region: Region, year: int, goal: Decimal, factor: Decimal,
                seed: random.Random) -> None:  # fmt: skip
        season = [Decimal(part) for part in made.season.split(",")] if made.season else [Decimal(1)] * 12
        level = sum(season, Decimal(0)) / 12
        for month in range(1, 13):
            span = Period.of(year, month)
            if span.end >= self.today:
                return
            noise = 1 + Decimal(seed.randint(-40, 40)) / 1000
            if indicator.aggregation == "sum":
                weight = season[month - 1] / sum(season, Decimal(0)) if made.season else Decimal(1) / 12
                value = goal * factor * weight * noise
            elif made.operator == "<=":
                value = goal / factor * season[month - 1] / level * noise
            else:
                value = min(Decimal(100), goal * factor * season[month - 1] / level * (1 + (noise - 1) / 5))
            if made.operator == "=":
                value = min(Decimal(100), goal * factor)
            days = span.days if indicator.aggregation == "ratio" else None
            self._observe(indicator, region, span, _rounded(value, indicator), self._source(), days)

    def _yearly(self, indicator: Indicator, region: Region, year: int, goal: Decimal, factor: Decimal) -> None:
        if year == self.today.year:
            last = self.today.replace(day=1) - timedelta(days=1)
            if last.year != year:
                return
            span = Period.ytd(year, last.month)
        else:
            span = Period.of(year)
        value = goal * factor
        if indicator.unit == "%":
            value = min(Decimal(100), value)
        self._observe(indicator, region, span, _rounded(value, indicator), self._source())


def _rounded(value: Decimal, indicator: Indicator) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-min(indicator.decimals, 3)))


def _shares(code: str, count: int) -> list[Decimal]:
    seed = random.Random(code)
    weights = [seed.randint(5, 12) for _ in range(count)]
    return [Decimal(weight) / sum(weights) for weight in weights]


def _people(shared: dict[str, Any]) -> tuple[Any, Any]:
    """Somebody of a department who fills in, and somebody of the office who reviews."""
    filler = office = None
    for person in shared["people"].values():
        roles = set(person.roles.values_list("code", flat=True))
        if "department" in roles and filler is None:
            filler = person
        if "office" in roles and office is None:
            office = person
    return filler, office


def _work_in_progress(shared: dict[str, Any], city: Region, indicators: dict[str, Indicator], today: date) -> None:
    """A value to review, a returned one, a draft, a correction, an own indicator, a conflict between documents."""
    filler, office = _people(shared)
    if filler is None or office is None:
        return
    fill = {"source": f"user:{filler.pk}", "department": filler.department}
    year = str(today.year)
    services.record_observation(filler, indicators["GOV.GREEN.UNITS"], city, year, 38, submitted=True, **fill)
    back = services.record_observation(
        filler, indicators["GOV.PUBLICITY.EVENTS"], city, year, 12, submitted=True, **fill
    )
    services.send_back(office, back, reason="次数与活动台账不一致，请核对后重报。")
    services.record_observation(filler, indicators["GOV.PUBLICITY.LEAFLETS"], city, year, "6.5", **fill)
    made = Observation.objects.filter(indicator__code="FOR.LOWYIELD", region=city).order_by("-end").first()
    if made is not None:
        services.correct(
            office, made, value=made.value + 1, reason="漏报一个作业小班，按验收单补录。", source="demo:values#row-2"
        )
    services.propose_indicator(
        filler, "生态护岸长度", "公里", source=f"user:{filler.pk}", direction="up", aggregation="sum"
    )
    services.set_target(office, indicators["FOR.LOWYIELD"], city, year, ">=", 35, document="demo:targets#row-9999")
