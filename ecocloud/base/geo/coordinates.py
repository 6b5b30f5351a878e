"""Coordinates: WGS-84, GCJ-02 and the CGCS2000 Gauss-Krüger zones. Degrees in, degrees or metres out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import cos, isfinite, pi, sin, sqrt

from pyproj import Transformer

from ecocloud.base.errors import EcoError

_AXIS = 6378245.0  # semi-major axis of the Krasovsky ellipsoid, as the published GCJ-02 formula uses it
_ECCENTRICITY_2 = 0.00669342162296594323
_CHINA = (72.004, 0.8293, 137.8347, 55.8271)  # lon/lat rectangle inside which the shift applies
_GEOGRAPHIC = "EPSG:4490"


class GeoError(EcoError):
    """A coordinate or a shape is wrong."""

    code = "geo.invalid"


def check_lonlat(lon: float, lat: float) -> None:
    """Raise :class:`GeoError` unless longitude is in [-180, 180] and latitude in [-90, 90]."""
    if not (isfinite(lon) and isfinite(lat) and -180 <= lon <= 180 and -90 <= lat <= 90):
        raise GeoError(
            f"坐标（{lon}，{lat}）不是经纬度。",
            f"not lon/lat: {lon}, {lat}",
            value=(lon, lat),
            remedy_zh="经度、纬度似乎写反了，请把经度写在前面。"
            if in_china(lat, lon)
            else "经度应在 -180 至 180 之间，纬度应在 -90 至 90 之间，经度在前。",
        )


def in_china(lon: float, lat: float) -> bool:
    """Whether a place lies in the rectangle around China in which GCJ-02 is shifted."""
    west, south, east, north = _CHINA
    return west <= lon <= east and south <= lat <= north


def _shift(lon: float, lat: float) -> tuple[float, float]:
    x, y = lon - 105.0, lat - 35.0
    common = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    dlat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + common
    dlat += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    dlat += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    dlon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + common
    dlon += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    dlon += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    radians = lat / 180.0 * pi
    magic = 1 - _ECCENTRICITY_2 * sin(radians) ** 2
    dlat = dlat * 180.0 / (_AXIS * (1 - _ECCENTRICITY_2) / (magic * sqrt(magic)) * pi)
    dlon = dlon * 180.0 / (_AXIS / sqrt(magic) * cos(radians) * pi)
    return dlon, dlat


def wgs84_to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """WGS-84 degrees to GCJ-02 degrees (the publicly known approximation, good to metres); unchanged outside China."""
    check_lonlat(lon, lat)
    if not in_china(lon, lat):
        return lon, lat
    dlon, dlat = _shift(lon, lat)
    return lon + dlon, lat + dlat


def gcj02_to_wgs84(lon: float, lat: float) -> tuple[float, float]:
    """GCJ-02 degrees to WGS-84 degrees, inverse of :func:`wgs84_to_gcj02` by iteration; unchanged outside China."""
    check_lonlat(lon, lat)
    if not in_china(lon, lat):
        return lon, lat
    guess_lon, guess_lat = lon, lat
    for _ in range(20):
        dlon, dlat = _shift(guess_lon, guess_lat)
        step_lon, step_lat = lon - dlon - guess_lon, lat - dlat - guess_lat
        guess_lon, guess_lat = guess_lon + step_lon, guess_lat + step_lat
        if abs(step_lon) < 1e-10 and abs(step_lat) < 1e-10:
            break
    return guess_lon, guess_lat


@dataclass(frozen=True)
class Zone:
    """A CGCS2000 Gauss-Krüger zone: width in degrees (3 or 6), number, central meridian, EPSG code.

    The EPSG codes are those without the zone number in the easting (false easting 500 000 m).
    """

    width: int
    number: int
    central_meridian: int
    epsg: int

    @property
    def label_zh(self) -> str:
        """For example CGCS2000 3度带 中央经线117°（EPSG:4548）."""
        return f"CGCS2000 {self.width}度带 中央经线{self.central_meridian}°（EPSG:{self.epsg}）"


def cgcs2000_zone(lon: float, *, width: int = 3) -> Zone:
    """The zone a longitude lies in. 3-degree zones 25-45 (75°-135°), 6-degree zones 13-23 (75°-135°)."""
    check_lonlat(lon, 0)
    if width == 3:
        number = int((lon + 1.5) // 3)
        meridian, epsg, known = 3 * number, 4534 + number - 25, 25 <= number <= 45
    elif width == 6:
        number = int(lon // 6) + 1
        meridian, epsg, known = 6 * number - 3, 4502 + number - 13, 13 <= number <= 23
    else:
        raise GeoError("分带只有 3 度和 6 度。", "zone width must be 3 or 6", value=width)
    if not known:
        raise GeoError(f"经度 {lon}° 不在 CGCS2000 分带范围内。", f"longitude {lon} has no CGCS2000 zone", value=lon)
    return Zone(width, number, meridian, epsg)


@lru_cache(maxsize=128)
def transformer(source: str, target: str) -> Transformer:
    """A pyproj transformer with longitude or easting first."""
    return Transformer.from_crs(source, target, always_xy=True)


def to_zone(lon: float, lat: float, zone: Zone) -> tuple[float, float]:
    """CGCS2000 degrees to (easting, northing) in metres in ``zone``."""
    check_lonlat(lon, lat)
    return transformer(_GEOGRAPHIC, f"EPSG:{zone.epsg}").transform(lon, lat)


def from_zone(easting: float, northing: float, zone: Zone) -> tuple[float, float]:
    """(easting, northing) in metres in ``zone`` to CGCS2000 degrees (lon, lat)."""
    lon, lat = transformer(f"EPSG:{zone.epsg}", _GEOGRAPHIC).transform(easting, northing)
    check_lonlat(lon, lat)
    return lon, lat
