"""Pages of what accounts are made by: editions with gaps and marks, methods with formula and coefficients. Thin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.base.pages.speaking import pick_words
from ecocloud.domains.gep import editions, facts
from ecocloud.domains.gep.errors import GepError
from ecocloud.domains.gep.facts import EditionFact, MethodFact
from ecocloud.domains.gep.results import showing


@dataclass(frozen=True)
class EditionRow:
    """An edition as its list shows it."""

    fact: EditionFact
    name: str
    mark: str
    kind: str
    open: int
    in_force: bool
    default: bool
    note: str


def _kind(kind: str) -> str:
    return {"gep": _("总值核算"), "function": _("只核算功能量"), "forest": _("森林")}[kind]


def _row(fact: EditionFact, default: str) -> EditionRow:
    words, today = showing.speech({}), timezone.localdate()
    running = fact.valid_from <= today and (fact.valid_to is None or today <= fact.valid_to)
    name, note = pick_words(fact.zh, fact.en), pick_words(fact.note, fact.note_en)
    return EditionRow(fact, name, words.mark(fact.mark), _kind(fact.kind), len(editions.gaps(fact)), running,
                      fact.id == default, note)  # fmt: skip


def _default() -> str:
    try:
        return editions.default(facts.load(), timezone.localdate()).id
    except GepError:
        return ""


def edition_list(request: HttpRequest) -> HttpResponse:
    """The editions: which are in force, which have all their formulas, which is the default."""
    known, default = facts.load(), _default()
    rows = sorted((_row(one, default) for one in known.editions.values()), key=lambda one: one.fact.valid_from)
    return render(request, "gep/editions.html", {"rows": rows[::-1]})


def edition(request: HttpRequest, code: str) -> HttpResponse:
    """One edition: its services, their methods and marks, what it leaves open."""
    known, words = facts.load(), showing.speech({})
    fact = known.editions.get(code)
    if fact is None:
        raise Http404
    services = []
    for one in fact.services:
        service = known.services[one.service]
        services.append({
            "name": words.word(service), "group": words.word(known.groups[service.group]), "optional": one.optional,
            "methods": [_named(known.methods[code]) for code in one.methods],
            "others": [_named(known.methods[code]) for code in one.others],
        })  # fmt: skip
    return render(request, "gep/edition.html", {"row": _row(fact, _default()), "services": services})


def _named(fact: MethodFact) -> dict[str, Any]:
    words = showing.speech({})
    return {"code": fact.code, "name": words.word(fact), "mark": words.mark(fact.mark),
            "verified": fact.mark == "verified"}  # fmt: skip


def method(request: HttpRequest, code: str) -> HttpResponse:
    """One method: formula, what it asks for, coefficients as published, prices, the editions that use it."""
    known, words = facts.load(), showing.speech({})
    fact = known.methods.get(code)
    if fact is None:
        raise Http404
    parameters = [
        {"fact": one, "name": words.word(one), "unit": words.unit(one.unit), "mark": words.mark(one.mark),
         "values": [(words.part(known, value.part), value.value) for value in one.values]}
        for one in (known.parameters[code] for code in fact.parameters)
    ]  # fmt: skip
    kinds = dict.fromkeys(known.items[item][1].price for item in fact.items if known.items[item][1].price)
    prices = [
        {"name": words.word(known.kinds[one.kind]), "unit": words.unit(known.kinds[one.kind].unit), "fact": one,
         "mark": words.mark(one.mark)}
        for one in known.prices if one.kind in kinds
    ]  # fmt: skip
    unpriced = [words.word(known.kinds[kind]) for kind in kinds if kind not in {one.kind for one in known.prices}]
    items = [(words.word(known.items[code][1]), words.unit(known.items[code][1].unit)) for code in fact.items]
    used = [one for one in known.editions.values() if any(code in (*two.methods, *two.others) for two in one.services)]
    context = {
        "fact": fact, "name": words.word(fact), "mark": words.mark(fact.mark), "items": items,
        "service": words.word(known.services[fact.service]), "parameters": parameters, "prices": prices,
        "asks": [(words.word(known.inputs[one]), words.unit(known.inputs[one].unit)) for one in fact.data],
        "editions": [(one, pick_words(one.zh, one.en)) for one in used], "unpriced": unpriced,
    }  # fmt: skip
    return render(request, "gep/method.html", context)
