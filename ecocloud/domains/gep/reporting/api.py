"""API of the reporting system: accountings, forms, one form with its values, filling it in; by data scope."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from ecocloud.domains.gep import checking, facts, formreading, queries
from ecocloud.domains.gep.errors import NotThere
from ecocloud.domains.gep.models import Form
from ecocloud.domains.gep.reporting import showing
from ecocloud.domains.gep.services import reporting

router = Router(tags=["gep"])
MOST = 500


class AccountingOut(Schema):
    """An accounting."""

    id: int
    title: str
    edition: str
    region: str
    first_year: int
    last_year: int
    deadline: date
    state: str


class FormOut(Schema):
    """A form: who owes it, until when, how it stands."""

    id: int
    accounting: int
    code: str
    title: str
    region: str
    year: int
    unit: str
    deadline: date
    state: str
    revision: int


class ValueOut(Schema):
    """One value in the unit of its datum."""

    datum: str
    part: str
    value: str
    unit: str
    source: str
    note: str


class OneFormOut(FormOut):
    """A form with its values, and what is found about them."""

    data: list[ValueOut]
    findings: list[str]


class ValueIn(Schema):
    """One value; without ``value`` it is taken out. ``unit``: converted to that of the datum."""

    datum: str
    part: str = ""
    value: Decimal | None = None
    unit: str = ""
    source: str = ""
    note: str = ""


class FillIn(Schema):
    """Values of a form; ``revision``: the one that was read; ``submit``: send it at once, with a note."""

    data: list[ValueIn]
    revision: int | None = None
    submit: bool = False
    note: str = ""


@router.get("/accountings", response=list[AccountingOut], url_name="gep-accountings")
def accountings(request: HttpRequest) -> list[dict[str, Any]]:
    """The accountings in sight, the newest years first."""
    names = ("id", "title", "edition", "first_year", "last_year", "deadline", "state")
    return [
        {name: getattr(row, name) for name in names} | {"region": row.region_id}
        for row in queries.accountings(request.user)[:MOST]
    ]


def _form(row: Form) -> dict[str, Any]:
    return {
        "id": row.pk, "accounting": row.accounting_id, "code": row.code, "title": showing.form_title(row.code),
        "region": row.region_id, "year": row.year, "unit": row.department.name, "deadline": row.deadline,
        "state": row.state, "revision": row.revision,
    }  # fmt: skip


@router.get("/forms", response=list[FormOut], url_name="gep-forms")
def forms(request: HttpRequest, accounting: int | None = None, state: str = "") -> list[dict[str, Any]]:
    """The forms in sight, of one accounting and state where asked; at most 500."""
    rows = queries.forms(request.user)
    rows = rows.filter(accounting=accounting) if accounting is not None else rows
    return [_form(row) for row in (rows.filter(state=state) if state else rows)[:MOST]]


def _whole(request: HttpRequest, pk: int) -> dict[str, Any]:
    row = queries.forms(request.user).select_related("accounting__region").filter(pk=pk).first()
    if row is None:
        raise NotThere("没有这张报表，或不在您的数据范围内。", f"no form {pk} in reach", value=pk)
    data = [
        {"datum": one.code, "part": one.part, "value": f"{one.value:f}", "unit": showing.known(one.code).unit,
         "source": one.source, "note": one.note}
        for one in row.data.all()
    ]  # fmt: skip
    return _form(row) | {
        "data": data,
        "findings": [checking.told_zh(facts.load(), one) for one in formreading.findings(row)],
    }


@router.get("/forms/{int:pk}", response=OneFormOut, url_name="gep-form")
def form(request: HttpRequest, pk: int) -> dict[str, Any]:
    """One form with its values."""
    return _whole(request, pk)


@router.post("/forms/{int:pk}/values", response=OneFormOut, url_name="gep-form-fill")
def fill(request: HttpRequest, pk: int, given: FillIn) -> dict[str, Any]:
    """Fill a form in, and send it where asked; every value or none."""
    entered = [reporting.Entered(one.datum, one.part, one.value, one.unit, one.source, one.note) for one in given.data]
    reporting.save(request.user, pk, entered, revision=given.revision)
    if given.submit:
        reporting.submit(request.user, pk, note=given.note)
    return _whole(request, pk)
