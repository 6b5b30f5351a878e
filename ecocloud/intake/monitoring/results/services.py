"""The only writers of results: a version for each change of what went in or came out, journalled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ecocloud.intake.monitoring.results.made import Key, Made
from ecocloud.intake.monitoring.results.models import Evaluated, Result
from ecocloud.intake.monitoring.results.rules import period_of, rules
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import SYSTEM, Actor, Change, change

ALL = Ref("eval", "all")  # the results as a whole, in the journal
_AT_ONCE = 1000
_SHOWN = ("version", "value", "level", "items", "edition", "reason", "change")


@dataclass
class Written:
    """What writing did: how many results are new, got a new version, were made anew in place, stayed as they were.
    why: the reasons of new versions.
    """

    counts: Counter[str] = field(default_factory=Counter)
    keys: dict[Key, tuple[int, int]] = field(default_factory=dict)
    why: dict[Key, str] = field(default_factory=dict)

    def add(self, word: str, key: Key, row: Any) -> None:
        """One more result under a word, with the row that is current now."""
        self.counts[word] += 1
        self.keys[key] = row.pk, row.version


def write(made: Iterable[Made], now: datetime, asked: str = "", actor: Actor = SYSTEM,
          into: Written | None = None) -> Written:  # fmt: skip
    """Store results: nothing where inputs and outcome are those of the current version.

    A result whose period is not over is made anew in its place; one that is final gets a new version with the reason,
    and the old one stays. asked: the edition they were asked for, '' for that of the day. into: what was written before
    (results that others are made of come first).
    """
    written = Written() if into is None else into
    listed = list(made)
    for start in range(0, len(listed), _AT_ONCE):
        with change(actor) as tx:
            Evaluated.objects.select_for_update().get_or_create(pk=1)  # one writer at a time
            _write(listed[start : start + _AT_ONCE], now, asked, written, tx)
    return written


def _write(made: Sequence[Made], now: datetime, asked: str, written: Written, tx: Change) -> None:
    current = _current(made, asked)
    fresh: list[tuple[Made, Result]] = []
    replaced: list[tuple[Made, Result, Result]] = []
    changed: list[Result] = []
    for one in made:
        old = current.get(one.key)
        final = period_of(one.key.span, one.key.start).final(now)
        if old is not None and (old.digest, old.outcome) == (one.digest, one.outcome):
            if final and not old.final:
                old.final = True
                changed.append(old)
            written.add("same", one.key, old)
        elif old is None:
            fresh.append((one, _row(one, asked, final, now, written)))
        elif not old.final:
            new = _row(one, asked, final, now, written)
            new.pk, new.version = old.pk, old.version
            changed.append(new)
            written.add("renewed", one.key, new)
        else:
            new = _row(one, asked, final, now, written)
            new.version, new.change = old.version + 1, _why(old, one, written)
            written.why[one.key] = new.change
            replaced.append((one, old, new))
    _store(fresh, replaced, changed, written, tx)


def _store(fresh: list[tuple[Made, Result]], replaced: list[tuple[Made, Result, Result]], changed: list[Result],
           written: Written, tx: Change) -> None:  # fmt: skip
    Result.objects.filter(pk__in=[old.pk for _one, old, _new in replaced]).update(current=False)
    Result.objects.bulk_create([row for _one, row in fresh] + [new for _one, _old, new in replaced])
    for row in changed:
        row.save()
    for one, row in fresh:
        written.add("first", one.key, row)
    for one, old, new in replaced:
        written.add("versions", one.key, new)
        tx.log("monitoring.result.version", Ref.parse(new.ref), _facts(old), _facts(new), new.get_change_display())
    if fresh:
        days = [one.key.start for one, _row in fresh]
        kinds = Counter(f"{one.key.kind}/{one.key.span}" for one, _row in fresh)
        tx.log("monitoring.result.make", ALL, after={"results": dict(sorted(kinds.items())),
               "first": min(days).isoformat(), "last": max(days).isoformat()})  # fmt: skip


def _current(made: Sequence[Made], asked: str) -> dict[Key, Result]:
    """The current versions of what was made (one query for each kind and span)."""
    wanted: dict[tuple[str, str], list[Key]] = {}
    for one in made:
        wanted.setdefault(one.key[:2], []).append(one.key)
    found = {}
    for (kind, span), keys in wanted.items():
        rows = Result.objects.filter(
            current=True, asked=asked, kind=kind, span=span, subject__in={key.subject for key in keys},
            start__range=(min(key.start for key in keys), max(key.start for key in keys)),
        )  # fmt: skip
        found |= {Key(row.kind, row.span, row.start, row.subject): row for row in rows}
    return found


def _row(one: Made, asked: str, final: bool, now: datetime, written: Written) -> Result:
    sources: dict[str, Any] = {"lake": dict(one.lake)} if one.lake else {}
    if one.parents:
        sources["results"] = [list(written.keys[key]) for key in one.parents if key in written.keys]
    return Result(
        kind=one.key.kind, span=one.key.span, start=one.key.start, subject=one.key.subject, asked=asked, final=final,
        device_id=one.device, region_id=one.region, department_id=one.department, edition=one.edition, value=one.value,
        level=one.level, items=",".join(one.items), target=one.target, meets=one.meets, reason=one.reason,
        body=dict(one.body), facts=list(one.facts), sources=sources, digest=one.digest, outcome=one.outcome,
        change=Result.Change.FIRST, made_at=now,
    )  # fmt: skip


def _why(old: Result, new: Made, written: Written) -> str:
    """Why there is a new version: other rules, values that came late, or other values."""
    if old.digest == new.digest or _restamped(old, new):
        return Result.Change.RULE
    reasons = {written.why[key] for key in new.parents if key in written.why}
    if len(reasons) == 1:
        return reasons.pop()
    before, after = (_values(body) for body in (old.body, new.body))
    late = before and all(after.get(place) == value for place, value in before.items() if value is not None)
    return Result.Change.LATE if late else Result.Change.VALUES


def _restamped(old: Result, new: Made) -> bool:
    """Whether the stamps of the values mean something else now."""
    before = old.sources.get("lake")
    return bool(before and new.lake) and before.get("ending", rules().stamp.hour_ending) != new.lake["ending"]


def _values(body: Mapping[str, Any]) -> dict[tuple, Any]:
    """The values a day was made of, by place; empty for longer periods."""
    hours = {(item, hour): value for item, own in body.get("hours", {}).items() for hour, value in enumerate(own)}
    moments = {(item, at): value for item, own in body.get("values", {}).items() for at, value in own}
    return hours or moments


def _facts(row: Result) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _SHOWN} | {"digest": row.digest}


def parts(made: Iterable[Made]) -> tuple[list[Made], list[Made]]:
    """Results that are made of values, and those that are made of other results."""
    listed = list(made)
    return [one for one in listed if not one.parents], [one for one in listed if one.parents]
