"""Room descriptors: what a room offers to the shell.

Every room with pages has a ``room.py`` that builds one :class:`Room` named ``ROOM``. The shell (menu, home, cockpit,
URL table, API root), the ``ecocloud`` command and the permission tests read descriptors; they name no room.
Callables are given as dotted paths (``"ecocloud.kernel.duties.desk.todo_count"``) and are imported on first use,
so that reading a descriptor never needs Django.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

ANYONE = "*anyone"
SIGNED_IN = "*signed-in"


def load(dotted: str) -> Callable[..., Any]:
    """The object behind a dotted path such as ``package.module.name``."""
    module, _, name = dotted.rpartition(".")
    return getattr(import_module(module), name)


@dataclass(frozen=True)
class Permission:
    """A right on functions. ``roles`` are the role codes that hold it in a fresh installation."""

    code: str
    label_zh: str
    label_en: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class MenuEntry:
    """One line of the left rail. ``group`` is the entry's parent, at most two levels."""

    label_zh: str
    label_en: str
    route: str
    permission: str
    icon: str = "circle"
    group: str = ""
    order: int = 100
    count: str = ""


@dataclass(frozen=True)
class Access:
    """Who may open a route. ``permission`` is a permission code, ``ANYONE`` or ``SIGNED_IN``.

    ``sample`` is a dotted path to a callable ``() -> dict`` that gives the URL's arguments for the generated
    permission test (empty for routes without arguments). ``methods`` are the HTTP methods the route accepts.
    """

    route: str
    permission: str
    methods: tuple[str, ...] = ("GET",)
    sample: str = ""


@dataclass(frozen=True)
class Counter:
    """A number on the home page. ``count(viewer) -> int``; ``url(viewer) -> str`` opens a list of that many rows.

    ``note(viewer) -> str`` says in a few words what is in it.
    """

    key: str
    label_zh: str
    label_en: str
    count: str
    url: str
    permission: str
    icon: str = "inbox"
    order: int = 100
    tone: str = ""
    note: str = ""


@dataclass(frozen=True)
class TodoSource:
    """Rows for a tab of the home page.

    ``rows(viewer, tab, limit) -> list[dict]`` with the keys title, url, kind, step, unit, due, act and light (level and
    word, or empty), why (one sentence: why it is this person's) and ref (the record, by which a handover is told).
    ``tab`` is one of todo, done, started, copied, urged, read, warning. ``count(viewer, tab) -> int``;
    ``url(viewer, tab) -> str`` opens the whole list. ``due(viewer, first, last) -> dict[date, (int, url)]`` says what
    falls due on each day, with the list behind each number; ``late(viewer) -> int`` how much is overdue.
    """

    key: str
    tabs: tuple[str, ...]
    rows: str
    count: str
    url: str
    permission: str
    due: str = ""
    late: str = ""


@dataclass(frozen=True)
class QuickLink:
    """A shortcut on the home page."""

    label_zh: str
    label_en: str
    route: str
    permission: str
    icon: str
    order: int = 100


@dataclass(frozen=True)
class Tile:
    """A tile of the cockpit or the home page, rendered with ``template``; every number in it links on.

    ``data(viewer, region, year) -> dict``. ``place``: left, top, map, bottom, right (cockpit), topics (its second
    view) or desk (home page, right column). Tiles of the place map are shown one at a time:
    ``themes() -> list[(key, label)]`` names what the tile can show, and ``data`` gets the chosen one as the keyword
    ``theme``.
    """

    key: str
    label_zh: str
    label_en: str
    data: str
    template: str
    permission: str
    place: str = "left"
    order: int = 100
    themes: str = ""


@dataclass(frozen=True)
class PublicPanel:
    """A panel of the public page, which everybody reads without an account.

    ``data(region) -> dict | None``: what ``template`` shows of the division the site serves; None for nothing yet. It
    gets no viewer, so it must give only what is public. Panels are kept for a while and shown to all alike.
    """

    key: str
    label_zh: str
    label_en: str
    data: str
    template: str
    order: int = 100


@dataclass(frozen=True)
class HealthCheck:
    """A line of ``ecocloud check``: ``run() -> list[str]`` gives sentences about what is wrong, empty when well."""

    key: str
    label_zh: str
    label_en: str
    run: str


@dataclass(frozen=True)
class Command:
    """A sub-command of ``ecocloud``: the module has ``add_arguments(parser)`` and ``run(args) -> int``."""

    name: str
    help: str
    module: str
    needs_django: bool = True


@dataclass(frozen=True)
class Room:
    """Everything the shell needs to know of a room.

    ``actions`` are the words of the actions the room writes into the journal: code -> (Chinese, English).
    ``refs`` are the words of its kinds of references: kind -> (Chinese, English).
    ``api`` is a dotted path to a router of the API; ``api_urls`` to a URL module below ``/api/v1/NAME/`` for answers
    whose form is data, with ``api_document(viewer) -> dict`` its part of the OpenAPI document (paths, components).
    ``api_parts() -> list[(code, label)]`` are the parts of the room a key may be narrowed to.
    ``processes`` are dotted paths to callables: what follows ``ecocloud`` for a process that ``ecocloud up`` keeps
    running beside web and worker, ``(demo) -> list[str]``, empty when it is not wanted; ``demo``: the sample site.
    ``on_start`` is a dotted path to a callable of each process, ``on_serve`` to one of each web process before its
    first request: what a page would otherwise open.
    ``kept`` is a dotted path to a callable that gives what the room keeps in files of its own, for the backup: a
    context manager that holds it still, with ``() -> [(name in the archive, file)]`` for when the database is copied.
    ``handing`` is a dotted path to what the room hands over with a post (``kernel.regions.handing.parts.Handing``).
    ``accountable`` is a dotted path to what it says in accountability files (``kernel.regions.accountable``).
    ``more_actions`` is a dotted path to a callable that gives further ones which are data (``() -> dict``).
    """

    name: str
    label_zh: str
    label_en: str
    package: str
    urls: str = ""
    url_prefix: str = ""
    api: str = ""
    api_urls: str = ""
    api_document: str = ""
    api_parts: str = ""
    permissions: tuple[Permission, ...] = ()
    menu: tuple[MenuEntry, ...] = ()
    access: tuple[Access, ...] = ()
    counters: tuple[Counter, ...] = ()
    todos: tuple[TodoSource, ...] = ()
    quick: tuple[QuickLink, ...] = ()
    tiles: tuple[Tile, ...] = ()
    public: tuple[PublicPanel, ...] = ()
    checks: tuple[HealthCheck, ...] = ()
    commands: tuple[Command, ...] = ()
    processes: tuple[str, ...] = ()
    jobs: str = ""
    search: tuple[str, ...] = ()
    on_start: str = ""
    on_serve: str = ""
    sample: str = ""
    kept: str = ""
    handing: str = ""
    accountable: str = ""
    actions: dict[str, tuple[str, str]] = field(default_factory=dict)
    more_actions: str = ""
    refs: dict[str, tuple[str, str]] = field(default_factory=dict)


# The order is the order of the floors: a room may use those before it.
ROOM_MODULES = (
    "ecocloud.kernel.journal.room",
    "ecocloud.kernel.regions.room",
    "ecocloud.kernel.evidence.room",
    "ecocloud.kernel.registers.room",
    "ecocloud.kernel.duties.room",
    "ecocloud.intake.documents.room",
    "ecocloud.intake.monitoring.room",
    "ecocloud.domains.chiefs.room",
    "ecocloud.domains.gep.room",
    "ecocloud.domains.accountability.room",
    "ecocloud.domains.burden.room",
    "ecocloud.portal.room",
    "ecocloud.web.room",
)


def all_rooms() -> tuple[Room, ...]:
    """The descriptors of every installed room, lower floors first."""
    return tuple(import_module(name).ROOM for name in ROOM_MODULES)


@cache
def action_words() -> dict[str, tuple[str, str]]:
    """Every action that rooms write into the journal: code -> (Chinese, English)."""
    found: dict[str, tuple[str, str]] = {}
    for room in all_rooms():
        found |= room.actions
        if room.more_actions:
            found |= load(room.more_actions)()
    return found
