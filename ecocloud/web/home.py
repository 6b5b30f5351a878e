"""The work desk: counters and to-do tabs gathered from the rooms' descriptors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from ecocloud.base.calendar import WorkCalendar
from ecocloud.base.rooms import QuickLink, Tile, TodoSource, all_rooms, load
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.handing.queries import handed_to
from ecocloud.kernel.regions.kept import kept
from ecocloud.kernel.regions.scope import remembered

TABS = ("todo", "read", "warning", "started", "copied", "done", "urged")
DAYS_SHOWN = 14
KEEP_SECONDS = 60
WEEKDAYS = (_lazy("一"), _lazy("二"), _lazy("三"), _lazy("四"), _lazy("五"), _lazy("六"), _lazy("日"))


def _sources(user, tab: str) -> Iterator[TodoSource]:
    for room in all_rooms():
        for source in room.todos:
            if tab in source.tabs and permissions.allowed(user, source.permission):
                yield source


def _counts(user, tab: str) -> dict[str, int]:
    """How many rows each room has for a tab; asked once for each page, though tabs and lists show it."""

    def ask() -> dict[str, int]:
        return {source.key: load(source.count)(user, tab) for source in _sources(user, tab)}

    return remembered(user, f"web.counts.{tab}", ask)


def _kept_counts(user, tab: str) -> dict[str, int]:
    """The same for a tab that is not open: what others do shows within a minute. The frame asks for the to-dos alone,
    the desk for all other tabs at once."""
    if tab == "todo":
        return kept(user, "web.counts.todo", lambda: _counts(user, tab), KEEP_SECONDS)
    others = [name for name in TABS if name != "todo"]

    def ask() -> dict[str, dict[str, int]]:
        return {name: _counts(user, name) for name in others}

    return remembered(user, "web.counts.others", lambda: kept(user, "web.counts.others", ask, KEEP_SECONDS))[tab]


def todo_total(request: HttpRequest) -> int:
    """How many things wait for this person."""
    return sum(_kept_counts(request.user, "todo").values())


def counted(request: HttpRequest, name: str, count: Callable[[], int]) -> int:
    """A number of the frame: what the person does shows at once, what others do within a minute."""
    return kept(request.user, f"web.{name}", count, KEEP_SECONDS)


def tab_names() -> list[tuple[str, str]]:
    """The tabs with their words."""
    return [
        ("todo", _("待办")), ("read", _("待阅")), ("warning", _("预警")), ("started", _("我发起")),
        ("copied", _("抄送")), ("done", _("已办")), ("urged", _("催办")),
    ]  # fmt: skip


def greeting(user, days: list[dict]) -> str:
    """One sentence of what matters today: what falls due and what is overdue."""
    name, due = user.get_full_name(), days[0]["count"]
    late = sum(load(source.late)(user) for source in _sources(user, "todo") if source.late)
    week = sum(day["count"] for day in days[:7])
    if due and late:
        return _("%(name)s，今天有 %(due)s 件到期，%(late)s 件逾期") % {"name": name, "due": due, "late": late}
    if due:
        return _("%(name)s，今天有 %(due)s 件到期，没有逾期") % {"name": name, "due": due}
    if late and week:
        words = _("%(name)s，有 %(late)s 件逾期，七天内 %(week)s 件到期")
        return words % {"name": name, "late": late, "week": week}
    if late:
        return _("%(name)s，今天没有到期事项，有 %(late)s 件逾期") % {"name": name, "late": late}
    if week:
        return _("%(name)s，今天没有到期事项，七天内有 %(week)s 件") % {"name": name, "week": week}
    return _("%(name)s，七天内没有到期事项") % {"name": name}


def tab_counts(user, opened: str) -> dict[str, int]:
    """``{tab: rows}`` for the tabs of the home page; that of the open tab is counted now."""
    return {tab: sum((_counts if tab == opened else _kept_counts)(user, tab).values()) for tab in TABS}


def rows(user, tab: str, limit: int) -> list[dict]:
    """The most urgent rows of a tab over all rooms, by due date; rows without one come last."""
    counts = _counts(user, tab)
    found = [row for one in _sources(user, tab) if counts.get(one.key) for row in load(one.rows)(user, tab, limit)]
    shown = [_with_days(row) for row in sorted(found, key=lambda row: row.get("due") or date.max)[:limit]]
    came = handed_to(user, [row["ref"] for row in shown if row.get("ref")])
    return [row | {"why": _("；").join(filter(None, (row.get("why", ""), came.get(row.get("ref", ""), ""))))}
            for row in shown]  # fmt: skip


def _with_days(row: dict) -> dict:
    """The row with ``left``, days to its deadline, and ``days``, the same in words."""
    if not row.get("due") or (row["light"] and row["light"][0] == "done"):
        return row | {"left": None, "days": ""}
    left = (row["due"] - timezone.localdate()).days
    if left == 0:
        return row | {"left": 0, "days": _("今天到期")}
    words = _("逾期 %(n)s 天") if left < 0 else _("剩 %(n)s 天")
    return row | {"left": left, "days": words % {"n": abs(left)}}


def lists_behind(user, tab: str) -> list[dict]:
    """The whole lists behind a tab: room, how many rows, address. Their counts make the count of the tab."""
    return _lists(user, tab, _counts(user, tab))


def _lists(user, tab: str, counts: dict[str, int]) -> list[dict]:
    rooms = {source.key: room for room in all_rooms() for source in room.todos}
    return [
        {"room": rooms[source.key], "count": counts[source.key], "url": load(source.url)(user, tab)}
        for source in _sources(user, tab)
        if counts.get(source.key)
    ]


def counters(user) -> list[dict]:
    """The counts at the head of the page; each opens a list of that many rows."""
    lines = sorted((counter for room in all_rooms() for counter in room.counters), key=lambda counter: counter.order)
    return [
        {
            "counter": line,
            "count": load(line.count)(user),
            "url": load(line.url)(user),
            "note": load(line.note)(user) if line.note else "",
        }
        for line in lines
        if permissions.allowed(user, line.permission)
    ]


def coming_days(user) -> list[dict]:
    """The next fourteen days with their kind (workday, weekend, holiday, make-up) and what falls due on them."""
    calendar = WorkCalendar.load()
    today = timezone.localdate()
    days = [today + timedelta(days=offset) for offset in range(DAYS_SHOWN)]
    due: dict[date, tuple[int, str]] = {}
    for source in _sources(user, "todo"):
        if source.due:
            for day, (count, url) in load(source.due)(user, days[0], days[-1]).items():
                due[day] = (due.get(day, (0, ""))[0] + count, url)
    return [
        {
            "day": day,
            "word": WEEKDAYS[day.weekday()],
            "off": not calendar.is_workday(day),
            "kind": calendar.day_kind(day),
            "count": due.get(day, (0, ""))[0],
            "url": due.get(day, (0, ""))[1],
            "today": day == today,
        }
        for day in days
    ]


def _all_tiles(user) -> list[Tile]:
    lines = sorted((tile for room in all_rooms() for tile in room.tiles), key=lambda tile: tile.order)
    return [tile for tile in lines if permissions.allowed(user, tile.permission)]


def tiles(user, region, year: int, places: tuple[str, ...]) -> dict[str, list[dict]]:
    """The tiles for the given places with their data, in order; tiles with themes are left to :func:`map_tile`."""
    found: dict[str, list[dict]] = {place: [] for place in places}
    for tile in _all_tiles(user):
        if tile.place in found and not tile.themes:
            found[tile.place].append({"tile": tile, "data": load(tile.data)(user, region, year)})
    return found


def map_tile(user, region, year: int, wanted: str) -> dict | None:
    """The one map that is shown: the theme that is asked for, else the first; with all themes to choose from."""
    known = [(tile, theme, label) for tile in _all_tiles(user) if tile.themes for theme, label in load(tile.themes)()]
    if not known:
        return None
    tile, theme, _label = next((one for one in known if one[1] == wanted), known[0])
    return {
        "tile": tile, "data": load(tile.data)(user, region, year, theme=theme), "theme": theme,
        "themes": [(key, label) for _tile, key, label in known],
    }  # fmt: skip


def warnings(user, limit: int) -> dict:
    """The warnings of every room, taken in turn, and how many each room's list has."""
    counts = _kept_counts(user, "warning")
    lists = _lists(user, "warning", counts)
    queues = [load(one.rows)(user, "warning", limit) for one in _sources(user, "warning") if counts.get(one.key)]
    shown: list[dict] = []
    while len(shown) < limit and any(queues):
        shown += [queue.pop(0) for queue in queues if queue]
    total = sum(line["count"] for line in lists)
    return {"rows": [_with_days(row) for row in shown[:limit]], "total": total, "lists": lists}


def quick_links(user) -> list[QuickLink]:
    """Shortcuts this person may use."""
    links = sorted((link for room in all_rooms() for link in room.quick), key=lambda link: link.order)
    return [link for link in links if permissions.allowed(user, link.permission)]
