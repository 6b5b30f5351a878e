"""Pages of accountings: list, opening one, who owes what, coefficients and prices, running it. Thin."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.base import typed
from ecocloud.base.errors import EcoError
from ecocloud.base.pages.answering import attempt
from ecocloud.base.pages.exports import ExportColumn, list_page
from ecocloud.base.pages.inputs import whole_number
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.domains.gep import editions, facts, pricing, queries, steps
from ecocloud.domains.gep.access import EDIT, FILL, RUN
from ecocloud.domains.gep.errors import GepError, NotThere
from ecocloud.domains.gep.models import Accounting, Form
from ecocloud.domains.gep.reporting import importing, showing
from ecocloud.domains.gep.services import accountings as services
from ecocloud.domains.gep.services import runs
from ecocloud.kernel.regions import scope
from ecocloud.kernel.regions.models import Region, in_language
from ecocloud.kernel.regions.permissions import allowed


class AccountingListing(Listing):
    """Accountings with how their forms stand."""

    @property
    def dressed(self) -> list[Accounting]:
        """The rows of the page with counts of forms."""
        return dress(list(self.rows))

    def all_rows(self) -> Any:
        """The rows of a file, dressed alike."""
        yield from dress(list(super().all_rows()))


def dress(rows: list[Accounting]) -> list[Accounting]:
    """Accountings with their words and counts."""
    counts = queries.standings(rows)
    for row in rows:
        states = counts.get(row.pk, {})
        row.owed = sum(states.get(state, 0) for state in steps.OPEN)
        row.done = sum(states.get(state, 0) for state in steps.DONE)
        row.all_forms = sum(states.values())
        row.key = str(row.pk)
        row.edition_word = showing.edition_word(row.edition)
        row.years_word = f"{row.first_year}" if row.first_year == row.last_year else f"{row.first_year}–{row.last_year}"
    return rows


def accounting_list(request: HttpRequest) -> HttpResponseBase:
    """The accountings in sight."""
    columns = (
        ExportColumn(_("名称"), "title"), ExportColumn(_("地区"), "region.name"), ExportColumn(_("年度"), "years_word"),
        ExportColumn(_("核算版本"), "edition_word"), ExportColumn(_("组织单位"), "office.name"),
        ExportColumn(_("期限"), "deadline"), ExportColumn(_("待填报"), "owed"), ExportColumn(_("已审定"), "done"),
        ExportColumn(_("报表"), "all_forms"), ExportColumn(_("状态"), "get_state_display"),
    )  # fmt: skip
    listing = AccountingListing(
        request, queries.accountings(request.user),
        filters=(FilterSpec("q", _("名称"), kind="text", field="title"),
                 FilterSpec("state", _("状态"), choices=showing.states(Accounting))),
        sorts=(SortSpec("year", ("-last_year", "region_id", "-pk")), SortSpec("due", ("deadline", "pk")),
               SortSpec("region", ("region_id", "-last_year", "pk"))),
        key="gep.accountings", columns=columns, title=_("核算项目"),
    )  # fmt: skip
    return list_page(request, listing, "gep/accountings.html", {"edits": allowed(request.user, EDIT)})


def _found(viewer: Any, pk: int) -> Accounting:
    row = queries.accountings(viewer).filter(pk=pk).first()
    if row is None:
        raise NotThere("没有这项核算，或不在您的数据范围内。", f"no accounting {pk} in reach", value=pk)
    return row


def create(request: HttpRequest) -> HttpResponse:
    """Open an accounting."""
    error, data = None, request.POST if request.method == "POST" else request.GET
    if request.method == "POST":
        try:
            row = services.open_accounting(request.user, **_given(request))
            messages.success(request, _("已开展核算，各单位的报表已列出。"))
            return redirect("gep:accounting", pk=row.pk)
        except EcoError as refused:
            if refused.http_status == 403:
                raise
            error = refused
    known, today = facts.load(), timezone.localdate()
    chosen = [(one.id, one.number, in_language(one.zh, one.en), editions.complete(one))
              for one in editions.in_force(known, today)]  # fmt: skip
    regions = scope_regions(request.user)
    context = {
        "error": error, "data": data, "editions": chosen, "default": editions.default(known, today).id,
        "regions": regions, "year": today.year - 1,
        "home": request.user.department.region_id if request.user.department else "",
    }  # fmt: skip
    return render(request, "gep/accounting_new.html", context, status=400 if error else 200)


def scope_regions(user: Any) -> QuerySet[Region]:
    """The divisions a person may account: cities and counties in reach."""
    rows = Region.objects.filter(level__in=("city", "county"))
    return scope.limit(rows, user, (), "code", permission=EDIT)


def _given(request: HttpRequest) -> dict[str, Any]:
    data = request.POST
    region = Region.objects.filter(pk=data.get("region", "")).first()
    if region is None:
        raise GepError("没有选择地区。", "no region", where={"字段": "地区"}, remedy_zh="请选择核算地区。")
    parts = list(Region.objects.filter(parent=region).order_by("code")) if data.get("parts") else []
    first = whole_number(data.get("first_year", ""), 2100)
    last = whole_number(data.get("last_year", ""), 2100) or first
    base = whole_number(data.get("base_year", ""), 2100)
    return {
        "title": data.get("title", ""), "region": region, "parts": parts, "years": (first or 0, last or 0),
        "base_year": base or None, "deadline": typed.day(data.get("deadline", "")), "edition": data.get("edition", ""),
        "note": data.get("note", ""),
    }  # fmt: skip


@dataclass
class Line:
    """One form code and region of an accounting with its form of each year."""

    code: str
    title: str
    region: Region
    department: Any
    forms: dict[int, Form] = field(default_factory=dict)


def accounting(request: HttpRequest, pk: int) -> HttpResponse:
    """One accounting: who owes what, how it stands, its runs."""
    row = _found(request.user, pk)
    dress([row])
    forms = showing.dress(queries.forms(request.user).filter(accounting=row))
    years = list(row.years)
    units: dict[Any, list[Line]] = defaultdict(list)
    lines: dict[tuple[str, str, int], Line] = {}
    for form in sorted(forms, key=lambda one: (one.department.order, one.department_id, one.code, one.region_id)):
        key = form.code, form.region_id, form.department_id
        if key not in lines:
            lines[key] = Line(form.code, form.title, form.region, form.department)
            units[form.department].append(lines[key])
        lines[key].forms[form.year] = form
    told = [(unit, [(line, [line.forms.get(year) for year in years]) for line in group])
            for unit, group in units.items()]  # fmt: skip
    organises = scope.sees_department(request.user, row.office_id, EDIT)
    late = sum(1 for one in forms if one.clock[0] == "red")
    context = {
        "row": row, "units": told, "years": years, "parts": row.parts.order_by("code"), "late": late,
        "runs": row.runs.select_related("made_by", "confirmed_by").all()[:20], "edits": organises and _open(row),
        "may_run": organises and allowed(request.user, RUN), "fills": allowed(request.user, FILL) and _open(row),
        "target": importing.key_of(row.pk),
    }  # fmt: skip
    return render(request, "gep/accounting.html", context)


def _open(row: Accounting) -> bool:
    return row.state == Accounting.State.OPEN


def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close it."""
    return _done(request, pk, lambda: services.close(request.user, pk, note=request.POST.get("opinion", "")),
                 _("已关闭。"))  # fmt: skip


def _done(request: HttpRequest, pk: int, act: Any, told: str, route: str = "gep:accounting") -> HttpResponse:
    attempt(request, act, told)
    return redirect(route, pk=pk)


def basis(request: HttpRequest, pk: int) -> HttpResponse:
    """The methods, coefficients and prices of an accounting."""
    row = _found(request.user, pk)
    known = facts.load()
    edition = known.editions[row.edition]
    wanted = {service: tuple(methods) for service, methods in row.methods.items()}
    chosen = editions.choices(known, edition, wanted)
    services_ = [
        {"service": in_language(known.services[one.service].zh, known.services[one.service].en), "given": one.given,
         "methods": [_worded(known.methods[code]) for code in one.methods]}
        for one in chosen
    ]  # fmt: skip
    asked = {code for one in chosen for method in one.methods for code in known.methods[method].parameters}
    items = {item for one in chosen for method in one.methods for item in known.methods[method].items}
    kinds = [known.kinds[known.items[item][1].price] for item in known.items
             if item in items and known.items[item][1].price]  # fmt: skip
    context = {
        "row": row, "services": services_, "gaps": [_worded(known.services[code]) for code in editions.gaps(edition)],
        "parameters": [_worded(known.parameters[code]) for code in known.parameters if code in asked],
        "own": [(one, _worded(known.parameters[one.code]), showing.part_word(one.part))
                for one in row.parameters.select_related("by")],
        "prices": _prices(row, kinds), "kinds": [_worded(one) for one in dict.fromkeys(kinds)],
        "classes": [_worded(one) for one in known.classes.values()],
        "edits": scope.sees_department(request.user, row.office_id, EDIT) and _open(row),
        "regions": [row.region, *row.parts.order_by("code")],
    }  # fmt: skip
    return render(request, "gep/basis.html", context)


def _worded(fact: Any) -> dict[str, Any]:
    """A fact with its name in the language of the page."""
    return {name: getattr(fact, name) for name in type(fact).model_fields} | {"word": in_language(fact.zh, fact.en)}


def _prices(row: Accounting, kinds: list[Any]) -> list[dict[str, Any]]:
    """The price that would be chosen for each kind in the last year, and whether it is older than the year."""
    found, all_prices = [], runs.prices_of(row)
    places = (row.region_id, *pricing.places_of(row.region_id))
    for kind in dict.fromkeys(kinds):
        try:
            price = pricing.choose(kind.code, row.last_year, places, all_prices)
        except EcoError:
            price = None
        found.append({"kind": _worded(kind), "price": price, "old": price is not None and price.year < row.last_year})
    return found


def set_parameter(request: HttpRequest, pk: int) -> HttpResponse:
    """A coefficient of the office's own."""
    data = request.POST
    return _done(request, pk, lambda: services.set_parameter(
        request.user, pk, code=data.get("code", ""), part=data.get("part", ""), value=data.get("value", ""),
        year=data.get("year", ""), source=data.get("source", ""),
    ), _("已设定。"), "gep:basis")  # fmt: skip


def set_price(request: HttpRequest, pk: int) -> HttpResponse:
    """A price of the office's own."""
    data = request.POST
    return _done(request, pk, lambda: services.set_price(
        request.user, pk, kind=data.get("kind", ""), place=data.get("place", ""), value=data.get("value", ""),
        year=data.get("year", ""), source=data.get("source", ""),
    ), _("已设定。"), "gep:basis")  # fmt: skip


def make_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Compute it from the values of now."""
    note = request.POST.get("opinion", "")
    run = attempt(request, lambda: runs.make_run(request.user, pk, note=note), _("已运行，结果为试算。"))
    return redirect("gep:review", pk=run.pk) if run else redirect("gep:accounting", pk=pk)
