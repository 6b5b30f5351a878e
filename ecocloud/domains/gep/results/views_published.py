"""Published figures of others, entered beside ours; and ours shown to the public or taken back. Thin."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from ecocloud.base.pages.answering import attempt
from ecocloud.domains.gep import facts, queries
from ecocloud.domains.gep.models import Published
from ecocloud.domains.gep.results import showing
from ecocloud.domains.gep.services import disclosing
from ecocloud.domains.gep.services.published import Entered, set_published


def published(request: HttpRequest, pk: int, year: int) -> HttpResponse:
    """A line for GEP and one for each service of the edition; POST keeps them and goes to the comparison."""
    row = get_object_or_404(queries.accountings(request.user), pk=pk)
    if year not in row.years:
        raise Http404
    known, words, post = facts.load(), showing.speech({}), request.POST
    codes = ["", *(one.service for one in known.editions[row.edition].services)]
    kept = {one.service: one for one in Published.objects.filter(accounting=row, year=year)}
    codes += [code for code in kept if code not in codes]
    if request.method == "POST":
        typed = [Entered(code, post.get(f"value-{code}", ""), post.get(f"reason-{code}", "")) for code in codes]
        saved = attempt(request, lambda: set_published(request.user, row, year, post.get("source", ""), typed),
                        _("已保存公布的数据。"))  # fmt: skip
        if saved is not None:
            run = queries.runs(request.user).filter(accounting=row).first()
            if run is not None:
                return redirect(f"{reverse('gep:results', args=[run.pk])}?year={year}&view=published")
            return redirect("gep:published", row.pk, year)
    lines = [
        {"code": code, "name": words.word(known.services[code]) if code else "GEP",
         "value": post.get(f"value-{code}", kept[code].value if code in kept else ""),
         "reason": post.get(f"reason-{code}", kept[code].reason if code in kept else "")}
        for code in codes
    ]  # fmt: skip
    source = post.get("source", next((one.source for one in kept.values()), ""))
    context = {"accounting": row, "year": year, "lines": lines, "source": source}
    return render(request, "gep/published.html", context, status=400 if request.method == "POST" else 200)


def disclose_year(request: HttpRequest, pk: int, year: int) -> HttpResponse:
    """Show the public a year of a confirmed run, or with ``withdraw`` no longer."""
    run = get_object_or_404(queries.runs(request.user), pk=pk)
    if request.POST.get("withdraw"):
        reason = request.POST.get("opinion", "")
        attempt(request, lambda: disclosing.withdraw(request.user, run, year, reason=reason),
                _("已撤下，公众不再看到。"))  # fmt: skip
    else:
        attempt(request, lambda: disclosing.disclose(request.user, run, year), _("已公开。"))
    return redirect(f"{reverse('gep:results', args=[run.pk])}?year={year}")
