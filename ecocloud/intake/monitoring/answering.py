"""How a page answers a step a person took: done or refused is told on the page it goes back to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from ecocloud.base.pages import answering
from ecocloud.intake.monitoring.stations.showing import refusal_words


def attempt(request: HttpRequest, act: Callable[[], Any], done: str, route: str, pk: int) -> HttpResponse:
    """Take a step and go to the page of ``route`` with ``done``, or with why not; what the person may not do or see
    (403, 404) is raised.
    """
    answering.attempt(request, act, done, refusal_words)
    return redirect(route, pk=pk)
