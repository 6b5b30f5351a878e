"""People and a device of the east county, as the tests of devices have them; the lake of the installation."""

import pytest

from ecocloud.intake.monitoring.lake import site
from tests.intake.monitoring.lake.lake_made import Made
from tests.intake.monitoring.stations.conftest import device, place

__all__ = ["device", "place"]


@pytest.fixture
def made(tmp_path, settings):
    """The lake of the installation in a folder of its own, and its raw journal."""
    settings.HOME = tmp_path
    one = Made(site.folder())
    yield one
    one.writer.close()
