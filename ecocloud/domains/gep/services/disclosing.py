"""Letting the public read a year of a confirmed run, and taking it back."""

from __future__ import annotations

from ecocloud.base import typed
from ecocloud.domains.gep import queries
from ecocloud.domains.gep.access import CONFIRM
from ecocloud.domains.gep.errors import GepError, NotThere, WrongState
from ecocloud.domains.gep.models import Disclosure, Run
from ecocloud.domains.gep.services.guards import accounting_in_reach
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions.models import User


def _run(user: User, run: Run | int, year: int) -> Run:
    key = run if isinstance(run, int) else run.pk
    row = queries.runs(user).filter(pk=key).first()
    if row is None:
        raise NotThere("没有这次运行，或不在您的数据范围内。", f"no run {key} in reach", value=key)
    accounting_in_reach(user, CONFIRM, row.accounting)
    if not row.accounts.filter(year=year).exists():
        raise NotThere("这次运行没有核算该年。", f"run {key} has no account of {year}", value=year)
    return row


def disclose(user: User, run: Run | int, year: int) -> Disclosure:
    """Show the public what a confirmed run came to in a year; what was shown of it before stays as it is.

    Raises Forbidden, :class:`WrongState` for a run that is not confirmed.
    """
    row = _run(user, run, year)
    if row.state != Run.State.CONFIRMED or row.accounts.filter(year=year, standing=False).exists():
        raise WrongState("只有已确认、未被取代的结果可以公开。", f"run {row.pk} is {row.state}", value=row.state,
                         remedy_zh="请先确认结果。")  # fmt: skip
    with change(user.actor()) as tx:
        made, new = Disclosure.objects.get_or_create(run=row, year=year, defaults={"by": user})
        if new:
            tx.log("gep.result.disclose", row.ref, None, {"year": year, "digest": row.digest})
    return made


def withdraw(user: User, run: Run | int, year: int, *, reason: str) -> None:
    """Show it no longer. Raises Forbidden, :class:`GepError` without a reason."""
    row, told = _run(user, run, year), typed.words(reason)[:300]
    if not told:
        raise GepError("请写明撤下的理由。", "withdrawn without a reason", where={"字段": "理由"},
                       remedy_zh="理由记入留痕记录。")  # fmt: skip
    with change(user.actor()) as tx:
        gone, _each = Disclosure.objects.filter(run=row, year=year).delete()
        if gone:
            tx.log("gep.result.withdraw", row.ref, {"year": year}, None, told)
