"""The only code that writes divisions, departments, people and rights.

Each function checks the right of ``user``, changes and journals in one transaction. ``CONSOLE`` stands for the
operator at the machine's own command line, who is outside the roles of the application.
"""

from ecocloud.kernel.regions.services.accounts import (
    activate,
    change_own_password,
    create_account,
    deactivate,
    grant_role,
    remove_device,
    reset_password,
    revoke_role,
    set_role_permission,
    unlock,
    update_account,
)
from ecocloud.kernel.regions.services.console import CONSOLE, check
from ecocloud.kernel.regions.services.divisions import load_regions, load_villages
from ecocloud.kernel.regions.services.keys import issue_key, revoke_key
from ecocloud.kernel.regions.services.organisation import (
    add_alias,
    close_department,
    create_department,
    merge_department,
    move_department,
    rename_department,
    set_members,
    split_department,
    update_department,
)
from ecocloud.kernel.regions.services.roles import sync_roles
from ecocloud.kernel.regions.services.units import ask_unit, dismiss_unit, settle_unit

__all__ = [
    "CONSOLE",
    "activate",
    "add_alias",
    "ask_unit",
    "change_own_password",
    "check",
    "close_department",
    "create_account",
    "create_department",
    "deactivate",
    "dismiss_unit",
    "grant_role",
    "issue_key",
    "load_regions",
    "load_villages",
    "merge_department",
    "move_department",
    "remove_device",
    "rename_department",
    "reset_password",
    "revoke_key",
    "revoke_role",
    "set_members",
    "set_role_permission",
    "settle_unit",
    "split_department",
    "sync_roles",
    "unlock",
    "update_account",
    "update_department",
]
