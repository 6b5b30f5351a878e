"""Where rooms announce what can be imported, and where the shell connects permissions and the journal.

This floor knows no users: a user is any object with ``pk``; the shell gives the permission check at start.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Mapped
from dataclasses import dataclass
from typing import Any, NamedTuple

from ecocloud.base.errors import Conflict, EcoError, Forbidden
from ecocloud.base.sheets.compare import Existing, PreviewRow
from ecocloud.base.sheets.spec import Choice, SheetSpec

ApplyResult = Mapped[str, Any]


@dataclass(frozen=True)
class Problem:
    """What is wrong with a row beside its cells: the column it is shown at, the value, the reason, the remedy."""

    key: str
    value: Any
    reason: str
    remedy: str = ""


class Candidate(NamedTuple):
    """A row to be judged as a whole: its number in the file, its values, the existing row it would change."""

    number: int
    values: Mapped[str, Any]
    old: Mapped[str, Any] | None


Judge = Callable[[Sequence[Candidate]], Sequence[Sequence[Problem]]]


class RowsRefused(Conflict):
    """Rows that cannot be written, by their number in the file; without them the others can be tried again."""

    code = "sheets.rows_refused"

    def __init__(self, problems: Mapped[int, Sequence[Problem]]) -> None:
        self.problems = problems
        first = min(problems)
        more = f"（共 {len(problems)} 行）" if len(problems) > 1 else ""
        one = problems[first][0]
        super().__init__(f"第 {first} 行：{one.reason}{more}", f"{len(problems)} rows refused", where={"行": first},
                         value=one.value, remedy_zh=one.remedy)  # fmt: skip


@dataclass(frozen=True)
class ImportTarget:
    """Something rows can be imported into.

    ``spec(user)`` and ``existing(user)`` already hold the user's data scope; ``existing`` gives rows (values by
    column key) by the tuple of the key columns' values, or ``Asked`` where there may be very many.
    ``apply(user, rows)`` writes new and changed rows in the caller's transaction, set-based, checks the scope of every
    row and writes the journal; it may return a mapping shown on the result page (for example ``{"created": 3}``).
    ``lookup(user, column key, text)`` gives the candidates of ref columns that have none of their own. ``list_route``
    is a URL name to go back to. ``check(user)`` gives a judge of whole rows for the preview:
    ``judge(some hundred candidates, in the file's order)`` names what is wrong with each; it may remember earlier ones.
    ``in_chunks``: rows do not depend on each other, so that a large import may be written chunk by chunk, and one that
    cannot be written any more does not hold back the others; ``apply`` names such rows with ``RowsRefused``.
    ``mapping_key``: targets with the same one share what people saved about the headers of their files (the monthly
    lists of one source); by default every target has its own.
    """

    key: str
    title: str
    permission: str
    spec: Callable[[Any], SheetSpec]
    existing: Callable[[Any], Existing]
    apply: Callable[[Any, Sequence[PreviewRow]], ApplyResult | None]
    lookup: Callable[[Any, str, str], Sequence[Choice]] | None = None
    list_route: str = ""
    check: Callable[[Any], Judge] | None = None
    in_chunks: bool = False
    mapping_key: str = ""


class UnknownTarget(EcoError):
    """No room has announced such a target."""

    code = "sheets.unknown_target"
    http_status = 404


_targets: dict[str, ImportTarget] = {}
_families: dict[str, tuple[Callable[[str], ImportTarget], Callable[[], Sequence[str]]]] = {}
_hooks: dict[str, Callable[..., Any]] = {}


def register_target(target: ImportTarget) -> None:
    """Announce a target; called from a room's ``on_start``. Announcing the same key again replaces it."""
    _targets[target.key] = target


def register_family(prefix: str, make: Callable[[str], ImportTarget], keys: Callable[[], Sequence[str]]) -> None:
    """Announce targets that are data: ``make(rest of the key)`` gives the target of ``prefix`` + rest, ``keys()`` all
    rests there are now."""
    _families[prefix] = (make, keys)


def targets() -> tuple[ImportTarget, ...]:
    """All targets, by title."""
    made = [make(key) for make, keys in _families.values() for key in keys()]
    return tuple(sorted([*_targets.values(), *made], key=lambda target: target.title))


def target_of(key: str) -> ImportTarget:
    """The target of a key. Raises ``UnknownTarget``."""
    if key not in _targets:
        for prefix, (make, keys) in _families.items():
            if key.startswith(prefix) and key[len(prefix) :] in keys():
                return make(key[len(prefix) :])
        raise UnknownTarget(f"没有名为“{key}”的导入项。", f"unknown import target {key!r}", value=key)
    return _targets[key]


def set_permission_checker(checker: Callable[[Any, str], bool]) -> None:
    """``checker(user, permission code) -> bool``; set once by the shell at start. Without it nobody may import."""
    _hooks["permission"] = checker


def set_event_hook(hook: Callable[[Any, str, Any], None]) -> None:
    """``hook(user, event, batch)`` for ``sheets.upload``, ``sheets.stage``, ``sheets.commit``, ``sheets.cancel``; runs
    in the transaction of the event, so that the shell can journal it."""
    _hooks["event"] = hook


def allowed(user: Any, target: ImportTarget) -> bool:
    """Whether the user may import into the target."""
    checker = _hooks.get("permission")
    return bool(checker and checker(user, target.permission))


def require(user: Any, target: ImportTarget) -> None:
    """Raise ``Forbidden`` unless the user may import into the target."""
    if not allowed(user, target):
        raise Forbidden(
            f"您没有导入“{target.title}”的权限。", f"permission {target.permission} missing", value=target.permission
        )


def announce(user: Any, event: str, batch: Any) -> None:
    """Tell the shell about an event."""
    hook = _hooks.get("event")
    if hook:
        hook(user, event, batch)
