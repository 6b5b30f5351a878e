"""Pages of results: a run in tables and charts, its lines, the card behind each number, report and workbook. Thin."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from ecocloud.base.officedocs import DOCX_TYPE
from ecocloud.base.pages import hooks
from ecocloud.base.pages.exports import XLSX_TYPE
from ecocloud.base.pages.inputs import whole_number
from ecocloud.base.pages.speaking import pick_words
from ecocloud.domains.gep import queries
from ecocloud.domains.gep.access import CONFIRM, EDIT
from ecocloud.domains.gep.models import Disclosure, Run
from ecocloud.domains.gep.results import cards, published, reading, showing, tables
from ecocloud.domains.gep.results.outcome import Outcome, unlike, unpriced
from ecocloud.domains.gep.results.report import title
from ecocloud.domains.gep.results.tables import Speech
from ecocloud.kernel.regions import scope
from ecocloud.kernel.regions.permissions import allowed

_FORMS = {"docx": (showing.docx, DOCX_TYPE), "xlsx": (showing.xlsx, XLSX_TYPE)}


@dataclass
class Asked:
    """What the address of a page of results asks for: run, year, base year (0 none), prices, part of the page."""

    run: Run
    years: list[int]
    year: int
    base_year: int
    constant: bool
    view: str
    outcome: Outcome = field(init=False)
    speech: Speech = field(init=False)

    @property
    def bases(self) -> list[int]:
        """The years whose prices may be the constant ones: those accounted and the accounting's own."""
        return sorted({*self.years, *([self.run.accounting.base_year] if self.run.accounting.base_year else [])})

    def url(self, **changes: Any) -> str:
        """This page with something else asked for."""
        asked = {"year": self.year, "base": self.base_year, "price": "constant" if self.constant else "",
                 "view": self.view} | changes  # fmt: skip
        query = urlencode({key: value for key, value in asked.items() if value not in ("", None)})
        return f"{reverse('gep:results', args=[self.run.pk])}?{query}"

    def lines(self, **asked: str) -> str:
        """The lines of the year that a number is the sum of."""
        return f"{reverse('gep:lines', args=[self.run.pk])}?{urlencode({'year': self.year, **asked})}"


def asked_for(request: HttpRequest, pk: int, *, whole: bool = False) -> Asked:
    """The run in reach with what is asked of it; what is not understood is the newest year and the run's base year.

    ``whole``: with the years before, whatever part of the page is asked for.
    """
    run = get_object_or_404(queries.runs(request.user), pk=pk)
    years = sorted(set(run.accounts.values_list("year", flat=True)))
    if not years:
        raise Http404
    year = whole_number(request.GET.get("year"), 9999)
    year = year if year in years else years[-1]
    base = whole_number(request.GET.get("base"), 9999)
    default = run.accounting.base_year or (years[0] if len(years) > 1 else 0)
    base = base if base is not None and base in (0, *years, run.accounting.base_year) else default
    view = request.GET.get("view", "")
    constant = request.GET.get("price") == "constant" and bool(base)
    asked = Asked(run, years, year, base, constant, view if view in _PARTS else "overview")
    asked.outcome = reading.outcome_of(run, year, base, earlier=whole or asked.view == "change")
    asked.speech = showing.speech(reading.region_names(asked.outcome))
    return asked


def results(request: HttpRequest, pk: int) -> HttpResponse:
    """A run: totals, tables and charts of one year; ``view`` is the part of the page."""
    asked = asked_for(request, pk)
    shown = showing.at_constant(asked.outcome) if asked.constant else asked.outcome
    parts, edition = _parts(asked), asked.outcome.facts.editions[asked.run.edition]
    context = {
        "run": asked.run, "accounting": asked.run.accounting, "asked": asked, "outcome": shown,
        "edition": edition,
        "edition_name": pick_words(edition.zh, edition.en),
        "years": [(one, asked.url(year=one)) for one in asked.years], "view": asked.view,
        "prices": _prices(asked), "bases": [(one, asked.url(base=one)) for one in asked.bases],
        "tabs": [{"label": label, "url": asked.url(view=key), "current": key == asked.view, "count": None}
                 for key, label in parts],
        "ratios": shown.ratios(shown.total, shown.regions, shown.year), "edits": allowed(request.user, EDIT),
        "all_lines": asked.lines(), "gaps_url": asked.url(view="gaps"),
        **_disclosing(request, asked), **_PARTS[asked.view](asked, shown),
    }  # fmt: skip
    return render(request, "gep/results.html", context)


def _disclosing(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    """Whether the public reads this year, and whether the viewer may change that."""
    run = asked.run
    may = run.state == Run.State.CONFIRMED and scope.sees_department(request.user, run.accounting.office_id, CONFIRM)
    shown = Disclosure.objects.filter(run=run, year=asked.year).exists() if run.state == Run.State.CONFIRMED else False
    return {"disclosed": shown, "discloses": may, "withdraw_fields": {"withdraw": "1"}}


def _parts(asked: Asked) -> list[tuple[str, Any]]:
    found = [("overview", _("服务和生态系统")), ("regions", _("地区")), ("change", _("变化")),
             ("published", _("与公布比较")), ("gaps", _("未核算和依据")), ("methods", _("方法和参数"))]  # fmt: skip
    return found if len(asked.outcome.accounts) > 1 else [one for one in found if one[0] != "regions"]


def _prices(asked: Asked) -> list[dict[str, Any]]:
    if not asked.base_year:
        return []
    fixed = _("%(year)s年不变价") % {"year": asked.base_year}
    return [{"label": _("现价"), "url": asked.url(price=""), "current": not asked.constant},
            {"label": fixed, "url": asked.url(price="constant"), "current": asked.constant}]  # fmt: skip


def _link(asked: Asked, column: int, name: str, place: int = 0, *, groups: bool = False) -> Any:
    """Where the numbers of a table lead: ``column`` to the lines of the row, with ``groups`` those before it to the
    lines of a group; none at constant prices, at which no line is kept.
    """
    codes = list(asked.outcome.facts.groups)

    def link(key: tuple[str, ...], at: int) -> str:
        own = {name: key[place] or "none"}
        if at == column:
            return asked.lines(**own)
        return asked.lines(**own, group=codes[at - 1]) if groups and 1 <= at <= len(codes) else ""

    return None if asked.constant else link


def _overview(asked: Asked, shown: Outcome) -> dict[str, Any]:
    words, services = asked.speech, tables.services(shown, asked.speech)
    links = [asked.lines(service=row.key[0]) for row in services.rows]
    return {
        "chart": showing.bars(services, 0, 2, links) if services.rows else None,
        "groups": showing.lines_of(tables.groups(shown, words), _link(asked, 1, "group")),
        "services": showing.lines_of(services, _link(asked, 2, "service")),
        "items": showing.lines_of(tables.items(shown, words), _link(asked, 4, "item", 1)),
        "ecosystems": showing.lines_of(tables.ecosystems(shown, words), _link(asked, 4, "ecosystem", groups=True)),
    }


def _regions(asked: Asked, shown: Outcome) -> dict[str, Any]:
    regions = tables.regions(shown, asked.speech)
    links = [asked.lines(region=row.key[0]) for row in regions.rows]
    return {
        "chart": showing.bars(regions, 0, 4, links) if regions.rows else None,
        "regions": showing.lines_of(regions, _link(asked, 4, "region", groups=True)),
        "against": showing.lines_of(tables.against(shown, asked.speech)),
    }


def _change(asked: Asked, shown: Outcome) -> dict[str, Any]:
    years = tables.years(shown, asked.speech)
    found: dict[str, Any] = {"by_year": showing.lines_of(years), "before": shown.before,
                             "chart": showing.of_years(years) if len(years.rows) > 1 else None}  # fmt: skip
    if shown.before:
        changes = tables.changes(shown, asked.speech, shown.before)
        items, words = shown.facts.items, asked.speech
        found |= {
            "changes": showing.lines_of(changes), "steps": showing.of_change(shown, shown.before),
            "effects": showing.of_changes(changes),
            "unlike": tables.listed(words, (words.word(items[one][1]) for one in unlike(shown, shown.before))),
        }  # fmt: skip
    return found


def _published(asked: Asked, shown: Outcome) -> dict[str, Any]:
    told = reading.told_of(asked.run, asked.year)
    found = published.compare(asked.outcome, told, asked.speech)
    return {"compared": [(one, one.reasons(asked.speech)) for one in found]}


def _gaps(asked: Asked, shown: Outcome) -> dict[str, Any]:
    facts = asked.outcome.facts
    kinds = (asked.speech.word(facts.kinds[kind]) for kind in unpriced(asked.outcome))
    return {"gaps": showing.lines_of(tables.open_points(asked.outcome, asked.speech)),
            "unpriced": tables.listed(asked.speech, kinds)}  # fmt: skip


def _methods(asked: Asked, shown: Outcome) -> dict[str, Any]:
    return {"methods": cards.methods(asked.outcome.facts, asked.outcome.accounts, asked.speech)}


_PARTS = {"overview": _overview, "regions": _regions, "change": _change, "published": _published, "gaps": _gaps,
          "methods": _methods}  # fmt: skip


def result_file(request: HttpRequest, pk: int, form: str) -> FileResponse:
    """The report (docx) or the tables (xlsx) of a run and year; who took it is journalled before the first byte."""
    if form not in _FORMS:
        raise Http404
    asked = asked_for(request, pk, whole=True)
    write, kind = _FORMS[form]
    rows = queries.accounts_of(asked.run, asked.year)
    inputs = len({tuple(one) for row in rows for one in row.inputs})
    told, names = reading.told_of(asked.run, asked.year), dict(asked.speech.regions)
    content = write(asked.run, asked.outcome, request.user, told, names, inputs)
    lines = sum(len(one.lines) for one in asked.outcome.accounts)
    hooks.record_export(request, "gep.results", form, lines, request.META.get("QUERY_STRING", ""))
    cover = showing.cover(asked.run, asked.outcome, request.user, inputs)
    name = f"{title(asked.outcome, cover)}.{form}"
    return FileResponse(io.BytesIO(content), as_attachment=True, filename=name, content_type=kind)
