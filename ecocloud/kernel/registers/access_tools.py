"""Who may open the tools for many objects: bulk edit, closed years, moves between divisions; files taken off."""

from ecocloud.base.rooms import Access
from ecocloud.kernel.registers.access import EDIT, VIEW

_CODE, _PK, _ONE = (f"ecocloud.kernel.registers.{name}" for name in ("access.code", "access.pk", "api.access.one"))
_BOTH, _POST = ("GET", "POST"), ("POST",)

TOOL_ACCESS = (
    Access("registers:bulk", EDIT, _BOTH, _CODE),
    Access("registers:bulk-result", EDIT, ("GET",), _PK),
    Access("registers:years", VIEW, ("GET",), _CODE),
    Access("registers:lock-year", "registers.year.lock", _POST, _CODE),
    Access("registers:year", VIEW, ("GET",), _ONE),
    Access("registers:unlock-year", "registers.year.unlock", _POST, _ONE),
    Access("registers:divisions", "registers.division.move", _BOTH),
    Access("registers:detach", EDIT, _POST, _PK),
)
