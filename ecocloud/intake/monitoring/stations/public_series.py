"""The one series of the sample site that was really measured, marked as such on its devices: published hours of air."""

from __future__ import annotations

import csv
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, Field

from ecocloud.intake.monitoring.hj212.tables import read_table
from ecocloud.intake.monitoring.stations import kinds, services
from ecocloud.intake.monitoring.stations.models import Device
from ecocloud.intake.monitoring.stations.services.bringing import Given, bring, moment
from ecocloud.kernel.regions.models import Region, User

_FOLDER = files("ecocloud.intake.monitoring") / "data" / "stations"


class PublicSeries(BaseModel):
    """``public_air.yaml``: the file beside it and what is said of its devices. name: with ``{station}``; reason: why
    they are switched off.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    region: str
    file: str
    hour_ending: bool
    name: str
    note: str = Field(max_length=200)
    licence: str
    reason: str
    citation: str
    mark: str


def facts() -> PublicSeries:
    """What is known of the series."""
    return read_table((_FOLDER / "public_air.yaml").read_text("utf-8"), "public_air.yaml", PublicSeries)


def rows(given: PublicSeries) -> list[dict[str, str]]:
    """The lines of the file: station, time, and a number by the name of each factor, '' where none was published."""
    return list(csv.DictReader((_FOLDER / given.file).read_text("utf-8").splitlines()))


def load(office: User) -> list[Device]:
    """A device for each station, its values as a file brings them. None where the installation lacks the division.

    The devices are to be switched off by :func:`end` when the lake has taken the values in.
    """
    given = facts()
    region = Region.objects.filter(code=given.region).first()
    if region is None:
        return []
    lines = rows(given)
    stations = list(dict.fromkeys(line["station"] for line in lines))
    devices = {
        station: services.add_device(
            office, mn=f"5E{number:022d}", name=given.name.format(station=station), kind=given.kind, region=region,
            department=office.department, hour_ending=given.hour_ending, note=given.note,
        )
        for number, station in enumerate(stations)
    }  # fmt: skip
    codes = {name: one.code for one in kinds.kinds()[given.kind].factors for name in one.names}
    brought = []
    for line in lines:
        at = moment(line["time"])
        assert at is not None, line
        values = {codes[name]: text for name, text in line.items() if name in codes and text}
        brought.append(Given(devices[line["station"]], at, "hour", values, "", given.file))
    bring(office, brought)
    return list(devices.values())


def end(office: User, devices: list[Device]) -> None:
    """Switch the devices off: nobody waits for values after the series."""
    for device in devices:
        services.turn_device(office, device.pk, False, facts().reason)
