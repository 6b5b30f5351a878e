"""The package's divisions: counts of the National Bureau of Statistics, release 2023, for the one province shipped."""

import time

import pytest

from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.regions import queries, services
from ecocloud.kernel.regions.models import Region
from ecocloud.kernel.regions.services import CONSOLE
from ecocloud.kernel.regions.services.divisions import RegionFileError

pytestmark = pytest.mark.django_db


def _count(level):
    return Region.objects.filter(level=level).count()


def test_the_province_is_complete_and_loads_fast():
    start = time.perf_counter()
    assert services.load_regions() == 1 + 11 + 100 + 1767
    assert time.perf_counter() - start < 5
    assert (_count("province"), _count("city"), _count("county"), _count("township")) == (1, 11, 100, 1767)
    assert not Region.objects.exclude(level="province").filter(parent=None).exists()
    city = queries.region_by_code("3608")
    assert (city.name, city.short_name, city.parent_id) == ("吉安市", "吉安", "360000")
    assert queries.regions_below(city, "county").count() == 13
    assert queries.regions_below(city).filter(code=city.code).count() == 0
    assert queries.regions_below(city, itself=True).filter(code=city.code).count() == 1


def test_loading_again_changes_nothing_and_is_journalled():
    services.load_regions()
    Region.objects.filter(code="360802").update(name="旧名")
    services.load_regions()
    assert Region.objects.count() == 1879
    assert Region.objects.get(code="360802").name == "吉州区"
    assert Entry.objects.filter(action="regions.region.load").count() == 2


def test_shapes_of_the_shared_codes_agree(shared_folder):
    """The codes equal those of the polygons' attribute table, which comes from another publisher."""
    import csv

    path = shared_folder / "data" / "admin" / "jiangxi_units.csv"
    if not path.is_file():
        pytest.skip("units file is absent")
    services.load_regions()
    with path.open(encoding="utf-8-sig") as stream:
        rows = {row["adcode"]: row["name"] for row in csv.DictReader(stream)}
    ours = dict(Region.objects.exclude(level="township").values_list("code", "name"))
    assert set(rows) == set(ours)
    assert {code for code in rows if rows[code] != ours[code]} == set()


def test_villages_load_from_a_file(tmp_path):
    services.load_regions()
    path = tmp_path / "villages.csv"
    path.write_text(
        "code,name,streetCode\n360802001001,甲社区,360802001\n360802001002,乙村,360802001\n", encoding="utf-8"
    )
    assert services.load_villages(CONSOLE, path) == 2
    assert Region.objects.get(code="360802001002").parent_id == "360802001"


@pytest.mark.parametrize(
    ("text", "place", "value"),
    [
        ("code,name\n360802001001,甲\n36080200100X,乙\n", 3, "36080200100X"),
        ("code,name\n360802001001,甲\n360802001002,\n", 3, "360802001002"),
        ("code,name\n999902001001,甲\n", 2, "999902001001"),
        ("code,name\n360802001,甲\n", 2, "360802001"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_taken(tmp_path, text, place, value):
    services.load_regions()
    path = tmp_path / "bad.csv"
    path.write_text(text, encoding="utf-8")
    from ecocloud.base.errors import EcoError

    with pytest.raises(EcoError) as caught:
        services.load_villages(CONSOLE, path)
    assert caught.value.where["行"] == place
    assert caught.value.value == value
    assert _count("village") == 0


def test_files_that_are_no_tables(tmp_path):
    for name, data in {"a.csv": b"\xff\xfe\x00", "b.csv": b"x,y\n1,2\n", "c.csv": b"code,name\n"}.items():
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(RegionFileError):
            services.load_regions(CONSOLE, [path])


def test_only_the_system_administrator_loads(make_user):
    from ecocloud.base.errors import Forbidden

    with pytest.raises(Forbidden):
        services.load_regions(make_user("office"))
