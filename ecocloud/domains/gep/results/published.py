"""An account against a published report: the difference of each figure and the reasons that can be told. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from ecocloud.domains.gep import accounts as sums
from ecocloud.domains.gep.facts import MONEY
from ecocloud.domains.gep.results.outcome import Outcome
from ecocloud.domains.gep.results.tables import Head, Row, Speech, Table


@dataclass(frozen=True)
class Told:
    """A published figure, 万元: ``service`` its code ('' for GEP), ``source`` where it stands, ``reason`` of the
    difference in the words of who entered it.
    """

    service: str
    value: Decimal
    source: str
    reason: str = ""


@dataclass(frozen=True)
class Compared:
    """A published figure beside ours, 万元; ``codes`` are the reasons that follow from the accounts."""

    service: str
    label: str
    published: Decimal
    own: Decimal
    source: str
    reason: str
    codes: tuple[str, ...]

    @property
    def gap(self) -> Decimal:
        """Own less published."""
        return self.own - self.published

    def reasons(self, speech: Speech) -> tuple[str, ...]:
        """The reasons in words: what somebody wrote first; none where there is no difference."""
        _ = speech.say
        words = {"absent": _("所用版本不核算此项"), "gap": _("本次有未核算的科目"), "method": _("采用了其他方法"),
                 "price": _("所用价格早于核算年"), "sum": _("公布的分项之和不等于其总值")}  # fmt: skip
        own = (self.reason,) if self.reason else ()
        return (*own, *(words[code] for code in self.codes)) if self.gap or self.reason or "sum" in self.codes else ()


def compare(outcome: Outcome, told: Iterable[Told], speech: Speech) -> tuple[Compared, ...]:
    """Each published figure against the accounts, the total last."""
    _, facts = speech.say, outcome.facts
    given = {one.service: one for one in told}
    services = {code: one.value for code, one in given.items() if code}
    codes: dict[str, dict[str, None]] = {code: {} for code in services}
    for account in outcome.accounts:
        for found in sums.against(services, account, facts):
            codes[found.key].update(dict.fromkeys(found.reasons))
    own = {key[0]: value for key, value in sums.totals(outcome.accounts, sums.by_service).items()}
    rows = [
        Compared(code, speech.word(facts.services[code]), one.value, own.get(code, Decimal(0)), one.source, one.reason,
                 tuple(codes[code]))
        for code in facts.services
        if (one := given.get(code)) is not None
    ]  # fmt: skip
    if "" in given:
        one, parts = given[""], sum(services.values(), Decimal(0))
        # Parts that were not all entered may well be less than their total.
        odd = parts > one.value or (parts != one.value and services and {*own} <= {*services})
        reasons = ["sum"] if odd else []
        if any(account.gaps for account in outcome.accounts):
            reasons.append("gap")
        rows.append(Compared("", "GEP", one.value, outcome.total, one.source, one.reason, tuple(reasons)))
    return tuple(rows)


def table(found: Iterable[Compared], speech: Speech) -> Table:
    """The comparison as a table."""
    _, unit = speech.say, speech.unit(MONEY)
    heads = (Head(_("项目")), Head(_("公布"), unit, 2), Head(_("本次"), unit, 2), Head(_("差额"), unit, 2),
             Head(_("原因")), Head(_("来源")))  # fmt: skip
    return Table("published", _("与已公布结果比较"), heads, tuple(
        Row((one.service,), (one.label, one.published, one.own, one.gap, "；".join(one.reasons(speech)), one.source))
        for one in found
    ))  # fmt: skip
