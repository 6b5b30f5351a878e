"""Accountings of the sample site: one of two years with a confirmed run, one of the year after whose forms go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Any

import yaml

from ecocloud.domains.gep import formset, steps
from ecocloud.domains.gep.models import Accounting, Form
from ecocloud.domains.gep.raster_accounts import sample as raster_sample
from ecocloud.domains.gep.services import accountings, disclosing, published, reporting, reviewing, runs
from ecocloud.domains.gep.services.reporting import Entered
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions.models import Region, User

_UNTIL = {"owed": (), "save": ("save",), "submit": ("save", "submit"), "check": ("save", "submit", "check"),
          "return": ("save", "submit", "return"), "approve": ("save", "submit", "check", "approve")}  # fmt: skip
_DIGITS = Decimal("0.0001")


@dataclass(frozen=True)
class _Place:
    """The county and the townships that stand for it, with their shares of its amounts."""

    county: Region
    parts: tuple[Region, ...]
    shares: tuple[Decimal, ...]


def load(context: Any) -> None:
    """Both accountings, through the services as people would."""
    given = yaml.safe_load((files(__package__) / "data" / "sample.yaml").read_text("utf-8"))
    units = context.shared["township_units"][: len(given["shares"])]
    if len(units) < len(given["shares"]):
        return
    context.say("生态产品总值核算")
    place = _Place(units[0].region.parent, tuple(unit.region for unit in units),
                   tuple(Decimal(str(one)) for one in given["shares"]))  # fmt: skip
    people, year = context.shared["people"], context.today.year
    with change(people["office"].actor()):
        _confirmed(given, place, people, year, context)
        going_on = _going_on(given, place, people, year - 1, context)
    raster_sample.load(people["office"], going_on, context.say)  # files are taken outside of transactions


def _open(given: dict[str, Any], place: _Place, user: User, years: tuple[int, int], deadline: Any) -> Accounting:
    word = f"{years[0]}" if years[0] == years[1] else f"{years[0]}至{years[1]}"
    row = accountings.open_accounting(
        user, title=f"{place.county.name}{word}年生态产品总值核算", region=place.county, parts=place.parts, years=years,
        deadline=deadline, edition=given["edition"], base_year=given["base_year"], methods=given["methods"],
        note=given["source"],
    )  # fmt: skip
    for one in given["prices"]:
        accountings.set_price(user, row, **(one | {"value": str(one["value"]), "place": place.county.code}))
    return row


def _confirmed(given: dict[str, Any], place: _Place, people: dict[str, User], year: int, context: Any) -> None:
    first, second = people["office"], people["office2"]
    row = _open(given, place, first, (year - 3, year - 2), context.today - timedelta(days=300))
    for form in row.forms.select_related("region"):
        _walk(given, place, form, "approve", first, second, year - 3)
    run = runs.make_run(first, row)
    said = reviewing.comment(second, run, given["comment"]["text"], service=given["comment"]["service"])
    reviewing.comment(first, run, given["comment"]["reply"], parent=said.pk)
    reviewing.resolve(second, said)
    reviewing.confirm(second, run, reason=given["source"])
    told = [published.Entered(one["service"], str(one["value"]), one["reason"]) for one in given["published"]]
    published.set_published(first, row, year - 2, given["source"], told)
    disclosing.disclose(second, run, year - 2)


def _going_on(given: dict[str, Any], place: _Place, people: dict[str, User], year: int, context: Any) -> Accounting:
    first, second = people["office"], people["office2"]
    row = _open(given, place, first, (year, year), context.today + timedelta(days=5))
    for form in row.forms.select_related("region"):
        state = given["states"].get(form.code, "owed")
        last = form.region_id == place.parts[-1].code
        _walk(given, place, form, "owed" if last else state, first, second, year - 2, given["reason"])
    run = runs.make_run(first, row, note=given["source"])
    reviewing.comment(second, run, given["comment"]["text"], service=given["comment"]["service"])
    return row


def _walk(
    given: dict[str, Any],
    place: _Place,
    form: Form,
    state: str,
    first: User,
    second: User,
    since: int,
    reason: str = "",
) -> None:
    """A form filled in by one person and led on by another as far as ``state``."""
    entered = list(_values(given, place, form, since))
    for action in _UNTIL[state]:
        if action == "save":
            reporting.save(first, form, entered)
        elif action == "submit":
            reporting.submit(first, form, note=given["source"])
        else:
            reporting.step(second, form, action, note=reason if steps.STEPS[action].reason else "")


def _values(given: dict[str, Any], place: _Place, form: Form, since: int) -> Any:
    """The values of a form: of a township its share, of the county what only it knows."""
    whole = form.region_id == place.county.code
    share = Decimal(1) if whole else place.shares[[one.code for one in place.parts].index(form.region_id)]
    table = given["whole"] if whole else given["parts"]
    for code in formset.forms()[form.code].data:
        factor = Decimal(str(given["growth"].get(code, 1))) ** (form.year - since)
        for part, value in table.get(code, {}).items():
            amount = Decimal(str(value)) * factor * share
            amount = amount.quantize(Decimal(1) if amount >= 1000 else _DIGITS).normalize()
            yield Entered(code, part, f"{amount:f}", source=given["source"])
