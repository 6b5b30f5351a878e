"""Generated from the room descriptors: every route and API call x every role.

Expected values come from the descriptors (who should hold a permission) and from the rule "deny by default";
the middleware marks its refusals with ``X-Refused-By: access``, so that one by data scope is not mistaken for it.
"""

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from ecocloud.base.rooms import ANYONE, SIGNED_IN, all_rooms, load
from ecocloud.web.access import access_table

pytestmark = pytest.mark.django_db


def route_names(resolver=None, namespace=""):
    """Every named route with its namespace."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from route_names(pattern, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}"


def holders():
    """``{permission code: roles}`` from the descriptors."""
    return {p.code: set(p.roles) for room in all_rooms() for p in room.permissions}


def roles():
    """Every role that some permission names."""
    return sorted(set().union(*holders().values()))


ROUTES = sorted(set(route_names()))


def test_every_route_has_an_access_line_and_every_line_a_route():
    assert set(ROUTES) == set(access_table())


def test_every_access_line_names_a_declared_permission():
    known = set(holders()) | {ANYONE, SIGNED_IN}
    assert {line.route: line.permission for line in access_table().values() if line.permission not in known} == {}


def url_of(line):
    return reverse(line.route, kwargs=load(line.sample)() if line.sample else {})


# The same refusal in few bytes: a page of its own for each of a thousand would take most of the time.
BRIEFLY = {"HX-Request": "true"}


@pytest.mark.parametrize("role", roles())
def test_role_opens_exactly_its_routes(role, client_for_role):
    client = client_for_role(role)
    mistakes = []
    for line in access_table().values():
        allowed = line.permission in (ANYONE, SIGNED_IN) or role in holders()[line.permission]
        if line.route in ("regions:sign-out",):
            continue
        for method in line.methods:
            # Undone each time: a call may close the very account that makes the next ones.
            mark = transaction.savepoint()
            response = client.generic(method, url_of(line), headers={} if allowed else BRIEFLY)
            transaction.savepoint_rollback(mark)
            refused = response.headers.get("X-Refused-By") == "access"
            if refused == allowed or response.status_code >= 500:
                mistakes.append(
                    f"{method} {line.route}: {response.status_code}, expected {'open' if allowed else 'refused'}"
                )
    assert mistakes == []


def test_nobody_signed_in_opens_nothing_but_the_public_routes(client):
    mistakes = []
    for line in access_table().values():
        for method in line.methods:
            response = client.generic(method, url_of(line))
            refused = response.headers.get("X-Refused-By") == "access"
            if refused != (line.permission != ANYONE):
                mistakes.append(f"{method} {line.route}: {response.status_code}")
    assert mistakes == []


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH"])
def test_methods_not_named_are_refused(method, client_for_role, kept):
    client = client_for_role("office")
    for line in access_table().values():
        if method not in line.methods and line.permission != ANYONE:
            assert client.generic(method, url_of(line), headers=BRIEFLY).status_code in (403, 405), line.route
