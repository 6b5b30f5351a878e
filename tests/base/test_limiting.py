"""How often one address may do a thing: windows by hand, nothing of an address kept."""

from pathlib import Path

import pytest
from django.core.cache import caches

from ecocloud.base import limiting
from ecocloud.base.limiting import EVERYBODY, Rate, TooOften

THREE = Rate("test", 3, 900)


@pytest.fixture(autouse=True)
def _fresh():
    caches["shared"].clear()
    yield
    caches["shared"].clear()


def test_a_rate_ends_with_its_window_and_is_for_one_address():
    for _time in range(3):
        limiting.spend(THREE, "10.1.2.3", now=1000.0)
    with pytest.raises(TooOften, match="about 1 min"):
        limiting.spend(THREE, "10.1.2.3", now=1899.0)  # 1 s of 900 is left
    with pytest.raises(TooOften, match="about 15 min"):
        limiting.spend(THREE, "10.1.2.3", now=1000.0)
    limiting.spend(THREE, "10.1.2.3", now=1900.0)  # the window has ended
    limiting.spend(THREE, "10.1.2.4", now=1000.0)


def test_names_are_counted_apart_and_everybody_together():
    once = Rate("one", 1, 60)
    assert limiting.wait_for(once, EVERYBODY, now=0.0) == 0
    assert limiting.wait_for(once, EVERYBODY, now=20.0) == 40
    assert limiting.wait_for(Rate("two", 1, 60), EVERYBODY, now=20.0) == 0


def test_no_address_is_kept():
    limiting.spend(THREE, "10.1.2.3")
    kept = [path.read_bytes() for path in Path(caches["shared"]._dir).iterdir()]
    assert kept and not any(b"10.1.2" in data for data in kept)
