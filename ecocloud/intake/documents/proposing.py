"""From what the engine read to what a person is asked: units as departments, names as indicators, words as choices.

Reads the database, writes nothing; a proposal is the start of ``Record.decided``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from ecocloud.base.errors import EcoError
from ecocloud.base.periods import Period
from ecocloud.intake.documents.dictionary import Dictionary
from ecocloud.intake.documents.review_facts import review_facts
from ecocloud.kernel.evidence import linking
from ecocloud.kernel.evidence.models import Indicator
from ecocloud.kernel.regions.models import Region
from ecocloud.kernel.regions.resolution import GROUP, MATCHED, Directory, UnitMatch

INFERRED = "原文只写“{role}”，未写明牵头；按排序首位推定，请核对"
NO_RECORD = "站点词典：同名内容以往不作为记录，请核对"
NO_LEAD = "原文没有写明责任单位，请选择牵头单位"
UNCLEAR_LEAD = "“{text}”不能确定是哪个单位（{reason}），请选择牵头单位"
GROUP_LEAD = "“{text}”是一组单位，请选择一个牵头单位"
CHANGE_WORDS = re.compile(r"增速|增长|增幅|降幅|下降|降低|上升|提高|变化|减排|累计完成")
_LEVEL_TAGS = {"rank": "rank", "difference": "difference", "change_yoy": "change_yoy", "change": "change"}


class Proposer:
    """Makes proposals for the records of one document; loads names once."""

    def __init__(self, region: Region, on: date | None, title: str, years: tuple[int | None, int | None]) -> None:
        self.region = region
        self.directory = Directory(region, on)
        self.title = title
        self.report_year, self.plan_year = years
        self._indicators: list[Indicator] | None = None
        self._by_pair: dict[str, set[int]] = defaultdict(set)
        self._links: dict[tuple[str, str, str], linking.LinkResult] = {}
        self._regions: dict[str, str] = {}
        self._matches: dict[str, UnitMatch] = {}
        self.terms = Dictionary(region)

    # -- units -------------------------------------------------------------------------------------------------

    def match(self, text: str) -> UnitMatch:
        """Which department a wording means; the site's dictionary goes before the names of units."""
        taught = self.terms.unit(text)
        if taught is not None:
            return UnitMatch(text, MATCHED, (taught,), 1.0, "站点词典")
        if text not in self._matches:
            self._matches[text] = self.directory.resolve(text)
        return self._matches[text]

    def unit(self, text: str) -> dict[str, Any]:
        """A wording as a unit of a decision: text, status, department ids, name, candidates."""
        found = self.match(text)
        made: dict[str, Any] = {"text": text, "status": found.status, "ids": [], "name": text, "reason": found.reason}
        if found.status == MATCHED:
            made |= {"ids": [found.department.pk], "name": found.department.label}
        elif found.status == GROUP:
            made["exact"] = found.exact
            if found.exact:
                made["ids"] = [one.pk for one in found.departments]
        else:
            made["candidates"] = [[one.department.pk, one.department.name, one.reason] for one in found.candidates]
        return made

    def task(self, payload: dict[str, Any]) -> dict[str, Any]:
        """The decision a task starts with: title, lead unit with its note, other units, deadline, cycle, kind."""
        facts = review_facts()
        units = list({u["name"]: u for u in payload.get("units", [])}.values())
        lead, note, question = self._lead(units)
        rest = [self.unit(u["name"]) for u in units if lead is None or u["name"] != lead["text"]]
        deadline, words = deadline_of(payload.get("deadlines", []))
        quote = payload.get("quote", "")
        cycle = next((code for word, code in facts.cycles if word in quote), facts.default_cycle)
        kind = "problem" if any(word in self.title for word in facts.problem_titles) else "task"
        return {
            "title": self.terms.cut(" ".join(str(payload.get("title") or quote).split()))[:300],
            "lead": lead["ids"][0] if lead and lead["status"] == MATCHED else None,
            "lead_name": lead["name"] if lead and lead["status"] == MATCHED else "",
            "lead_text": lead["text"] if lead else "", "lead_note": note, "question": question,
            "units": rest, "deadline": deadline, "deadline_text": words, "cycle": cycle, "kind": kind,
            "year": self._year(payload.get("plan_year")),
        }  # fmt: skip

    def _lead(self, units: list[dict[str, Any]]) -> tuple[dict[str, Any] | None, str, list[Any]]:
        facts = review_facts()
        if not units:
            return None, NO_LEAD, []
        roles = [self.terms.role(u["role"]) or u["role"] for u in units]
        first = next((u for u, role in zip(units, roles, strict=True) if role in facts.lead_roles), None)
        note = ""
        if first is None:
            first = next((u for u, role in zip(units, roles, strict=True) if role not in facts.help_roles), None)
            if first is None:
                return None, NO_LEAD, []
            role = "列出单位" if first["role"] == "unstated" else first["role"]
            if len(units) > 1:
                note = INFERRED.format(role=role)
        found = self.unit(first["name"])
        if found["status"] == MATCHED:
            return found, note, []
        if found["status"] == GROUP:
            return found, GROUP_LEAD.format(text=first["name"]), []
        words = UNCLEAR_LEAD.format(text=first["name"], reason=found["reason"])
        return found, words, found.get("candidates", [])

    def _year(self, text: Any) -> int | None:
        digits = re.fullmatch(r"(\d{4})", str(text or ""))
        return int(digits.group(1)) if digits else self.plan_year

    # -- figures -----------------------------------------------------------------------------------------------

    def figure(self, payload: dict[str, Any]) -> dict[str, Any]:
        """The decision a figure starts with: indicator or proposal, value, unit, region, period, target or value."""
        tags = payload.get("qualifier") or []
        name, unit = str(payload.get("indicator") or "")[:60], payload.get("unit") or ""
        answer = self._link_any(name, payload.get("aliases") or [], unit, str(payload.get("quote") or ""), tags)
        use = "target" if "target" in tags else "none" if "definition" in tags or "spec" in tags else "observation"
        tag = next((_LEVEL_TAGS[t] for t in tags if t in _LEVEL_TAGS), "actual")
        variant = answer.variant if answer.status == "matched" else ""
        row = self._row(answer.code)
        own_change = row is not None and variant == "" and CHANGE_WORDS.search(row.zh) is not None
        change = tag in ("change_yoy", "change") and not own_change
        value = _signed(payload, change)
        return {
            "indicator": answer.code, "name": row.zh if row else name, "words": name, "propose": row is None,
            "direction": answer.proposal.direction if answer.proposal else "none", "unit": unit, "value": value,
            "high": _plain(payload.get("high")), "value_text": str(payload.get("value_text") or "")[:60],
            "qualifier": tag if tag in ("rank", "difference") or change else "actual",
            "operator": _operator(tags, change, payload.get("high")), "use": use,
            "region": self.region_code(payload.get("region")), "period": self._period(payload, use),
            "candidates": [[c.code, c.zh, c.why_zh] for c in answer.candidates[:4]],
        }  # fmt: skip

    def _link_any(self, name: str, aliases: list[str], unit: str, context: str, tags: list[str]) -> linking.LinkResult:
        """The indicator that the name means, else one that an alias means; a change or rank goes by aliases that speak
        of a change or rank. Nothing matched: the proposal of the name."""
        answer = self.link(name, unit, context)
        if answer.status == "matched":
            return answer
        relative = any(tag in _LEVEL_TAGS for tag in tags)
        for alias in aliases:
            if relative and not linking.split_variant(alias)[1]:
                continue
            other = self.link(str(alias)[:60], unit, context)
            if other.status == "matched":
                return other
        return answer

    def link(self, name: str, unit: str, context: str) -> linking.LinkResult:
        """The indicator a name means; only indicators that share a pair of characters with it are looked at."""
        key = (name, unit, context)
        if key not in self._links:
            self._links[key] = linking.link(name, unit, context, self._near(name))
        taught = self.terms.indicator(name)
        if taught and self._row(taught) is not None:
            return replace(self._links[key], status="matched", code=taught, proposal=None)
        return self._links[key]

    def _near(self, name: str) -> list[Indicator]:
        if self._indicators is None:
            rows = Indicator.objects.exclude(status=Indicator.Status.RETIRED).prefetch_related("aliases")
            self._indicators = list(rows)
            for at, row in enumerate(self._indicators):
                for word in row.names:
                    for pair in _pairs(word):
                        self._by_pair[pair].add(at)
        wanted = set().union(*(self._by_pair.get(pair, set()) for pair in _pairs(name)))
        return [self._indicators[at] for at in sorted(wanted)]

    def _row(self, code: str) -> Indicator | None:
        return next((row for row in self._indicators or [] if code and row.code == code), None)

    def region_code(self, name: Any) -> str:
        """The division a name means inside the document's region or above it; default the document's own."""
        text = str(name or "").strip()
        if not text:
            return self.region.code
        taught = self.terms.region(text)
        if taught:
            return taught
        if text not in self._regions:
            rows = list(Region.objects.filter(name__endswith=text[-12:]).exclude(level="village")[:20])
            rows += [r for r in Region.objects.filter(short_name=text)[:5] if r not in rows]
            inside = [r for r in rows if self.region.contains(r.code) or r.contains(self.region.code)]
            exact = [r for r in inside if r.name == text] or inside
            self._regions[text] = exact[0].code if exact else self.region.code
        return self._regions[text]

    def _period(self, payload: dict[str, Any], use: str) -> str:
        text = str(payload.get("period") or "")
        if text and readable_period(text):
            return text
        year = self.plan_year if use == "target" else self.report_year
        return str(year) if year else ""

    # -- the dictionary's part ----------------------------------------------------------------------------------

    def read(self, kind: str, payload: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Payload and decision of a record as the site's dictionary lets it be read; what fired stands in its rules."""
        self.terms.listen()
        decided = self.propose(kind, payload)
        if self.terms.no_record(kind, title_of(kind, payload, decided)):
            decided = {**decided, "doubt": NO_RECORD}
        rules = [rule for rule in payload.get("rules", []) if not str(rule).startswith("dictionary:")]
        return {**payload, "rules": [*rules, *self.terms.marks()]}, decided

    # -- the other kinds ---------------------------------------------------------------------------------------

    def propose(self, kind: str, payload: dict[str, Any]) -> dict[str, Any]:
        """The decision a record of ``kind`` starts with."""
        if kind == "task":
            return self.task(payload)
        if kind == "figure":
            return self.figure(payload)
        names = ("name", "type", "category", "status", "period", "count", "count_unit", "amount", "amount_unit")
        made = {name: "" if payload.get(name) is None else str(payload[name]) for name in names if name in payload}
        return {**made, "name": self.terms.cut(made["name"])} if made.get("name") else made


def readable_period(text: str) -> bool:
    """Whether ``text`` is a period the platform can place in time."""
    try:
        span = Period.parse(text)
    except EcoError:
        return False
    return span.start is not None or span.end is not None


def deadline_of(rows: list[dict[str, Any]]) -> tuple[str, str]:
    """The latest date of a task with the words of the document (both are kept); ('', words) for a vague one."""
    dated = []
    for row in rows:
        try:
            dated.append((date.fromisoformat(str(row.get("date"))), row))
        except ValueError:
            continue
    if dated:
        day, row = max(dated, key=lambda pair: pair[0])
        return day.isoformat(), str(row.get("quote", ""))[:120]
    return "", str(rows[0].get("quote", ""))[:120] if rows else ""


def title_of(kind: str, payload: dict[str, Any], decided: dict[str, Any]) -> str:
    """One line that names a record in lists."""
    if kind == "figure":
        amount = payload.get("value")
        words = (
            f"{_plain(amount)} {payload.get('unit') or ''}" if amount is not None else payload.get("value_text") or ""
        )
        return f"{payload.get('indicator') or decided.get('name') or ''} {words}".strip()[:300] or "数据"
    names = (decided.get("title"), payload.get("title"), decided.get("name"), payload.get("name"), payload.get("quote"))
    text = next((name for name in names if name), "")
    return " ".join(str(text).split())[:300] or "记录"


def _pairs(text: str) -> set[str]:
    plain = linking.normalise(text)
    return {plain[i : i + 2] for i in range(len(plain) - 1)} or {plain}


def _plain(value: Any) -> str:
    """A number as the text people would write: 94, 25.8."""
    if value in (None, ""):
        return ""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return ""
    if not number.is_finite():
        return ""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _signed(payload: dict[str, Any], change: bool) -> str:
    value = _plain(payload.get("value"))
    return f"-{value}" if change and value and payload.get("direction") == "down" else value


def _operator(tags: list[str], change: bool, high: Any) -> str:
    if change:
        return "change"
    if high not in (None, ""):
        return "range"
    if "lower_bound" in tags:
        return ">="
    return "<=" if "upper_bound" in tags else "="
