"""Editions: which methods one uses, what it leaves open, and which is the default for a day. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ecocloud.domains.gep.errors import GepError
from ecocloud.domains.gep.facts import EditionFact, Facts


@dataclass(frozen=True)
class Choice:
    """The methods of one service in one account. ``given``: chosen by the office instead of the edition's first."""

    service: str
    methods: tuple[str, ...]
    given: bool = False


def gaps(edition: EditionFact) -> tuple[str, ...]:
    """Codes of the services of an edition whose formulas were not seen."""
    return tuple(one.service for one in edition.services if not one.methods)


def complete(edition: EditionFact) -> bool:
    """Whether every service of the edition has its formulas."""
    return not gaps(edition)


def in_force(facts: Facts, day: date, kind: str = "gep") -> tuple[EditionFact, ...]:
    """The editions of a kind in force on a day, the newest first."""
    found = [
        one for one in facts.editions.values()
        if one.kind == kind and one.valid_from <= day and (one.valid_to is None or day <= one.valid_to)
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (one.valid_from, one.id), reverse=True))


def default(facts: Facts, day: date) -> EditionFact:
    """The newest edition in force on ``day`` whose formulas are complete; raises :class:`GepError` when there is
    none.
    """
    found = next((one for one in in_force(facts, day) if complete(one)), None)
    if found is None:
        raise GepError(f"{day} 没有公式齐全的核算版本。", f"no complete edition on {day}", value=day,
                       remedy_zh="请选择一个版本，其缺口会列在报告中。")  # fmt: skip
    return found


def choices(facts: Facts, edition: EditionFact, wanted: dict[str, tuple[str, ...]] | None = None) -> tuple[Choice, ...]:
    """The methods of every service of an edition that has any, with those an office chose instead.

    Raises :class:`GepError` for a service that is not of the edition or a method it does not admit.
    """
    wanted = wanted or {}
    for service, methods in wanted.items():
        own = edition.by_service.get(service)
        bad = [one for one in methods if own is None or one not in (*own.methods, *own.others)]
        if own is None or bad:
            raise GepError(f"{edition.number} 的{service}不采用 {'、'.join(bad) or '任何方法'}。",
                           f"{edition.id} does not admit {bad} for {service}", value=service,
                           remedy_zh="请在该版本列出的方法中选择。")  # fmt: skip
    return tuple(
        Choice(one.service, wanted.get(one.service) or one.methods, bool(wanted.get(one.service)))
        for one in edition.services
        if wanted.get(one.service) or one.methods
    )
