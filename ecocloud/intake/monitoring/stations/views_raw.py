"""A record of the raw journal: every byte with its meaning. Thin."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ecocloud.intake.monitoring.stations import records


def record(request: HttpRequest, gateway: str, sequence: int) -> HttpResponse:
    """One record with its bytes coloured by what they mean, who sent it and when."""
    found = records.record_for(request.user, gateway, sequence)
    return render(request, "monitoring/raw.html", {"found": found})
