"""The list of runs with what they came to. Thin."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from ecocloud.base.pages.exports import ExportColumn, list_page
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.base.pages.speaking import unit_word
from ecocloud.base.units.fields import ScaledDecimalField
from ecocloud.domains.gep import facts, queries
from ecocloud.domains.gep.facts import MONEY
from ecocloud.domains.gep.models import Accounting, Run, RunAccount
from ecocloud.kernel.regions.models import Region

_SORTS = (
    SortSpec("new", ("-made_at", "-pk"), descending_first=True),
    SortSpec("year", ("accounting__last_year", "pk"), descending_first=True),
    SortSpec("region", ("accounting__region_id", "pk")),
)


class RunListing(Listing):
    """Runs with GEP of their last year."""

    @property
    def dressed(self) -> list[Run]:
        """The rows of the page in words."""
        return dress(list(self.rows))

    def all_rows(self) -> Any:
        """The rows of a file, dressed alike."""
        yield from dress(list(super().all_rows()))


def dress(rows: list[Run]) -> list[Run]:
    """Runs with what people read."""
    known = facts.load()
    for row in rows:
        row.edition_number = known.editions[row.edition].number
        first, last = row.accounting.first_year, row.accounting.last_year
        row.years_word = str(last) if first == last else f"{first}–{last}"
        row.state_word = row.get_state_display()
    return rows


def _with_total(rows: QuerySet[Run]) -> QuerySet[Run]:
    of_run = RunAccount.objects.filter(run=OuterRef("pk"), year=OuterRef("accounting__last_year")).order_by()
    total = of_run.values("run").annotate(sum=Sum("total")).values("sum")
    return rows.annotate(total=Subquery(total, output_field=ScaledDecimalField(scale=2)))


def result_list(request: HttpRequest) -> HttpResponseBase:
    """The runs in sight, the newest first."""
    seen = queries.runs(request.user)

    def regions() -> list[tuple[str, str]]:
        codes = Accounting.objects.filter(runs__in=seen.order_by().values("pk")).order_by().values("region")
        return list(Region.objects.filter(pk__in=codes).order_by("code").values_list("code", "name"))

    filters = (
        FilterSpec("q", _("核算"), kind="text", fields=("accounting__title", "note")),
        FilterSpec("region", _("地区"), field="accounting__region_id", choices=regions),
        FilterSpec("state", _("状态"), choices=Run.State.choices),
    )
    columns = (
        ExportColumn(_("核算"), "accounting.title"), ExportColumn(_("地区"), "accounting.region.name"),
        ExportColumn(_("年份"), "years_word"), ExportColumn(_("批次"), "number"),
        ExportColumn(_("状态"), "state_word"), ExportColumn(_("核算版本"), "edition_number"),
        ExportColumn(f"GEP ({unit_word(MONEY)})", "total"), ExportColumn(_("运行时间"), "made_at"),
    )  # fmt: skip
    listing = RunListing(request, seen, filters=filters, sorts=_SORTS, key="gep.runs", decorate=_with_total,
                         columns=columns, title=_("核算结果"))  # fmt: skip
    return list_page(request, listing, "gep/result_list.html", {})
