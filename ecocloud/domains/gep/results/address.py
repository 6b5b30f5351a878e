"""Where a reference to a run opens: ``gep:RUN``, ``gep:RUN#REGION-YEAR``, ``gep:RUN#REGION-YEAR-SERVICE``."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse

from ecocloud.domains.gep import facts
from ecocloud.domains.gep.models import Run
from ecocloud.domains.gep.results import showing
from ecocloud.kernel.regions.models import Region


def of_run(run: Run, fragment: str) -> tuple[str, str]:
    """The place in words and the page: the results of a year, or the lines of a region or service.

    A fragment that is none of these opens the results.
    """
    page = reverse("gep:results", args=[run.pk])
    region, _dash, rest = fragment.partition("-")
    year, _dash, service = rest.partition("-")
    known = facts.load().services
    row = Region.objects.filter(pk=region).first()
    if row is None or not year.isdecimal() or (service and service not in known):
        return "", page
    asked = {"year": year}
    if row.pk != run.accounting.region_id:
        asked["region"] = row.pk
    word = f"{row.name} {year}"
    if service:
        asked["service"], word = service, f"{word} {showing.speech({}).word(known[service])}"
    if len(asked) == 1:
        return word, f"{page}?{urlencode(asked)}"
    return word, f"{reverse('gep:lines', args=[run.pk])}?{urlencode(asked)}"
