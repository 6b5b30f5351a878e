"""The routes of this room open exactly for the roles that hold their permission (expected values: the descriptor)."""

import pytest
from django.urls import get_resolver, reverse

from ecocloud.base.rooms import load
from ecocloud.kernel.duties.access import ACCESS
from ecocloud.kernel.duties.room import ROOM
from ecocloud.kernel.regions.models import Role, RoleGrant, User

pytestmark = pytest.mark.django_db


def test_every_route_of_the_room_has_a_line_and_every_line_a_route():
    lines = {line.route for line in ACCESS}
    pages = {
        f"duties:{name}" for name in get_resolver().namespace_dict["duties"][1].reverse_dict if isinstance(name, str)
    }
    calls = get_resolver().namespace_dict["api"][1].reverse_dict
    api = {f"api:{name}" for name in calls if isinstance(name, str) and name.startswith("duties-")}
    assert pages | api == lines


@pytest.mark.parametrize(
    "role", ["office", "leader", "department", "township", "reader", "sysadmin", "secadmin", "auditadmin"]
)
def test_a_role_opens_exactly_its_routes(client, town, role):
    person = User.objects.create_user(f"one-{role}", name=role, department=town.at_roads, must_change_password=False)
    RoleGrant.objects.create(user=person, role=Role.objects.get(code=role))
    client.force_login(person)
    holders = {right.code: right.roles for right in ROOM.permissions}
    mistakes = []
    for line in ACCESS:
        allowed = role in holders[line.permission]
        for method in line.methods:
            url = reverse(line.route, kwargs=load(line.sample)() if line.sample else {})
            answer = client.generic(method, url)
            sent_to_second_factor = answer.status_code in (302, 401) and not allowed
            refused = answer.headers.get("X-Refused-By") == "access" or sent_to_second_factor
            if refused == allowed or answer.status_code >= 500:
                mistakes.append(f"{method} {line.route}: {answer.status_code}")
    assert mistakes == []
