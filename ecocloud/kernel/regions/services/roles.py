"""Roles and posts of the installation, kept in step with the rooms' descriptors."""

from __future__ import annotations

from typing import Any

from ecocloud.base.rooms import all_rooms
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions.facts import roles_file
from ecocloud.kernel.regions.models import PermissionCode, Post, Role, RolePermission, User
from ecocloud.kernel.regions.services.console import CONSOLE, check


def sync_roles(user: Any = CONSOLE) -> int:
    """Create missing roles and posts; give rights that are new to the installation to the roles their room names.

    A right known already keeps the roles the security administrator left it with; rights no room declares any more are
    removed. Returns the number of rights that were new.
    """
    check(user, "regions.grant.manage")
    facts = roles_file()
    declared = {right.code: (room.name, right) for room in all_rooms() for right in room.permissions}
    with change(user.actor()) as tx:
        for role in facts.roles:
            Role.objects.get_or_create(code=role.code, defaults=role.model_dump(exclude={"code"}))
        for post in facts.posts:
            Post.objects.get_or_create(code=post.code, defaults=post.model_dump(exclude={"code"}))
        known = set(PermissionCode.objects.values_list("code", flat=True))
        fresh = [code for code in declared if code not in known]
        gone = sorted(known - set(declared))
        roles = {role.code: role for role in Role.objects.all()}
        PermissionCode.objects.bulk_create(
            PermissionCode(
                code=code,
                room=declared[code][0],
                label_zh=declared[code][1].label_zh,
                label_en=declared[code][1].label_en,
            )
            for code in fresh
        )
        RolePermission.objects.bulk_create(
            [
                RolePermission(role=roles[role], code=code)
                for code in fresh
                for role in declared[code][1].roles
                if role in roles
            ],
            ignore_conflicts=True,
        )
        PermissionCode.objects.filter(code__in=gone).delete()
        RolePermission.objects.filter(code__in=gone).delete()
        if fresh or gone:
            tx.log("regions.role.sync", Ref("role", "all"), before={"removed": gone}, after={"new": sorted(fresh)})
            renew_rights_of(User.objects.filter(grants__isnull=False).distinct())
    return len(fresh)


def renew_rights_of(users: Any) -> None:
    """Give each of ``users`` a new version of rights."""
    for person in users:
        person.renew_rights()
