"""What ``ecocloud up`` runs for the room, and that it starts it anew when it ends."""

import socket
import sys

import pytest

from ecocloud.intake.monitoring import processes
from ecocloud.web.commands import up


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    processes.address.cache_clear()
    monkeypatch.delenv("ECOCLOUD_GATEWAY", raising=False)
    yield
    processes.address.cache_clear()


def test_off_means_neither_gateway_nor_lake_nor_simulator(monkeypatch):
    monkeypatch.setenv("ECOCLOUD_GATEWAY", "off")
    assert [made(True) for made in (processes.gateway, processes.lake, processes.simulate)] == [[], [], []]


def test_the_address_is_the_one_told(monkeypatch):
    monkeypatch.setenv("ECOCLOUD_GATEWAY", "0.0.0.0:9000")
    assert processes.gateway(False) == ["gateway", "--listen", "0.0.0.0:9000"]
    assert processes.lake(False) == ["lake", "ingest"] and processes.simulate(False) == []


def test_the_sample_site_takes_another_port_when_the_usual_one_is_taken(monkeypatch):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        taken = f"127.0.0.1:{holder.getsockname()[1]}"
        monkeypatch.setattr(processes, "DEFAULT", taken)
        assert processes.address(True) != taken
        assert processes.address(False) == taken


def test_a_process_that_ended_is_started_anew_with_growing_pauses(monkeypatch):
    monkeypatch.setattr(up, "_ecocloud", lambda arguments: [sys.executable, "-c", "pass"])
    one = up._Beside(["gateway"])
    one.look(0.0)
    first = one.child
    first.wait(timeout=30)
    one.look(1.0)
    assert one.child is None
    one.look(1.0 + up.FIRST_PAUSE - 0.1)
    assert one.child is None
    one.look(1.0 + up.FIRST_PAUSE)
    second = one.child
    assert second is not first
    second.wait(timeout=30)
    one.look(100.0)
    one.look(100.0 + 2 * up.FIRST_PAUSE - 0.1)
    assert one.child is None
