"""What devices watch: facts from ``data/stations/kinds.yaml`` through a checked schema."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal

from django.utils.translation import get_language
from pydantic import BaseModel, ConfigDict, Field

from ecocloud.intake.monitoring.hj212.tables import Mark, code_of, read_table

NO_UNIT = "无量纲"


class Factor(BaseModel):
    """A factor of a kind: its code, short names (en: '' where there is only the Chinese one), the unit it is sent in,
    what else heads its column in files; usual: whether a new device of the kind has it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str
    zh: str
    unit: str
    en: str = ""
    names: tuple[str, ...] = ()
    usual: bool = True


class Kind(BaseModel):
    """One kind: ``systems`` the system codes ST that mean it (the first is usual), ``registers`` codes of the registers
    a device of it may stand at, ``step_minutes`` from one value of the hour data to the next, ``factors`` what it may
    measure, ``by_hand`` whether its values come by file or API alone, so that nothing is due from the device.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str
    zh: str
    en: str
    systems: tuple[str, ...] = Field(min_length=1)
    registers: tuple[str, ...] = Field(min_length=1)
    step_minutes: Literal[60, 120, 240, 480, 1440]
    factors: tuple[Factor, ...]
    by_hand: bool = False
    citation: str
    mark: Mark

    @property
    def usual(self) -> tuple[Factor, ...]:
        """The factors of a new device."""
        return tuple(one for one in self.factors if one.usual)

    @property
    def label(self) -> str:
        """Its name in the language of the page."""
        return self.en if (get_language() or "").startswith("en") else self.zh


class Kinds(BaseModel):
    """``kinds.yaml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kinds: tuple[Kind, ...]


@cache
def kinds() -> dict[str, Kind]:
    """Every kind by its code, in the order of the file."""
    path = files("ecocloud.intake.monitoring") / "data" / "stations" / "kinds.yaml"
    return {one.code: one for one in read_table(path.read_text("utf-8"), "kinds.yaml", Kinds).kinds}


def by_hand() -> tuple[str, ...]:
    """The kinds whose values come by file or API alone."""
    return tuple(one.code for one in kinds().values() if one.by_hand)


def label_of(code: str) -> str:
    """The name of a kind; the code itself where it is unknown."""
    found = kinds().get(code)
    return found.label if found else code


def kind_of_system(st: str) -> str:
    """The kind a system code usually means; the first kind when none names it."""
    found = next((one.code for one in kinds().values() if one.systems[0] == st), None)
    return found or next((one.code for one in kinds().values() if st in one.systems), next(iter(kinds())))


def factor_facts(kind: str, code: str) -> tuple[str, str]:
    """``(name, unit)`` of a factor: as usual for the kind, else by the standard's tables, else ``(code, '')``."""
    listed = kinds()[kind].factors if kind in kinds() else ()
    usual = next((one for one in listed if one.code == code), None)
    if usual is not None:
        return usual.zh, usual.unit
    found = code_of(code)
    return (found.zh, found.unit) if found else (code, "")


@cache
def _english() -> dict[tuple[str, str], str]:
    return {(one.code, one.zh): one.en for kind in kinds().values() for one in kind.factors if one.en}


def name_shown(code: str, name: str) -> str:
    """The name of a factor on the page: on English ones the English name, unless somebody gave it a name of its own."""
    return _english().get((code, name), name) if (get_language() or "").startswith("en") else name


def unit_shown(unit: str) -> str:
    """A unit on the page: on English ones nothing where there is none (无量纲)."""
    return "" if unit == NO_UNIT and (get_language() or "").startswith("en") else unit
