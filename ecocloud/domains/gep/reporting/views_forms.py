"""Pages of forms: the list, one form (fill in, check, history), corrections of locked values. Thin."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.base.pages.answering import attempt
from ecocloud.base.pages.exports import list_page
from ecocloud.base.pages.inputs import whole_number
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.domains.gep import facts, formreading, formset, gathering, queries, steps
from ecocloud.domains.gep.access import APPROVE, FILL
from ecocloud.domains.gep.errors import NotThere
from ecocloud.domains.gep.models import Correction, Datum, Form
from ecocloud.domains.gep.reporting import desk, importing, showing
from ecocloud.domains.gep.services import reporting as services
from ecocloud.domains.gep.services.reporting import Entered
from ecocloud.kernel.regions import scope
from ecocloud.kernel.regions.models import Department, Region
from ecocloud.kernel.regions.permissions import allowed, rights

_BLANK_ROWS = 4  # empty lines for further things and classes


class FormListing(Listing):
    """Forms with their words."""

    @property
    def dressed(self) -> list[Form]:
        """The rows of the page with title and clock."""
        return showing.dress(self.rows)

    def all_rows(self) -> Any:
        """The rows of a file, dressed alike."""
        yield from showing.dress(super().all_rows())


def _filters(viewer: Any) -> tuple[FilterSpec, ...]:
    rows = queries.forms(viewer)

    def near(found: QuerySet[Form], value: Any) -> QuerySet[Form]:
        return found.filter(
            state__in=steps.OPEN, deadline__lte=timezone.localdate() + timedelta(days=showing.SOON_DAYS)
        )

    def late(found: QuerySet[Form], value: Any) -> QuerySet[Form]:
        return found.filter(state__in=steps.OPEN, deadline__lt=timezone.localdate())

    def mine(found: QuerySet[Form], value: Any) -> QuerySet[Form]:
        return found.filter(pk__in=desk.todo(viewer).values("pk"))

    def due(found: QuerySet[Form], value: tuple[date | None, date | None]) -> QuerySet[Form]:
        first, last = value
        found = found.filter(state__in=steps.OPEN)
        found = found.filter(deadline__gte=first) if first else found
        return found.filter(deadline__lte=last) if last else found

    return (
        FilterSpec("accounting", _("核算"), field="accounting_id", choices=lambda: [
            (str(pk), title) for pk, title in queries.accountings(viewer).values_list("pk", "title")]),
        FilterSpec("code", _("报表"), choices=showing.form_choices()),
        FilterSpec("unit", _("责任单位"), kind="department", field="department_id", choices=lambda: [
            (str(pk), name) for pk, name in Department.objects.filter(
                pk__in=rows.order_by().values("department")).values_list("pk", "name")]),
        FilterSpec("region", _("地区"), field="region_id", choices=lambda: list(
            Region.objects.filter(pk__in=rows.order_by().values("region")).values_list("pk", "name"))),
        FilterSpec("state", _("状态"), choices=showing.states(Form)),
        FilterSpec("todo", _("待我办理"), kind="bool", apply=mine),
        FilterSpec("late", _("已逾期"), kind="bool", apply=late),
        FilterSpec("near", _("临期和逾期"), kind="bool", apply=near),
        FilterSpec("due", _("期限"), kind="date_range", apply=due),
    )  # fmt: skip


def form_list(request: HttpRequest) -> HttpResponseBase:
    """The forms in sight."""
    listing = FormListing(
        request, queries.forms(request.user), filters=_filters(request.user),
        sorts=(SortSpec("due", ("deadline", "-year", "code", "pk")),
               SortSpec("code", ("code", "region_id", "-year", "pk")),
               SortSpec("year", ("-year", "code", "region_id", "pk"), True)),
        key="gep.forms", columns=showing.form_columns(), title=_("核算报表"),
    )  # fmt: skip
    return list_page(request, listing, "gep/forms.html", {})


@dataclass
class Row:
    """One line of a form: a datum and part with its value, that of the year before and what is found about it."""

    fact: Any
    label: str
    part: str
    part_word: str
    value: str = ""
    source: str = ""
    note: str = ""
    given: str = ""
    last: Any = None
    datum: Datum | None = None
    needed: bool = False
    hard: bool = False
    findings: list[str] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)


def _form(viewer: Any, pk: int) -> Form:
    row = queries.forms(viewer).select_related("accounting__region", "accounting__office").filter(pk=pk).first()
    if row is None:
        raise NotThere("没有这张报表，或不在您的数据范围内。", f"no form {pk} in reach", value=pk)
    return row


def _rows(form: Form, one: formset.Asked) -> tuple[list[Row], list[str]]:
    """The lines of a form and what is missing of it as a whole."""
    data = {(datum.code, datum.part): datum for datum in form.data.prefetch_related("corrections__proposed_by")}
    last = formreading.last_year(form)
    found: dict[tuple[str, str], list[Any]] = {}
    missing, wanted = [], formreading.needed(form, one)
    for finding in formreading.findings(form):
        found.setdefault((finding.datum, finding.part), []).append(finding)
    absent = {finding.datum for told in found.values() for finding in told if finding.kind == "missing"}
    rows = []
    for fact in one.data:
        parts = sorted({part for code, part in (*data, *last) if code == fact.code})
        if not parts and (fact.scope == "region" or (fact.scope == "ecosystem" and not gathering.is_amount(fact))):
            parts = [""]
        for part in parts:
            datum = data.get((fact.code, part))
            row = Row(fact, showing.datum_word(fact.code), part, showing.part_word(part) if part else "",
                      last=last.get((fact.code, part)), datum=datum, needed=fact.code in wanted)  # fmt: skip
            if datum is not None:
                row.value, row.source, row.note = f"{datum.value:f}", datum.source, datum.note
                row.given, row.corrections = datum.given, list(datum.corrections.all())
            told = found.pop((fact.code, part), [])
            row.findings = [showing.finding_words(each) for each in told if each.kind != "missing"]
            row.hard = any(each.hard for each in told)
            rows.append(row)
        if fact.code in absent:
            missing.append(showing.datum_word(fact.code))
    return rows, missing


def form_page(request: HttpRequest, pk: int, error: EcoError | None = None) -> HttpResponse:
    """One form: its values, what is found about them, the steps this person may take, who did what."""
    form = _form(request.user, pk)
    one = formreading.asked(form)
    rows, missing = _rows(form, one)
    if error is not None:
        _typed(rows, request.POST)
    possible = _possible(request.user, form)
    edits = "save" in possible
    several = [fact for fact in one.data if fact.scope != "region"]
    showing.dress([form])
    context = {
        "form": form, "rows": rows, "missing": missing, "error": error, "edits": edits, "possible": possible,
        "steps": [(action, showing.STEP_WORDS[action]) for action in possible if action not in steps.FILLING],
        "several": [(fact, showing.datum_word(fact.code)) for fact in several],
        "blank": range(_BLANK_ROWS) if several and edits else (),
        "classes": [(code, showing.part_word(code)) for code in facts.load().classes],
        "history": [_event(step) for step in form.steps.select_related("by__department").order_by("-pk")],
        "corrects": form.state == "locked" and allowed(request.user, FILL),
        "target": importing.key_of(form.accounting_id), "decides": allowed(request.user, APPROVE),
        "flagged": sum(1 for row in rows if row.findings and not row.note),
    }  # fmt: skip
    return render(request, "gep/form.html", context, status=400 if error else 200)


def _typed(rows: list[Row], data: QueryDict) -> None:
    """What was typed stays on the page after a refusal."""
    given = {(one.code, one.part): one for one in _entered(data)}
    for row in rows:
        one = given.get((row.fact.code, row.part))
        if one is not None:
            row.value, row.source, row.note = one.value, one.source, one.note


def _event(step: Any) -> dict[str, Any]:
    unit = step.by.department.label if step.by.department else ""
    return {"title": showing.STEP_WORDS[step.action], "who": step.by.name, "unit": unit, "at": step.at,
            "text": step.note, "kind": "back" if step.action == "return" else ""}  # fmt: skip


def _possible(viewer: Any, form: Form) -> list[str]:
    if form.accounting.state != "open":
        return []
    held = {
        code for code in rights(viewer).permissions
        if code.startswith("gep.") and (scope.sees_department(viewer, form.department_id, code)
                                        or scope.sees_department(viewer, form.accounting.office_id, code))
    }  # fmt: skip
    return steps.possible(form.state, held, formreading.fillers(form), viewer.pk)


def _entered(data: QueryDict) -> list[Entered]:
    lists = [data.getlist(name) for name in ("code", "part", "value", "source", "note")]
    rows = zip(*lists, strict=False)
    return [Entered(code, part, value, "", source, note) for code, part, value, source, note in rows if code]


def save(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what was typed, and send it where asked."""
    form = _form(request.user, pk)
    revision = whole_number(request.POST.get("revision", ""))
    try:
        saved = services.save(request.user, form, _entered(request.POST), revision=revision)
        if request.POST.get("then") == "submit":
            services.submit(request.user, saved, note=request.POST.get("opinion", ""))
            messages.success(request, _("已报送，等待复核。"))
        else:
            messages.success(request, _("已保存。"))
    except EcoError as refused:
        if refused.http_status in (403, 404):
            raise
        return form_page(request, pk, refused)
    return redirect("gep:form", pk=pk)


def step(request: HttpRequest, pk: int) -> HttpResponse:
    """Recall, check, return, approve or lock it."""
    form = _form(request.user, pk)
    action, revision = request.POST.get("action", ""), whole_number(request.POST.get("revision", ""))
    attempt(request, lambda: services.step(
        request.user, form, action, note=request.POST.get("opinion", ""), revision=revision,
    ), _("已办理：%(step)s。") % {"step": showing.STEP_WORDS.get(action, "")})  # fmt: skip
    return redirect("gep:form", pk=pk)


def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose another value for one of a locked form."""
    datum = Datum.objects.filter(pk=pk, form__in=queries.forms(request.user).values("pk")).first()
    if datum is None:
        raise NotThere("没有这个数据，或不在您的数据范围内。", f"no datum {pk} in reach", value=pk)
    return _decided(request, datum.form_id, lambda: services.propose_correction(
        request.user, datum, value=request.POST.get("value", ""), reason=request.POST.get("opinion", "")))  # fmt: skip


def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept or refuse a correction."""
    row = Correction.objects.filter(pk=pk, datum__form__in=queries.forms(request.user).values("pk")).first()
    if row is None:
        raise NotThere("没有这条更正，或不在您的数据范围内。", f"no correction {pk} in reach", value=pk)
    accept, opinion = request.POST.get("accept") == "1", request.POST.get("opinion", "")
    return _decided(request, row.datum.form_id, lambda: services.decide_correction(
        request.user, row, accept=accept, opinion=opinion))  # fmt: skip


def _decided(request: HttpRequest, form: int, act: Any) -> HttpResponse:
    attempt(request, act, _("已提交。"))
    return redirect("gep:form", pk=form)
