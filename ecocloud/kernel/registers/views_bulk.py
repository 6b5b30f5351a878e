"""The same change of many objects: choose, preview, write; a job with progress when there are many. Thin."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ecocloud.base import jobs
from ecocloud.base.errors import EcoError
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions.models import Department
from ecocloud.kernel.registers import queries, showing
from ecocloud.kernel.registers.bulk_jobs import BULK
from ecocloud.kernel.registers.forms import Control, ObjectForm, sentence
from ecocloud.kernel.registers.lists import ObjectListing
from ecocloud.kernel.registers.models import RegisterObject
from ecocloud.kernel.registers.register import Register, open_register
from ecocloud.kernel.registers.register_frame import filters_of, page_of
from ecocloud.kernel.registers.services import bulk
from ecocloud.kernel.registers.views_form import names_offered, own_region

AT_ONCE = 100
SHOWN = 100


@dataclass
class Chosen:
    """The objects of a change with the version each had when they were chosen, as the form carries them."""

    rows: dict[int, int]
    too_many: int = 0

    @classmethod
    def of_text(cls, text: str) -> Chosen:
        """From ``12:3,15:1``; raises Http404 for anything else."""
        try:
            pairs = [part.split(":") for part in text.split(",") if part]
            rows = {int(pk): int(version) for pk, version in pairs}
        except ValueError as error:
            raise Http404("no such choice of objects") from error
        if len(rows) > bulk.MOST or any(number >= 2**63 for pair in rows.items() for number in pair):
            raise Http404("too many objects")
        return cls(rows)

    @property
    def text(self) -> str:
        """For the form."""
        return ",".join(f"{pk}:{version}" for pk, version in self.rows.items())


def _chosen(request: HttpRequest, listing: ObjectListing) -> Chosen:
    """The ticked objects, or all that the filters leave."""
    ticked = [int(pk) for pk in request.GET.getlist("pk") if pk.isascii() and pk.isdigit() and len(pk) < 19]
    if ticked:
        rows = queries.objects(request.user, listing.register).filter(pk__in=ticked[: bulk.MOST])
    else:
        rows = listing.narrowed()
    found = dict(rows.order_by("code").values_list("pk", "version")[: bulk.MOST + 1])
    return Chosen({}, max(listing.total, len(found))) if len(found) > bulk.MOST else Chosen(found)


@dataclass
class Line:
    """A field that may be set, with its control."""

    code: str
    control: Control
    ticked: bool


class BulkForm(ObjectForm):
    """The form of an object, of which only the ticked fields count."""

    ticked: frozenset[str] = frozenset()

    def lines(self) -> Iterator[Line]:
        """Every field that can be set, department first; each shown whatever its condition says."""
        unit = Control("department", showing.header_words()["department"], "department",
                       self.given.get("department", ""), error=self.faults.get("department", ""))  # fmt: skip
        yield Line("department", unit, "department" in self.ticked)
        for _title, controls in self.sections():
            for control in controls:
                if control.kind != "output":
                    code = control.name.removeprefix("v_")
                    control.hidden, control.required = False, False
                    yield Line(code, control, code in self.ticked)

    def wanted(self, request: HttpRequest) -> tuple[dict[str, Any], dict[str, Any]]:
        """The values to set, and the department where it is ticked."""
        whole = self.values(own_region(request))
        given = {code: whole[code] for code in sorted(self.ticked) if code in whole}
        if "department" not in self.ticked:
            return given, {}
        return given, {"department": self._unit("department", self.given.get("department", ""))}


def edit_many(request: HttpRequest, code: str) -> HttpResponse:
    """Choose fields for the chosen objects, see what would change, write it."""
    register = open_register(code)
    if request.method != "POST":
        listing = ObjectListing(request, request.user, register)
        form = BulkForm.of_row(register, None)
        back = page_of(register, "list", filters_of(listing))
        return _page(request, form, _chosen(request, listing), back)
    chosen, form = Chosen.of_text(request.POST.get("rows", "")), BulkForm.of_post(register, request.POST)
    form.ticked = frozenset(request.POST.getlist("set"))
    given, more = form.wanted(request)
    trials: list[bulk.Trial] | None = None
    if not form.ticked:
        form.general.append(_("请勾选要修改的项目。"))
    elif not form.faults:
        try:
            # Only what was previewed is written: a form changed since shows its preview again.
            if request.POST.get("write") == _stamp(chosen, given, more):
                return _write(request, register, chosen, given, more, form.given["note"][:300])
            trials = bulk.preview_bulk(request.user, register, list(chosen.rows), given, **more)
        except EcoError as refused:
            form.refused(refused)
    stamp = _stamp(chosen, given, more) if trials is not None else ""
    return _page(request, form, chosen, page_of(register, "list", ""), trials, stamp)


def _stamp(chosen: Chosen, given: dict[str, Any], more: dict[str, Any]) -> str:
    """What a preview showed, in short."""
    unit = {name: getattr(one, "pk", None) for name, one in more.items()}
    whole = json.dumps([chosen.text, given, unit], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(whole.encode()).hexdigest()[:32]


def _write(
    request: HttpRequest, register: Register, chosen: Chosen, given: dict[str, Any], more: dict[str, Any], note: str,
) -> HttpResponse:  # fmt: skip
    user = request.user
    if len(chosen.rows) > AT_ONCE:
        told: dict[str, Any] = {"user": user.pk, "register": register.code, "rows": list(chosen.rows.items()),
                                "given": given, "note": note}  # fmt: skip
        if more:
            told["department"] = more["department"].code if more["department"] else ""
        with change(user.actor()):
            job = jobs.enqueue(BULK, told, created_by=user.actor().id)
        return redirect("web:job", pk=job.pk)
    found = bulk.bulk_edit(user, register, list(chosen.rows), given, versions=chosen.rows, note=note, **more)
    refused = [[pk, error.sentence_zh(), error.message_en] for pk, error in found.refused.items()]
    return _result(request, register, {"done": len(found.done), "total": len(chosen.rows), "refused": refused})


def result(request: HttpRequest, pk: int) -> HttpResponse:
    """What a change by a job did, to the person who started it."""
    status = jobs.job_status(pk)
    if status is None or status.name != BULK or status.created_by != request.user.actor().id or not status.result:
        raise Http404(_("没有这个后台任务，或它不是您提交的。"))
    return _result(request, open_register(status.result["register"]), status.result)


def _result(request: HttpRequest, register: Register, told: dict[str, Any]) -> HttpResponse:
    english = (get_language() or "").startswith("en")
    keys = [pk for pk, _zh, _en in told["refused"]]
    rows: dict[int, RegisterObject] = {}
    for first in range(0, len(keys), 500):
        rows |= queries.objects(request.user, register).in_bulk(keys[first : first + 500])
    refused = [(rows.get(pk), en[:1].upper() + en[1:] if english else zh) for pk, zh, en in told["refused"]]
    if told["done"] and not refused:
        messages.success(request, _("已修改 %(n)s 个对象。") % {"n": told["done"]})
        return redirect("registers:list", code=register.code)
    same = told["total"] - told["done"] - len(refused)
    context = {"register": register, "name": showing.pick(register.definition), "done": told["done"], "same": same,
               "refused": refused}  # fmt: skip
    return render(request, "registers/bulk_result.html", context)


def _page(
    request: HttpRequest, form: BulkForm, chosen: Chosen, back: str, trials: list[bulk.Trial] | None = None,
    stamp: str = "",
) -> HttpResponse:  # fmt: skip
    register = form.register
    wrong = bool(form.faults or form.general)
    context = {
        "form": form, "register": register, "name": showing.pick(register.definition), "chosen": chosen, "back": back,
        "count": len(chosen.rows),
        "most": bulk.MOST, "lines": list(form.lines()), "preview": _preview(form, trials, request.user), "stamp": stamp,
        "background": len(chosen.rows) > AT_ONCE, **names_offered(request),
    }  # fmt: skip
    return render(request, "registers/bulk.html", context, status=422 if wrong else 200)


def _preview(form: BulkForm, trials: list[bulk.Trial] | None, viewer: Any) -> dict[str, Any] | None:
    """Counts, and the first rows: refused ones first, then those that change."""
    if trials is None:
        return None
    refused = [one for one in trials if one.refused is not None]
    good = [one for one in trials if one.changes]
    shown = [*refused, *good][:SHOWN]
    read = _Reader(form.register, shown, viewer)
    return {
        "refused": len(refused), "good": len(good), "same": len(trials) - len(refused) - len(good),
        "rows": [{"row": one.row, "changes": read.changes(one), "why": sentence(one.refused) if one.refused else ""}
                 for one in shown],
        "more": len(refused) + len(good) - len(shown),
    }  # fmt: skip


class _Reader:
    """The changes of a preview in words."""

    def __init__(self, register: Register, trials: list[bulk.Trial], viewer: Any) -> None:
        self.register = register
        typed = [values for one in trials if one.draft for values in (one.draft.before, one.draft.values)]
        self.names = showing.Names.of(register.definition.fields, typed, viewer)
        keys = {one.before.get("department") for one in trials} | {one.after.get("department") for one in trials}
        rows = Department.objects.filter(pk__in=[pk for pk in keys if pk])
        self.units = {row.pk: row.label for row in rows}

    def changes(self, one: bulk.Trial) -> list[tuple[str, str, str]]:
        """Name, old words, new words of everything that would differ."""
        if one.draft is None or one.refused is not None:
            return []
        found = []
        own, known = showing.header_words(), self.register.definition.by_code
        for code in one.after:
            if code == "department":
                old, new = (self.units.get(side.get(code), "") for side in (one.before, one.after))
                found.append((own[code], old, new))
            elif code in known:
                old, new = (showing.words(self.register, known[code], side.get(code), self.names)
                            for side in (one.draft.before, one.draft.values))  # fmt: skip
                found.append((showing.label(known[code]), old, new))
            elif code == "year":
                found.append((own[code], str(one.before.get(code) or ""), str(one.after.get(code) or "")))
        return found
