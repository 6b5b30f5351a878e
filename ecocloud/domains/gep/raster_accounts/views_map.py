"""The map of the rasters of a result: its page, tiles, pictures, the lines of the zones. Thin."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from ecocloud.domains.gep.errors import NotThere, WrongState
from ecocloud.domains.gep.models import RasterAccount
from ecocloud.domains.gep.raster_accounts import engine, showing
from ecocloud.domains.gep.raster_accounts.views import found
from ecocloud.domains.gep.raster_accounts.views_results import elsewhere, head
from ecocloud.domains.gep.results.tables import shown

# From little to much; told apart also without red and green, the darker the more.
COLOURS = ((255, 250, 214), (199, 226, 156), (108, 187, 149), (42, 132, 141), (25, 62, 108))
LONGEST = 1100  # pixels of the picture of the whole
_KEPT_SECONDS = 3600  # of a tile by the browser of the person who saw it


def page(request: HttpRequest, pk: int) -> HttpResponse:
    """One raster on a map, the others to choose; without a script its picture."""
    row = found(request.user, pk)
    instead = elsewhere(request, row)
    if instead is not None:
        return instead
    from ecocloud.domains.gep.raster import tiles

    ramps = row.told.get("ramps", {})
    context: dict[str, Any] = {**head(request.user, row, "raster-map"), "layers": []}
    if ramps:
        name = request.GET.get("layer", "")
        name = name if name in ramps else _first(ramps)
        word, unit, service = showing.raster_word(name)
        low, high = ramps[name]
        sample = reverse("gep:raster-tile", args=[pk, name, 0, 1, 2])
        spec = {
            "tiles": sample.removesuffix("0/1/2.png") + "{z}/{x}/{y}.png?" + row.digest[:12],
            "zones": reverse("gep:raster-zones", args=[pk]), "bounds": tiles.bounds(_path(row, name)),
        }  # fmt: skip
        context |= {
            "name": name, "word": word, "unit": unit, "service": service, "spec": json.dumps(spec), "stops": _stops(),
            "low": shown(_decimal(low)), "high": shown(_decimal(high)),
            "layers": [(one, *showing.raster_word(one)) for one in ramps],
        }  # fmt: skip
    return render(request, "gep/raster_map.html", context)


def _first(ramps: dict[str, Any]) -> str:
    """The raster shown first: of the services, before what they are made of."""
    return next((one for one in ramps if one != "ls"), next(iter(ramps)))


def _decimal(value: float) -> Any:
    from ecocloud.domains.gep.raster_accounts.summing import decimal

    return decimal(value)


def _stops() -> list[tuple[str, str]]:
    """The colours of the legend with their places, %."""
    last = len(COLOURS) - 1
    return [
        (f"{100 * at / last:g}%", "#" + "".join(f"{one:02x}" for one in colour)) for at, colour in enumerate(COLOURS)
    ]


def _require_done(row: RasterAccount) -> None:
    engine.require()
    if row.state != RasterAccount.State.DONE:
        raise WrongState("该核算还没有结果。", f"raster {row.pk} is {row.state}", where={"栅格核算": row.name})


def _path(row: RasterAccount, name: str) -> Path:
    """The file of a raster that the account has written. Raises NotThere, WrongState, NoEngine."""
    _require_done(row)
    path = row.folder / "result" / f"{name}.tif"
    if name not in row.told.get("ramps", {}) or not path.exists():
        raise NotThere("没有这个图层。", f"no raster {name!r}", value=name)
    return path


def tile(request: HttpRequest, pk: int, name: str, z: int, x: int, y: int) -> HttpResponseBase:
    """One tile of a raster."""
    row = found(request.user, pk)
    path = _path(row, name)
    from ecocloud.domains.gep.raster import tiles

    try:
        tiles.bounds_of_tile(z, x, y)
    except ValueError as error:
        raise NotThere("没有这块地图。", str(error), value=f"{z}/{x}/{y}") from error
    low, high = row.told["ramps"][name]
    return _png(request, row, f"{name}/{z}/{x}/{y}", lambda: tiles.tile(path, z, x, y, COLOURS, low, high))


def picture(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    """The whole raster."""
    row = found(request.user, pk)
    path = _path(row, name)
    from ecocloud.domains.gep.raster import tiles

    low, high = row.told["ramps"][name]
    return _png(request, row, name, lambda: tiles.picture(path, LONGEST, COLOURS, low, high))


def _png(request: HttpRequest, row: RasterAccount, of: str, make: Callable[[], bytes]) -> HttpResponseBase:
    """A picture that is made once: who has it already is told so. What is computed never changes under its digest."""
    etag = f'"{hashlib.sha256(f"{row.digest}/{of}/{COLOURS}".encode()).hexdigest()[:32]}"'
    if etag in request.headers.get("If-None-Match", ""):
        response: HttpResponseBase = HttpResponseNotModified()
    else:
        response = HttpResponse(make(), content_type="image/png")
    response["ETag"], response["Cache-Control"] = etag, f"private, max-age={_KEPT_SECONDS}"
    return response


def zones(request: HttpRequest, pk: int) -> JsonResponse:
    """The lines and names of the zones, degrees."""
    row = found(request.user, pk)
    _require_done(row)
    from ecocloud.domains.gep.raster_accounts.outlines import outlines

    return JsonResponse(outlines(row))
