"""The API of the duties room: items, actions, rounds. Session sign-in; the same rights and data scope as the pages."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ecocloud.base.errors import EcoError
from ecocloud.kernel.duties import queries, round_page, services, showing
from ecocloud.kernel.duties.errors import Invalid
from ecocloud.kernel.duties.lists import ItemListing
from ecocloud.kernel.duties.models import Round, WorkItem

router = Router(tags=["duties"])


class ActData(BaseModel):
    """What a call may give with an action; files come through the pages."""

    model_config = ConfigDict(extra="forbid")
    deadline: str | None = None
    due: str | None = None
    done_at: str | None = None
    lead: int | None = Field(None, ge=1, lt=2**63)
    opinion_id: int | None = Field(None, ge=1, lt=2**63)
    instruction_id: int | None = Field(None, ge=1, lt=2**63)
    node_id: int | None = Field(None, ge=1, lt=2**63)
    progress: Decimal | None = None
    stance: str = ""
    answer: str = ""
    title: str = ""
    body: str = ""
    deadline_text: str = ""


_DATA = frozenset(ActData.model_fields)


class ItemOut(Schema):
    """An item in a list. ``progress`` in percent."""

    id: int
    code: str
    title: str
    kind: str
    year: int
    lead: str
    state: str
    state_zh: str
    light: str
    light_words: str
    deadline: date | None
    progress: Decimal
    version: int
    source_ref: str
    url: str


class ItemPage(Schema):
    """One page of a list."""

    total: int
    page: int
    pages: int
    items: list[ItemOut]


class EventOut(Schema):
    """One step of the timeline."""

    at: datetime
    action: str
    action_zh: str
    who: str
    unit: str
    opinion: str
    detail: str


class PossibleOut(Schema):
    """An action the caller may do now."""

    action: str
    label_zh: str
    opinion: bool
    evidence: bool
    blocked_zh: str


class ItemDetail(ItemOut):
    """An item with its story."""

    body: str
    units: list[str]
    events: list[EventOut]
    possible: list[PossibleOut]


class ActIn(Schema):
    """An action: ``version`` as last read, ``key`` makes repeating harmless."""

    action: str
    version: int
    opinion: str = ""
    key: str | None = None
    data: dict[str, Any] = {}


class RoundOut(Schema):
    """A dispatch round with its reports by state."""

    id: int
    title: str
    period: str
    due: date
    state: str
    reports: dict[str, int]


class UnitOut(Schema):
    """A unit in a round."""

    unit: str
    reports: dict[str, int]


class RoundDetail(RoundOut):
    """A round with its units."""

    units: list[UnitOut]


def _item(row: WorkItem) -> dict[str, Any]:
    from ecocloud.kernel.duties.links import item_url

    names = "id code title kind year state state_zh light light_words deadline progress version source_ref"
    return {name: getattr(row, name) for name in names.split()} | {
        "lead": row.lead_department.name,
        "url": item_url(row.pk),
    }


@router.get(
    "/items", response=ItemPage, url_name="duties-items", summary="Items of the ledger; parameters as on the page"
)
def items(request: HttpRequest) -> dict[str, Any]:
    """One page of the ledger: ``q lead state year doc kind due_from due_to light sort page per`` as in the address."""
    listing = ItemListing(request, request.user)
    rows = [_item(row) for row in listing.rows]
    return {"total": listing.total, "page": listing.page, "pages": listing.pages, "items": rows}


@router.get("/items/{int:pk}", response=ItemDetail, url_name="duties-item", summary="One item with its story")
def item(request: HttpRequest, pk: int) -> dict[str, Any]:
    """One item the caller may see."""
    return _detail(request, queries.item_for(request.user, pk))


def _detail(request: HttpRequest, row: WorkItem) -> dict[str, Any]:
    events = [
        {"at": e.at, "action": e.action, "action_zh": e.action_zh, "who": e.actor_name, "unit": e.department_name,
         "opinion": e.opinion, "detail": e.detail}
        for e in queries.timeline(request.user, row)
    ]  # fmt: skip
    possible = [
        {"action": o.row.action, "label_zh": o.row.label_zh, "opinion": o.row.opinion, "evidence": o.row.evidence,
         "blocked_zh": o.blocked_zh}
        for o in services.possible(request.user, row)
    ]  # fmt: skip
    units = list(showing.unit_words(row.units.order_by("id").values_list("text", flat=True)))
    return _item(row) | {"body": row.body, "units": units, "events": events, "possible": possible}


@router.post("/items/{int:pk}/act", response=ItemDetail, url_name="duties-act", summary="Do an action on an item")
def act(request: HttpRequest, pk: int, wanted: ActIn) -> dict[str, Any]:
    """Do an action; refusals come as typed errors with the item's story."""
    unknown = sorted(set(wanted.data) - _DATA)
    if unknown:
        raise Invalid(f"不认识的字段：{'、'.join(unknown)}。", f"unknown fields {unknown}", value=unknown)
    try:
        data = ActData.model_validate(wanted.data).model_dump(exclude_unset=True)
    except ValidationError as fault:
        wrong = fault.errors()[0]
        field = str(wrong["loc"][0]) if wrong["loc"] else "data"
        raise Invalid(f"字段“{field}”的值不对。", wrong["msg"], where={"字段": field}, value=wrong["input"]) from fault
    for name in ("deadline", "due", "done_at"):
        if isinstance(data.get(name), str):
            data[name] = _day(data[name])
    key = f"{request.user.pk}:{wanted.key}"[:60] if wanted.key else None
    row = queries.item_for(request.user, pk)
    done = services.act(
        request.user, row, wanted.action, version=wanted.version, opinion=wanted.opinion, key=key, **data
    )
    return _detail(request, queries.item_for(request.user, done.pk))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise Invalid(f"“{text}”不是日期。", "not a date", value=text, remedy_zh="应形如 2026-06-30。") from fault


def _round(row: Round, counts: dict[str, int]) -> dict[str, Any]:
    names = ("id", "title", "period", "due", "state")
    return {name: getattr(row, name) for name in names} | {"reports": counts}


@router.get("/rounds", response=list[RoundOut], url_name="duties-rounds", summary="The newest 100 dispatch rounds")
def rounds(request: HttpRequest) -> list[dict[str, Any]]:
    """Rounds with their reports by state, as far as the caller sees them."""
    rows = list(queries.rounds(request.user)[:100])
    counts = round_page.counts_of(request.user, rows)
    return [_round(row, counts[row.pk]) for row in rows]


@router.get(
    "/rounds/{int:pk}", response=RoundDetail, url_name="duties-round", summary="One dispatch round with its units"
)
def one_round(request: HttpRequest, pk: int) -> dict[str, Any]:
    """One round."""
    row = queries.rounds(request.user).filter(pk=pk).first()
    if row is None:
        raise NoRound("没有这次调度。", f"no round {pk}", value=pk)
    lines = round_page.unit_lines(request.user, row)
    units = [{"unit": line.name, "reports": line.counts} for line in lines]
    return _round(row, round_page.totals(lines)) | {"units": units}


class NoRound(EcoError):
    """There is no such round."""

    code = "duties.no_round"
    http_status = 404
