"""Whether a place can be where it is said to be: in the country, and not far from its city where that is drawn."""

from __future__ import annotations

from functools import lru_cache

from ecocloud.base.geo import GeoError, boundaries
from ecocloud.base.geo.coordinates import in_china
from ecocloud.kernel.regions import codes
from ecocloud.kernel.regions.models import Region
from ecocloud.kernel.registers.places import Place

_MARGIN = 0.5  # degrees beyond the box of a city; rivers and reserves reach over its border


def check(place: Place, region: Region) -> None:
    """Raise GeoError for a place outside the country or far from the city of ``region``."""
    middle = (place.west + place.east) / 2, (place.south + place.north) / 2
    if not in_china(*middle):
        turned = "经度、纬度似乎写反了，请把经度写在前面。" if in_china(middle[1], middle[0]) else "请核对经纬度。"
        raise GeoError("位置不在中国范围内。", f"outside the country: {middle}", value=middle, remedy_zh=turned)
    box = _box(region.pk)
    if box is None:
        return
    west, south, east, north = box
    apart = max(west - place.east, place.west - east, south - place.north, place.south - north)
    if apart > _MARGIN:
        raise GeoError(f"位置离“{region.name}”太远，相差约 {round(apart * 111)} 公里。",
                       f"{apart:.2f} degrees away from {region.pk}", value=middle,
                       remedy_zh="请核对坐标和区划；坐标为 CGCS2000 经纬度（度），经度在前。")  # fmt: skip


@lru_cache(maxsize=4096)
def _box(code: str) -> tuple[float, float, float, float] | None:
    """The box around the counties of the city a division lies in, in degrees; None where none of them is drawn."""
    drawn = [one.geometry.bounds for one in boundaries("county", parent=codes.normalise(code[:4]))]
    if not drawn:
        return None
    west, south, east, north = zip(*drawn, strict=True)
    return min(west), min(south), max(east), max(north)
