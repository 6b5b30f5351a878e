"""Runs: computing an accounting, keeping everything it was computed from, computing it again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Max

from ecocloud.base import bulk, typed
from ecocloud.domains.gep import editions, facts, gathering, pricing, queries, snapshot
from ecocloud.domains.gep.access import RUN
from ecocloud.domains.gep.asking import Given
from ecocloud.domains.gep.calculation import Account, digest
from ecocloud.domains.gep.errors import GepError
from ecocloud.domains.gep.models import Accounting, Datum, Form, Run, RunAccount, RunGap, RunLine
from ecocloud.domains.gep.pricing import Price, places_of
from ecocloud.domains.gep.services.guards import accounting_in_reach
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions.models import User

APPROVED = (Form.State.APPROVED, Form.State.LOCKED)
Key = tuple[str, int]  # region ('' the whole) and year


def make_run(user: User, accounting: Accounting | int, *, note: str = "") -> Run:
    """Compute an accounting from the values its forms hold now and keep the result as a trial.

    Values that are not approved yet are counted in ``Run.unapproved``; such a run cannot be confirmed. Raises
    Forbidden, :class:`GepError` when no form holds a value.
    """
    row = accounting_in_reach(user, RUN, accounting)
    data = _data(row)
    if not any(data.values()):
        raise GepError("还没有填报任何数据，不能运行。", f"accounting {row.pk} holds no values",
                       where={"核算": row.title}, remedy_zh="请先填报至少一张报表。")  # fmt: skip
    basis = _basis(row)
    accounts = compute(row, basis, _inputs(row, data))
    version = snapshot.code_version()
    with change(user.actor()) as tx:
        Accounting.objects.select_for_update(of=("self",)).get(pk=row.pk)
        number = (row.runs.aggregate(last=Max("number"))["last"] or 0) + 1
        run = Run(accounting=row, number=number, edition=row.edition, basis=basis, code_version=version,
                  unapproved=_unapproved(row), note=typed.words(note)[:300], made_by=user)  # fmt: skip
        run.digest = snapshot.text_digest([digest(one, version) for one, _rows, _whole in accounts])
        run.save()
        _keep(run, accounts)
        total = sum((one.total for one, _rows, _whole in accounts), Decimal(0))
        tx.log("gep.run.make", run.ref, None, {"number": number, "edition": run.edition, "digest": run.digest,
               "total": str(total), "unapproved": run.unapproved}, run.note)  # fmt: skip
    return run


def _basis(row: Accounting) -> dict[str, Any]:
    known = facts.load()
    wanted = {service: tuple(methods) for service, methods in row.methods.items()}
    chosen = editions.choices(known, known.editions[row.edition], wanted)
    return snapshot.make(known, chosen, _own(row), prices_of(row))


def _own(row: Accounting) -> list[Given]:
    return [Given(one.code, one.part, one.value, f"{one.source}（{one.year}年）") for one in row.parameters.all()]


def prices_of(row: Accounting) -> list[Price]:
    """Every price an accounting may choose from: its office's own, then the published ones."""
    own = [Price(one.kind, one.year, one.place, one.value, one.source) for one in row.prices.all()]
    return [*own, *pricing.published(facts.load())]


def _data(row: Accounting) -> dict[Key, list[Given]]:
    """The values of all forms by region ('' the whole) and year."""
    found: dict[Key, list[Given]] = defaultdict(list)
    data = Datum.objects.filter(form__accounting=row).select_related("form")
    for one in data:
        region = "" if one.form.region_id == row.region_id else one.form.region_id
        found[region, one.form.year].append(Given(one.code, one.part, one.value, one.ref))
    return found


def _unapproved(row: Accounting) -> int:
    return Datum.objects.filter(form__accounting=row).exclude(form__state__in=APPROVED).count()


@dataclass(frozen=True)
class Inputs:
    """What the account of one region and year is computed from; ``taken``: amounts that parts were given."""

    region: str
    year: int
    whole: bool
    rows: list[list[str]]
    taken: frozenset[str]


def _inputs(row: Accounting, data: dict[Key, list[Given]]) -> list[Inputs]:
    known, found = facts.load(), []
    regions = {"": row.region_id, **{code: code for code in row.parts.values_list("code", flat=True)}}
    for year in row.years:
        parts = {code: data.get((code, year), []) for code in regions if code}
        taken = gathering.divided(known, parts)
        gathered = gathering.gather(known, data.get(("", year), []), parts)
        found += [
            Inputs(code, year, not key, snapshot.plain(gathered[key]), taken) for key, code in regions.items()
        ]  # fmt: skip
    return found


Computed = tuple[Account, list[list[str]], bool]


def compute(row: Accounting, basis: dict[str, Any], inputs: Iterable[Inputs], edition: str = "") -> list[Computed]:
    """The accounts of all regions and years, with gaps told once; nothing is written."""
    known, found = facts.load(), []
    by_year: dict[int, list[tuple[Inputs, Account]]] = defaultdict(list)
    for one in inputs:
        made = snapshot.compute(known, edition or row.edition, basis, one.region, one.year, one.rows,
                                places_of(one.region))  # fmt: skip
        by_year[one.year].append((one, made))
    for pairs in by_year.values():
        (first, whole), parts = pairs[0], pairs[1:]
        settled, of_parts = gathering.settle_gaps(whole, [made for _one, made in parts], first.taken)
        found.append((settled, first.rows, True))
        found += [(made, one.rows, False) for (one, _old), made in zip(parts, of_parts or [], strict=True)]
    return found


def outdated(run: Run) -> list[str]:
    """What of the accounting is no longer as the run was computed from, in Chinese; empty when all is."""
    row = run.accounting
    now = {(one.region, one.year): snapshot.text_digest(one.rows) for one in _inputs(row, _data(row))}
    kept = {(one.region_id, one.year): one.checksum for one in run.accounts.all()}
    found = [
        f"{code} {year} 年数据"
        for code, year in sorted({*now, *kept})
        if now.get((code, year)) != kept.get((code, year))
    ]
    words = {"choices": "核算方法", "own": "本地参数", "parameters": "公开参数", "prices": "价格"}
    basis = _basis(row)
    return found + [word for key, word in words.items() if basis[key] != run.basis[key]]


def _keep(run: Run, accounts: list[Computed]) -> None:
    rows = [
        RunAccount(run=run, region_id=made.region, year=made.year, whole=whole, inputs=inputs, total=made.total,
                   checksum=snapshot.text_digest(inputs), digest=digest(made, run.code_version))
        for made, inputs, whole in accounts
    ]  # fmt: skip
    RunAccount.objects.bulk_create(rows)
    lines, gaps = [], []
    for row, (made, *_rest) in zip(rows, accounts, strict=True):
        lines += [
            RunLine(account=row, number=number, service=line.service, item=line.item, part=line.part,
                    method=line.method, amount=line.amount, unit=line.unit, price=snapshot.price_json(line.price),
                    value=line.value, used=snapshot.used_json(line))
            for number, line in enumerate(made.lines, 1)
        ]  # fmt: skip
        gaps += [RunGap(account=row, **vars(gap)) for gap in made.gaps]
    bulk.insert(lines)
    bulk.insert(gaps)


@dataclass(frozen=True)
class Differing:
    """One line that came out differently: what was kept and what came now ('' where the line is not there)."""

    region: str
    year: int
    item: str
    part: str
    kept: str
    now: str


@dataclass(frozen=True)
class Rerun:
    """A run computed again from what it kept."""

    same: bool
    same_code: bool
    spoiled: tuple[tuple[str, int], ...]  # accounts whose kept inputs do not have their checksum any more
    differing: tuple[Differing, ...]


def rerun(run: Run) -> Rerun:
    """Compute a run again from its inputs, coefficients and prices as kept, and compare to the last digit.

    Nothing is written. ``same``: every digest agrees; else ``differing`` names the lines.
    """
    rows = queries.accounts_of(run)
    kept = queries.accounts(rows)
    by_year: dict[int, list[RunAccount]] = defaultdict(list)
    for row in rows:
        by_year[row.year].append(row)
    inputs = []
    for year, group in by_year.items():
        parts = {row.region_id: snapshot.given_of(row.inputs) for row in group if not row.whole}
        taken = gathering.divided(facts.load(), parts)
        inputs += [Inputs(row.region_id, year, row.whole, row.inputs, taken) for row in group]
    again = {(made.region, made.year): made for made, *_rest in compute(run.accounting, run.basis, inputs, run.edition)}
    spoiled, differing, same = [], [], True
    for row in rows:
        if snapshot.text_digest(row.inputs) != row.checksum:
            spoiled.append((row.region_id, row.year))
        now = again[row.region_id, row.year]
        if digest(now, run.code_version) != row.digest or digest(kept[row.pk], run.code_version) != row.digest:
            same = False
            differing += _differing(kept[row.pk], now)
    whole = snapshot.text_digest([row.digest for row in rows])
    return Rerun(same and not spoiled and whole == run.digest, run.code_version == snapshot.code_version(),
                 tuple(spoiled), tuple(differing))  # fmt: skip


def _differing(kept: Account, now: Account) -> list[Differing]:
    def told(account: Account) -> dict[tuple[str, str], str]:
        return {
            (line.item, line.part): f"{line.amount} {line.unit}，{line.value} 万元，{line.method}"
            for line in account.lines
        }

    old, new = told(kept), told(now)
    return [
        Differing(kept.region, kept.year, item, part, old.get((item, part), ""), new.get((item, part), ""))
        for item, part in sorted({*old, *new})
        if old.get((item, part)) != new.get((item, part))
    ]
