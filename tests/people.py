"""Made-up people of the units that a test has made."""

from collections.abc import Callable, Mapping

from django.utils import timezone

from ecocloud.kernel.regions.models import Department, Role, RoleGrant, User


def person_of(units: Mapping[str, Department]) -> Callable[[str, str, str], User]:
    """``person(name, role, unit)``: somebody who may sign in at once, of the unit under that key."""

    def person(name: str, role: str, unit: str) -> User:
        made = User.objects.create_user(username=name, password=None, name=name, department=units[unit],
                                        must_change_password=False, password_changed_at=timezone.now())  # fmt: skip
        RoleGrant.objects.create(user=made, role=Role.objects.get(code=role))
        made.refresh_from_db()
        return made

    return person
