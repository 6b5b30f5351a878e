"""Pages of the shell: start, work desk, cockpit, search, sources, jobs. Thin."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.base.jobs import cancel, job_status
from ecocloud.base.jobs.queries import failed_lately, label_of
from ecocloud.base.rooms import all_rooms
from ecocloud.kernel.journal.refs import RefError, resolve
from ecocloud.kernel.regions import permissions
from ecocloud.web import home as desk
from ecocloud.web import searching
from ecocloud.web import state as installation
from ecocloud.web.region_switch import chosen_region

COCKPIT_PLACES = ("left", "top", "bottom", "right")
WARNINGS_IN_COCKPIT, WARNINGS_ON_DESK = 5, 4
DESK_ROWS = 10
FAILED_SHOWN = 10


def start(request: HttpRequest) -> HttpResponse:
    """The address people type: on to the first page this person may open, or to the sign-in page."""
    if not request.user.is_authenticated:
        return redirect("regions:sign-in")
    if permissions.allowed(request.user, "web.home.view"):
        return redirect("web:home")
    entries = sorted((entry for room in all_rooms() for entry in room.menu), key=lambda entry: entry.order)
    for entry in entries:
        if permissions.allowed(request.user, entry.permission):
            return redirect(entry.route)
    sentence = _("您的账户尚未授权，请联系安全管理员。")
    return render(request, "web/refused.html", {"status": 403, "sentence": sentence}, status=403)


def home(request: HttpRequest) -> HttpResponse:
    """The work desk."""
    tab = request.GET.get("tab", "todo")
    tab = tab if tab in desk.TABS else "todo"
    region, year = chosen_region(request), timezone.localdate().year
    days, tabs = desk.coming_days(request.user), desk.tab_counts(request.user, tab)
    context = {
        "greeting": desk.greeting(request.user, days),
        "counters": desk.counters(request.user),
        "tab": tab,
        "tabs": tabs,
        "tab_names": desk.tab_names(),
        "total": tabs[tab],
        "rows": desk.rows(request.user, tab, DESK_ROWS),
        "lists": desk.lists_behind(request.user, tab),
        "days": days,
        "quick": desk.quick_links(request.user),
        "side": desk.tiles(request.user, region, year, ("desk",))["desk"],
        "warnings": desk.warnings(request.user, WARNINGS_ON_DESK),
        "today": timezone.localdate(),
        "now": timezone.localtime(),
    }
    return render(request, "web/home.html", context)


def _year(request: HttpRequest) -> int:
    text = request.GET.get("year", "")
    this = timezone.localdate().year
    return int(text) if text.isdigit() and this - 5 <= int(text) <= this else this


def cockpit(request: HttpRequest) -> HttpResponse:
    """The cockpit: every number drills down to its records."""
    region, year = chosen_region(request), _year(request)
    this = timezone.localdate().year
    context: dict[str, Any] = {"topics": request.GET.get("view") == "topics"}
    if context["topics"]:
        context["places"] = desk.tiles(request.user, region, year, ("topics",))
    else:
        context |= {
            "places": desk.tiles(request.user, region, year, COCKPIT_PLACES),
            "map": desk.map_tile(request.user, region, year, request.GET.get("map", "")),
            "warnings": desk.warnings(request.user, WARNINGS_IN_COCKPIT),
        }
    context |= {
        "region_chosen": region,
        "year": year,
        "years": [this, this - 1],
        "dark": request.GET.get("theme") == "dark",
    }
    return render(request, "web/cockpit.html", context)


def search(request: HttpRequest) -> HttpResponse:
    """Search over documents, tasks, indicators and attachments, within the person's data scope."""
    return render(request, "web/search.html", searching.page(request))


def state(request: HttpRequest) -> HttpResponse:
    """Where administrators begin: whether the installation is well, what waits for them; a check is made when asked."""
    if request.method == "POST":
        return redirect("web:job", pk=installation.ask(request.user.actor().id))
    failed = [{"label": label_of(job.name), "at": job.finished_at} for job in failed_lately(FAILED_SHOWN)]
    context = {"known": installation.known(), "counters": desk.counters(request.user), "failed": failed,
               "now": timezone.localtime()}  # fmt: skip
    return render(request, "web/state.html", context)


def source(request: HttpRequest, ref: str) -> HttpResponse:
    """Open the source behind a reference, or say why it cannot be opened."""
    try:
        found = resolve(ref, request.user)
    except RefError as error:
        raise Http404(str(error)) from error
    if found.url:
        return redirect(found.url)
    status = 403 if not found.title.startswith("来源") else 404
    return render(request, "web/refused.html", {"status": status, "sentence": found.title}, status=status)


def health(request: HttpRequest) -> HttpResponse:
    """For load balancers: 200 while the database answers; says nothing else."""
    from ecocloud.web.health import database

    problems = database()
    return JsonResponse({"ok": not problems}, status=200 if not problems else 503)


def _own_job(request: HttpRequest, pk: int):
    status = job_status(pk)
    if status is None or status.created_by != request.user.actor().id:
        raise Http404(_("没有这个后台任务，或它不是您提交的。"))
    return status


def job(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress of a job, to the person who started it; a fragment for htmx, else a page."""
    status = _own_job(request, pk)
    context = {
        "status": status,
        "poll_url": reverse("web:job", kwargs={"pk": pk}),
        "cancel_url": reverse("web:cancel-job", kwargs={"pk": pk}),
    }
    fragment = request.headers.get("HX-Request") == "true"
    return render(request, "jobs/progress.html" if fragment else "web/job.html", context)


def cancel_job(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a job of one's own to stop."""
    cancel(_own_job(request, pk).id)
    if request.headers.get("HX-Request") == "true":
        return job(request, pk)
    return redirect("web:job", pk=pk)
