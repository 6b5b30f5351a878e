"""The raster account of the sample site: queued, named as made up everywhere, left out without the engine."""

import pytest

from ecocloud.base.jobs.models import Job
from ecocloud.domains.gep.models import RasterAccount, RasterFile
from ecocloud.domains.gep.raster_accounts import engine as libraries
from ecocloud.domains.gep.raster_accounts import sample

pytestmark = pytest.mark.django_db


@pytest.fixture
def small(engine, monkeypatch, settings, tmp_path):
    """The county on few cells."""
    from ecocloud.domains.gep.raster import synthetic

    settings.HOME, settings.MEDIA_ROOT = tmp_path / "home", tmp_path / "home" / "files"
    made = synthetic.county(80, 80, 300.0)
    monkeypatch.setattr(synthetic, "county", lambda: made)


def test_it_is_queued_and_computed_by_the_worker(small, place, accounting, work):
    told = []
    sample.load(place.office, accounting, told.append)
    row = RasterAccount.objects.get()
    assert told == [] and (row.state, row.year) == ("queued", 2024)
    assert Job.objects.get(pk=row.job).state == "queued"  # nothing is computed while the sample is loaded
    assert row.name.startswith(sample.MADE_UP) and "非实测" in row.name
    names = set(RasterFile.objects.values_list("file__name", flat=True))
    assert len(names) >= 15 and all(name.startswith(sample.MADE_UP) for name in names)
    work()
    row.refresh_from_db()
    assert row.state == "done", row.told
    assert row.told["zones"] == [place.upper.code, place.lower.code]


def test_without_the_engine_it_says_so_and_makes_nothing(place, accounting, monkeypatch):
    monkeypatch.setattr(libraries, "missing", lambda: ("numba",))
    told = []
    sample.load(place.office, accounting, told.append)
    assert not RasterAccount.objects.exists() and "numba" in told[0]
