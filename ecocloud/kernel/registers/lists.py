"""The list of a register: filters, orders and columns made from its definition."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cached_property
from hashlib import sha256
from html import escape
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.models import Count, F, Q, QuerySet, Sum
from django.http import HttpRequest, QueryDict
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ecocloud.base.pages.exports import ExportColumn
from ecocloud.base.pages.inputs import whole_number
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.kernel.regions import codes, scope
from ecocloud.kernel.regions.models import Department, Region
from ecocloud.kernel.registers import queries, showing
from ecocloud.kernel.registers.definition import NUMERIC, FieldSpec
from ecocloud.kernel.registers.models import ObjectCount, RegisterObject
from ecocloud.kernel.registers.register import Register
from ecocloud.kernel.registers.slots import ALL, TEXTS

# Filters of the roll-up; as long as only these are set, totals need not look at the objects.
_ROLLED = frozenset({"region", "department", "year", "state", "retired"})
_IN_BAR = 3  # fields of the definition whose filters always show; the others under 更多条件
_MOST_CHOICES = 400
_KEEP_SECONDS = 30
_MOST_FIGURES = 3
_WITH_ROWS = frozenset({"", "map", "cards"})  # pages that show the rows of the list, and so give them out as a file
# Under other filters than those of the roll-up, objects are counted up to here; there are registers of half a million.
MOST_COUNTED = 1000


class ObjectListing(Listing):
    """The objects of a register that the viewer may see; retired ones only when asked for."""

    key_column = "code"  # unique in a register, and in every index of its objects

    def __init__(
        self, request: HttpRequest | QueryDict, viewer: Any, register: Register, *, part: str = ""
    ) -> None:  # fmt: skip
        """``part``: the page of the register that uses the filters, for its saved views; '' is the list itself."""
        self.viewer, self.register = viewer, register
        self.params = request if isinstance(request, QueryDict) else request.GET
        self.shown_columns = showing.columns(register, self.params.getlist("cols"))
        rows = queries.objects(viewer, register)
        if not self.with_retired:
            rows = rows.exclude(state="retired")
        super().__init__(
            request, rows, filters=self._specs(), sorts=tuple(_sorts(register, self.shown_columns)),
            decorate=_shown_part, count=self._total,
            key=f"registers.{register.code}{part and f'.{part}'}",
            columns=self._exported() if part in _WITH_ROWS else (),
            title=showing.pick(register.definition),
        )  # fmt: skip

    @cached_property
    def rows(self) -> list[Any]:
        """The objects of the page with their cells."""
        found = super().rows
        showing.decorate(self.register, found, self.shown_columns, self.viewer)
        return found

    @property
    def offered_columns(self) -> list[tuple[str, str, bool]]:
        """What may be a column: code, name, whether it is one now."""
        now = {one.code for one in self.shown_columns}
        return [(code, word, code in now) for code, word in showing.offered_columns(self.register).items()]

    @property
    def column_boxes(self) -> SafeString:
        """What may be a column as boxes to tick."""
        return mark_safe("".join(
            f'<label><input type="checkbox" name="cols" value="{escape(code)}"{" checked" if on else ""}> '
            f"{escape(word)}</label>"
            for code, word, on in self.offered_columns
        ))  # fmt: skip

    @property
    def kept_beside_columns(self) -> list[tuple[str, str]]:
        """What the choice of columns carries along."""
        own = ("cols", "page", "open", "export")
        return [(name, value) for name, values in self.params.lists() if name not in own for value in values]

    @property
    def with_retired(self) -> bool:
        """Whether retired objects were asked for."""
        return self.params.get("retired") == "1"

    def rolled(self, *, skip_state: bool = False) -> QuerySet | None:
        """The roll-up narrowed by the same filters; None when it does not hold what they ask."""
        if not set(self.values) <= _ROLLED:
            return None
        rows = queries.counted(
            self.viewer, self.register, region=self.values.get("region", ""),
            department=whole_number(self.values.get("department")), year=whole_number(self.values.get("year")),
        )  # fmt: skip
        if "state" in self.values and not skip_state:
            rows = rows.filter(state=self.values["state"])
        return rows if self.with_retired else rows.exclude(state="retired")

    @property
    def more(self) -> bool:
        """Whether the filters that seldom help are shown."""
        return self.params.get("more") == "1"

    def _specs(self) -> tuple[FilterSpec, ...]:
        register = self.register
        states = [(one.code, showing.pick(one)) for one in register.definition.states]
        lights = {code: showing.light(one).level for code, one in register.definition.state_by_code.items()}
        own = [
            FilterSpec("q", _("名称"), kind="text", placeholder=_("名称或编码"), apply=_named),
            FilterSpec("region", _("区划"), choices=self._regions, apply=_in_region),
            FilterSpec("year", _("年度"), choices=lambda: self._years),
            FilterSpec("department", _("责任单位"), kind="department", field="department_id", in_bar=self._wanted(
                "department"), choices=self._departments),
            FilterSpec("state", _("状态"), choices=states, in_bar=False, lights=lights, 
                       counts=lambda rows: self._states),
            FilterSpec("retired", _("含已注销"), kind="bool", in_bar=self._wanted("retired"),
                       apply=lambda rows, _value: rows),
        ]  # fmt: skip
        fields = [one for one in register.definition.fields if one.code in register.slots and not one.deprecated]
        fields.sort(key=lambda one: (one.kind not in ("choice", "bool"), one.code not in register.definition.columns))
        for number, one in enumerate(fields):
            shown = number < _IN_BAR or self._wanted(key_of(one))
            spec = self._pointing(one) if one.kind == "object" else _field_filter(register, one, shown)
            own += [spec] if spec else []
        return tuple(own)

    def _pointing(self, field: FieldSpec) -> FilterSpec:
        """The filter of a field that points at objects: shown once an object has been chosen, by its name."""
        key = key_of(field)
        chosen = self.params.get(key, "")

        def choices() -> list[tuple[str, str]]:
            pk = whole_number(chosen.removeprefix("obj:"))
            return [] if pk is None else list(queries.names(self.viewer, pk=pk).items())

        return FilterSpec(key, showing.pick(field), field=self.register.slots[field.code], choices=choices,
                          in_bar=bool(chosen))  # fmt: skip

    def _wanted(self, key: str) -> bool:
        """Whether a filter beyond the first is shown: asked for, or set."""
        return self.more or any(self.params.get(name) for name in (key, f"{key}_from", f"{key}_to"))

    def _regions(self) -> list[tuple[str, str]]:
        """Divisions with objects and those right above them; the one of the address as well."""

        def used() -> list[tuple[str, str]]:
            there = queries.counted_values(self.viewer, self.register, "region_id")
            above = Region.objects.filter(pk__in=there).values("parent")
            rows = Region.objects.filter(Q(pk__in=there) | Q(pk__in=above)).order_by("code")
            return list(rows.values_list("pk", "name")[:_MOST_CHOICES])

        found, asked = self._kept("regions", used), self.params.get("region", "")[:12]
        if asked and asked not in dict(found):
            found = sorted([*found, *Region.objects.filter(pk=asked).values_list("pk", "name")])
        return found

    def _departments(self) -> list[tuple[int, str]]:
        def used() -> list[tuple[int, str]]:
            there = queries.counted_values(self.viewer, self.register, "department_id")
            return [(row.pk, row.label) for row in Department.objects.filter(pk__in=there).order_by("order", "pk")]

        return self._kept("departments", used)

    def _kept(self, name: str, make: Callable[[], list]) -> list:
        """Options of a filter, kept for some seconds for everybody of the same reach and language."""
        seen = scope.reach(self.viewer, queries.VIEW)
        if seen.own:
            return make()
        parts = (sorted(part) for part in (seen.departments, seen.regions, seen.region_spans))
        whole = f"{name} {self.register.pk} {get_language()} {seen.everything} {[*parts]}"
        key = f"registers.options:{sha256(whole.encode()).hexdigest()}"
        found = cache.get(key)
        if found is None:
            found = make()
            cache.set(key, found, _KEEP_SECONDS if not settings.TESTING else 0)
        return found

    @cached_property
    def _years(self) -> list[tuple[int, str]]:
        def used() -> list[tuple[int, str]]:
            years = queries.counted_values(self.viewer, self.register, "year")
            return [(year, str(year)) for year in sorted(filter(None, years), reverse=True)]

        return self._kept("years", used)

    @property
    def _rolled(self) -> bool:
        """Whether the roll-up knows how many there are."""
        return set(self.values) <= _ROLLED

    @cached_property
    def _looked(self) -> list[str]:
        """Codes of the first objects under filters that the roll-up does not know, in order: read once for page and
        total, never further than :data:`MOST_COUNTED`."""
        rows = self.ordered()
        asks_text = any(bound.kind == "text" for bound in self.applied)
        if asks_text and not scope.reach(self.viewer, queries.VIEW).everything:
            # A text is looked for in the rows of the reach, not in an index that runs over the whole register.
            return [code for code, _pk in rows.values_list("code", "pk")[: MOST_COUNTED + 1]]
        return list(rows.values_list("code", flat=True)[: MOST_COUNTED + 1])

    @property
    def beyond(self) -> bool:
        """Whether more than :data:`MOST_COUNTED` objects fit the filters; how many more nobody counted."""
        return not self._rolled and len(self._looked) > MOST_COUNTED

    @cached_property
    def page_keys(self) -> list[Any]:
        """Codes of the page, in order."""
        if self._rolled:
            return super().page_keys
        start = (self.page - 1) * self.per_page
        return self._looked[:MOST_COUNTED][start : start + self.per_page]

    @cached_property
    def _by_state(self) -> dict[str, tuple[int, dict[str, Decimal]]] | None:
        """How many by state and the sums of the totalled fields, without the filter on states; None where nobody
        counted (one query)."""
        rows = self.rolled(skip_state=True)
        if rows is None:
            looked = self._looked
            if "state" in self.values:
                looked = list(self.narrowed(skip="state").order_by().values_list("code", flat=True)[: MOST_COUNTED + 1])
            if len(looked) > MOST_COUNTED:
                return None
            # The filters have been applied once; to apply them again may cost as much as everything else.
            rows = RegisterObject.objects.filter(type=self.register.pk, code__in=looked)
        number = Sum("count") if rows.model is ObjectCount else Count("pk")
        sums = {f"sum_{one.code}": Sum(self.register.slots[one.code]) for one in self._totalled}
        found = rows.order_by().values_list("state").annotate(n_=number, **sums)
        codes_of = [one.code for one in self._totalled]
        return {row[0]: (row[1], {code: amount or Decimal(0) for code, amount in zip(codes_of, row[2:], strict=True)})
                for row in found if row[1]}  # fmt: skip

    @cached_property
    def _totalled(self) -> list[FieldSpec]:
        return [one for one in self.register.definition.fields if one.total and one.code in self.register.slots]

    @property
    def _states(self) -> dict[str, int] | None:
        """How many by state, without the filter on states; None where nobody counted."""
        return None if self._by_state is None else {state: count for state, (count, _sums) in self._by_state.items()}

    @property
    def figures(self) -> list[tuple[str, Decimal, str, int]]:
        """The totals of what the filters leave: name, sum, unit, decimals; fields without any amount are left out."""
        chosen = [sums for state, (_count, sums) in (self._by_state or {}).items()
                  if self.values.get("state", state) == state]  # fmt: skip
        found = []
        for one in self._totalled[:_MOST_FIGURES]:
            amount = sum((sums[one.code] for sums in chosen), Decimal(0))
            if amount:
                found.append((showing.pick(one), amount, one.unit, one.digits))
        return found

    def _total(self, _rows: QuerySet, given: dict[str, Any]) -> int:
        """The total from the counts by state, so that buttons and pager never differ."""
        if not self._rolled:
            return min(len(self._looked), MOST_COUNTED)
        return self._states.get(given["state"], 0) if "state" in given else sum(self._states.values())

    def _exported(self) -> tuple[ExportColumn, ...]:
        names = _Directory(self.register, self.viewer)

        def reader(column: showing.Column) -> Callable[[Any], Any]:
            return lambda row: showing.exported(self.register, row, column, names.found)

        return tuple(ExportColumn(one.head, reader(one)) for one in self.shown_columns)


class _Directory:
    """All names of divisions, departments and objects pointed at, read once when an export needs them."""

    def __init__(self, register: Register, viewer: Any) -> None:
        self.viewer = viewer
        self.kinds = {one.kind for one in register.definition.fields}
        self.targets = {one.target for one in register.definition.fields if one.target}

    @cached_property
    def found(self) -> showing.Names:
        """The names."""
        regions = dict(Region.objects.order_by().values_list("pk", "name")) if "region" in self.kinds else {}
        units = Department.objects.order_by().values_list("code", "name") if "department" in self.kinds else ()
        objects = queries.names(self.viewer, type__code__in=self.targets) if self.targets else {}
        return showing.Names(regions, dict(units), objects)


def holding(field: str, text: str, lookup: str = "contains") -> Q:
    """Rows whose ``field`` holds (``lookup``: or begins with) ``text`` as written, in capitals or in small letters.

    Most texts are Chinese: comparing them as they are costs PostgreSQL a fraction of turning all of them to capitals.
    """
    found = Q()
    for word in {text} if connection.vendor == "sqlite" else {text, text.upper(), text.lower()}:  # LIKE ignores case
        found |= Q(**{f"{field}__{lookup}": word})
    return found


def _shown_part(rows: QuerySet) -> QuerySet:
    """What rows of a page show; the place and the slots stay in the database."""
    return rows.select_related("region", "department").defer("place", *ALL)


def _named(rows: QuerySet, text: str) -> QuerySet:
    return rows.filter(holding("name", text) | holding("code", text, "startswith"))


def _in_region(rows: QuerySet, code: str) -> QuerySet:
    first, after = codes.span(code)
    return rows.filter(region_id__gte=first, region_id__lt=after)


def key_of(field: FieldSpec) -> str:
    """The parameter of a field's filter; apart from those every list has."""
    return f"f_{field.code}"


def _field_filter(register: Register, field: FieldSpec, in_bar: bool) -> FilterSpec | None:
    """The filter of an indexed field; None for kinds that a person does not filter by."""
    slot, name, key = register.slots[field.code], showing.pick(field), key_of(field)
    if field.kind == "choice":
        entries = [(one.code, showing.pick(one)) for one in register.definition.entries_of(field).values()]
        return FilterSpec(key, name, field=slot, choices=entries, in_bar=in_bar)
    if field.kind == "bool":
        return FilterSpec(key, name, field=slot, choices=[("true", _("是")), ("false", _("否"))], in_bar=in_bar)
    if field.kind == "date":
        return FilterSpec(key, name, kind="date_range", field=slot, in_bar=in_bar)
    if field.kind in NUMERIC:
        return FilterSpec(key, showing.label(field), kind="number_range", field=slot, in_bar=in_bar)
    if slot in TEXTS and field.kind in ("text", "long"):
        return FilterSpec(key, name, kind="text", field=slot, in_bar=in_bar,
                          apply=lambda rows, text: rows.filter(holding(slot, text)))  # fmt: skip
    return None


def _sorts(register: Register, columns: list[showing.Column]) -> list[SortSpec]:
    found = [SortSpec("code", ("code",)), SortSpec("name", ("name", "code")), SortSpec("region", ("region_id", "code")),
             SortSpec("year", (F("year").desc(nulls_last=True), "code"))]  # fmt: skip
    for one in columns:
        if one.field is not None and one.code in register.slots:
            ordered = F(register.slots[one.code]).asc(nulls_last=True)
            found.append(SortSpec(one.code, (ordered, "code")))
    return found
