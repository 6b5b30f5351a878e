"""What is read of one form: what it asks, its values, the findings about them, who filled it in."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.utils import translation

from ecocloud.domains.gep import checking, editions, facts, formset, gathering
from ecocloud.domains.gep.asking import Given
from ecocloud.domains.gep.checking import Finding
from ecocloud.domains.gep.models import Accounting, Datum, Form, FormStep
from ecocloud.domains.gep.steps import FILLING


def asked_by(row: Accounting) -> dict[str, formset.Asked]:
    """The forms of an accounting with what each asks."""
    known = facts.load()
    edition = known.editions[row.edition]
    wanted = {service: tuple(methods) for service, methods in row.methods.items()}
    return formset.asked(known, edition, editions.choices(known, edition, wanted))


def asked(form: Form) -> formset.Asked:
    """What one form asks."""
    return asked_by(form.accounting)[form.code]


def state_zh(state: str) -> str:
    """A state in Chinese whatever the language of the page: for the Chinese sentence of an error."""
    with translation.override("zh-hans"):
        return str(Form.State(state).label)


def fillers(form: Form) -> set[int]:
    """Everybody who filled in or sent anything of it."""
    return set(FormStep.objects.filter(form=form, action__in=FILLING).values_list("by_id", flat=True))


def values(rows: Iterable[Datum]) -> dict[tuple[str, str], Decimal]:
    """Values by datum and part."""
    return {(one.code, one.part): one.value for one in rows}


def last_year(form: Form) -> dict[tuple[str, str], Decimal]:
    """The values of the year before, of the same form and region: of this accounting, else of the newest other one."""
    rows = Datum.objects.filter(form__code=form.code, form__region=form.region_id, form__year=form.year - 1)
    rows = rows.select_related("form").order_by("form__accounting_id")
    found: dict[int, list[Datum]] = {}
    for row in rows:
        found.setdefault(row.form.accounting_id, []).append(row)
    key = form.accounting_id if form.accounting_id in found else max(found, default=None)
    return values(found[key]) if key is not None else {}


def needed(form: Form, one: formset.Asked) -> frozenset[str]:
    """What has to stand in this form: of a whole with parts what cannot be divided, of a part its amounts."""
    row, known = form.accounting, facts.load()
    if one.form.by == "whole" or not row.parts.exists():
        return one.needed
    of_parts = {fact.code for fact in one.data if gathering.is_amount(fact) and fact.code not in known.statistics}
    return one.needed - of_parts if form.region_id == row.region_id else one.needed & of_parts


def findings(form: Form) -> list[Finding]:
    """All findings about the values a form holds now."""
    row, one = form.accounting, asked(form)
    whole_form = form.region_id == row.region_id
    controls: list[gathering.Control] = []
    if whole_form and one.form.by == "parts":
        parts: dict[str, list[Given]] = {}
        others = Datum.objects.filter(form__accounting=row, form__code=form.code, form__year=form.year)
        for datum in others.exclude(form=form).select_related("form"):
            parts.setdefault(datum.form.region_id, []).append(Given(datum.code, datum.part, datum.value))
        own = [Given(datum.code, datum.part, datum.value) for datum in form.data.all()]
        controls = gathering.controls(facts.load(), own, parts)
    return checking.check(facts.load(), one, values(form.data.all()), last=last_year(form), controls=controls,
                          needed=needed(form, one))  # fmt: skip
