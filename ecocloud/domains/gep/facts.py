"""The room's data files, read through a checked schema: ecosystems, services, inputs, methods, parameters, prices,
editions.

Whatever one file says of another is checked when they are read: a method asks only for inputs and parameters that
exist, gives the items of its service, an edition names methods of its services, a price fits the item it values.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from decimal import Decimal
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from ecocloud.domains.gep.errors import FactsError

Mark = Literal["verified", "verified-secondary", "from_memory", "decided"]
Scope = Literal["region", "ecosystem", "object"]
MONEY = "万元"


class _Fact(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Word(_Fact):
    """A code with its words."""

    code: str
    zh: str
    en: str


class Cited(_Fact):
    """What was read somewhere."""

    citation: str = Field(min_length=1)
    mark: Mark


class ItemFact(Word):
    """What a service is valued by; ``price`` the kind of price of one ``unit``, '' where the amount is money."""

    unit: str
    price: str = ""


class ServiceFact(Word):
    """One service of a group, with its items."""

    group: str
    items: tuple[ItemFact, ...]


class InputFact(Word):
    """One datum: unit, scope, what is plausible, the function of the department that fills it in.

    ``everywhere``: of a region or thing, yet no amount; one told of a whole holds for each of its parts.
    """

    unit: str
    scope: Scope
    least: Decimal | None = None
    most: Decimal | None = None
    function: str
    everywhere: bool = False


class MethodFact(Word, Cited):
    """One named formula; ``function`` in ``methods/``, ``over`` the datum whose parts it runs over ('' the region)."""

    service: str
    formula: str
    function: str
    over: str = ""
    parts: tuple[str, ...] = ()
    data: tuple[str, ...]
    parameters: tuple[str, ...] = ()
    items: tuple[str, ...]


class PartValue(_Fact):
    """The value of a parameter for one ecosystem (first digits of its class), '' for all."""

    part: str = ""
    value: Decimal
    note: str = ""


class ParameterFact(Word, Cited):
    """A coefficient with its values by ecosystem; none where every county has to give its own."""

    unit: str
    values: tuple[PartValue, ...]


class PriceKind(Word):
    """What is priced, and in which unit."""

    unit: str


class PriceFact(Cited):
    """One published price: kind, year, place ('' everywhere), value in the unit of its kind."""

    kind: str
    year: int = Field(ge=1990, le=2100)
    place: str = ""
    value: Decimal = Field(ge=0)


class EditionService(_Fact):
    """A service of an edition: its methods, others it admits; without methods its formula was not seen."""

    service: str
    methods: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    optional: bool = False


class EditionFact(Cited):
    """One published method text."""

    id: str
    number: str
    zh: str
    en: str
    kind: Literal["gep", "function", "forest"]
    issued: datetime.date
    valid_from: datetime.date
    valid_to: datetime.date | None = None
    note: str = ""
    note_en: str = ""
    services: tuple[EditionService, ...]

    @cached_property
    def by_service(self) -> dict[str, EditionService]:
        """Its services by code."""
        return {one.service: one for one in self.services}


class Facts(_Fact):
    """Everything the room knows, by code."""

    classes: dict[str, Word]
    groups: dict[str, Word]
    services: dict[str, ServiceFact]
    inputs: dict[str, InputFact]
    statistics: dict[str, InputFact]
    methods: dict[str, MethodFact]
    parameters: dict[str, ParameterFact]
    kinds: dict[str, PriceKind]
    prices: tuple[PriceFact, ...]
    editions: dict[str, EditionFact]

    @cached_property
    def items(self) -> dict[str, tuple[ServiceFact, ItemFact]]:
        """Each item with its service, by the item's code, in the order of the file."""
        return {item.code: (service, item) for service in self.services.values() for item in service.items}


def _read(name: str) -> dict[str, Any]:
    text = files(__package__).joinpath("data", f"{name}.yaml").read_text("utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _by(found: Iterable[Any], name: str, key: str = "code") -> dict[str, Any]:
    made: dict[str, Any] = {}
    for one in found:
        code = getattr(one, key)
        if code in made:
            raise FactsError(f"{name} 中的 {code} 出现两次。", f"{name}: {code} stands twice", value=code)
        made[code] = one
    return made


@cache
def load() -> Facts:
    """The facts of the room. Raises :class:`FactsError` or pydantic's ValidationError when a file does not hold
    together.
    """
    services, inputs, prices = _read("services"), _read("inputs"), _read("prices")
    found = Facts(
        classes=_by(map(Word.model_validate, _read("ecosystems")["classes"]), "ecosystems"),
        groups=_by(map(Word.model_validate, services["groups"]), "services"),
        services=_by(map(ServiceFact.model_validate, services["services"]), "services"),
        inputs=_by(map(InputFact.model_validate, inputs["inputs"]), "inputs"),
        statistics=_by(map(InputFact.model_validate, inputs["statistics"]), "inputs"),
        methods=_by(map(MethodFact.model_validate, _read("methods")["methods"]), "methods"),
        parameters=_by(map(ParameterFact.model_validate, _read("parameters")["parameters"]), "parameters"),
        kinds=_by(map(PriceKind.model_validate, prices["kinds"]), "prices"),
        prices=tuple(map(PriceFact.model_validate, prices["prices"])),
        editions=_by(map(EditionFact.model_validate, _read("editions")["editions"]), "editions", "id"),
    )
    for code, known in _references(found):
        if not known:
            raise FactsError(f"数据文件提到了不存在的 {code}。", f"unknown {code}", value=code)
    return found


def _references(facts: Facts) -> Iterable[tuple[str, bool]]:
    """Whatever one file says of another, and whether it is there."""
    for service in facts.services.values():
        yield f"group {service.group}", service.group in facts.groups
        for item in service.items:
            yield f"price {item.price} of {item.code}", (item.unit == MONEY) != (item.price in facts.kinds)
            if item.price in facts.kinds:
                yield f"unit of {item.price} for {item.code}", facts.kinds[item.price].unit == f"元/{item.unit}"
    for method in facts.methods.values():
        own = facts.services.get(method.service)
        yield f"service {method.service} of {method.code}", own is not None
        yield f"items of {method.code}", own is not None and {*method.items} <= {one.code for one in own.items}
        yield f"over {method.over} of {method.code}", method.over in ("", *method.data)
        yield from ((f"input {one} of {method.code}", one in facts.inputs) for one in method.data)
        yield from ((f"parameter {one} of {method.code}", one in facts.parameters) for one in method.parameters)
    for price in facts.prices:
        yield f"kind {price.kind}", price.kind in facts.kinds
    for edition in facts.editions.values():
        for one in edition.services:
            yield f"service {one.service} of {edition.id}", one.service in facts.services
            for code in (*one.methods, *one.others):
                method = facts.methods.get(code)
                yield f"method {code} of {edition.id}", method is not None and method.service == one.service
