"""Pages of offices: list, one office, appointing, helpers, handovers, the public sign. Thin."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.base.pages import hooks
from ecocloud.base.pages.exports import list_page
from ecocloud.base.pages.inputs import whole_number
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.base.sheets import export_workbook
from ecocloud.domains.chiefs import forms, importing, queries, showing
from ecocloud.domains.chiefs.facts import words
from ecocloud.domains.chiefs.models import Handover, Helper, Office, Term
from ecocloud.domains.chiefs.services import handovers
from ecocloud.domains.chiefs.services import offices as services
from ecocloud.kernel.evidence.guards import inside
from ecocloud.kernel.journal.queries import entries_for
from ecocloud.kernel.regions import scope, terms
from ecocloud.kernel.regions.grids.queries import in_force
from ecocloud.kernel.regions.models import Region
from ecocloud.kernel.regions.permissions import allowed
from ecocloud.kernel.registers.cards import picture

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class OfficeListing(Listing):
    """Offices with who holds them today."""

    @property
    def dressed(self) -> list[Office]:
        """The rows of the page with holder and words."""
        return dress(list(self.rows))

    def all_rows(self) -> Any:
        """The rows of a file, dressed alike."""
        yield from dress(list(super().all_rows()))


def dress(rows: list[Office]) -> list[Office]:
    held = queries.holders(rows)
    for row in rows:
        row.holder, row.title = held.get(row.pk), showing.title(row)
    return rows


def _regions(viewer: Any) -> FilterSpec:
    def choices() -> list[tuple[str, str]]:
        codes = queries.offices(viewer).order_by().values("region")
        return list(Region.objects.filter(pk__in=codes).order_by("code").values_list("code", "name"))

    return FilterSpec("region", _("区划"), field="region_id", choices=choices)


def _vacant(rows: Any, _on: Any) -> Any:
    return rows.exclude(pk__in=Term.objects.filter(in_force(timezone.localdate())).values("office"))


def _named(rows: Any, value: str) -> Any:
    held = Term.objects.filter(name__icontains=value).values("office")
    return rows.filter(Q(object__name__icontains=value) | Q(post__icontains=value) | Q(pk__in=held) | Q(sign=value))


def office_list(request: HttpRequest) -> HttpResponseBase:
    """The offices in sight with who holds them."""
    facts = words()
    filters = (
        FilterSpec("q", _("岗位"), kind="text", apply=_named, placeholder=_("河湖、林地、岗位或姓名")),
        FilterSpec("kind", _("类别"), choices=showing.choices(facts.kinds)),
        FilterSpec("level", _("层级"), choices=showing.choices(facts.levels)),
        FilterSpec("nature", _("性质"), choices=showing.choices(facts.natures)),
        _regions(request.user),
        FilterSpec("vacant", _("空缺"), kind="bool", apply=_vacant),
    )  # fmt: skip
    listing = OfficeListing(
        request, queries.offices(request.user).filter(queries.open_offices()), filters=filters,
        sorts=(SortSpec("place", ("region_id", "kind", "pk")), SortSpec("post", ("post", "pk"))),
        decorate=lambda rows: rows.select_related("object", "region", "department", "contact"), key="chiefs.offices",
        columns=showing.office_columns(), title=_("河湖长、林长"),
    )  # fmt: skip
    return list_page(request, listing, "chiefs/offices.html", {
        "edits": allowed(request.user, queries.EDIT), "target": importing.KEY,
    })  # fmt: skip


def workbook(request: HttpRequest) -> HttpResponse:
    """The offices one may keep as the workbook that the import takes back."""
    rows = importing.rows_of(request.user)
    content = export_workbook(importing.spec(request.user), rows)
    hooks.record_export(request, "chiefs.offices", "xlsx", len(rows), importing.KEY)
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = 'attachment; filename="chiefs.xlsx"'
    return response


def create(request: HttpRequest) -> HttpResponse:
    """A new office."""
    error, data = None, request.POST if request.method == "POST" else request.GET
    if request.method == "POST":
        try:
            unit = forms.unit(data.get("unit", ""), request.user, queries.EDIT)
            if unit is None:
                raise forms.gone()
            row = services.open_office(
                request.user, kind=data.get("kind", ""), nature=data.get("nature", ""), level=data.get("level", ""),
                about=forms.thing(request.user, data.get("object", "")), department=unit,
                contact=forms.unit(data.get("contact", "")), opened_on=forms.day(data.get("opened_on", "")),
                **{name: data.get(name, "") for name in services.TEXTS},
            )  # fmt: skip
            return redirect("chiefs:office", pk=row.pk)
        except EcoError as refused:
            if refused.http_status == 403:
                raise
            error = refused
    facts = words()
    units = forms.units(request.user)
    context = {
        "error": error, "data": data, "kinds": showing.choices(facts.kinds), "levels": showing.choices(facts.levels),
        "natures": showing.choices(facts.natures), "units": units, "today": timezone.localdate(),
    }  # fmt: skip
    return render(request, "chiefs/office_new.html", context, status=400 if error else 200)


def office_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One office: who held it and when nobody did, helpers, handovers, the sign, the period that goes on."""
    viewer, today = request.user, timezone.localdate()
    row = queries.office_for(viewer, pk)
    dress([row])
    edits = allowed(viewer, queries.EDIT) and row.closed_on is None
    edits = edits and inside(scope.reach(viewer, queries.EDIT), row.region, row.department)
    held = list(row.terms.select_related("person").order_by("-valid_from", "-pk"))
    gaps = [one for one in terms.stretches(terms.Term(t.valid_from, t.valid_to) for t in held) if one.kind == "vacant"]
    standing = queries.standings([row]).get(row.pk)
    timeline = queries.rules().timeline(row)
    context = {
        "row": row, "held": held, "gaps": gaps, "edits": edits, "today": today, "standing": standing,
        "standing_words": showing.standing_words(standing) if standing else "", "ruled": bool(timeline),
        "every": showing.every_word(next((one.rule.every for one in timeline if one.holds(today)), None)),
        "helpers": row.helpers.select_related("person").order_by("-valid_from"),
        "handovers": row.handovers.select_related("giver", "given_by", "taken_by"),
        "patrols": queries.patrols(viewer).filter(office=row)[:10], "patrol_word": showing.patrol_word(row),
        "records": allowed(viewer, queries.RECORD) and queries.recordable(viewer).filter(pk=pk).exists(),
        "units": forms.units(viewer) if edits else (), "entries": entries_for(row.ref)[:20],
        "kind": showing.kind_word(row.kind), "level": showing.level_word(row.level),
        "nature": showing.nature_word(row.nature), "code": picture(address(request, row)),
    }  # fmt: skip
    return render(request, "chiefs/office.html", context)


def address(request: HttpRequest, row: Office) -> str:
    """The public address of an office's sign."""
    return request.build_absolute_uri(reverse("chiefs:sign", args=[row.token]))


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    data = request.POST
    return forms.attempt(request, lambda: services.edit_office(
        request.user, pk, version=whole_number(data.get("version")), contact=forms.unit(data.get("contact", "")),
        **{name: data.get(name, "") for name in services.TEXTS},
    ), _("岗位已更新。"), "chiefs:office", pk=pk)  # fmt: skip


def close(request: HttpRequest, pk: int) -> HttpResponse:
    reason = request.POST.get("opinion", "")
    return forms.attempt(request, lambda: services.close_office(request.user, pk, reason=reason),
                         _("岗位已撤销，历史保留。"), "chiefs:office", pk=pk)  # fmt: skip


def appoint(request: HttpRequest, pk: int) -> HttpResponse:
    data = request.POST
    return forms.attempt(request, lambda: services.appoint(
        request.user, pk, name=data.get("name", ""), on=forms.day(data.get("on", ""), _("任职日期"), needed=True),
        until=forms.day(data.get("until", "")), person=forms.person(data.get("account", "")),
        basis=data.get("basis", ""),
    ), _("任职已登记。"), "chiefs:office", pk=pk)  # fmt: skip


def end_term(request: HttpRequest, pk: int) -> HttpResponse:
    data = request.POST
    return forms.attempt(request, lambda: services.end_term(
        request.user, pk, on=forms.day(data.get("on", ""), _("离任日期"), needed=True), reason=data.get("reason", ""),
    ), _("离任已登记。"), "chiefs:office", pk=pk)  # fmt: skip


def add_helper(request: HttpRequest, pk: int) -> HttpResponse:
    data = request.POST
    return forms.attempt(request, lambda: services.add_helper(
        request.user, pk, role=data.get("role", ""), name=data.get("name", ""), post=data.get("post", ""),
        start=forms.day(data.get("start", ""), _("开始日期"), needed=True), end=forms.day(data.get("end", "")),
        person=forms.person(data.get("account", "")), reason=data.get("reason", ""),
    ), _("已登记。"), "chiefs:office", pk=pk)  # fmt: skip


def end_helper(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Helper, pk=pk)
    queries.office_for(request.user, row.office_id)
    return forms.attempt(request, lambda: services.end_helper(request.user, row), _("已结束。"), "chiefs:office",
                         pk=row.office_id)  # fmt: skip


def prepare_handover(request: HttpRequest, pk: int) -> HttpResponse:
    data = request.POST
    return forms.attempt(request, lambda: handovers.prepare(
        request.user, pk, taker_name=data.get("name", ""), taker=forms.person(data.get("account", "")),
        more=data.get("more", ""), note=data.get("note", ""),
    ), _("交接单已生成，请双方签字。"), "chiefs:office", pk=pk)  # fmt: skip


def _handover(viewer: Any, pk: int) -> Handover:
    made = Handover.objects.filter(pk=pk).select_related("giver", "taker", "given_by", "taken_by").first()
    if made is None:
        raise Http404
    made.office = queries.office_for(viewer, made.office_id)
    return made


def handover(request: HttpRequest, pk: int) -> HttpResponse:
    """A handover list with who signed."""
    made = _handover(request.user, pk)
    signs = allowed(request.user, queries.SIGN)
    context = {
        "made": made, "row": dress([made.office])[0],
        "gives": signs and made.given_at is None and handovers.may_sign(request.user, made, "give"),
        "takes": signs and made.taken_at is None and handovers.may_sign(request.user, made, "take"),
        "renews": allowed(request.user, queries.EDIT) and not made.given_at and not made.taken_at,
        "kinds": {"item": _("未办结事项"), "problem": _("未销号问题"), "file": _("资料"), "other": _("其他")},
    }  # fmt: skip
    return render(request, "chiefs/handover.html", context)


def renew_handover(request: HttpRequest, pk: int) -> HttpResponse:
    _handover(request.user, pk)
    return forms.attempt(
        request, lambda: handovers.renew(request.user, pk), _("交接单已重新生成。"), "chiefs:handover", pk=pk
    )


def sign_handover(request: HttpRequest, pk: int) -> HttpResponse:
    _handover(request.user, pk)
    side = request.POST.get("side", "")
    return forms.attempt(
        request, lambda: handovers.sign(request.user, pk, side), _("已签字。"), "chiefs:handover", pk=pk
    )


def qr(request: HttpRequest, pk: int) -> HttpResponse:
    """The QR code of an office's sign as an SVG file, for a maker of signs."""
    row = queries.office_for(request.user, pk)
    drawn = picture(address(request, row))
    hooks.record_export(request, "chiefs.qr", "svg", 1, row.sign or str(row.pk))
    text = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{drawn.view_box}" width="40mm" height="40mm" '
        f'shape-rendering="crispEdges"><rect width="{drawn.size}" height="{drawn.size}" fill="#fff"/>'
        f'<path d="{drawn.path}"/></svg>'
    )
    response = HttpResponse(text, content_type="image/svg+xml")
    response["Content-Disposition"] = f'attachment; filename="sign-{row.pk}.svg"'
    return response
