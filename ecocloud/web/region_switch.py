"""The region a page is about: chosen in the URL (``?region=``), else the person's own, else the site's."""

from __future__ import annotations

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from ecocloud.base.errors import EcoError
from ecocloud.kernel.regions.models import Region
from ecocloud.kernel.regions.queries import region_by_code, regions_below
from ecocloud.web.models import Site

_KEEP_SECONDS = 300
DEFAULT_NAME = "生态云"


def site() -> Site:
    """The installation's row; a nameless one until it is set up."""
    found = cache.get("web.site")
    if found is None:
        found = Site.objects.select_related("region").filter(pk=1).first() or Site(name=DEFAULT_NAME)
        cache.set("web.site", found, _KEEP_SECONDS if not settings.TESTING else 0)
    return found


def region_choices() -> list[Region]:
    """The site's division and those directly below it, by code."""
    own = site().region
    if own is None:
        return []
    found = cache.get("web.regions")
    if found is None:
        below = {"province": "city", "city": "county", "county": "township"}.get(own.level)
        found = [own, *(regions_below(own, below) if below else ())]
        cache.set("web.regions", found, _KEEP_SECONDS if not settings.TESTING else 0)
    return found


def chosen_region(request: HttpRequest) -> Region | None:
    """The region of this page; an unknown code in the URL falls back to the person's own region."""
    code = request.GET.get("region", "")
    choices = {region.code: region for region in region_choices()}
    if code in choices:
        return choices[code]
    if code:
        try:
            return region_by_code(code)
        except EcoError:
            pass
    department = getattr(request.user, "department", None)
    own = choices.get(department.region_id) if department else None
    return own or site().region
