"""Public pages of disclosure: lists, one list, files, notices with objections, terms, open data. Thin."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from ecocloud.base.errors import EcoError
from ecocloud.base.files.services import open_stored
from ecocloud.base.limiting import TooOften
from ecocloud.base.pages.inputs import whole_number
from ecocloud.kernel.regions.signin import address_of
from ecocloud.portal.disclosure import opendata, queries, services
from ecocloud.portal.disclosure.facts import lists, open_data, terms
from ecocloud.portal.facts import limits, spend
from ecocloud.portal.reports.views import told

PER_PAGE = 30


def overview(request: HttpRequest) -> HttpResponse:
    """All lists with how much is in them and what is due."""
    context = {"lines": queries.overview(), "notices": queries.notices().count(), "section": "open",
               "latest": queries.public().order_by("-published_on", "-pk")[:8]}  # fmt: skip
    return render(request, "portal/open.html", context)


def one_list(request: HttpRequest, code: str) -> HttpResponse:
    """What is in one list; what was taken back stands there with its reason."""
    if code not in lists():
        raise queries.NoSuchPublication("没有这张清单。", f"no list {code[:20]}", value=code[:20])
    rows = queries.Publication.objects.filter(listed=code).select_related("department", "file")
    page = Paginator(rows.order_by("-published_on", "-pk"), PER_PAGE).get_page(
        whole_number(request.GET.get("page")) or 1)  # fmt: skip
    return render(request, "portal/open_list.html", {"fact": lists()[code], "page": page, "section": "open"})


def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A published file, always as a download."""
    row = queries.public().select_related("file").filter(pk=pk).first()
    if row is None:
        raise queries.NoSuchPublication("没有这项公开信息，或已撤回。", f"no publication {pk}", value=pk)
    answer = FileResponse(open_stored(row.file), as_attachment=True, filename=row.file.name)
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def notices(request: HttpRequest) -> HttpResponse:
    """Results of rectification that are open to everybody; anybody may object."""
    problem, status, typed = "", 200, {}
    if request.method == "POST":
        typed = {name: request.POST.get(name, "")[:8000] for name in ("item", "text", "name")}
        try:
            spend("comment", address_of(request))
            item = queries.WorkItem.objects.filter(pk=whole_number(typed["item"])).first()
            if item is None:
                raise queries.NoSuchPublication("没有这项公示。", "no such notice")
            services.object_to(item, typed["text"], typed["name"])
            return redirect(f"{reverse('portal:notices')}?sent={item.pk}")
        except EcoError as error:
            problem, status = told(error), error.http_status
    page = Paginator(queries.notices().order_by("case__notice_until", "pk"), PER_PAGE).get_page(
        whole_number(request.GET.get("page")) or 1)  # fmt: skip
    context = {"page": page, "problem": problem, "typed": typed, "sent": request.GET.get("sent"), "section": "open",
               "chosen": whole_number(typed.get("item")), "longest": limits().text.comment.value}  # fmt: skip
    return render(request, "portal/notices.html", context, status=status)


def glossary(request: HttpRequest) -> HttpResponse:
    """Terms in plain words."""
    return render(request, "portal/glossary.html", {"terms": terms(), "section": "open"})


def data_page(request: HttpRequest) -> HttpResponse:
    """The open data sets with licence and what the columns mean."""
    data = open_data()
    sets = [(one, len(opendata.rows_of(one)[1])) for one in data.sets]
    context = {"sets": sets, "licence": data.licence, "seconds": data.kept_seconds.value // 60, "section": "data"}
    return render(request, "portal/data.html", context)


def data_file(request: HttpRequest, code: str, form: str) -> HttpResponse:
    """One set as a file."""
    if form not in opendata.FORMS:
        raise opendata.NoSuchSet("只有 csv 和 json 两种格式。", f"no form {form[:8]}", value=form[:8])
    one = opendata.set_of(code)
    try:
        spend("data", address_of(request))
    except TooOften as error:
        return HttpResponse(told(error), status=429, content_type="text/plain; charset=utf-8")
    answer = HttpResponse(opendata.as_file(one, form), content_type=opendata.FORMS[form])
    answer["Content-Disposition"] = f'attachment; filename="{one.code}.{form}"'
    answer["Cache-Control"] = f"public, max-age={open_data().kept_seconds.value}"
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Link"] = f'<{open_data().licence.url}>; rel="license"'
    return answer
