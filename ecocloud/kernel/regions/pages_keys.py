"""Pages of API keys: all of them for the administrators, the own ones for everybody who works here. Thin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from ecocloud.base import typed
from ecocloud.base.errors import EcoError
from ecocloud.base.pages.exports import ExportColumn, list_page
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.base.rooms import load
from ecocloud.kernel.regions import services
from ecocloud.kernel.regions.keys import KeyRefused, KeyScope
from ecocloud.kernel.regions.models import ApiKey, User, in_language
from ecocloud.kernel.regions.permissions import allowed
from ecocloud.kernel.regions.services import keys as key_services

_DAYS = 180
_RATE = 120


def part_names(scopes: Iterable[list[str]]) -> dict[str, str]:
    """The names of the parts of rooms that ``scopes`` name, as ``room/part``; read only where there are some."""
    used = {KeyScope.parse(text).room for texts in scopes for text in texts if "/" in text}
    rooms = key_services.open_rooms()
    return {f"{name}/{code}": label for name in sorted(used & set(rooms)) if rooms[name].api_parts
            for code, label in load(rooms[name].api_parts)()}  # fmt: skip


def scope_words(texts: list[str], names: Mapping[str, str] | None = None) -> str:
    """Scopes for people: the room or part (by ``names``, else by its code), and whether it may be written."""
    rooms = key_services.open_rooms()
    found = []
    for text in texts:
        one = KeyScope.parse(text)
        room = rooms.get(one.room)
        name = in_language(room.label_zh, room.label_en) if room else one.room
        part = f" {(names or {}).get(f'{one.room}/{one.part}', one.part)}" if one.part else ""
        found.append(f"{name}{part}（{_('读写') if one.write else _('只读')}）")
    return "、".join(found)


def state_of(key: ApiKey) -> tuple[str, str]:
    """The state of a key in words, with its tone."""
    if key.revoked_at:
        return _("已停用"), "bad"
    return (_("有效"), "ok") if key.in_force() else (_("已到期"), "warn")


def _by_state(queryset: Any, value: str) -> Any:
    today = timezone.localdate()
    if value == "revoked":
        return queryset.filter(revoked_at__isnull=False)
    held = queryset.filter(revoked_at__isnull=True)
    return held.filter(expires_on__lt=today) if value == "expired" else held.filter(expires_on__gte=today)


FILTERS = (
    FilterSpec(
        "q", gettext_lazy("用途、账号、标识"), kind="text", fields=("name", "user__username", "user__name", "head")
    ),
    FilterSpec(
        "state",
        gettext_lazy("状态"),
        choices=(
            ("valid", gettext_lazy("有效")),
            ("expired", gettext_lazy("已到期")),
            ("revoked", gettext_lazy("已停用")),
        ),
        apply=_by_state,
    ),
)
COLUMNS = (
    ExportColumn(gettext_lazy("标识"), "head"),
    ExportColumn(gettext_lazy("用途"), "name"),
    ExportColumn(gettext_lazy("账号"), "user.username"),
    ExportColumn(gettext_lazy("姓名"), "user.name"),
    ExportColumn(gettext_lazy("范围"), lambda row: scope_words(row.scopes)),
    ExportColumn(gettext_lazy("每分钟次数"), "per_minute"),
    ExportColumn(gettext_lazy("到期日"), "expires_on"),
    ExportColumn(gettext_lazy("最近使用"), "last_used_at"),
    ExportColumn(gettext_lazy("来源地址"), "last_address"),
    ExportColumn(gettext_lazy("状态"), lambda row: state_of(row)[0]),
    ExportColumn(gettext_lazy("停用理由"), "revoke_reason"),
)
SORTS = (
    SortSpec("created", ("created_at", "pk"), descending_first=True),
    SortSpec("expires", ("expires_on", "pk")),
    SortSpec("used", ("last_used_at", "pk"), descending_first=True),
)


def _told(rows: Iterable[ApiKey]) -> list[ApiKey]:
    found = list(rows)
    names = part_names(row.scopes for row in found)
    for row in found:
        row.words, row.light = scope_words(row.scopes, names), state_of(row)
    return found


class KeyListing(Listing):
    """The keys with their scopes and states in words."""

    @cached_property
    def rows(self) -> list[ApiKey]:
        """The keys of the page."""
        return _told(super().rows)


def all_keys(request: HttpRequest) -> HttpResponse:
    """Every key of the installation."""
    listing = KeyListing(
        request,
        ApiKey.objects.all(),
        filters=FILTERS,
        sorts=SORTS,
        key="regions.keys",
        columns=COLUMNS,
        title=_("接口密钥"),
        decorate=lambda rows: rows.select_related("user__department"),
    )
    context = {
        "manages": allowed(request.user, key_services.MANAGE),
        "revokes": allowed(request.user, key_services.REVOKE),
    }
    return list_page(request, listing, "regions/keys.html", context)


@dataclass(frozen=True)
class RoomChoice:
    """One room on the form, with the parts a key may be narrowed to."""

    name: str
    label: str
    chosen: str
    parts: tuple[tuple[str, str, bool], ...]


def _choices(data: Any) -> Iterator[RoomChoice]:
    for room in key_services.open_rooms().values():
        picked = set(data.getlist(f"parts_{room.name}")) if data else set()
        parts = load(room.api_parts)() if room.api_parts else []
        yield RoomChoice(
            room.name,
            in_language(room.label_zh, room.label_en),
            data.get(f"room_{room.name}", "") if data else "",
            tuple((code, label, code in picked) for code, label in parts),
        )


def _given(request: HttpRequest) -> dict[str, Any]:
    data, scopes = request.POST, []
    for room in key_services.open_rooms():
        verb = data.get(f"room_{room}", "")
        if verb:
            parts = data.getlist(f"parts_{room}") or [""]
            scopes += [f"{room}/{part}:{verb}" if part else f"{room}:{verb}" for part in parts]
    try:
        expires = typed.day(data.get("expires_on", ""))
    except typed.BadInput as error:
        raise KeyRefused("日期写法不对。", "bad date", value=data.get("expires_on", ""), where={"字段": "到期日"},
                         remedy_zh="应形如 2026-03-01。") from error  # fmt: skip
    rate = data.get("per_minute", "")
    return {
        "name": data.get("name", ""),
        "scopes": scopes,
        "expires_on": expires,
        "per_minute": int(rate) if rate.isascii() and rate.isdigit() and len(rate) < 8 else 0,
    }


def _form(data: Any) -> dict[str, Any]:
    last = timezone.localdate() + timedelta(days=_DAYS)
    return {
        "rooms": list(_choices(data)),
        "name": data.get("name", "") if data else "",
        "expires_on": data.get("expires_on", "") if data else last.isoformat(),
        "per_minute": data.get("per_minute", "") if data else _RATE,
        "longest": key_services.LONGEST_DAYS,
    }


def _issue(request: HttpRequest, owner: User | None) -> HttpResponse | str:
    """The page that shows the new key once, or what is wrong in one sentence."""
    try:
        if owner is None:
            raise KeyRefused("没有选择对接账号。", "no service account", where={"字段": "账号"},
                             remedy_zh="请先在“账号”中新增对接账号。")  # fmt: skip
        key, token = services.issue_key(request.user, owner, **_given(request))
    except EcoError as error:
        return error.sentence_zh()
    back = "regions:my-keys" if owner.pk == request.user.pk else "regions:keys"
    context = {"key": key, "token": token, "words": scope_words(key.scopes), "back": back}
    return render(request, "regions/key_once.html", context)


@never_cache
def create(request: HttpRequest) -> HttpResponse:
    """A key for a service account; it is shown once."""
    problem = ""
    if request.method == "POST":
        owner = User.objects.filter(username=request.POST.get("owner", ""), service=True).first()
        made = _issue(request, owner)
        if isinstance(made, HttpResponse):
            return made
        problem = made
    data = request.POST if request.method == "POST" else None
    owners = User.objects.filter(service=True, is_active=True).select_related("department")
    context = _form(data) | {
        "owners": owners,
        "owner": data.get("owner", "") if data else "",
        "problem": problem,
    }
    return render(request, "regions/key_new.html", context, status=400 if problem else 200)


@never_cache
def own(request: HttpRequest) -> HttpResponse:
    """The person's own keys, and a new one."""
    problem = ""
    if request.method == "POST":
        made = _issue(request, request.user)
        if isinstance(made, HttpResponse):
            return made
        problem = made
    data = request.POST if request.method == "POST" else None
    held = _told(ApiKey.objects.filter(user=request.user)[:100])
    context = _form(data) | {"keys": held, "problem": problem}
    return render(request, "regions/my_keys.html", context, status=400 if problem else 200)


def _revoke(request: HttpRequest, key: ApiKey, back: str) -> HttpResponse:
    try:
        services.revoke_key(request.user, key, reason=request.POST.get("reason", ""))
        messages.success(request, _("密钥已停用。"))
    except EcoError as error:
        messages.error(request, error.sentence_zh())
    return redirect(back)


def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Put any key out of use."""
    return _revoke(request, get_object_or_404(ApiKey, pk=pk), "regions:keys")


def revoke_own(request: HttpRequest, pk: int) -> HttpResponse:
    """Put an own key out of use."""
    return _revoke(request, get_object_or_404(ApiKey, pk=pk, user=request.user), "regions:my-keys")
