"""Records of the raw journal as people may see them: by the device they come from. ``raw:GATEWAY/SEQUENCE``."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.intake.monitoring import raw
from ecocloud.intake.monitoring.hj212 import head
from ecocloud.intake.monitoring.hj212.dialect import STANDARD
from ecocloud.intake.monitoring.raw import Kind
from ecocloud.intake.monitoring.stations import packets, queries
from ecocloud.intake.monitoring.stations.errors import NoSuchDevice
from ecocloud.intake.monitoring.stations.models import Device
from ecocloud.intake.monitoring.stations.services.devices import dialect_of, key_of
from ecocloud.intake.monitoring.stations.showing import in_english
from ecocloud.kernel.journal.refs import Ref, Resolved
from ecocloud.kernel.regions.permissions import allowed, require

_PLACE = re.compile(r"([a-z0-9][a-z0-9_-]{0,39})/(\d{1,18})\Z")


@dataclass(frozen=True)
class Shown:
    """A record: what it is, its pieces (of a packet) or its text, the device it comes from."""

    record: raw.Record
    kind: str
    device: Device | None
    pieces: list[packets.Shown]
    text: str

    @property
    def size(self) -> int:
        """Its bytes."""
        return len(self.record.data)


def folder() -> Path:
    """Where the raw journals lie."""
    return Path(settings.HOME) / "lake" / "raw"


def kind_words() -> dict[Kind, str]:
    """What each kind of record is."""
    return {Kind.FRAME: _("数据包"), Kind.QUARANTINED: _("待准入的数据包"), Kind.CONNECTION: _("连接"),
            Kind.ROWS: _("文件或接口的数据"), Kind.REJECTED: _("拒收的字节"), Kind.SENT: _("发出的报文")}  # fmt: skip


def mn_of(kind: Kind, data: bytes) -> str:
    """The MN a record names, '' for none."""
    if kind == Kind.ROWS:
        try:
            return str(json.loads(data).get("mn", ""))
        except (ValueError, AttributeError):
            return ""
    return head.mn_of(data)


def record_for(viewer: Any, gateway: str, sequence: int) -> Shown:
    """A record of a device in the person's reach; what no device of ours sent only for those who decide on senders.

    Raises Forbidden, NoSuchDevice, raw.NotFound.
    """
    require(viewer, queries.RAW)
    found = raw.find(folder(), gateway, sequence)
    mn = mn_of(found.kind, found.data)
    row = queries.devices(viewer, queries.RAW).filter(mn=mn).first() if mn else None
    if row is None and (Device.objects.filter(mn=mn).exists() or not allowed(viewer, queries.DECIDE)):
        raise NoSuchDevice("这条记录不属于您数据范围内的设备。", f"record {gateway}/{sequence} out of reach",
                           value=f"{gateway}/{sequence}")  # fmt: skip
    packet = found.kind in (Kind.FRAME, Kind.QUARANTINED, Kind.SENT, Kind.REJECTED)
    dialect = dialect_of(row, key_of(row)) if row else STANDARD
    text = "" if packet else found.data.decode("utf-8", "replace")
    return Shown(
        found,
        kind_words()[found.kind],
        row,
        packets.shown(found.data, dialect, english=in_english()) if packet else [],
        text,
    )


def resolve(ref: Ref, viewer: Any) -> Resolved | None:
    """``raw:GATEWAY/SEQUENCE``: a link to the bytes; None when they are gone."""
    place = _PLACE.match(ref.key)
    if place is None:
        return None
    title = _("原始报文 %(place)s") % {"place": ref.key}
    if viewer is None or not allowed(viewer, queries.RAW):
        return Resolved(ref, title, allowed=False)
    try:
        found = record_for(viewer, place[1], int(place[2]))
    except NoSuchDevice:
        return Resolved(ref, title, allowed=False)
    except EcoError:
        return None
    url = reverse("monitoring:raw", args=[place[1], int(place[2])])
    name = found.device.name if found.device else found.kind
    return Resolved(ref, title, url, excerpt="".join(one.text for one in found.pieces)[:200], place=name)
