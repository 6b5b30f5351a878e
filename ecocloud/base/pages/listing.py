"""Lists whose whole state lives in the address: filters, order, page, page size.

A :class:`Listing` asks the database three times whatever it holds: how many, which keys, which rows. The keys of a
page come from an index without touching the rows; pages behind the middle are read from the end.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property, lru_cache
from html import escape
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from ecocloud.base import typed
from ecocloud.base.pages import hooks

PAGE_SIZES = (10, 20, 50, 100)
DEFAULT_SIZE = 20
MAX_TEXT = 200
MAX_PAGE = 10**9
MOST = 10**12  # beyond it no number of ours lies
EXPORT_FORMS = ("xlsx", "csv")
KINDS = ("choice", "text", "date_range", "number_range", "department", "bool")
RANGES = ("date_range", "number_range")

Choices = Sequence[tuple[Any, Any]]


@lru_cache(maxsize=256)
def _drawn_options(choices: tuple[tuple[str, str], ...]) -> SafeString:
    """The options without a chosen one; the same choices stand on page after page."""
    return mark_safe("".join(f'<option value="{escape(value)}">{escape(label)}</option>' for value, label in choices))


@dataclass(frozen=True)
class FilterSpec:
    """One filter of a list.

    Parameters
    ----------
    key: name of the parameter (``key_from`` and ``key_to`` for a range).
    label: the word beside the control; may be lazy.
    kind: ``choice``, ``text``, ``date_range``, ``number_range``, ``department`` (a choice of units) or ``bool``.
    field: model path the value is compared with; defaults to ``key``.
    fields: for text: the paths searched, joined by OR with ``lookup``.
    lookup: ORM lookup; default ``exact``, for text ``icontains``.
    choices: pairs (value, label) or a callable giving them, called at most once per page.
    apply: ``(queryset, value) -> queryset`` instead of the comparison; value is text, True or a pair (from, to).
    in_bar: False for filters shown as segments or tabs.
    lights: for segments: {value: light level}, so that each button carries its light.
    counts: for segments: ``(queryset without this filter) -> {value: count}``, None where they are not known.
    placeholder: hint of a text field.
    """

    key: str
    label: Any
    kind: str = "choice"
    field: str = ""
    fields: tuple[str, ...] = ()
    lookup: str = ""
    choices: Choices | Callable[[], Choices] = ()
    apply: Callable[[QuerySet, Any], QuerySet] | None = None
    in_bar: bool = True
    lights: Mapping[str, str] | None = None
    counts: Callable[[QuerySet], Mapping[str, int] | None] | None = None
    placeholder: Any = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"filter {self.key}: unknown kind {self.kind!r}, one of {', '.join(KINDS)}")

    def narrow(self, queryset: QuerySet, value: Any) -> QuerySet:
        """``queryset`` restricted to ``value`` (as :meth:`AppliedFilter.value` holds it)."""
        if self.apply is not None:
            return self.apply(queryset, value)
        field = self.field or self.key
        if self.kind == "text":
            condition = Q()
            for path in self.fields or (field,):
                condition |= Q(**{f"{path}__{self.lookup or 'icontains'}": value})
            return queryset.filter(condition)
        if self.kind in RANGES:
            start, end = value
            if start is not None:
                queryset = queryset.filter(**{f"{field}__gte": start})
            return queryset.filter(**{f"{field}__lte": end}) if end is not None else queryset
        return queryset.filter(**{f"{field}__{self.lookup}" if self.lookup else field: value})


@dataclass(frozen=True)
class SortSpec:
    """An order the reader may choose: ``fields`` as for ``order_by``; the key is appended when it is missing."""

    key: str
    fields: tuple[Any, ...]
    descending_first: bool = False


class BoundFilter:
    """A filter together with what the address says about it; what templates see."""

    def __init__(self, spec: FilterSpec, listing: Listing) -> None:
        self.spec = spec
        self.listing = listing
        self.key, self.label, self.kind, self.placeholder = spec.key, spec.label, spec.kind, spec.placeholder
        self.problem = ""
        self.query_value = self._read()

    @property
    def id(self) -> str:
        """Id of the control."""
        return f"f-{self.key}"

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters this filter owns."""
        return (f"{self.key}_from", f"{self.key}_to") if self.kind in RANGES else (self.key,)

    def _read(self) -> Any:
        params = self.listing.params
        if self.kind == "date_range":
            dates = tuple(self._date(params.get(name, "")) for name in self.names)
            if all(dates) and dates[0] > dates[1]:
                self.problem = _("%(label)s：起日晚于止日。") % {"label": self.label}
            return dates if any(dates) else None
        if self.kind == "number_range":
            bounds = tuple(self._number(params.get(name, "")) for name in self.names)
            return bounds if bounds != (None, None) else None
        text = params.get(self.key, "").replace("\x00", "").strip()[:MAX_TEXT]
        if not text:
            return None
        if self.kind == "bool":
            return True if text == "1" else None
        if self.kind in ("choice", "department") and text not in self._labels:
            self.problem = _("%(label)s：没有“%(value)s”这个选项，已忽略。") % {"label": self.label, "value": text}
            return None
        return text

    def _date(self, text: str) -> datetime.date | None:
        if not text.strip():
            return None
        try:
            return typed.day(text)
        except typed.BadInput:
            self.problem = _("%(label)s：“%(value)s”不是日期，应为 2022-09-30 的形式，已忽略。") % {
                "label": self.label,
                "value": text[:40],
            }
            return None

    def _number(self, text: str) -> Decimal | None:
        text = text.strip()[:40]
        if not text:
            return None
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or abs(number) > MOST:
            self.problem = _("%(label)s：“%(value)s”不是数字，已忽略。") % {"label": self.label, "value": text}
            return None
        return number

    @cached_property
    def _choices(self) -> list[tuple[str, Any]]:
        pairs = self.spec.choices() if callable(self.spec.choices) else self.spec.choices
        return [(str(value), label) for value, label in pairs]

    @cached_property
    def _labels(self) -> dict[str, Any]:
        return dict(self._choices)

    @property
    def applied(self) -> bool:
        """Whether the list is narrowed by this filter."""
        return self.query_value is not None

    @property
    def value(self) -> Any:
        """The value as the control shows it."""
        if self.kind == "date_range":
            return tuple(day.isoformat() if day else "" for day in self.query_value or (None, None))
        if self.kind == "number_range":
            return tuple("" if one is None else str(one) for one in self.query_value or (None, None))
        return self.query_value if self.query_value is not None else ""

    @property
    def value_label(self) -> str:
        """The value in words."""
        if not self.applied:
            return ""
        if self.kind in RANGES:
            return f"{self.value[0] or '…'} – {self.value[1] or '…'}"
        if self.kind == "bool":
            return _("是")
        return str(self._labels.get(str(self.query_value), self.query_value))

    @property
    def options(self) -> SafeString:
        """Options of the control as HTML: hundreds of units cost too much one by one in a template."""
        drawn = _drawn_options(tuple((value, str(label)) for value, label in self._choices))
        if not self.applied:
            return drawn
        start = f'<option value="{escape(str(self.query_value))}"'
        return mark_safe(drawn.replace(f"{start}>", f"{start} selected>", 1))

    @property
    def remove_url(self) -> str:
        """The list without this filter."""
        return self.listing.url(**dict.fromkeys((*self.names, "page")))

    @property
    def segments(self) -> list[dict[str, Any]]:
        """Every option as a button, 全部 first, with counts of the list as it is without this filter."""
        counts: Mapping[str, int] | None = None
        if self.spec.counts is not None:
            found = self.spec.counts(self.listing.narrowed(skip=self.key))
            counts = None if found is None else {str(value): number for value, number in found.items()}
        everything = {
            "label": _("全部"),
            "url": self.remove_url,
            "selected": not self.applied,
            "count": None if counts is None else sum(counts.values()),
            "light": "",
        }
        rest = [
            {
                "label": label,
                "url": self.listing.url(**{self.key: value, "page": None}),
                "selected": value == self.query_value,
                "count": None if counts is None else counts.get(value, 0),
                "light": (self.spec.lights or {}).get(value, ""),
            }
            for value, label in self._choices
        ]
        return [everything, *rest]


class Listing:
    """A list page.

    Parameters
    ----------
    request: the request; its GET parameters carry the state. A ``QueryDict`` serves as well (exports in jobs).
    queryset: everything the viewer may see, without order.
    filters, sorts: what may be chosen; the first sort is the default.
    decorate: ``(queryset) -> queryset`` with ``select_related``, ``prefetch_related`` and annotations, applied only
        to the rows of the page and to exported rows.
    count: ``(narrowed queryset, {key: value}) -> int`` for totals kept elsewhere; default ``queryset.count()``.
    key: stable name of the list, for saved views.
    size: default page size.
    columns, title: columns (:class:`~ecocloud.base.pages.exports.ExportColumn`) and file name of the list as a file.
    """

    # The column by which rows of the page are found and ties are settled: unique among everything the viewer may see.
    # One that stands in the indexes of the filters lets the database read a page's keys from an index alone.
    key_column = "pk"

    def __init__(
        self,
        request: HttpRequest | QueryDict,
        queryset: QuerySet,
        *,
        filters: Sequence[FilterSpec] = (),
        sorts: Sequence[SortSpec] = (),
        decorate: Callable[[QuerySet], QuerySet] | None = None,
        count: Callable[[QuerySet, dict[str, Any]], int] | None = None,
        key: str = "",
        size: int = DEFAULT_SIZE,
        columns: Sequence[Any] = (),
        title: Any = "",
    ) -> None:
        self.request = None if isinstance(request, QueryDict) else request
        self.params: QueryDict = request if isinstance(request, QueryDict) else request.GET
        self.path = self.request.path if self.request is not None else ""
        self.queryset = queryset
        self.key = key
        self.columns, self.title = columns, title
        self.sorts = {sort.key: sort for sort in sorts}
        self.default_sort = sorts[0] if sorts else SortSpec("", ("pk",))
        self._decorate = decorate
        self._count = count
        self._default_size = size if size in PAGE_SIZES else DEFAULT_SIZE
        self.filters = [BoundFilter(spec, self) for spec in filters]

    # -- state -----------------------------------------------------------------------------------------------------

    @property
    def bar_filters(self) -> list[BoundFilter]:
        """Filters shown in the filter bar."""
        return [bound for bound in self.filters if bound.spec.in_bar]

    @property
    def applied(self) -> list[BoundFilter]:
        """Filters that narrow the list."""
        return [bound for bound in self.filters if bound.applied]

    @property
    def values(self) -> dict[str, Any]:
        """Applied values by filter key."""
        return {bound.key: bound.query_value for bound in self.applied}

    @property
    def is_filtered(self) -> bool:
        """Whether 清除条件 has something to clear."""
        return bool(self.applied)

    @property
    def problems(self) -> list[str]:
        """Sentences about parameters that were not understood."""
        return [bound.problem for bound in self.filters if bound.problem]

    def filter(self, key: str) -> BoundFilter:
        """The filter named ``key``; KeyError when the list has none."""
        for bound in self.filters:
            if bound.key == key:
                return bound
        raise KeyError(f"list {self.key or self.path} has no filter {key!r}")

    @cached_property
    def per_page(self) -> int:
        """Rows on a page."""
        size = self._integer("per")
        return size if size in PAGE_SIZES else self._default_size

    @cached_property
    def page(self) -> int:
        """Number of the page, 1 to :attr:`pages`."""
        return min(max(1, self._integer("page") or 1), self.pages)

    def _integer(self, name: str) -> int | None:
        text = self.params.get(name, "")
        return min(int(text), MAX_PAGE) if text.isascii() and text.isdigit() and len(text) < 12 else None

    @cached_property
    def sort(self) -> tuple[SortSpec, bool]:
        """The chosen order and whether it is descending."""
        text = self.params.get("sort", "")
        chosen = self.sorts.get(text.lstrip("-"))
        if chosen is None:
            return self.default_sort, self.default_sort.descending_first
        return chosen, text.startswith("-")

    # -- rows ------------------------------------------------------------------------------------------------------

    def narrowed(self, skip: str = "") -> QuerySet:
        """The queryset with the applied filters, without the one named ``skip``."""
        queryset = self.queryset
        for bound in self.applied:
            if bound.key != skip:
                queryset = bound.spec.narrow(queryset, bound.query_value)
        return queryset

    def ordered(self) -> QuerySet:
        """The narrowed queryset in the chosen order; the key settles ties."""
        spec, descending = self.sort
        fields = list(spec.fields)
        if not any(isinstance(field, str) and field.lstrip("-") in ("pk", "id", self.key_column) for field in fields):
            fields.append(self.key_column)
        queryset = self.narrowed().order_by(*fields)
        return queryset.reverse() if descending else queryset

    @cached_property
    def total(self) -> int:
        """How many rows the filters leave."""
        narrowed = self.narrowed()
        return self._count(narrowed, self.values) if self._count is not None else narrowed.order_by().count()

    @property
    def beyond(self) -> bool:
        """Whether there are more rows than :attr:`total` says, because nobody counted on."""
        return False

    @property
    def pages(self) -> int:
        """How many pages there are, at least 1."""
        return max(1, -(-self.total // self.per_page))

    @cached_property
    def page_keys(self) -> list[Any]:
        """Keys of the page, in order."""
        return self.slice_of(self.ordered().values_list(self.key_column, flat=True))

    def slice_of(self, keys: QuerySet) -> list[Any]:
        """What the page shows of ordered ``keys``, read from the nearer end."""
        start = (self.page - 1) * self.per_page
        stop = min(start + self.per_page, self.total)
        if stop <= start:
            return []
        if start <= self.total // 2:
            return list(keys[start:stop])
        return list(keys.reverse()[self.total - stop : self.total - start])[::-1]

    @cached_property
    def rows(self) -> list[Any]:
        """The records of the page."""
        if not self.page_keys:
            return []
        of_page = self.queryset.filter(**{f"{self.key_column}__in": self.page_keys}).order_by()
        found = {getattr(row, self.key_column): row for row in self._decorated(of_page)}
        return [found[key] for key in self.page_keys if key in found]

    def _decorated(self, queryset: QuerySet) -> QuerySet:
        return self._decorate(queryset) if self._decorate is not None else queryset

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __bool__(self) -> bool:
        return True

    def all_rows(self, chunk: int = 2000) -> Iterator[Any]:
        """Every row the filters leave, in order, read in chunks: what an export writes."""
        return self._decorated(self.ordered()).iterator(chunk_size=chunk)

    @property
    def first(self) -> int:
        """Number of the first row shown, from 1; 0 when there is none."""
        return (self.page - 1) * self.per_page + 1 if self.total else 0

    @property
    def last(self) -> int:
        """Number of the last row shown."""
        return min(self.page * self.per_page, self.total)

    # -- addresses -------------------------------------------------------------------------------------------------

    def query(self, **changes: Any) -> str:
        """The parameters with ``changes``; None removes one."""
        merged = dict(self.params.lists())  # a page has some forty addresses: copies of a QueryDict would be dear
        for name, value in changes.items():
            if value is None:
                merged.pop(name, None)
            else:
                merged[name] = [str(value)]
        return urlencode(merged, doseq=True)

    def url(self, **changes: Any) -> str:
        """The address of the list with ``changes``."""
        text = self.query(**changes)
        return f"{self.path}?{text}" if text else self.path or "?"

    @property
    def query_text(self) -> str:
        """Filters and order as text, without the page: what a saved view keeps."""
        return self.query(page=None, open=None, export=None)

    @property
    def export_urls(self) -> list[tuple[str, str]]:
        """(form, address) of this list as a file; empty when it has no columns or no rows."""
        if not self.columns or not self.total:
            return []
        return [(form, self.url(export=form, page=None, open=None)) for form in EXPORT_FORMS]

    @property
    def present_url(self) -> str:
        """This very page."""
        return self.url()

    @property
    def clear_url(self) -> str:
        """The list without any filter; order and page size stay."""
        names = [name for bound in self.filters for name in bound.names]
        return self.url(**dict.fromkeys((*names, "page", "open")))

    @property
    def kept_parameters(self) -> list[tuple[str, str]]:
        """Parameters the filter form carries along unseen (order, page size, region, segment filters)."""
        own = {name for bound in self.bar_filters for name in bound.names} | {"page", "open"}
        return [(name, value) for name, values in self.params.lists() if name not in own for value in values]

    @property
    def sizes(self) -> list[dict[str, Any]]:
        """Page sizes with their addresses."""
        return [
            {"value": size, "current": size == self.per_page, "url": self.url(per=size, page=None)}
            for size in PAGE_SIZES
        ]

    @property
    def previous_url(self) -> str:
        """The page before, or ''."""
        return self.url(page=self.page - 1) if self.page > 1 else ""

    @property
    def next_url(self) -> str:
        """The page after, or ''."""
        return self.url(page=self.page + 1) if self.page < self.pages else ""

    @property
    def page_links(self) -> list[dict[str, Any]]:
        """First, last and the pages around this one; gaps are marked."""
        near = {1, self.pages, *range(max(1, self.page - 1), min(self.pages, self.page + 1) + 1)}
        links: list[dict[str, Any]] = []
        before = 0
        for number in sorted(near):
            if number > before + 1:
                links.append({"gap": True})
            links.append({"number": number, "current": number == self.page, "url": self.url(page=number)})
            before = number
        return links

    def sort_state(self, key: str) -> dict[str, str]:
        """Address and ``aria-sort`` of the head cell that sorts by ``key``."""
        if key not in self.sorts:
            raise KeyError(f"list {self.key or self.path} has no sort {key!r}")
        chosen, descending = self.sort
        if chosen.key != key:
            mark = "-" if self.sorts[key].descending_first else ""
            return {"url": self.url(sort=f"{mark}{key}", page=None), "aria": ""}
        mark = "" if descending else "-"
        return {
            "url": self.url(sort=f"{mark}{key}", page=None),
            "aria": "descending" if descending else "ascending",
        }

    # -- saved views -----------------------------------------------------------------------------------------------

    def saved_views(self) -> list[dict[str, Any]]:
        """The viewer's saved views of this list: keys pk, name, url."""
        from ecocloud.base.pages.models import SavedView

        user = getattr(self.request, "user", None)
        if not self.key or user is None or not user.is_authenticated:
            return []
        found = SavedView.objects.filter(user=str(user.pk), list_key=self.key).order_by("name")
        return [{"pk": view.pk, "name": view.name, "url": f"{self.path}?{view.query}"} for view in found]

    @property
    def save_view_url(self) -> str:
        """Where a new view is posted; '' when the routes are not installed."""
        return _route(hooks.SAVE_VIEW_ROUTES) if self.key else ""

    @property
    def delete_view_url(self) -> str:
        """Where the deletion of a view is posted; '' when the routes are not installed."""
        return _route(hooks.DELETE_VIEW_ROUTES) if self.key else ""


def _route(names: Sequence[str]) -> str:
    for name in names:
        try:
            return reverse(name)
        except NoReverseMatch:
            continue
    return ""
