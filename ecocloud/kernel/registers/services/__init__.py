"""The only code that writes registers: permission, reach, closed years, change and journal in one transaction."""

from ecocloud.kernel.registers.services.bulk import BulkResult, bulk_edit, preview_bulk
from ecocloud.kernel.registers.services.divisions import move
from ecocloud.kernel.registers.services.inspections import attach, detach, inspect
from ecocloud.kernel.registers.services.objects import (
    create,
    edit,
    possible,
    retire,
    roles_of,
    story,
    transition,
)  # fmt: skip
from ecocloud.kernel.registers.services.rebuilding import rebuild_chunk
from ecocloud.kernel.registers.services.types import define, rebuild_slots
from ecocloud.kernel.registers.services.years import altered, lock_year, snapshot, unlock_year

__all__ = ["BulkResult", "altered", "attach", "bulk_edit", "create", "define", "detach", "edit", "inspect", "lock_year",
           "move", "possible", "preview_bulk", "rebuild_chunk", "rebuild_slots", "retire", "roles_of", "snapshot",
           "story", "transition", "unlock_year"]  # fmt: skip
