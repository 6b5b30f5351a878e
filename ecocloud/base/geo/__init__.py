"""Places: coordinates, areas, boundaries and a choropleth map as SVG data."""

from ecocloud.base.geo.boundaries import BOUNDARY_NOTICE, Boundary, boundaries, load_boundaries
from ecocloud.base.geo.coordinates import (
    GeoError,
    Zone,
    cgcs2000_zone,
    from_zone,
    gcj02_to_wgs84,
    to_zone,
    wgs84_to_gcj02,
)
from ecocloud.base.geo.shapes import EQUAL_AREA_BASIS, Area, as_shape, bbox, contains_point, polygon_area
from ecocloud.base.geo.svg import SvgMap, SvgShape, ValueClass, equal_count_limits, svg_map

__all__ = [
    "Area",
    "BOUNDARY_NOTICE",
    "Boundary",
    "EQUAL_AREA_BASIS",
    "GeoError",
    "SvgMap",
    "SvgShape",
    "ValueClass",
    "Zone",
    "as_shape",
    "bbox",
    "boundaries",
    "cgcs2000_zone",
    "contains_point",
    "equal_count_limits",
    "from_zone",
    "gcj02_to_wgs84",
    "load_boundaries",
    "polygon_area",
    "svg_map",
    "to_zone",
    "wgs84_to_gcj02",
]
