"""What the room registers when a process starts: resolvers of its references and its search source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from ecocloud.base import search
from ecocloud.base.sheets import registry as sheets
from ecocloud.kernel.journal.refs import Ref, Resolved, register_batch, register_resolver
from ecocloud.kernel.regions import codes, scope
from ecocloud.kernel.regions.models import Department
from ecocloud.kernel.regions.permissions import allowed
from ecocloud.kernel.registers import queries
from ecocloud.kernel.registers.models import Pack, RegisterObject, RegisterType, YearLock
from ecocloud.kernel.registers.register import Register, register_of
from ecocloud.kernel.registers.services import counts, importing
from ecocloud.kernel.registers.showing import pick, pick_words

VIEW = queries.VIEW


def register() -> None:
    """Register ``obj:ID``, ``regtype:CODE``, ``reglock:ID``, ``pack:CODE#SOURCE``, ``regfig:PACK/FIGURE#REGION@DAY``,
    the search source and the import targets of all registers."""
    register_resolver("obj", _object)
    register_batch("obj", _objects)
    register_resolver("regtype", _type)
    register_resolver("reglock", _lock)
    register_resolver("pack", _pack)
    register_resolver("regfig", _figure)
    sheets.register_family(importing.PREFIX, importing.target, importing.keys)
    search.register_source("obj", iterate=_documents, one=_document, label_zh="名录对象", permission=VIEW)


def _number(ref: Ref) -> int | None:
    return int(ref.key) if ref.key.isdecimal() and len(ref.key) < 19 else None


def _rows():
    return RegisterObject.objects.select_related("type", "region")


def _objects(refs: list[Ref], viewer: Any) -> dict[Ref, Resolved]:
    """Many objects in two queries."""
    numbers = {ref: _number(ref) for ref in refs}
    rows = _rows().in_bulk([pk for pk in numbers.values() if pk])
    limited = RegisterObject.objects.filter(pk__in=rows)
    seen: set[int] = set()
    if viewer is not None:
        seen = set(
            scope.limit(limited, viewer, ["department"], "region", "created_by", VIEW).values_list("pk", flat=True)
        )
    return {ref: _shown(ref, rows[pk], pk in seen) for ref, pk in numbers.items() if pk in rows}


def _object(ref: Ref, viewer: Any) -> Resolved | None:
    return _objects([ref], viewer).get(ref)


def _shown(ref: Ref, row: RegisterObject, may: bool) -> Resolved:
    kind, state = pick(row.type), pick(register_of(row.type).definition.state_by_code[row.state])
    title = f"{kind} {row.code} {row.name}"
    if not may:
        return Resolved(ref, kind, allowed=False)
    url = reverse("registers:object", args=[row.pk])
    return Resolved(
        ref,
        title,
        url,
        excerpt=pick_words(f"{row.region.name}（{state}）", f"{row.region.name} ({state})"),
        place=row.name,
    )


def _type(ref: Ref, viewer: Any) -> Resolved | None:
    row = RegisterType.objects.filter(code=ref.key).first()
    if row is None:
        return None
    return Resolved(ref, pick(row), reverse("registers:list", args=[row.code]), allowed=allowed(viewer, VIEW))


def _lock(ref: Ref, viewer: Any) -> Resolved | None:
    row = YearLock.objects.select_related("region", "type").filter(pk=_number(ref)).first()
    if row is None:
        return None
    about = f"{pick(row.type)} {row.region.name} {row.year}"
    return Resolved(ref, pick_words(f"{about} 年封账", f"{about} closed"), allowed=allowed(viewer, VIEW))


def _pack(ref: Ref, viewer: Any) -> Resolved | None:
    """A pack, or one of its sources."""
    row = Pack.objects.filter(code=ref.key).first()
    if row is None:
        return None
    may = allowed(viewer, VIEW)
    sources = {one["code"]: one for one in row.content["sources"]}
    source = sources.get(ref.fragment)
    url = reverse("registers:pack", args=[row.code])
    if source is None:
        return Resolved(ref, f"{pick(row)} {row.version}", url, place=pick(row), allowed=may)
    number = source.get("number")
    title = f"{source['title']}（{number or source['issuer']}）"
    return Resolved(ref, title, f"{url}#sources", place=number or source["title"], allowed=may)


def _figure(ref: Ref, viewer: Any) -> Resolved | None:
    """A number computed from a register: its name, day and formula."""
    code, _, name = ref.key.partition("/")
    row = Pack.objects.filter(code=code).first()
    figure = next((one for one in row.content["figures"] if one["code"] == name), None) if row else None
    if figure is None:
        return None
    day = ref.version
    about = {key: value for key, value in (("region", ref.fragment), ("day", day)) if value}
    url = f"{reverse('registers:figure', args=[code, name])}?{urlencode(about)}"
    title = pick_words(f"{row.zh}：{figure['zh']}", f"{row.en}: {figure['en']}")
    return Resolved(ref, title, url, excerpt=figure["value"], place=day,
                    allowed=allowed(viewer, VIEW))  # fmt: skip


def _doc(row: RegisterObject, register_: Register, known: dict[str, tuple[str, ...]]) -> search.SearchDoc:
    definition = register_.definition
    words = [str(value) for code, value in register_.values(row).items()
             if definition.by_code[code].kind in ("text", "long")]  # fmt: skip
    body = " ".join([row.code, definition.zh, row.region.name, *words])
    return search.SearchDoc(ref=f"obj:{row.pk}", kind="obj", title=row.name, body=body, scopes=_scopes(row, known))


def _scopes(row: RegisterObject, known: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The department that owns the object; without one, the departments of its division and of those above."""
    if row.department_id is not None:
        return (f"d{row.department_id}",)
    if row.region_id not in known:
        known[row.region_id] = _scopes_of(row.region_id)
    return known[row.region_id]


def _scopes_of(region: str) -> tuple[str, ...]:
    above: list[str] = []
    code: str | None = region
    while code:
        above.append(code)
        code = codes.parent_of(code)
    return tuple(
        f"d{pk}" for pk in Department.objects.filter(region__in=above).order_by("pk").values_list("pk", flat=True)
    )


def _documents() -> Iterator[search.SearchDoc]:
    known: dict[str, tuple[str, ...]] = {}
    for row in _rows().exclude(state="retired").iterator(chunk_size=2000):
        yield _doc(row, register_of(row.type), known)


def _document(ref: str) -> search.SearchDoc | None:
    row = _rows().exclude(state="retired").filter(pk=_number(Ref.parse(ref))).first()
    return _doc(row, register_of(row.type), {}) if row else None


def check_counts() -> list[str]:
    """For ``ecocloud check``: roll-ups that differ from the objects."""
    wrong = counts.differences()
    return [f"名录汇总有 {len(wrong)} 处与对象不符。"] if wrong else []
