"""The forms of the reporting system as data, and what each asks under an edition. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from ecocloud.domains.gep.editions import Choice
from ecocloud.domains.gep.errors import FactsError
from ecocloud.domains.gep.facts import EditionFact, Facts, InputFact, Mark, load


class _Fact(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FormFact(_Fact):
    """One form: the function of the unit that owes it, by region as a whole or by its parts too, its data."""

    code: str = Field(pattern=r"^[A-Z0-9]{3,20}$")
    zh: str
    en: str
    function: str
    by: Literal["whole", "parts"]
    data: tuple[str, ...]
    jump: Decimal | None = None


class FormsFile(_Fact):
    """``data/forms.yaml``."""

    citation: str
    mark: Mark
    jump: Decimal = Field(gt=0)
    tolerance: Decimal = Field(ge=0)
    known: Decimal = Field(ge=0, le=1)
    forms: tuple[FormFact, ...]


@cache
def forms() -> dict[str, FormFact]:
    """The forms by code; every datum stands in exactly one, which is of the function that fills it in."""
    facts, found, seen = load(), {}, set()
    known = {**facts.inputs, **facts.statistics}
    for form in forms_file().forms:
        for code in form.data:
            if code in seen or code not in known or known[code].function != form.function:
                raise FactsError(f"报表 {form.code} 的数据项 {code} 重复、不存在或不属于该部门。",
                                 f"{form.code}: {code} twice, unknown or of another function", value=code)  # fmt: skip
            seen.add(code)
        found[form.code] = form
    missing = sorted(set(known) - seen)
    if missing:
        raise FactsError(f"数据项 {missing[0]} 不在任何报表中。", f"in no form: {missing}", value=missing[0])
    return found


@cache
def forms_file() -> FormsFile:
    """The data file as it stands."""
    text = files(__package__).joinpath("data", "forms.yaml").read_text("utf-8")
    return FormsFile.model_validate(yaml.safe_load(text))


@dataclass(frozen=True)
class Asked:
    """What a form asks in one accounting: its data in order; ``needed``: those a service cannot do without."""

    form: FormFact
    data: tuple[InputFact, ...]
    needed: frozenset[str]


def asked(facts: Facts, edition: EditionFact, chosen: Iterable[Choice]) -> dict[str, Asked]:
    """The forms that an edition with its chosen methods asks for, by code; a form without data is not among them."""
    wanted: set[str] = set(facts.statistics)
    needed: set[str] = set(facts.statistics)
    for choice in chosen:
        for method in choice.methods:
            data = set(facts.methods[method].data)
            wanted |= data
            if not edition.by_service[choice.service].optional:
                needed |= data
    known = {**facts.inputs, **facts.statistics}
    found = {}
    for code, form in forms().items():
        data = tuple(known[one] for one in form.data if one in wanted)
        if data:
            found[code] = Asked(form, data, frozenset(one.code for one in data if one.code in needed))
    return found
