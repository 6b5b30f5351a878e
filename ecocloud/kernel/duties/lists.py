"""The lists of items that pages, exports, papers and jobs share: filters, orders, totals from the rollup."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.db.models import Count, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.kernel.duties import finding, queries, showing, sources, template_pages
from ecocloud.kernel.duties.kinds import all_kinds
from ecocloud.kernel.duties.lights import RANKS
from ecocloud.kernel.duties.models import ItemCount, WorkItem
from ecocloud.kernel.duties.services import batches
from ecocloud.kernel.regions import codes
from ecocloud.kernel.regions.models import Department, User

# Filters the rollup of counts does not know.
_UNCOUNTED = frozenset({"region", "template", "channel", "category", "batch"})
# Seconds for which the choices of filters are kept.
_KEEP, _KEEP_DOCUMENTS, _MAX_DOCUMENTS = 300, 600, 300
SORTS = (
    SortSpec("light", queries.ORDER),
    SortSpec("due", ("due", "id")),
    SortSpec("code", ("code",)),
    SortSpec("progress", ("progress", "id")),
    SortSpec("lead", ("lead_department__order", "lead_department_id", "due", "id")),
)
# Lists of a person, beside the ledger; each is a query of the viewer.
PERSONAL: dict[str, tuple[Any, Callable[[User], QuerySet[WorkItem]]]] = {
    "todo": (gettext_lazy("待办"), queries.todo),
    "started": (gettext_lazy("我发起"), queries.started),
    "copied": (gettext_lazy("抄送"), queries.copied),
    "warning": (gettext_lazy("预警"), queries.warnings),
    "overdue": (gettext_lazy("逾期"), queries.overdue),
    "coming": (gettext_lazy("近期到期"), queries.coming),
}


def _kept(viewer: User, name: str, seconds: int, make: Callable[[], list[tuple[Any, str]]]) -> list[tuple[Any, str]]:
    """Choices of a filter, the same for all who see the same and for all web processes; a value in the address is
    looked up besides."""
    view = queries.view_of(viewer)
    seen = "all" if view.everything else "-".join(map(str, view.departments))
    own = viewer.pk if view.own else ""
    key = "duties.choices:" + hashlib.sha256(f"{name}:{seen}:{own}".encode()).hexdigest()
    shared = caches["shared"]
    found = shared.get(key)
    if found is None:
        found = make()
        shared.set(key, found, 0 if settings.TESTING else seconds)
    return found


def _with(found: list[tuple[Any, str]], value: str, look: Callable[[str], str]) -> list[tuple[Any, str]]:
    """The choices, with the value of the address when it is new and real."""
    if not value or any(str(known) == value for known, _label in found):
        return found
    label = look(value)
    return [*found, (value, label)] if label else found


def years(viewer: User, value: str = "") -> list[tuple[Any, str]]:
    """The years with items, newest first."""
    rows = ItemCount.objects.filter(count__gt=0)

    def make() -> list[tuple[Any, str]]:
        return [(year, str(year)) for year in rows.order_by("-year").values_list("year", flat=True).distinct()]

    def look(text: str) -> str:
        return text if text.isascii() and text.isdigit() and len(text) == 4 and rows.filter(year=text).exists() else ""

    return _with(_kept(viewer, "years", _KEEP, make), value, look)


def lead_choices(viewer: User, value: str = "") -> list[tuple[Any, str]]:
    """The units that lead items, in the order of units."""

    def make() -> list[tuple[Any, str]]:
        leading = ItemCount.objects.filter(role="lead", count__gt=0).values("department_id")
        units = Department.objects.filter(pk__in=leading).order_by("order", "id")
        return [(pk, short or name) for pk, short, name in units.values_list("pk", "short_name", "name")]

    def look(text: str) -> str:
        unit = (
            Department.objects.filter(pk=text).first() if text.isascii() and text.isdigit() and len(text) < 12 else None
        )
        return unit.label if unit else ""

    return _with(_kept(viewer, "leads", _KEEP, make), value, look)


def document_choices(viewer: User, value: str = "") -> list[tuple[Any, str]]:
    """The documents that visible items come from: all of them, or those of the viewer's most pressing items."""

    def make() -> list[tuple[Any, str]]:
        titles = sources.documents(viewer, _MAX_DOCUMENTS)
        return sorted(((doc, title or doc) for doc, title in titles.items()), key=lambda pair: pair[1])

    def look(text: str) -> str:
        row = queries.visible(viewer).filter(source_doc=text).first()
        return (row.source_title or text) if row else ""

    return _with(_kept(viewer, "documents", _KEEP_DOCUMENTS, make), value, look)


def _by_light(rows: QuerySet, value: str) -> QuerySet:
    return rows.filter(light=value, light_rank=RANKS[value])


def _by_region(rows: QuerySet, value: str) -> QuerySet:
    if not codes.normalise(value).isdigit():
        return rows
    first, after = codes.span(value)
    return rows.filter(region_id__gte=first, region_id__lt=after)


def _by_due(rows: QuerySet, value: tuple[date | None, date | None]) -> QuerySet:
    start, end = value
    rows = rows.filter(deadline__isnull=False)
    if start:
        rows = rows.filter(due__gte=start)
    return rows.filter(due__lte=end) if end else rows


class ItemListing(Listing):
    """A list of items; totals come from the rollup where it can answer, pages of one unit from its seats."""

    def __init__(self, request: HttpRequest | QueryDict, viewer: User, name: str = "ledger") -> None:
        self.viewer = viewer
        self.name = name
        rows = queries.visible(viewer) if name == "ledger" else PERSONAL[name][1](viewer).order_by()
        self.params = request if isinstance(request, QueryDict) else request.GET
        self.picked = [int(text) for text in self.params.getlist("item") if text.isascii() and text.isdigit()]
        if self.picked:
            rows = rows.filter(pk__in=self.picked)
        super().__init__(
            request, rows, filters=self._specs(), sorts=_sorts(name), decorate=_decorated, count=self._total,
            key=f"duties.{name}",
        )  # fmt: skip

    def _specs(self) -> tuple[FilterSpec, ...]:
        viewer = self.viewer
        return (
            FilterSpec(
                "q", _("任务"), kind="text", placeholder=_("名称或编号"),
                apply=lambda rows, _text: rows.filter(pk__in=self._found.keys),
            ),
            FilterSpec(
                "lead", _("牵头单位"), kind="department", field="lead_department_id",
                choices=lambda: lead_choices(viewer, self.params.get("lead", "")),
            ),
            FilterSpec("state", _("环节"), choices=showing.state_choices),
            FilterSpec("year", _("年度"), choices=lambda: years(viewer, self.params.get("year", ""))),
            FilterSpec("doc", _("文件"), field="source_doc", choices=lambda: self._documents()),
            FilterSpec("due", _("期限"), kind="date_range", apply=_by_due, in_bar=self.params.get("more") == "1"),
            FilterSpec(
                "kind", _("类型"), in_bar=self.params.get("more") == "1",
                choices=lambda: [(code, showing.kind_label(code)) for code in all_kinds()],
            ),
            FilterSpec("channel", _("来源"), choices=showing.channel_choices, in_bar=self.params.get("more") == "1"),
            FilterSpec(
                "category", _("事项类别"), choices=showing.category_choices, in_bar=self.params.get("more") == "1"
            ),
            FilterSpec(
                "batch", _("批次"), field="batch_id", in_bar=bool(self.params.get("batch")),
                choices=lambda: self._batches(),
            ),
            FilterSpec("region", _("区域"), kind="text", apply=_by_region, in_bar=False),
            FilterSpec(
                "template", _("循环任务"), apply=template_pages.by_template, in_bar=bool(self.params.get("template")),
                choices=lambda: template_pages.choices(self.params.get("template", "")),
            ),
            FilterSpec(
                "light", _("亮灯"), choices=showing.light_filters, apply=_by_light, in_bar=False,
                lights=showing.LEVELS, counts=lambda rows: self.light_counts,
            ),
        )  # fmt: skip

    def _documents(self) -> list[tuple[Any, str]]:
        return document_choices(self.viewer, self.params.get("doc", ""))

    def _batches(self) -> list[tuple[Any, str]]:
        """The batch of the address, when the viewer sees it."""
        text = self.params.get("batch", "")
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            return []
        return [(pk, name) for pk, name in batches.visible(self.viewer).filter(pk=text).values_list("pk", "name")]

    @property
    def counted(self) -> bool:
        """Whether the rollup may be asked: the ledger itself, nothing picked, no filter it does not know."""
        return self.name == "ledger" and not self.picked and not _UNCOUNTED.intersection(self.values)

    def filters_of(self, values: Mapping[str, Any], skip: str = "") -> queries.Filters:
        """The applied filters in the form the queries take."""
        kept = {key: value for key, value in values.items() if key != skip}
        due = kept.get("due") or (None, None)
        return queries.Filters(
            year=int(kept["year"]) if "year" in kept else None,
            kinds=(kept["kind"],) if "kind" in kept else (),
            states=(kept["state"],) if "state" in kept else (),
            lights=(kept["light"],) if "light" in kept else (),
            lead=int(kept["lead"]) if "lead" in kept else None,
            text=kept.get("q", ""),
            source_doc=kept.get("doc", ""),
            due_from=due[0],
            due_to=due[1],
        )

    @cached_property
    def _found(self) -> finding.Found:
        """What the text filter finds in the list without the filter on lights, so that lights add up to it."""
        rows, seats = self.queryset, None
        for bound in self.applied:
            if bound.key not in ("q", "light"):
                rows = bound.spec.narrow(rows, bound.query_value)
        if self.counted and "due" not in self.values:
            seats = _seats(self.viewer, replace(self.filters_of(self.values, "light"), text=""))
        return finding.found(self.viewer, rows, self.values["q"], seats)

    @property
    def problems(self) -> list[str]:
        """Sentences about the filters; that a text is found too often, too."""
        more = "q" in self.values and self._found.more
        said = _("“%(text)s”命中超过 %(most)s 项，只列最紧要的 %(most)s 项，请再加条件。")
        return super().problems + ([said % {"text": self.values["q"], "most": finding.MOST}] if more else [])

    @cached_property
    def light_counts(self) -> dict[str, int]:
        """Rows by light of the list as it is without the filter on lights."""
        if "q" in self.values:
            held = Counter(self._found.ranks)
            return {light: held[rank] for light, rank in RANKS.items() if held[rank]}
        if self.counted and "due" not in self.values:
            return queries.tab_counts(self.viewer, self.filters_of(self.values, "light"), "light")
        if self.name == "warning" and not self.picked and not (_UNCOUNTED | {"due"}).intersection(self.values):
            found = queries.tab_counts(self.viewer, self.filters_of(self.values, "light"), "light")
            return {light: n for light, n in found.items() if light in queries.WARNED.lights}
        held = dict(self.narrowed(skip="light").order_by().values_list("light_rank").annotate(n=Count("pk")))
        return {light: held[rank] for light, rank in RANKS.items() if rank in held}

    def _total(self, rows: QuerySet, values: dict[str, Any]) -> int:
        chosen = values.get("light")
        return self.light_counts.get(chosen, 0) if chosen else sum(self.light_counts.values())

    @cached_property
    def page_keys(self) -> list[Any]:
        """Keys of the page; one unit's list in its usual order comes from the index of its seats."""
        spec, descending = self.sort
        if spec.key == "light" and "q" in self.values:
            wanted = RANKS.get(self.values.get("light"))
            keys = [k for k, rank in zip(self._found.keys, self._found.ranks, strict=True) if wanted in (None, rank)]
            start = (self.page - 1) * self.per_page
            return (keys[::-1] if descending else keys)[start : start + self.per_page]
        if self.counted and spec.key == "light" and "due" not in self.values:
            seats = _seats(self.viewer, self.filters_of(self.values))
            if seats is not None:
                seats = seats.order_by("light_rank", "due", "item_id").values_list("item_id", flat=True)
                return self.slice_of(seats.reverse() if descending else seats)
        return Listing.page_keys.func(self)

    @cached_property
    def rows(self) -> list[Any]:
        """The records of the page, each with ``shown``; the keys are of visible items already."""
        found = _decorated(WorkItem.objects).in_bulk(self.page_keys)
        return showing.show(found[key] for key in self.page_keys if key in found)

    def every(self) -> list[WorkItem]:
        """Every row the filters leave, in order, each with ``shown``."""
        return showing.show(self.all_rows())

    def filter_words(self) -> list[tuple[str, str]]:
        """The applied filters as people read them."""
        words = [(str(bound.label), bound.value_label) for bound in self.applied]
        if self.picked:
            words.append((_("选定"), _("%(n)s 项") % {"n": len(self.picked)}))
        return words


def _seats(viewer: User, wanted: queries.Filters) -> QuerySet | None:
    """The seats of one unit on the items of the list; None where seats are not the whole list."""
    view = queries.view_of(viewer)
    if not view.single or wanted.lead or not wanted.counted:
        return None
    found: dict[str, Any] = {}
    if wanted.year:
        found["year"] = wanted.year
    if wanted.kinds:
        found["kind__in"] = wanted.kinds
    if wanted.states:
        found["state__in"] = wanted.states
    if wanted.lights:
        found |= {"light__in": wanted.lights, "light_rank__in": [RANKS[light] for light in wanted.lights]}
    return view.seats().filter(**found)


def _sorts(name: str) -> tuple[SortSpec, ...]:
    if name in ("todo", "overdue", "coming"):
        return (SORTS[1], SORTS[0], *SORTS[2:])
    return (SortSpec("new", ("-id",)), *SORTS) if name == "started" else SORTS


def _decorated(rows: QuerySet) -> QuerySet:
    return rows.select_related("lead_department")
