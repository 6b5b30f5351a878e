"""Who may open the tools for many objects: bulk edit."""

from ecocloud.base.rooms import Access
from ecocloud.kernel.registers.access import EDIT

_HERE, _BOTH = "ecocloud.kernel.registers.access", ("GET", "POST")

TOOL_ACCESS = (
    Access("registers:bulk", EDIT, _BOTH, f"{_HERE}.code"),
    Access("registers:bulk-result", EDIT, ("GET",), f"{_HERE}.pk"),
)
