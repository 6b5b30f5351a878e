"""Pages that change something: fill in, review, correct, targets, locks, proposals. Thin: parse, call, go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ecocloud.base.errors import EcoError
from ecocloud.kernel.evidence import display, queries, services
from ecocloud.kernel.evidence.errors import EvidenceError
from ecocloud.kernel.evidence.models import Indicator, Lock, Observation, Target
from ecocloud.kernel.regions.queries import region_by_code


def _words(error: EcoError) -> str:
    return error.message_en if (get_language() or "").startswith("en") else error.sentence_zh()


def _back(request: HttpRequest, fallback: str, *args: Any) -> HttpResponse:
    target = request.POST.get("next") or request.META.get("HTTP_REFERER", "")
    if target and url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        return redirect(target)
    return redirect(fallback, *args)


def _attempt(request: HttpRequest, act: Callable[[], Any], done: str) -> Any:
    """Run ``act``; say what happened. Returns its result, ``None`` when it was refused."""
    try:
        result = act()
    except EcoError as error:
        if error.http_status == 403:
            raise
        messages.error(request, _words(error))
        return None
    messages.success(request, done)
    return result


def _indicator(request: HttpRequest) -> Indicator:
    code = request.POST.get("indicator", "").strip()
    found = Indicator.objects.filter(code=code).exclude(status="retired").first()
    if found is None:
        found = Indicator.objects.filter(zh=code).exclude(status="retired").first()
    if found is None:
        raise EvidenceError("没有这个指标。", "no such indicator", where={"字段": "指标"}, value=code,
                            remedy_zh="请从列表中选择，或先提出新指标。")  # fmt: skip
    return found


def _form_context(request: HttpRequest) -> dict[str, Any]:
    region = display.page_region(request)
    return {
        "indicators": Indicator.objects.exclude(status="retired"), "places": display.region_choices(region),
        "page_region": region, "values": request.POST or request.GET, "operators": display.aims().items(),
        "qualifiers": Observation.Qualifier.choices,
    }  # fmt: skip


def fill(request: HttpRequest) -> HttpResponse:
    """填报: one value with its source; the person's own drafts and returned values below."""
    form = request.POST

    def act() -> Observation:
        return services.record_observation(
            request.user, _indicator(request), region_by_code(form.get("region", "")), form.get("period", ""),
            form.get("value", ""), value_text=form.get("value_text", ""), unit=form.get("unit", "").strip(),
            qualifier=form.get("qualifier") or "actual", source=_source(request), note=form.get("note", "")[:300],
            denominator=form.get("denominator", ""), submitted="submit" in form,
        )  # fmt: skip

    if request.method == "POST":
        row = _attempt(request, act, _("已报送，待复核。") if "submit" in form else _("草稿已保存。"))
        if row is not None:
            return redirect("evidence:fill")
    mine = queries.my_drafts(request.user).select_related("indicator", "region").order_by("-at")[:50]
    return render(request, "evidence/fill.html", _form_context(request) | {"drafts": mine})


def _source(request: HttpRequest) -> str:
    """The source typed in, or the person who states the value when the box 本人确认 is ticked."""
    text = request.POST.get("source", "").strip()
    return text or (f"user:{request.user.pk}" if request.POST.get("stated") == "1" else "")


@require_POST
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand a draft in."""
    row = get_object_or_404(Observation, pk=pk)
    _attempt(request, lambda: services.submit(request.user, row), _("已报送，待复核。"))
    return _back(request, "evidence:fill")


@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm a value handed in."""
    row = get_object_or_404(Observation, pk=pk)
    opinion = request.POST.get("opinion", "")
    _attempt(request, lambda: services.confirm(request.user, row, opinion=opinion), _("已确认。"))
    return _back(request, "evidence:review")


@require_POST
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Return a value with a reason."""
    row = get_object_or_404(Observation, pk=pk)
    reason = request.POST.get("opinion", "")
    _attempt(request, lambda: services.send_back(request.user, row, reason=reason), _("已退回填报人。"))
    return _back(request, "evidence:review")


def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Form and act: a new version of a confirmed value."""
    row = get_object_or_404(queries.observations(request.user).select_related("indicator", "region"), pk=pk)
    form = request.POST
    if request.method == "POST":
        new = _attempt(
            request,
            lambda: services.correct(
                request.user, row, value=form.get("value", ""), value_text=form.get("value_text", ""),
                reason=form.get("reason", ""), source=form.get("source", "").strip(),
            ),
            _("更正已报送，复核后生效。"),
        )  # fmt: skip
        if new is not None:
            return redirect("evidence:observation", new.pk)
    return render(request, "evidence/correct.html", {"row": row, "values": form})


def new_target(request: HttpRequest) -> HttpResponse:
    """Form and act: a target for one region and period."""
    form = request.POST
    if request.method == "POST":
        made = _attempt(
            request,
            lambda: services.set_target(
                request.user, _indicator(request), region_by_code(form.get("region", "")), form.get("period", ""),
                form.get("operator", ""), form.get("value", ""), value2=form.get("value2", ""),
                unit=form.get("unit", ""),
                baseline_period=form.get("baseline_period", ""), baseline_value=form.get("baseline_value", ""),
                document=form.get("document", "").strip(), curve=form.get("curve", "").strip(),
            ),
            _("目标已登记。"),
        )  # fmt: skip
        if made is not None:
            return redirect("evidence:target", made.pk)
    return render(request, "evidence/target_new.html", _form_context(request))


@require_POST
def revise(request: HttpRequest, pk: int) -> HttpResponse:
    """A new version of a target."""
    target = get_object_or_404(Target.objects.select_related("region", "department"), pk=pk)
    form = request.POST
    new = _attempt(
        request,
        lambda: services.revise_target(
            request.user, target, reason=form.get("reason", ""), value=form.get("value", ""),
            value2=form.get("value2", ""), document=form.get("document", "").strip(),
        ),
        _("目标已调整。"),
    )  # fmt: skip
    return redirect("evidence:target", new.pk if new else pk)


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a target out of force."""
    target = get_object_or_404(Target.objects.select_related("region", "department"), pk=pk)
    reason = request.POST.get("opinion", "")
    _attempt(request, lambda: services.withdraw_target(request.user, target, reason=reason), _("目标已撤销。"))
    return redirect("evidence:target", pk)


@require_POST
def lock_year(request: HttpRequest) -> HttpResponse:
    """Lock a region, year and group."""
    form = request.POST

    def act() -> Lock:
        year = form.get("year", "")
        if not year.isdecimal():
            raise EvidenceError("年度应为四位数字。", "year is not a number", value=year, where={"字段": "年度"})
        region = region_by_code(form.get("region", ""))
        return services.lock(request.user, region, int(year), form.get("group", ""), note=form.get("note", "")[:300])

    _attempt(request, act, _("已锁定。"))
    return redirect("evidence:locks")


@require_POST
def unlock_year(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a locked range again."""
    held = get_object_or_404(Lock.objects.select_related("region"), pk=pk)
    reason = request.POST.get("opinion", "")
    _attempt(request, lambda: services.unlock(request.user, held, reason=reason), _("已解锁。"))
    return redirect("evidence:locks")


def propose(request: HttpRequest) -> HttpResponse:
    """Form and act: a new indicator of the site; near ones of the catalogue are shown first."""
    form = request.POST
    name = (form.get("name") or request.GET.get("name") or "").strip()
    near = queries.link(name, form.get("unit", "").strip()).candidates if name else ()
    if request.method == "POST":
        made = _attempt(
            request,
            lambda: services.propose_indicator(
                request.user, name, form.get("unit", "").strip(), source=_source(request),
                direction=form.get("direction") or "none", aggregation=form.get("aggregation") or "none",
                definition=form.get("definition", ""),
            ),
            _("已提出，待审定。"),
        )  # fmt: skip
        if made is not None:
            return redirect("evidence:detail", made.code)
    return render(request, "evidence/propose.html", {
        "name": name, "near": near, "values": form, "directions": Indicator.Direction.choices,
        "aggregations": Indicator.Aggregation.choices,
    })  # fmt: skip


@require_POST
def accept(request: HttpRequest, code: str) -> HttpResponse:
    """Take a proposed indicator into use."""
    indicator = get_object_or_404(Indicator, code=code)
    _attempt(request, lambda: services.accept_indicator(request.user, indicator), _("指标已审定启用。"))
    return redirect("evidence:detail", code)
