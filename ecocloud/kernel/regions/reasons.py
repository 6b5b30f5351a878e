"""Why something on the desk is this person's (为何在我这里), as far as role, unit and post say it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from ecocloud.kernel.regions.permissions import rights


def unit_of(person: Any) -> str:
    """The short name of the person's unit, '' without one."""
    return person.department.label if person.department else ""


def post_of(person: Any) -> str:
    """Unit and post in words: 某局 经办人."""
    return f"{unit_of(person)} {person.post.label}".strip() if person.post else unit_of(person)


def role_with(person: Any, permission: str) -> str:
    """The first role by which the person holds a right, '' without one."""
    return next((role.label for role in rights(person).roles if permission in role.permissions), "")


def by_role(person: Any, permission: str, act: str) -> str:
    """The sentence for what a role does; ``act`` in the language of the page: 审批延期."""
    return _("您的角色“%(role)s”负责%(act)s") % {"role": role_with(person, permission), "act": act}


def by_unit(person: Any, department_id: int | None, permission: str, act: str) -> str:
    """The sentence for a row of a unit: the own one answers for it, else the role's reach."""
    if department_id is not None and department_id == person.department_id:
        return _("%(unit)s是责任单位，您的岗位负责%(act)s") % {"unit": unit_of(person), "act": act}
    return by_role(person, permission, act)
