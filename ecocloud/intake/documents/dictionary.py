"""The site's dictionary as the reading uses it: what a wording means here. Loaded once for a document."""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import Any

from django.db.models import Q

from ecocloud.intake.documents.models import Term
from ecocloud.intake.documents.review_facts import review_facts
from ecocloud.kernel.evidence.linking import normalise
from ecocloud.kernel.regions.models import Department, Region

LEAD, HELP = "牵头", "配合"
# Where a phrase is cut from a name.
FRONT, BACK = "start", "end"


def key_of(kind: str, text: str) -> str:
    """The form in which wordings of a kind are compared; at most 120 characters."""
    if kind == Term.Kind.INDICATOR:
        return normalise(text)[:120]
    return "".join(unicodedata.normalize("NFKC", text).split())[:120]


def scope_of(kind: str, region: str) -> str:
    """The division an entry holds for: units and places are read within the document's, the rest everywhere."""
    return region if kind in (Term.Kind.UNIT, Term.Kind.REGION) else ""


class Dictionary:
    """The entries in use for documents of one division. ``fired`` names those used since :meth:`listen`."""

    def __init__(self, region: Region) -> None:
        rows = Term.objects.filter(Q(region="") | Q(region=region.code), standing=Term.Standing.ACTIVE)
        self._terms: dict[tuple[str, str], Term] = {}
        for row in sorted(rows, key=lambda one: one.region):  # an entry of the division goes before a general one
            self._terms[row.kind, row.key] = row
        wanted = [int(t.meaning) for t in self._terms.values() if t.kind == Term.Kind.UNIT and t.meaning.isdigit()]
        self._departments = Department.objects.in_bulk(wanted) if wanted else {}
        self._cuts = [term for (kind, _key), term in self._terms.items() if kind == Term.Kind.CUT]
        self.fired: list[Term] = []
        self.uses: Counter[int] = Counter()

    def listen(self) -> None:
        """Begin a new record: nothing has fired yet."""
        self.fired = []

    def _found(self, kind: str, text: str) -> Term | None:
        term = self._terms.get((kind, key_of(kind, text))) if text else None
        if term is not None and term not in self.fired:
            self.fired.append(term)
            self.uses[term.pk] += 1
        return term

    def unit(self, text: str) -> Department | None:
        """The department a wording means, None when the dictionary does not say."""
        term = self._terms.get((Term.Kind.UNIT, key_of(Term.Kind.UNIT, text)))
        if term is None or not term.meaning.isdigit() or int(term.meaning) not in self._departments:
            return None
        self._found(Term.Kind.UNIT, text)
        return self._departments[int(term.meaning)]

    def indicator(self, name: str) -> str:
        """The code of the indicator a name means, '' for none."""
        term = self._found(Term.Kind.INDICATOR, name)
        return term.meaning if term else ""

    def region(self, name: str) -> str:
        """The code of the division a name means, '' for none."""
        term = self._found(Term.Kind.REGION, name)
        return term.meaning if term else ""

    def role(self, label: str) -> str:
        """牵头 or 配合 for a wording of duty, '' for none."""
        term = self._found(Term.Kind.ROLE, label)
        return term.meaning if term else ""

    def no_record(self, kind: str, title: str) -> bool:
        """Whether people said that such a thing is no record of this kind."""
        term = self._terms.get((Term.Kind.PHRASE, key_of(Term.Kind.PHRASE, title)))
        return term is not None and term.meaning in ("", kind) and self._found(Term.Kind.PHRASE, title) is not None

    def cut(self, title: str) -> str:
        """A name without the phrases that people cut from such names."""
        for term in self._cuts:
            rest = title.removeprefix(term.text) if term.meaning == FRONT else title.removesuffix(term.text)
            if rest != title and len(rest) >= 2:
                self._found(Term.Kind.CUT, term.text)
                title = rest
        return title

    def marks(self) -> list[str]:
        """What fired, as rules of a record: ``dictionary:写法``."""
        return [f"dictionary:{term.text}" for term in self.fired]


def learned(before: dict[str, Any], record: Any) -> list[tuple[str, str, str]]:
    """(kind, wording, meaning) that a correction of ``record`` teaches; ``before`` is its decision before it."""
    made, said = record.decided, record.payload
    found: list[tuple[str, str, str]] = []
    if record.kind == "task":
        found += _from_lead(before, made, said)
        found += _from_title(str(before.get("title", "")), str(made.get("title", "")))
    elif record.kind == "figure":
        words, code = str(made.get("words") or ""), str(made.get("indicator") or "")
        if words and code and code != before.get("indicator") and len(words) <= 60:
            found.append((Term.Kind.INDICATOR, words, code))
        place = str(said.get("region") or "")
        if place and made.get("region") and made["region"] != before.get("region"):
            found.append((Term.Kind.REGION, place, made["region"]))
    else:
        found += _from_title(str(before.get("name", "")), str(made.get("name", "")))
    return found


def _from_lead(before: dict[str, Any], made: dict[str, Any], said: dict[str, Any]) -> list[tuple[str, str, str]]:
    lead, words = made.get("lead"), str(made.get("lead_text") or "")
    if not lead or lead == before.get("lead"):
        return []
    # Another unit of the same list was chosen: its wording of duty means 牵头.
    for unit in before.get("units", []):
        if unit.get("ids") == [lead]:
            role = next((u["role"] for u in said.get("units", []) if u["name"] == unit["text"]), "")
            known = (*review_facts().lead_roles, *review_facts().help_roles, "unstated", "")
            return [] if role in known else [(Term.Kind.ROLE, role, LEAD)]
    return [(Term.Kind.UNIT, words, str(lead))] if 2 <= len(words) <= 60 else []


def _from_title(old: str, new: str) -> list[tuple[str, str, str]]:
    if not new or old == new or len(new) < 4:
        return []
    if old.endswith(new) and len(old) - len(new) <= 20:
        return [(Term.Kind.CUT, old[: len(old) - len(new)], FRONT)]
    if old.startswith(new) and len(old) - len(new) <= 20:
        return [(Term.Kind.CUT, old[len(new) :], BACK)]
    return []
