"""环境质量 among the public pages: panels of the rooms for people without an account. No script, no person, kept for a
while.

Off until the installation is told to publish (``ECOCLOUD_PUBLIC=1``); the sample site shows it always.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from ecocloud.base import limiting
from ecocloud.base.errors import EcoError
from ecocloud.base.limiting import Rate
from ecocloud.base.rooms import all_rooms, load
from ecocloud.kernel.regions.models import Region
from ecocloud.kernel.regions.signin import address_of
from ecocloud.web.models import Site
from ecocloud.web.region_switch import site

KEPT_SECONDS, _MINUTE = 120, 60
RATE = Rate("web.public", 60, _MINUTE)


class NotPublished(EcoError):
    """This installation publishes nothing."""

    code = "web.not-published"
    http_status = 404


def is_open(own: Site) -> bool:
    """Whether this installation publishes."""
    return settings.PUBLIC or own.is_sample


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """All panels that have something to show. Raises NotPublished and TooOften."""
    here = site()
    if not is_open(here):
        raise NotPublished("本站没有公开的环境质量信息。", "the installation publishes nothing",
                           remedy_zh="工作人员请登录后查看。")  # fmt: skip
    limiting.spend(RATE, address_of(request))
    shown = panels(here.region) if here.region is not None else []
    context = {"panels": shown, "region": here.region, "section": "environment"}
    response = render(request, "web/public.html", context)
    response["Cache-Control"] = f"public, max-age={_MINUTE}"
    patch_vary_headers(response, ["Cookie"])  # language and size of type are kept there
    return response


def panels(region: Region) -> list[dict[str, Any]]:
    """The panels as HTML with their names and when they were made; the same for everybody who reads this language."""
    language = translation.get_language() or ""
    key = f"web.public.{region.pk}.{language}"
    found = caches["shared"].get(key)
    if found is None:
        found = _made(region, language)
        caches["shared"].set(key, found, KEPT_SECONDS)
    return found


def _made(region: Region, language: str) -> list[dict[str, Any]]:
    found = []
    known = sorted((one for room in all_rooms() for one in room.public), key=lambda one: one.order)
    for one in known:
        data = load(one.data)(region)
        if data is not None:
            label = one.label_en if language.startswith("en") else one.label_zh
            html = render_to_string(one.template, data | {"region": region})
            found.append({"key": one.key, "label": label, "html": html, "at": timezone.localtime()})
    return found
