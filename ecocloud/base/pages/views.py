"""Saving and deleting views; mounted by the shell."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from ecocloud.base.pages import services


def _back(request: HttpRequest) -> HttpResponse:
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return HttpResponseRedirect(target if safe else "/")


@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the posted filters under a name and return to the list."""
    post = request.POST
    services.save_view(str(request.user.pk), post.get("list", ""), post.get("name", ""), post.get("query", ""))
    return _back(request)


@require_POST
def delete_view(request: HttpRequest) -> HttpResponse:
    """Delete one of the person's views and return to the list."""
    number = request.POST.get("view", "")
    if number.isascii() and number.isdigit() and len(number) < 19:
        services.delete_view(str(request.user.pk), int(number))
    return _back(request)
