"""The table path without a site: forms as workbooks, and accounts of a folder of filled ones. Pure."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ecocloud.base import typed
from ecocloud.base.errors import EcoError
from ecocloud.base.sheets import Choice, export_workbook, guess_workbook, read_rows
from ecocloud.domains.gep import asking, calculation, checking, datasheet, editions, formset, gathering, pricing
from ecocloud.domains.gep.calculation import Account
from ecocloud.domains.gep.editions import Choice as Method
from ecocloud.domains.gep.errors import GepError
from ecocloud.domains.gep.facts import Facts
from ecocloud.domains.gep.formset import Asked
from ecocloud.domains.gep.pricing import Price
from ecocloud.domains.gep.results.outcome import Outcome

PRICES = "prices.csv"  # beside the forms: kind, year, value, source and, where it holds, place
_PRICE = ("kind", "year", "place", "value", "source")
_YEARS = (1990, 2100)
Given = dict[tuple[str, int], list[asking.Given]]  # by region and year


@dataclass(frozen=True)
class Basis:
    """An edition with the methods chosen and the prices that may be used."""

    facts: Facts
    edition: str
    chosen: tuple[Method, ...]
    prices: tuple[Price, ...]

    @property
    def forms(self) -> dict[str, Asked]:
        """The forms it asks for."""
        return formset.asked(self.facts, self.facts.editions[self.edition], self.chosen)


def basis(facts: Facts, edition: str, wanted: Mapping[str, tuple[str, ...]], prices: Iterable[Price] = ()) -> Basis:
    """What accounts are made by; ``prices`` of one's own stand before those published. Raises :class:`GepError` for an
    edition there is not and for methods it does not admit.
    """
    found = facts.editions.get(edition)
    if found is None:
        raise GepError(f"没有核算版本 {edition}。", f"no edition {edition}", value=edition,
                       remedy_zh=f"可用：{'、'.join(facts.editions)}。")  # fmt: skip
    chosen = editions.choices(facts, found, dict(wanted))
    return Basis(facts, edition, chosen, (*prices, *pricing.published(facts)))


def form_files(made_by: Basis, regions: list[str], year: int, level: str) -> Iterator[tuple[Asked, str, bytes]]:
    """Each form with its file name and its workbook, which is filled in and comes back into a site or
    :func:`accounts`.

    ``regions``: the first the whole, the others its parts, which owe the forms by parts only; so does every region
    where ``level`` is "township".
    """
    for one in made_by.forms.values():
        of_parts = one.form.by == "parts"
        owing = regions if of_parts else ([] if level == "township" else regions[:1])
        if not owing:
            continue
        spec = datasheet.spec(one.form.code, [Choice(name) for name in regions], (year, year), one.data)
        rows = [datasheet.blank(region, year, fact) for region in owing for fact in one.data]
        yield one, f"{one.form.code}{one.form.zh}.xlsx", export_workbook(spec, rows)


def read(folder: Path) -> Given:
    """Every value of the workbooks and CSV files of a folder. Raises :class:`GepError` with file, row and column of
    what cannot be read, and for a value that is told twice.
    """
    spec = datasheet.spec("account", [], _YEARS, datasheet.known().values())
    files = sorted(
        one
        for one in folder.glob("*")
        if one.suffix.lower() in (".xlsx", ".csv") and one.name != PRICES and not one.name.startswith("~$")
    )  # of a workbook that is open
    if not files:
        raise GepError(
            "文件夹里没有报表。", f"no forms in {folder}", value=str(folder), remedy_zh="请放入 .xlsx 或 .csv。"
        )
    found: Given = defaultdict(list)
    seen: dict[tuple[Any, ...], str] = {}
    for path in files:
        content = path.read_bytes()
        source = content if path.suffix.lower() == ".xlsx" else datasheet.workbook_of_csv(content).getvalue()
        for row in read_rows(source, spec, guess_workbook(source, spec)):
            values, where = row.values, {"文件": path.name, "行": row.number}
            if values.get("value") is None and not row.faults:
                continue
            one, place = _taken(values, row.faults, where)
            key = (*place, one.datum, one.part)
            if key in seen:
                raise GepError(f"同一项数据填了两次，另见{seen[key]}。", f"{key} twice", where=where, value=one.datum)
            seen[key] = f"{path.name} 第 {row.number} 行"
            found[place].append(one)
    return found


def _taken(values: Mapping[str, Any], faults: Iterable[Any], where: dict[str, Any]) -> tuple[asking.Given, tuple]:
    """One row as a value in the unit of its datum, with its region and year."""
    for fault in faults:
        raise GepError(fault.sentence_zh(), f"{fault.title}: {fault.value}", where=where, value=fault.value)
    fact, part = datasheet.known()[str(values["datum"])], datasheet.part_of(str(values["part"]))
    right = datasheet.should_be(fact, part)
    if right:
        raise GepError(f"“部分”与数据项不符，应为{right}。", f"{fact.code}: part {part}", where=where, value=part)
    value, given = datasheet.in_unit(values["value"], str(values.get("unit") or ""), fact, where)
    said = "，".join(one for one in (values.get("source"), given) if one)
    source = f"{where['文件']}第{where['行']}行" + (f"（{said}）" if said else "")
    return asking.Given(fact.code, part, value, source), (_region(str(values["region"])), values["year"])


def _region(text: str) -> str:
    """The code of a region told as code and name, else the name as it stands."""
    first = text.split()[0]
    return first if first.isdecimal() else text.strip()


def prices_of(facts: Facts, folder: Path) -> list[Price]:
    """Prices of one's own, where the folder has any. Raises :class:`GepError` with the row of a bad one."""
    path, found = folder / PRICES, []
    if not path.exists():
        return found
    for number, row in enumerate(csv.DictReader(io.StringIO(datasheet.text_of(path.read_bytes()))), start=2):
        given, where = {name: (row.get(name) or "").strip() for name in _PRICE}, {"文件": PRICES, "行": number}
        if given["kind"] not in facts.kinds:
            raise GepError("没有这种价格。", f"no kind of price {given['kind']}", where=where, value=given["kind"],
                           remedy_zh=f"可用：{'、'.join(facts.kinds)}。")  # fmt: skip
        try:
            value = typed.number(given["value"])
            found.append(Price(given["kind"], int(given["year"]), given["place"], value, given["source"]))
        except (ValueError, EcoError) as error:
            raise GepError("价格应有 kind、year、value、source 四列，年份和价格为数。", f"bad price: {error}",
                           where=where) from error  # fmt: skip
    return found


def findings(made_by: Basis, given: Given) -> tuple[list[str], list[str]]:
    """What of the values cannot be, and what is not plausible, as sentences with region and year."""
    hard, soft = [], []
    for (region, year), some in sorted(given.items()):
        values = {(one.datum, one.part): one.value for one in some}
        last = {(one.datum, one.part): one.value for one in given.get((region, year - 1), [])}
        for asked in made_by.forms.values():
            for one in checking.check(made_by.facts, asked, values, last=last, needed=frozenset()):
                told = f"{region} {year} 年 {checking.told_zh(made_by.facts, one)}"
                (hard if one.hard else soft).append(told)
    return hard, soft


def outcome(made_by: Basis, given: Given, whole: str = "", year: int = 0) -> Outcome:
    """The accounts of all regions; of ``year`` or the last one, with the years before.

    ``whole``: the region the others are parts of; without it each region stands for itself. Raises :class:`GepError`
    for a year or a whole that was not given.
    """
    year = year or max((one for _, one in given), default=0)
    regions = sorted({region for region, _ in given})
    if whole not in ("", *regions) or year not in {one for _, one in given}:
        raise GepError(f"没有 {whole or year} 的数据。", f"nothing of {whole} {year}", value=whole or year,
                       remedy_zh=f"有：{'、'.join(regions)}。")  # fmt: skip
    made: dict[int, list[Account]] = {}
    for one in sorted({year for _, year in given}):
        made[one] = _of_year(made_by, {region: given[region, one] for region in regions if (region, one) in given},
                             whole, one)  # fmt: skip
    statistics = {(region, when, one.datum): one.value for (region, when), some in given.items() for one in some
                  if one.datum in made_by.facts.statistics}  # fmt: skip
    earlier = tuple(account for when, some in made.items() if when < year for account in some)
    return Outcome(made_by.facts, year, tuple(made[year]), earlier, statistics, whole=whole)


def _of_year(made_by: Basis, given: dict[str, list[asking.Given]], whole: str, year: int) -> list[Account]:
    facts = made_by.facts
    parts = {region: some for region, some in given.items() if region != whole}
    gathered = gathering.gather(facts, given.get(whole, []), parts) if whole else parts

    def account(region: str, some: Iterable[asking.Given]) -> Account:
        inputs = asking.Inputs(facts, [one for one in some if one.datum in facts.inputs])
        places = pricing.places_of(region) if region.isdecimal() else []
        return calculation.calculate(facts, facts.editions[made_by.edition], made_by.chosen, region, year, inputs,
                                     made_by.prices, places)  # fmt: skip

    if not whole:
        return [account(region, some) for region, some in gathered.items()]
    settled, of_parts = gathering.settle_gaps(account(whole, gathered.pop("")),
                                              [account(region, some) for region, some in gathered.items()],
                                              gathering.divided(facts, parts))  # fmt: skip
    return [settled, *of_parts]
