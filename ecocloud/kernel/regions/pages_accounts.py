"""Pages of accounts, grants, locks and the rights matrix. Thin."""

from __future__ import annotations

import csv
import io

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from ecocloud.base import typed
from ecocloud.base.errors import EcoError
from ecocloud.base.pages.exports import ExportColumn, list_page, safe_text
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.kernel.journal.queries import entries_for
from ecocloud.kernel.regions import counts, queries, rights_matrix, services, signin
from ecocloud.kernel.regions.models import Department, Post, Role, User
from ecocloud.kernel.regions.permissions import allowed


def _role_choices() -> list[tuple[str, str]]:
    return [(role.code, role.label) for role in Role.objects.all()]


def _by_role(queryset, value):
    return queryset.filter(pk__in=User.objects.filter(grants__role__code=value).values("pk"))


def _by_state(queryset, value):
    if value == "idle":
        return counts.idle(queryset)
    if value == "bare":
        return counts.without_role(queryset)
    return queryset.filter(is_active=value == "active")


FILTERS = (
    FilterSpec("q", gettext_lazy("姓名、账号"), kind="text", fields=("name", "username", "department__name")),
    FilterSpec("role", gettext_lazy("角色"), choices=_role_choices, apply=_by_role),
    FilterSpec(
        "state",
        gettext_lazy("状态"),
        choices=(
            ("active", gettext_lazy("在用")),
            ("closed", gettext_lazy("已停用")),
            ("idle", gettext_lazy("90 天未登录")),
            ("bare", gettext_lazy("在用而无角色")),
        ),
        apply=_by_state,
    ),
)
COLUMNS = (
    ExportColumn(gettext_lazy("账号"), "username"),
    ExportColumn(gettext_lazy("姓名"), "name"),
    ExportColumn(gettext_lazy("单位"), "department.name"),
    ExportColumn(gettext_lazy("职务"), "post.name"),
    ExportColumn(gettext_lazy("角色"), lambda row: "、".join(str(grant.role) for grant in row.grants.all())),
    ExportColumn(gettext_lazy("在用"), lambda row: _("是") if row.is_active else _("否")),
    ExportColumn(gettext_lazy("最近登录"), "last_seen"),
)
SORTS = (
    SortSpec("username", ("username",)),
    SortSpec("name", ("name", "pk")),
    SortSpec("seen", ("last_seen", "pk"), descending_first=True),
)


def people(request: HttpRequest) -> HttpResponse:
    """All accounts."""
    listing = Listing(
        request,
        User.objects.all(),
        filters=FILTERS,
        sorts=SORTS,
        key="regions.people",
        columns=COLUMNS,
        title=_("账号"),
        decorate=lambda rows: rows.select_related("department", "post").prefetch_related("grants__role"),
    )
    manages = allowed(request.user, "regions.account.manage")
    return list_page(request, listing, "regions/people.html", {"manages": manages})


def _account_context() -> dict:
    units = queries.in_force().exclude(kind=Department.Kind.GROUP).order_by("region_id", "order", "pk")
    return {"units": units, "posts": Post.objects.all(), "clearances": User.Clearance.choices}


def _given(request: HttpRequest) -> dict:
    data = request.POST
    clearance = data.get("clearance")
    return {
        "name": data.get("name", "")[:40],
        "department": Department.objects.filter(pk=data.get("department") or 0).first(),
        "post": Post.objects.filter(pk=data.get("post") or 0).first(),
        "clearance": clearance if clearance in User.Clearance.values else User.Clearance.INTERNAL,
    }


@never_cache
def create(request: HttpRequest) -> HttpResponse:
    """A new account; the generated password is shown once."""
    problem = ""
    if request.method == "POST":
        try:
            service = request.POST.get("service") == "1"
            person, password = services.create_account(
                request.user, username=request.POST.get("username", ""), service=service, **_given(request)
            )
            if service:
                messages.success(request, _("对接账号已建立；由安全管理员授予角色后，再建立接口密钥。"))
                return redirect("regions:person", pk=person.pk)
            return render(request, "regions/password_once.html", {"person": person, "password": password})
        except EcoError as error:
            problem = error.sentence_zh()
    asked = (request.POST if request.method == "POST" else request.GET).get("service") == "1"
    context = _account_context() | {"problem": problem, "data": request.POST, "service": asked}
    return render(request, "regions/person_new.html", context, status=400 if problem else 200)


def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One account: data, roles, trace. What may be done depends on who looks."""
    found = get_object_or_404(User.objects.select_related("department__region", "post"), pk=pk)
    context = _account_context() | {
        "person": found,
        "grants": found.grants.select_related("role", "granter"),
        "roles": Role.objects.all(),
        "device": signin.device_of(found),
        "manages": allowed(request.user, "regions.account.manage"),
        "grants_roles": allowed(request.user, "regions.grant.manage") and found.pk != request.user.pk,
        "unlocks": allowed(request.user, "regions.account.unlock") and found.pk != request.user.pk,
        # Nobody reads the trace of the own account here (GB/T 22239-2019 8.1.4.2 d).
        "entries": entries_for(f"user:{found.pk}")[:20] if found.pk != request.user.pk else (),
    }
    return render(request, "regions/person.html", context)


def _act(request: HttpRequest, pk: int, act, done: str) -> HttpResponse:
    try:
        act(get_object_or_404(User, pk=pk))
        messages.success(request, done)
    except EcoError as error:
        messages.error(request, error.sentence_zh())
    return redirect("regions:person", pk=pk)


def update(request: HttpRequest, pk: int) -> HttpResponse:
    """Change name, department, post, clearance."""
    return _act(
        request,
        pk,
        lambda person: services.update_account(
            request.user, person, email=typed.words(request.POST.get("email", "")), **_given(request)
        ),
        _("账号已更新。"),
    )


def set_active(request: HttpRequest, pk: int) -> HttpResponse:
    """Close or reopen an account."""
    if request.POST.get("active") == "1":
        return _act(request, pk, lambda person: services.activate(request.user, person), _("账号已启用。"))
    return _act(request, pk, lambda person: services.deactivate(request.user, person), _("账号已停用。"))


@never_cache
def reset(request: HttpRequest, pk: int) -> HttpResponse:
    """A new generated password, shown once."""
    found = get_object_or_404(User, pk=pk)
    try:
        password = services.reset_password(request.user, found)
    except EcoError as error:
        messages.error(request, error.sentence_zh())
        return redirect("regions:person", pk=pk)
    return render(request, "regions/password_once.html", {"person": found, "password": password})


def remove_device(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a lost one-time code device."""
    return _act(request, pk, lambda person: services.remove_device(request.user, person), _("动态口令设备已移除。"))


def grant(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a role."""
    text = request.POST.get("valid_until", "")

    def act(person: User) -> None:
        until = typed.day(text) if text else None
        role = get_object_or_404(Role, code=request.POST.get("role", ""))
        services.grant_role(request.user, person, role, valid_until=until)

    return _act(request, pk, act, _("授权已生效。"))


def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a role away."""

    def act(person: User) -> None:
        services.revoke_role(request.user, person, get_object_or_404(Role, code=request.POST.get("role", "")))

    return _act(request, pk, act, _("授权已收回。"))


def locks(request: HttpRequest) -> HttpResponse:
    """Failed sign-ins of the last cool-off time, by account and by address; ``?state=locked``: what is locked."""
    alone = request.GET.get("state") == "locked"
    lines = [line for line in counts.lock_lines() if line["locked"] or not alone]
    return render(request, "regions/locks.html", {"locks": lines, "alone": alone})


def unlock(request: HttpRequest) -> HttpResponse:
    """Lift a lock."""
    try:
        services.unlock(
            request.user, username=request.POST.get("username", ""), address=request.POST.get("address", "")
        )
        messages.success(request, _("已解除锁定。"))
    except EcoError as error:
        messages.error(request, error.sentence_zh())
    return redirect("regions:locks")


def matrix(request: HttpRequest) -> HttpResponse:
    """Every right by every role, and who holds the roles."""
    return render(request, "regions/matrix.html", {"matrix": rights_matrix.build()})


def matrix_export(request: HttpRequest) -> HttpResponse:
    """The matrix as xlsx, or csv with ``?format=csv``."""
    table = rights_matrix.build().table()
    if request.GET.get("format") == "csv":
        out = io.StringIO()
        csv.writer(out).writerows([[safe_text(cell) for cell in line] for line in table])
        response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="rights.csv"'
        return response
    response = HttpResponse(rights_matrix.workbook(table), content_type=rights_matrix.XLSX)
    response["Content-Disposition"] = 'attachment; filename="rights.xlsx"'
    return response
