"""The map of a register. Thin."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.base.pages.exports import list_page
from ecocloud.kernel.registers import map_data, showing
from ecocloud.kernel.registers.lists import ObjectListing
from ecocloud.kernel.registers.map_data import Box
from ecocloud.kernel.registers.register import open_register
from ecocloud.kernel.registers.register_frame import filters_of, frame


class NoBox(EcoError):
    """The part of the world that was asked for is none."""

    code = "registers.box"
    http_status = 400


def page(request: HttpRequest, code: str) -> HttpResponseBase:
    """The objects on a map coloured by state, beside them the list; the filters are those of the list."""
    register = open_register(code)
    listing = ObjectListing(request, request.user, register, part="map")
    box, located = map_data.extent(listing.narrowed())
    context = frame(request, register, "map", listing) | {"located": located, "box": box}
    if box is not None:
        note = _("界线为示意，仅供内部演示，无审图号；坐标为 CGCS2000")
        kept = filters_of(listing)
        address = reverse("registers:map-objects", args=[register.code])
        spec = {
            "objects": f"{address}?{kept}{kept and '&'}box=",
            "ground": f"{reverse('registers:map-ground')}?box={box.text}",
            "bounds": [box.west, box.south, box.east, box.north],
        }
        states = register.definition.state_by_code
        context |= {
            "spec": json.dumps(spec), "note": note, "missing": listing.total - located,
            "drawn": map_data.drawn(listing, box, context["name"], note),
            "legend": [(tone, showing.pick(states[code])) for code, tone in map_data.tones(register.definition).items()
                       if code != "retired" or listing.with_retired],
        }  # fmt: skip
    return list_page(request, listing, "registers/map.html", context)


def _box(request: HttpRequest) -> Box:
    box = Box.read(request.GET.get("box", ""))
    if box is None:
        raise NoBox("没有给出地图范围。", "box must be west,south,east,north in degrees",
                    value=request.GET.get("box", "")[:80],
                    remedy_zh="应为 box=西,南,东,北，单位为度。")  # fmt: skip
    return box


def objects(request: HttpRequest, code: str) -> JsonResponse:
    """What lies in a part of the world, for the script of the map."""
    listing = ObjectListing(request, request.user, open_register(code), part="map")
    return JsonResponse(map_data.objects(listing, _box(request)))


def ground(request: HttpRequest) -> JsonResponse:
    """Divisions and graticule beneath the objects; nothing of a register."""
    return JsonResponse(map_data.ground(_box(request)))
