"""What a text that is taken for zones really is. The library that reads zones goes by content: some texts make it open
other files or run programs of its own, so that only a collection of shapes may reach it.
"""

from __future__ import annotations

import json
from typing import Any, BinaryIO

from ecocloud.domains.gep.errors import GepError

MOST_BYTES = 20_000_000  # a text is read into memory whole, which takes many times as much
_SYSTEMS = ("name", "epsg", "ogc")  # how a text may name its coordinate system; a link would be followed


def require_collection(name: str, size: int, stream: BinaryIO) -> None:
    """Raises :class:`GepError` unless the text (``size`` in bytes) is a FeatureCollection of GeoJSON (RFC 7946)."""
    remedy = "请用 GeoJSON（FeatureCollection，UTF-8）或 GeoPackage。"
    if size > MOST_BYTES:
        has, most = f"{size / 1e6:.1f} MB", f"{MOST_BYTES / 1e6:g} MB"
        raise GepError(f"GeoJSON 文件有 {has}，至多 {most}。", f"{name}: {has}, at most {most}", where={"文件": name},
                       value=size, remedy_zh="更大的请改用 GeoPackage（.gpkg）。")  # fmt: skip

    def looked_at(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        for key, value in pairs:
            if key.lower() == "crs" and isinstance(value, dict) and str(value.get("type")).lower() not in _SYSTEMS:
                raise GepError("坐标系是一个链接。", f"{name}: the coordinate system is a link", where={"文件": name},
                               value=value.get("type"), remedy_zh="请写坐标系的名称，如 EPSG:4490。")  # fmt: skip
        return dict(pairs)

    try:
        told = json.load(stream, object_pairs_hook=looked_at)
    except (ValueError, RecursionError) as error:
        raise GepError("不是 GeoJSON。", f"{name} is no JSON: {error}", where={"文件": name},
                       remedy_zh=remedy) from error  # fmt: skip
    fine = isinstance(told, dict) and told.get("type") == "FeatureCollection" and isinstance(told.get("features"), list)
    if not fine:
        raise GepError("不是 GeoJSON 的图形集合。", f"{name} is no FeatureCollection", where={"文件": name},
                       remedy_zh=remedy)  # fmt: skip
