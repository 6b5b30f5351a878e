"""Statistics of a register: counts and sums of what the filters of a list leave, by one or two dimensions.

Counted are the roll-up where it holds everything that is asked, else the objects, always grouped by the database. Read
for one viewer: the rows come from the list, which is limited to what he may see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Substr
from django.utils.translation import gettext as _

from ecocloud.base.geo import GeoError
from ecocloud.base.pages.charts import MAX_SERIES, Chart, Series
from ecocloud.base.pages.exports import ExportColumn
from ecocloud.base.pages.maps import Choropleth, county_choropleth
from ecocloud.base.pages.speaking import joined, with_unit
from ecocloud.kernel.regions import codes
from ecocloud.kernel.regions.models import Department, Region
from ecocloud.kernel.registers import showing
from ecocloud.kernel.registers.definition import FieldSpec
from ecocloud.kernel.registers.lists import ObjectListing, key_of
from ecocloud.kernel.registers.models import ObjectCount
from ecocloud.kernel.registers.register import Register

LEVELS = {"province": 2, "city": 4, "county": 6, "township": 9}
MOST_GROUPS = 20_000
MOST_LINES = 300
MOST_COLUMNS = 9
MOST_BARS = 18
_REST = "…"  # key of the groups put together at the end
_HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Dimension:
    """What objects are grouped by: its code in the address, its name, the column of the objects, the field if any."""

    code: str
    label: str
    column: str
    field: FieldSpec | None = None

    @property
    def level(self) -> str:
        """The level of divisions, '' for everything else."""
        return self.code if self.code in LEVELS else ""


def dimensions(register: Register) -> dict[str, Dimension]:
    """What the objects of a register can be grouped by: division, unit, state, year and its indexed choices."""
    head = showing.header_words()
    levels = {"city": _("设区市"), "county": _("县（市、区）"), "township": _("乡镇（街道）")}
    own = [Dimension("state", head["state"], "state")]
    own += [Dimension(code, label, "region_id") for code, label in levels.items()]
    own += [Dimension("department", head["department"], "department_id"), Dimension("year", head["year"], "year")]
    own += [
        Dimension(key_of(one), showing.pick(one), register.slots[one.code], one)
        for one in register.definition.fields
        if one.kind in ("choice", "bool") and one.code in register.slots and not one.deprecated
    ]
    return {one.code: one for one in own}


def measures(register: Register) -> dict[str, FieldSpec]:
    """The number fields that can be added up: indexed ones, those the definition totals first."""
    fields = [
        one
        for one in register.definition.fields
        if one.kind in ("number", "integer", "money") and one.code in register.slots and not one.deprecated
    ]
    return {one.code: one for one in sorted(fields, key=lambda one: not one.total)}


@dataclass(frozen=True)
class Head:
    """A column of the table; ``places`` decimals of its figures."""

    label: str
    unit: str = ""
    places: int = 0

    @property
    def whole(self) -> str:
        """The name with the unit."""
        return with_unit(self.label, self.unit)


@dataclass(frozen=True)
class Line:
    """A row of the table: its group, where the objects behind it are listed, its figures."""

    label: str
    url: str
    figures: tuple[Decimal | int, ...]
    places: tuple[int, ...]
    key: Any = None

    @property
    def shown(self) -> list[tuple[Decimal | int, int]]:
        """The figures with their decimals."""
        return list(zip(self.figures, self.places, strict=True))


@dataclass
class _Cell:
    count: int = 0
    amount: Decimal = Decimal(0)

    def add(self, other: _Cell) -> None:
        self.count += other.count
        self.amount += other.amount


class Breakdown:
    """The statistics of a page.

    Parameters
    ----------
    listing: the list whose filters narrow what is counted. by: one or two dimensions. measure: the number field added
    up, None to count only. link: ``(changes of the filters) -> address`` of the list behind a row.
    """

    def __init__(
        self, listing: ObjectListing, by: Sequence[Dimension], measure: FieldSpec | None,
        link: Callable[[dict[str, str]], str],
    ) -> None:  # fmt: skip
        self.listing, self.by, self.measure, self.link = listing, tuple(by), measure, link
        self.register = listing.register
        self.cut = False
        self.cells = self._read()

    # -- reading -----------------------------------------------------------------------------------------------------

    def _read(self) -> dict[tuple, _Cell]:
        rows = self._rows()
        rolled = rows.model is ObjectCount
        names = []
        for one in self.by:
            name = "year_key" if rolled and one.code == "year" else one.column
            if one.level:
                name = f"by_{one.code}"
                rows = rows.annotate(**{name: Substr("region_id", 1, LEVELS[one.code])})
            names.append(name)
        asked: dict[str, Any] = {"n_": Sum("count") if rolled else Count("pk")}
        if self.measure is not None:
            asked["sum_"] = Sum(self.register.slots[self.measure.code])
        found = list(rows.order_by(*names).values_list(*names).annotate(**asked)[: MOST_GROUPS + 1])
        self.cut = len(found) > MOST_GROUPS
        cells: dict[tuple, _Cell] = {}
        for row in found[:MOST_GROUPS]:
            count = row[len(names)] or 0
            if count:
                amount = (row[len(names) + 1] if self.measure else None) or Decimal(0)
                key = tuple(_key(one, value) for one, value in zip(self.by, row, strict=False))
                cells.setdefault(key, _Cell()).add(_Cell(count, amount))
        return cells

    def _rows(self) -> QuerySet:
        """The roll-up when nothing but its own columns is asked, else the objects."""
        rolled = self.listing.rolled()
        fits = all(one.field is None for one in self.by)
        return rolled if rolled is not None and fits else self.listing.narrowed()

    # -- the table ---------------------------------------------------------------------------------------------------

    @property
    def places(self) -> int:
        """Decimals of the amounts."""
        return self.measure.digits if self.measure is not None else 0

    @cached_property
    def whole(self) -> _Cell:
        """Everything together."""
        found = _Cell()
        for cell in self.cells.values():
            found.add(cell)
        return found

    def _side(self, index: int, most: int) -> tuple[list[Any], dict[Any, Any]]:
        """The values of one dimension in the order they are shown, and where each value is counted."""
        sums: dict[Any, _Cell] = {}
        for key, cell in self.cells.items():
            sums.setdefault(key[index], _Cell()).add(cell)
        ordered = self._ordered(self.by[index], sums)
        if len(ordered) > most:
            kept = sorted(ordered, key=lambda one: -self._value(sums[one]))[: most - 1]
            shown = [one for one in ordered if one in kept]
            return [*shown, _REST], {one: one if one in kept else _REST for one in ordered}
        return ordered, {one: one for one in ordered}

    def _ordered(self, one: Dimension, sums: dict[Any, _Cell]) -> list[Any]:
        if one.code == "state":
            rank = {code: number for number, code in enumerate(self.register.definition.state_by_code)}
            return sorted(sums, key=lambda value: rank.get(value, len(rank)))
        if one.code == "year":
            return sorted(sums, key=lambda value: value or 9999)
        return sorted(sums, key=lambda value: (value is None, -self._value(sums[value]), str(value)))

    def _value(self, cell: _Cell) -> Decimal | int:
        return cell.amount if self.measure is not None else cell.count

    @cached_property
    def _grid(self) -> tuple[list[Any], list[Any], dict[tuple, _Cell]]:
        lines, line_of = self._side(0, MOST_LINES)
        columns, column_of = self._side(1, MOST_COLUMNS) if len(self.by) > 1 else ([], {})
        grid: dict[tuple, _Cell] = {}
        for key, cell in self.cells.items():
            at = (line_of[key[0]], column_of[key[1]]) if len(key) > 1 else (line_of[key[0]],)
            grid.setdefault(at, _Cell()).add(cell)
        return lines, columns, grid

    @cached_property
    def head(self) -> list[Head]:
        """The figures' columns."""
        unit = self.unit
        share = Head(_("占比"), "%", 1)
        columns = self._grid[1]
        if columns:
            words = self._words(1, columns)
            return [*(Head(words[one], "", self.places) for one in columns), Head(_("合计"), unit, self.places), share]
        found = [Head(_("个数"), _("个")), share]
        if self.measure is not None:
            found += [Head(_("%(name)s合计") % {"name": showing.pick(self.measure)}, unit, self.places),
                      Head(_("合计占比"), "%", 1)]  # fmt: skip
        return found

    @cached_property
    def lines(self) -> list[Line]:
        """The rows."""
        lines, columns, grid = self._grid
        words = self._words(0, lines)
        found = []
        for one in lines:
            cells = [grid.get((one, other), _Cell()) for other in columns] or [grid[(one,)]]
            figures = self._figures(cells, bool(columns))
            found.append(Line(words[one], self._address(self.by[0], one), figures, self._places, one))
        return found

    @cached_property
    def last(self) -> Line:
        """The last row: everything together."""
        _lines, columns, grid = self._grid
        sums = {one: _Cell() for one in columns}
        for key, cell in grid.items():
            if columns:
                sums[key[1]].add(cell)
        cells = list(sums.values()) or [self.whole]
        return Line(_("合计"), self.link({}), self._figures(cells, bool(columns)), self._places)

    @property
    def _places(self) -> tuple[int, ...]:
        return tuple(one.places for one in self.head)

    def _figures(self, cells: Sequence[_Cell], crossed: bool) -> tuple[Decimal | int, ...]:
        if crossed:
            values = [self._value(one) for one in cells]
            amount = sum(values, Decimal(0) if self.measure is not None else 0)
            return (*values, amount, _share(amount, self._value(self.whole)))
        cell = cells[0]
        found: tuple[Decimal | int, ...] = (cell.count, _share(cell.count, self.whole.count))
        return (*found, cell.amount, _share(cell.amount, self.whole.amount)) if self.measure is not None else found

    # -- words and addresses -----------------------------------------------------------------------------------------

    def _words(self, index: int, values: Iterable[Any]) -> dict[Any, str]:
        one, values = self.by[index], list(values)
        known = self._names(one, [value for value in values if value is not None and value != _REST])
        rest = sum(1 for value in {key[index] for key in self.cells} if value not in set(values))
        found = {value: known.get(value, str(value)) for value in values}
        none = _("未明确") if one.code == "department" else _("未填")
        return found | {None: none, _REST: _("其余 %(n)s 组") % {"n": rest}}

    def _names(self, one: Dimension, values: list[Any]) -> dict[Any, str]:
        if one.code == "state":
            return {code: showing.pick(state) for code, state in self.register.definition.state_by_code.items()}
        if one.level:
            names = Region.objects.in_bulk(values)
            return {code: row.name if codes.level_of(code) == one.level else _("%(name)s本级") % {"name": row.name}
                    for code, row in names.items()}  # fmt: skip
        if one.code == "department":
            return {row.pk: row.label for row in Department.objects.filter(pk__in=values)}
        if one.field is not None and one.field.kind == "choice":
            entries = self.register.definition.entries_of(one.field)
            return {code: showing.pick(entry) for code, entry in entries.items()}
        return {"true": _("是"), "false": _("否")} if one.field is not None else {}

    def _address(self, one: Dimension, value: Any) -> str:
        """The list behind a group; '' where no filter says it."""
        if value is None or value == _REST or (one.level and codes.level_of(value) != one.level):
            return ""
        return self.link({"region" if one.level else one.code: str(value)})

    # -- as a picture and as a file ----------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        """What is counted, by what."""
        what = showing.pick(self.measure) if self.measure is not None else _("个数")
        return _("%(what)s，按%(by)s") % {"what": what, "by": joined(one.label for one in self.by)}

    @property
    def unit(self) -> str:
        """The unit of what is drawn."""
        return self.measure.unit if self.measure is not None else _("个")

    @cached_property
    def chart(self) -> Chart | None:
        """The table as bars, or as a field of colours when there are too many columns; None when there is nothing."""
        lines, columns, _grid = self._grid
        if not lines:
            return None
        unit = self.unit
        shown = self.lines[:MOST_BARS]
        categories = [one.label for one in shown]
        if not columns:
            at = 2 if self.measure is not None else 0
            series = [Series(self.head[at].label, [one.figures[at] for one in shown])]
            years = self.by[0].code == "year"
            return Chart("bar", self.title, categories, series, unit, category_label=self.by[0].label,
                         sideways=not years, extra={"links": [one.url for one in shown]})  # fmt: skip
        names = [one.label for one in self.head[: len(columns)]]
        if len(columns) <= MAX_SERIES:
            series = [Series(name, [one.figures[at] for one in shown]) for at, name in enumerate(names)]
            return Chart("bar", self.title, categories, series, unit, category_label=self.by[0].label)
        series = [Series(one.label, one.figures[: len(columns)]) for one in shown]
        return Chart("heatmap", self.title, names, series, unit, category_label=self.by[1].label,
                     extra={"whole": self.measure is None})  # fmt: skip

    @cached_property
    def map(self) -> Choropleth | None:
        """The counties of one city, or the cities of one province, coloured by the figure, where they are the only
        dimension and have boundaries. Townships have none that may be given on."""
        known = {one.key: one for one in self.lines if one.url}
        parent = drawn_division([one.code for one in self.by], known)
        if not parent:
            return None
        at = 2 if self.measure is not None else 0
        drawn = {code for code in known if len(code) == 6}
        values = {code: Decimal(known[code].figures[at]) for code in drawn}
        try:
            return county_choropleth(parent, values, level=self.by[0].code, title=self.title, unit=self.unit,
                                     places=self.places, urls={code: known[code].url for code in drawn})  # fmt: skip
        except GeoError:  # a division that the drawn boundaries do not have
            return None

    @property
    def columns(self) -> list[ExportColumn]:
        """The table as columns of a file."""
        label = joined(one.label for one in self.by)

        def reader(at: int, places: int) -> Callable[[Line], Any]:
            return lambda line: round(line.figures[at], places) if places else line.figures[at]

        return [ExportColumn(label, "label"),
                *(ExportColumn(one.whole, reader(at, one.places)) for at, one in enumerate(self.head))]  # fmt: skip

    def all_rows(self) -> Iterator[Line]:
        """The rows of the file: exactly those of the table, with its last."""
        yield from self.lines
        yield self.last

    @property
    def total(self) -> int:
        """How many rows the file has."""
        return len(self.lines) + 1

    @property
    def query_text(self) -> str:
        """Filters and dimensions, as the journal keeps them."""
        return self.listing.query_text


def drawn_division(by: list[str], known: Iterable[str]) -> str:
    """The division whose map a table can be: that of which all ``known`` codes are counties (or cities), the only
    dimension; '' for none."""
    above = {("county",): "city", ("city",): "province"}.get(tuple(by))
    parents = {codes.normalise(code[: LEVELS[above]]) for code in known} if above else set()
    return parents.pop() if len(parents) == 1 else ""


def _key(one: Dimension, value: Any) -> Any:
    if one.level:
        return codes.normalise(value) if len(value) == LEVELS[one.level] else value
    return value or None


def _share(part: Decimal | int, whole: Decimal | int) -> Decimal:
    """Percent of the whole; 0 when there is nothing."""
    return Decimal(part) * _HUNDRED / Decimal(whole) if whole else Decimal(0)
