"""Pages of the lines of a run and of the card behind each. Thin."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from ecocloud.base.pages.exports import ExportColumn, list_page
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.base.pages.speaking import unit_word
from ecocloud.domains.gep import facts, queries
from ecocloud.domains.gep.access import COMMENT
from ecocloud.domains.gep.facts import MONEY
from ecocloud.domains.gep.models import Run, RunAccount, RunLine
from ecocloud.domains.gep.results import cards, showing, tables
from ecocloud.kernel.regions.models import Region
from ecocloud.kernel.regions.permissions import allowed

_CLASS = r"^[0-9]+$"


class LineListing(Listing):
    """Lines of accounts with their words; ``total`` value of all that are found."""

    @property
    def dressed(self) -> list[RunLine]:
        """The rows of the page in words."""
        return dress(list(self.rows))

    @property
    def value(self) -> Any:
        """The value of all lines found, 万元."""
        return self.narrowed().aggregate(sum=Sum("value"))["sum"] or 0

    def all_rows(self) -> Any:
        """The rows of a file, dressed alike."""
        yield from dress(list(super().all_rows()))


def dress(rows: list[RunLine]) -> list[RunLine]:
    """Lines with what people read."""
    known, words = facts.load(), showing.speech({})
    for row in rows:
        service, item = known.items[row.item]
        row.service_word, row.item_word = words.word(service), words.word(item)
        row.part_word, row.method_word = words.part(known, row.part), words.word(known.methods[row.method])
        row.shown, row.unit_word = tables.shown(row.amount), words.unit(row.unit)
        row.region, row.year = row.account.region.name, row.account.year
        row.price_word = f"{row.price['value']} {words.unit(known.kinds[row.price['kind']].unit)}" if row.price else ""
        row.price_year = row.price["year"] if row.price else None
    return rows


def _of_ecosystem(rows: QuerySet, value: str) -> QuerySet:
    if value == "none":
        return rows.exclude(part__regex=_CLASS)
    return rows.filter(part__startswith=value, part__regex=_CLASS)


def _filters(run: Run) -> tuple[FilterSpec, ...]:
    known, words = facts.load(), showing.speech({})

    def years() -> list[tuple[str, str]]:
        return [(str(year), str(year)) for year in sorted(set(run.accounts.values_list("year", flat=True)))]

    def regions() -> list[tuple[str, str]]:
        codes = run.accounts.order_by().values("region")
        return list(Region.objects.filter(pk__in=codes).order_by("code").values_list("code", "name"))

    groups = [(code, words.word(one)) for code, one in known.groups.items()]
    classes = [(code, words.word(one)) for code, one in known.classes.items() if len(code) == 1]
    return (
        FilterSpec("year", _("年份"), field="account__year", choices=years),
        FilterSpec("region", _("地区"), field="account__region_id", choices=regions),
        FilterSpec("group", _("类别"), choices=groups, apply=lambda rows, value: rows.filter(
            service__in=[code for code, one in known.services.items() if one.group == value])),
        FilterSpec("service", _("服务"), choices=[(code, words.word(one)) for code, one in known.services.items()]),
        FilterSpec("item", _("科目"), choices=[(code, words.word(one)) for code, (_s, one) in known.items.items()]),
        FilterSpec("ecosystem", _("生态系统"), choices=[*classes, ("none", _("不分生态系统"))], apply=_of_ecosystem),
    )  # fmt: skip


_SORTS = (SortSpec("order", ("account_id", "number")), SortSpec("value", ("value", "pk"), descending_first=True))


def _columns() -> tuple[ExportColumn, ...]:
    return (
        ExportColumn(_("年份"), "year"), ExportColumn(_("地区"), "region"), ExportColumn(_("服务"), "service_word"),
        ExportColumn(_("科目"), "item_word"), ExportColumn(_("对象"), "part_word"),
        ExportColumn(_("方法"), "method_word"), ExportColumn(_("功能量"), "amount"),
        ExportColumn(_("单位"), "unit_word"), ExportColumn(_("价格"), "price_word"),
        ExportColumn(_("价格年份"), "price_year"),
        ExportColumn(f"{_('价值量')} ({unit_word(MONEY)})", "value"),
    )  # fmt: skip


def lines(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The lines of a run; every total of its tables is the sum of some of them."""
    run = get_object_or_404(queries.runs(request.user), pk=pk)
    listing = LineListing(
        request, RunLine.objects.filter(account__run=run), filters=_filters(run), sorts=_SORTS, key="gep.lines",
        decorate=lambda rows: rows.select_related("account__region"), columns=_columns(), title=_("核算明细"),
    )  # fmt: skip
    return list_page(request, listing, "gep/lines.html", {"run": run, "accounting": run.accounting})


def line(request: HttpRequest, pk: int) -> HttpResponse:
    """The card behind one number: formula, inputs with their forms, parameters, price, sources, marks."""
    row = get_object_or_404(
        RunLine.objects.select_related("account__region", "account__run__accounting"), pk=pk,
        account__run__in=queries.runs(request.user).order_by().values("pk"),
    )  # fmt: skip
    known, made = facts.load(), queries.line_of(row)
    places = {made.price.place} if made.price and made.price.place else set()
    names = dict(Region.objects.filter(pk__in=places).values_list("pk", "name"))
    words = showing.speech(names)
    account: RunAccount = row.account
    siblings = RunLine.objects.filter(account=account, item=row.item).order_by("number")
    context = {
        "row": row, "card": cards.card(known, made, words), "account": account, "run": account.run,
        "accounting": account.run.accounting, "service": words.word(known.services[row.service]),
        "service_code": row.service, "siblings": dress(list(siblings.select_related("account__region"))),
        "shown": tables.shown(made.amount), "edition": known.editions[account.run.edition],
        "comments": list(row.comments.select_related("by")), "comments_allowed": allowed(request.user, COMMENT),
    }  # fmt: skip
    return render(request, "gep/line.html", context)
