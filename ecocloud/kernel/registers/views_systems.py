"""The list of all systems: where each is built and how far it works. Thin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from ecocloud.base.pages import hooks
from ecocloud.base.pages.exports import ExportColumn, export
from ecocloud.base.pages.listing import EXPORT_FORMS
from ecocloud.base.rooms import all_rooms
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.registers import showing
from ecocloud.kernel.registers.access import VIEW
from ecocloud.kernel.registers.models import Pack, RegisterType
from ecocloud.kernel.registers.showing import pick_words
from ecocloud.kernel.registers.systems import PARTIAL, STATES, WORKS, System, items, systems

# Rooms that are planned; those that are built name themselves.
_PLANNED_ROOMS = {
    "assessment": ("考核评价", "Assessment"), "assets": ("自然资源资产", "Natural assets"),
    "chiefs": ("河湖林长", "River and forest chiefs"), "compensation": ("生态补偿", "Compensation"),
    "energy": ("能源与碳", "Energy and carbon"), "enterprises": ("企业环境", "Enterprises"),
    "exchange": ("权益交易", "Exchange"), "gep": ("生态产品价值", "GEP"), "projects": ("项目", "Projects"),
    "spatial": ("空间管控", "Spatial control"), "monitoring": ("监测", "Monitoring"), "portal": ("公众门户", "Portal"),
    "docs": ("说明文档", "Documentation"),
}  # fmt: skip
_LEVELS = {WORKS: "green", PARTIAL: "yellow"}
_KEYS = ("state", "section", "room", "q")


@dataclass(frozen=True)
class Row:
    """One system as a row: where it leads, what its place is called, its state as a light; of a loaded pack its
    registers (address and name) and how many items of the system's data it has and has not."""

    system: System
    name: str
    place: str
    url: str
    light: showing.Light
    registers: tuple[tuple[str, str], ...] = ()
    items: int = 0
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Loaded:
    """Of a pack that is loaded: its registers (address and name), and what it says of the data of its systems."""

    registers: tuple[tuple[str, str], ...]
    coverage: list[dict[str, Any]]


class Table:
    """The systems the parameters leave; what :func:`~ecocloud.base.pages.exports.export` asks of a list."""

    def __init__(self, request: HttpRequest) -> None:
        self.values = {key: request.GET.get(key, "").strip() for key in _KEYS}
        self.path = request.path
        self.found = [one for one in systems() if self._wanted(one, "")]

    def _wanted(self, one: System, skip: str) -> bool:
        value = {**self.values, skip: ""}
        text = value["q"].lower()
        return (
            value["state"] in ("", one.state) and value["section"] in ("", one.section)
            and value["room"] in ("", one.room)
            and (not text or text in f"{one.id} {one.zh} {one.en}".lower())
        )  # fmt: skip

    def counts(self) -> Counter[str]:
        """Systems by state, without the filter on states."""
        return Counter(one.state for one in systems() if self._wanted(one, "state"))

    @property
    def total(self) -> int:
        """How many there are."""
        return len(self.found)

    @property
    def asked(self) -> bool:
        """Whether something is asked for: the sections are open then."""
        return any(self.values.values())

    @property
    def query_text(self) -> str:
        """The parameters as in the address."""
        return self.query()

    def query(self, **changes: str) -> str:
        """The parameters with changes, empty ones left out."""
        return urlencode({key: value for key, value in (self.values | changes).items() if value})

    def all_rows(self) -> Iterator[System]:
        """Every one of them."""
        return iter(self.found)


def state_words() -> dict[str, str]:
    """How far a system works, in words."""
    return dict(zip(STATES, (_("可用"), _("部分可用"), _("规划中")), strict=True))


def page(request: HttpRequest) -> HttpResponseBase:
    """The systems with filters; ``?export=xlsx`` or ``csv`` gives them as a file."""
    table, words = Table(request), state_words()
    form = request.GET.get("export", "")
    if form in EXPORT_FORMS:
        return export(table, _columns(words), _("系统清单"), form=form, record=lambda rows, query: hooks.record_export(
            request, "registers.systems", form, rows, query))  # fmt: skip
    counts, rooms, loaded = table.counts(), room_words(), _loaded(request.user)
    groups: dict[str, list[Row]] = {}
    for one in table.found:
        title = pick_words(one.section_zh, one.section_en)
        groups.setdefault(title, []).append(_row(one, words, rooms, loaded))
    return render(request, "registers/systems.html", {
        "table": table, "values": table.values, "total": table.total,
        "groups": [(title, rows, _works(rows)) for title, rows in groups.items()],
        "all": sum(counts.values()),
        "states": [{"code": code, "word": words[code], "level": _LEVELS.get(code, "none"), "count": counts[code],
                    "url": f"?{table.query(state='' if table.values['state'] == code else code)}"} for code in STATES],
        "sections": list({one.section: pick_words(one.section_zh, one.section_en) for one in systems()}.items()),
        "rooms": [(key, rooms.get(key, (key, ""))[0]) for key in sorted({one.room for one in systems()})],
        "files": [(form, f"?{table.query()}&export={form}") for form in EXPORT_FORMS],
    })  # fmt: skip


def _works(rows: list[Row]) -> int:
    return sum(one.system.state == WORKS for one in rows)


def room_words() -> dict[str, tuple[str, str]]:
    """Rooms by the last part of their folder: the name and the first page; and the packs."""
    found = {key: (pick_words(*words), "") for key, words in _PLANNED_ROOMS.items()}
    found["packs"] = (_("专题与方案包"), reverse("registers:packs"))
    for room in all_rooms():
        url = reverse(room.menu[0].route) if room.menu else ""
        found[room.package.rpartition(".")[2]] = (pick_words(room.label_zh, room.label_en), url)
    return found


def _loaded(viewer: Any) -> dict[str, Loaded]:
    """The packs whose page the viewer may open, with what they say of the data of their systems (two queries)."""
    if not permissions.allowed(viewer, VIEW):
        return {}
    registers: dict[str, list[tuple[str, str]]] = {}
    for row in RegisterType.objects.filter(pack__isnull=False).select_related("pack").order_by("code"):
        entry = (reverse("registers:list", args=[row.code]), showing.pick(row))
        registers.setdefault(row.pack.code, []).append(entry)
    said = Pack.objects.values_list("code", "content__coverage").iterator(chunk_size=8)
    return {code: Loaded(tuple(registers.get(code, ())), coverage or []) for code, coverage in said}


def _row(one: System, words: dict[str, str], rooms: dict[str, tuple[str, str]], loaded: dict[str, Loaded]) -> Row:
    place, url = rooms.get(one.room, (one.place, ""))
    pack = loaded.get(one.pack)
    if one.pack:
        url = reverse("registers:pack", args=[one.pack]) if pack else ""
    if one.state not in _LEVELS:
        url = ""
    light = showing.Light(_LEVELS.get(one.state, "none"), words[one.state])
    lines = [each for each in pack.coverage if each["system"] == one.id] if pack else []
    named = {(each.side, each.en): each.zh or each.en for each in items().get(one.id, ())}
    missing = tuple(
        pick_words(named.get((each["side"], each["item"]), each["item"]), each["item"])
        for each in lines if each["missing"]
    )  # fmt: skip
    return Row(one, pick_words(one.zh, one.en), place, url, light, pack.registers if pack else (), len(lines), missing)


def _items(one: System, side: str) -> str:
    """The items of one side of a system's data, in words."""
    return "; ".join(pick_words(each.zh or each.en, each.en) for each in items().get(one.id, ()) if each.side == side)


def _columns(words: dict[str, str]) -> tuple[ExportColumn, ...]:
    return (
        ExportColumn(_("编号"), "id"), ExportColumn(_("系统"), "zh"), ExportColumn(_("英文名"), "en"),
        ExportColumn(_("类别"), lambda one: pick_words(one.section_zh, one.section_en)),
        ExportColumn(_("位置"), "place"), ExportColumn(_("数据输入"), lambda one: _items(one, "in")),
        ExportColumn(_("数据输出"), lambda one: _items(one, "out")),
        ExportColumn(_("状态"), lambda one: words[one.state]), ExportColumn(_("检验"), "test"),
    )  # fmt: skip
