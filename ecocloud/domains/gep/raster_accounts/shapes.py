"""What a text that is taken for zones really is. The library that reads zones goes by content: some texts make it open
other files or run programs of its own, so that only a collection of shapes may reach it.
"""

from __future__ import annotations

import json
from typing import BinaryIO

from ecocloud.domains.gep.errors import GepError

MOST_BYTES = 256 * 2**20  # a larger text is read into memory by nobody


def require_collection(name: str, size: int, stream: BinaryIO) -> None:
    """Raises :class:`GepError` unless the text (``size`` in bytes) is a FeatureCollection of GeoJSON (RFC 7946)."""
    remedy = "请用 GeoJSON（FeatureCollection，UTF-8）或 GeoPackage。"
    if size > MOST_BYTES:
        raise GepError("GeoJSON 文件太大。", f"{name}: {size} bytes", where={"文件": name}, value=size,
                       remedy_zh="请改用 GeoPackage（.gpkg）。")  # fmt: skip
    try:
        told = json.load(stream)
    except (ValueError, RecursionError) as error:
        raise GepError("不是 GeoJSON。", f"{name} is no JSON: {error}", where={"文件": name},
                       remedy_zh=remedy) from error  # fmt: skip
    fine = isinstance(told, dict) and told.get("type") == "FeatureCollection" and isinstance(told.get("features"), list)
    if not fine:
        raise GepError("不是 GeoJSON 的图形集合。", f"{name} is no FeatureCollection", where={"文件": name},
                       remedy_zh=remedy)  # fmt: skip
