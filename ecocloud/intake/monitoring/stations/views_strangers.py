"""Quarantine: senders that nobody has admitted, and the decision on one. Thin."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.base.pages.exports import list_page
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.intake.monitoring.hj212.tables import systems
from ecocloud.intake.monitoring.stations import columns, forms, kinds, packets, queries, services, showing
from ecocloud.intake.monitoring.stations.errors import DeviceRefused
from ecocloud.intake.monitoring.stations.models import Device, Stranger
from ecocloud.intake.monitoring.stations.services import ChannelGiven


class _Listing(Listing):
    @property
    def dressed(self) -> list[Stranger]:
        return showing.dressed_strangers(self.rows)

    def all_rows(self):  # noqa: ANN202 - as in Listing
        for row in super().all_rows():
            yield from showing.dressed_strangers([row])


def _counts(rows: QuerySet) -> dict[str, int]:
    return dict(rows.order_by().values_list("state").annotate(n=Count("pk")))


def stranger_list(request: HttpRequest) -> HttpResponse:
    """Senders in quarantine, those that knocked last first."""
    reasons = [(code, showing.reason_word(code)) for code in ("unknown", "password", "system")]
    filters = (
        FilterSpec("q", _("来源"), kind="text", fields=("mn", "peer"), placeholder=_("MN 号或地址")),
        FilterSpec("reason", _("原因"), choices=reasons),
        FilterSpec("state", _("状态"), choices=showing.choice_words(Stranger.State.choices), in_bar=False,
                   counts=_counts, lights={"waiting": "yellow", "admitted": "done", "refused": "none"}),
    )  # fmt: skip
    listing = _Listing(
        request, queries.strangers(request.user), filters=filters,
        sorts=(SortSpec("last", ("-last", "-pk")), SortSpec("packets", ("-packets", "pk"))),
        key="monitoring.strangers", columns=columns.STRANGERS, title=_("待准入"),
    )  # fmt: skip
    return list_page(request, listing, "monitoring/strangers.html", {"may": forms.viewer_may(request.user)})


def _stranger(request: HttpRequest, pk: int) -> Stranger:
    row = queries.strangers(request.user).filter(pk=pk).select_related("device", "decided_by").first()
    if row is None:
        raise Http404
    return showing.dressed_strangers([row])[0]


def stranger_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One sender: its newest packet taken apart, and the form to admit it; sent, it is admitted."""
    row = _stranger(request, pk)
    sample = bytes(row.sample)
    known = Device.objects.filter(mn=row.mn).first()
    st = packets.system_in(sample)
    kind = request.POST.get("kind") or request.GET.get("kind") or (known.kind if known else kinds.kind_of_system(st))
    kind = kind if kind in kinds.kinds() else next(iter(kinds.kinds()))
    values = forms.blank(kind, row.mn) | ({"st": st} if st in systems() else {})
    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            device = services.admit(request.user, pk, **_given(request, row, known, kind, values["st"]))
        except DeviceRefused as refused:
            faults, values = refused.faults, forms.kept(request.POST) | {"kind": kind, "mn": row.mn}
        else:
            messages.success(request, _("已准入 %(name)s；待准入的报文将一并入库。") % {"name": device.name})
            return redirect("monitoring:device", pk=device.pk)
    context = {
        "row": row, "known": known, "values": values, "faults": faults, "english": showing.in_english(),
        "pieces": packets.shown(sample, english=showing.in_english()),
        "kinds": kinds.kinds().values(), "systems": systems().values(), "regions": forms.regions_for(request.user),
        "units": forms.units_for(request.user), "objects": forms.objects_for(request.user, kind),
        "factors": [(code, *kinds.factor_facts(kind, code)) for code in packets.factors_in(sample)],
        "has_password": bool(packets.password_in(sample)), "open": row.state != Stranger.State.ADMITTED,
    }  # fmt: skip
    return render(request, "monitoring/stranger.html", context, status=400 if faults else 200)


def _given(request: HttpRequest, row: Stranger, known: Device | None, kind: str, st: str) -> dict[str, Any]:
    """What admission needs: of a known device only the password, else all of a new one with the factors it sends."""
    sample = bytes(row.sample)
    own = request.POST.get("password", "").strip()
    password = own or (packets.password_in(sample) if request.POST.get("take_password") else "")
    if known is not None:
        return {"password": password}
    post = request.POST.copy()
    usual = forms.blank(kind)
    for name in forms.NUMBERS:
        post.setdefault(name, str(usual[name]))
    post["st"] = st
    given = forms.device(post, request.user) | {"password": password}
    del given["mn"]
    sent = packets.factors_in(sample)
    return given | ({"channels": [ChannelGiven(code) for code in sent]} if sent else {})


def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuse a sender with a reason."""
    _stranger(request, pk)
    return _decided(request, pk, lambda: services.refuse(request.user, pk, request.POST.get("opinion", "")),
                    _("已拒绝。"))  # fmt: skip


def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a refused sender back among those that wait."""
    _stranger(request, pk)
    return _decided(request, pk, lambda: services.readmit(request.user, pk), _("已放回待准入。"))


def _decided(request: HttpRequest, pk: int, act: Any, told: str) -> HttpResponse:
    try:
        act()
    except EcoError as refused:
        messages.error(request, showing.refusal_words(refused))
    else:
        messages.success(request, told)
    return redirect("monitoring:stranger", pk=pk)
