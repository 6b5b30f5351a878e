"""How a page answers a step a person took: done or refused is told on the page it goes back to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from ecocloud.base.errors import EcoError
from ecocloud.intake.monitoring.stations.showing import refusal_words


def attempt(request: HttpRequest, act: Callable[[], Any], done: str, route: str, pk: int) -> HttpResponse:
    """Take a step and go to the page of ``route`` with ``done``, or with why not; what the person may not do or see
    (403, 404) is raised.
    """
    try:
        act()
    except EcoError as error:
        if error.http_status in (403, 404):
            raise
        messages.error(request, refusal_words(error))
    else:
        messages.success(request, done)
    return redirect(route, pk=pk)
