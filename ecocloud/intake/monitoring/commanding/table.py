"""What may be sent to a device and how long to wait: ``data/commanding.yaml`` beside the standard's own table."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ecocloud.intake.monitoring.commanding.machine import Plan
from ecocloud.intake.monitoring.hj212.tables import Command, TableError, command_of, commands, read_table

Answer = Literal["none", "one", "many", "notice"]
Check = Literal["fill", "factor", "information", "begin", "end", "clock", "limits"]
DEFAULT_LINK = "mobile"  # the longest wait of a line that stays open


class _Node(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Cited(_Node):
    citation: str = ""
    mark: str = ""


class LinkTimes(_Cited):
    """Waits of one kind of link: seconds to an answer, how often to send again."""

    code: str
    zh: str
    en: str
    answer_s: int
    resends: int


class Rule(_Cited):
    """A sentence of the standard that the state machine follows."""

    code: str
    zh: str


class Own(_Node):
    """A wait or limit of the platform's own: ``unit`` s or d."""

    value: int
    unit: Literal["s", "d"]
    zh: str
    en: str


class Group(_Node):
    """A heading of the form."""

    code: str
    zh: str
    en: str


class Terms(_Node):
    """What holds for one command. ``answer``: what comes back; ``execute`` names the wait; ``info``: it carries the
    value of a site information beside its code (3021)."""

    code: str
    edition: Literal[2005, 2017, 2025]
    zh: str = ""
    en: str = ""
    group: str
    answer: Answer
    execute: str
    approval: bool = False
    info: bool = False
    why: str = ""
    not_offered: str = ""


class ParameterRule(_Node):
    """How a parameter is checked beyond its limits; ``hint`` stands below its field."""

    name: str
    check: Check
    hint: str
    hint_en: str


class Defaults(_Node):
    """Citation and mark of every entry that names none."""

    citation: str
    mark: str


class Commanding(_Node):
    """``commanding.yaml``."""

    defaults: Defaults
    times: tuple[LinkTimes, ...]
    rules: tuple[Rule, ...]
    own: dict[str, Own]
    groups: tuple[Group, ...]
    commands: tuple[Terms, ...]
    parameters: tuple[ParameterRule, ...]


class Offer(BaseModel):
    """A command of the standard with its terms here."""

    model_config = ConfigDict(frozen=True)

    command: Command
    terms: Terms

    @property
    def code(self) -> str:
        """CN."""
        return self.command.code

    @property
    def zh(self) -> str:
        """What the host does with it; the standard's name for both directions where the table has none."""
        return self.terms.zh or self.command.zh

    @property
    def en(self) -> str:
        """The same in English."""
        return self.terms.en or f"Command {self.code}"

    @property
    def returns(self) -> bool:
        """Whether data come back."""
        return self.terms.answer in ("one", "many")

    @property
    def asked(self) -> tuple[str, ...]:
        """The parameters a person fills in, in order; those the platform puts in are left out."""
        rules = rules_of_parameters()
        return tuple(name for name in self.command.parameters if name not in rules or rules[name].check != "fill")


def _checked(table: Commanding) -> Commanding:
    """The table against itself and the standard's; raises :class:`TableError`."""
    groups = {group.code for group in table.groups}
    for terms in table.commands:
        known = commands().get((terms.code, terms.edition))
        wrong = ""
        if known is None or known.sender == "device" or known.kind not in ("request", "notice"):
            wrong = "标准表中没有这条上位机命令"
        elif terms.group not in groups:
            wrong = f"没有分组 {terms.group}"
        elif terms.execute not in table.own:
            wrong = f"没有时限 {terms.execute}"
        elif not terms.not_offered and not (terms.zh and terms.en):
            wrong = "没有名称"
        elif (known.kind == "notice") != (terms.answer == "notice"):
            wrong = "通知命令与请求命令不符"
        if wrong:
            raise TableError(f"命令 {terms.code}：{wrong}。", f"{terms.code}: {wrong}",
                             where={"文件": "commanding.yaml"}, value=terms.code)  # fmt: skip
    return table


def read(text: str) -> Commanding:
    """The table from its text, checked; raises :class:`TableError` with file, line and field."""
    return _checked(read_table(text, "commanding.yaml", Commanding))


@cache
def table() -> Commanding:
    """``commanding.yaml`` of the package."""
    return read((files("ecocloud.intake.monitoring") / "data" / "commanding.yaml").read_text("utf-8"))


@cache
def rules_of_parameters() -> dict[str, ParameterRule]:
    """Checks of parameters by name."""
    return {rule.name: rule for rule in table().parameters}


def own(name: str) -> int:
    """A wait or limit of the platform's own, in its unit."""
    return table().own[name].value


@cache
def _terms() -> dict[tuple[str, int], Terms]:
    return {(terms.code, terms.edition): terms for terms in table().commands}


def offer_of(code: str, edition: int) -> Offer | None:
    """The command a CN means for a device of an edition, with its terms; None when the host may not send it."""
    known = command_of(code, edition)
    if known is None or known.edition > edition:
        return None
    terms = _terms().get((known.code, known.edition))
    return None if terms is None else Offer(command=known, terms=terms)


@cache
def offers(edition: int) -> tuple[Offer, ...]:
    """What people may send to a device of an edition (its year), in the order of the table."""
    found = (offer_of(terms.code, edition) for terms in table().commands if not terms.not_offered)
    return tuple(dict.fromkeys(offer for offer in found if offer is not None and not offer.terms.not_offered))


def plan_of(offer: Offer, link: str = DEFAULT_LINK) -> Plan:
    """The waits and numbers of one command on a kind of link."""
    times = next(one for one in table().times if one.code == link)
    acts = offer.command.acts
    return Plan(
        acts=acts, approval=offer.terms.approval, notice=offer.terms.answer == "notice",
        # A sample taken or an instrument calibrated is proven by the result alone.
        single=offer.terms.answer == "one" and not acts,
        answer_s=times.answer_s, execute_s=own(offer.terms.execute), whole_s=own("whole_s"),
        resends=0 if acts else times.resends,
        deliver_s=own("deliver_acting_s" if offer.terms.approval else "deliver_s"), resend_s=own("resend_s"),
        report_s=own("report_s"), approve_s=own("approve_s"),
    )  # fmt: skip
