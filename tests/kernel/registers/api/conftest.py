"""Callers of the API of registers by their keys, and four wells."""

import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.cache import cache, caches

from ecocloud.kernel.regions import services as accounts
from ecocloud.kernel.regions.services import CONSOLE
from tests.kernel.registers.api.asking import ROOT, TODAY, account


@pytest.fixture
def caller(place, wells, client):
    """``caller("east", "registers:write")``: calls by a new key of that county's account."""
    cache.clear()
    caches["shared"].clear()
    made = {}

    def make(unit, *scopes, role="department"):
        if (unit, role) not in made:
            made[unit, role] = account(f"feed-{unit}-{role}", role, place.units[unit])
        last = TODAY + timedelta(days=9)
        _, token = accounts.issue_key(CONSOLE, made[unit, role], name="对接", scopes=scopes, expires_on=last,
                                      per_minute=6000)  # fmt: skip
        key = {"HTTP_AUTHORIZATION": f"Bearer {token}"}

        def call(method, path, body=None, raw=None, kind="application/json"):
            content = raw if raw is not None else json.dumps(body) if body is not None else ""
            url = path if path.startswith("/") else f"{ROOT}{'/' if path else ''}{path}"
            return client.generic(method, url, content, content_type=kind, **key)

        call.user = made[unit, role]
        call.document = lambda query="": call("GET", f"/api/v1/openapi.json{query}").json()
        return call

    return make


@pytest.fixture
def some(dig, place):
    """Three wells in the east, one in the west."""
    east, west = place.units["east"], place.units["west"]
    return SimpleNamespace(
        a=dig("甲井", owner="甲", depth="10.5", dug_on="2020-03-01", department=east, geometry=[115.1, 27.1]),
        b=dig("乙井", owner="乙", depth="30", use="farming", department=east),
        c=dig("丙井", owner="丙", cost="3", metered="true", department=east, region=place.town),
        w=dig("西井", owner="丁", depth="20", department=west, region=place.west),
    )
