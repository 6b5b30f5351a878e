"""The services of single cells as ``data/raster.yaml`` declares them: what each needs, sums and can write.

A service is added by one entry there and one function in :mod:`~ecocloud.domains.gep.raster.cells`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING

import yaml

from ecocloud.domains.gep import facts
from ecocloud.domains.gep.errors import FactsError
from ecocloud.domains.gep.raster import layers

if TYPE_CHECKING:
    from ecocloud.domains.gep.raster.cells import Compute

# Rasters of what needs the whole grid (sediment.py).
ROUTED = ("slope", "flow_direction", "flow_accumulation", "stream", "ls")
DELIVERED = ("sdr", "sed_export", "sed_deposition")
Named = tuple[str, str, str]  # zh, en, unit


class Service(facts.Word, facts.Cited):
    """One service: without its layers, columns of the table of classes and parameters it is not computed.

    ``sums`` and ``rasters`` have the unit of one cell, per area; ``gives`` the data of an account: column of the sums,
    total or mean, factor.
    """

    service: str = ""
    method: str = ""
    parts: tuple[str, ...] = ()
    function: str
    layers: tuple[str, ...] = ()
    table: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    pools: bool = False  # needs the table of carbon
    routed: bool = False  # needs flow routing before
    always: bool = False
    asked: bool = False
    sums: dict[str, Named]
    rasters: dict[str, Named] = {}
    gives: dict[str, tuple[str, str, float]] = {}

    @property
    def ecosystems(self) -> tuple[str, ...]:
        """The ecosystems it is for (first digits of their classes), none for all: those of its method unless it says
        otherwise.
        """
        return self.parts or (facts.load().methods[self.method].parts if self.method else ())

    @property
    def compute(self) -> Compute:
        """Its function: a block and the sums to add to -> rasters."""
        return getattr(import_module("ecocloud.domains.gep.raster.cells"), self.function)


@cache
def services() -> dict[str, Service]:
    """The services by code, in the order of the file. Raises :class:`FactsError` when it does not hold together."""
    text = files("ecocloud.domains.gep").joinpath("data", "raster.yaml").read_text("utf-8")
    found = {one["code"]: Service.model_validate(one) for one in yaml.safe_load(text)["services"]}
    known, rasters = facts.load(), [*ROUTED, *DELIVERED]
    for one in found.values():
        rasters += one.rasters
        unknown = [
            *(layer for layer in one.layers if layer not in layers.facts()["layers"]),
            *(method for method in [one.method] if method and method not in known.methods),
            *(
                datum
                for datum, (column, *_) in one.gives.items()
                if datum not in known.inputs or column not in one.sums
            ),
        ]
        if unknown:
            raise FactsError(
                f"raster.yaml 提到了不存在的 {unknown}。", f"unknown {unknown} of {one.code}", value=unknown
            )
    if len(set(rasters)) != len(rasters):
        raise FactsError("raster.yaml 中有同名的栅格。", "two rasters of one name", value=sorted(rasters))
    return found


def rasters() -> tuple[str, ...]:
    """The names of everything a run can write."""
    return (*ROUTED, *DELIVERED, *(name for one in services().values() for name in one.rasters))
