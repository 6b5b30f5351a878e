"""What a gateway gets from the database and leaves there."""

import pytest

from ecocloud.intake.monitoring.gateway.backstage import Seen
from ecocloud.intake.monitoring.gateway.backstage_db import DatabaseBackstage
from ecocloud.intake.monitoring.stations import services
from ecocloud.intake.monitoring.stations.models import Device, DeviceState

pytestmark = pytest.mark.django_db


def test_devices_that_are_on_are_admitted_with_password_dialect_and_key(place, device):
    services.edit_device(place.office, device.pk, dialect={"crc": "modbus"})
    services.set_password(place.office, device.pk, cipher_key="0123456789abcdef")
    behind = DatabaseBackstage()
    found = behind.admitted()[device.mn]
    assert (found.password, found.st, found.dialect.crc) == ("123456", "22", "modbus")
    assert found.key == b"0123456789abcdef" and found.dialect.keys == (found.key,)
    services.turn_device(place.office, device.pk, False, "搬迁")
    assert behind.admitted() == {}


def test_a_seal_is_opened_once_for_each_revision(place, device, monkeypatch):
    from ecocloud.intake.monitoring.gateway import backstage_db

    opened = []
    monkeypatch.setattr(backstage_db, "password_of", lambda row: opened.append(row.mn) or "x")
    behind = DatabaseBackstage()
    behind.admitted(), behind.admitted()
    assert len(opened) == 1
    services.edit_device(place.office, device.pk, maker="某厂")
    behind.admitted()
    assert len(opened) == 2


def test_a_broken_seal_keeps_out_only_its_own_device(place, device, caplog):
    services.add_device(place.office, mn="B2", name="另一站", kind="noise", region=place.west)
    Device.objects.filter(pk=device.pk).update(password=b"\0" * 40)
    assert set(DatabaseBackstage().admitted()) == {"B2"}
    assert device.mn in caplog.text and "123456" not in caplog.text


def test_a_report_is_kept(device):
    DatabaseBackstage().report("g1", [Seen(device.mn, "10.0.0.1:1", True, None, None, None, 4, 0, 0, None)], [])
    assert DeviceState.objects.get().packets == 4
