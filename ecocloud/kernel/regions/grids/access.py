"""Who may open the pages of grids, and their line of the menu."""

from ecocloud.base.rooms import Access, MenuEntry, Permission

VIEW, EDIT = "regions.grid.view", "regions.grid.edit"
_HERE, _POST, _BOTH = "ecocloud.kernel.regions.grids.access", ("POST",), ("GET", "POST")


def grid() -> dict:
    """Any grid."""
    from ecocloud.kernel.regions.grids.models import Grid

    return {"code": Grid.objects.order_by("code").values_list("code", flat=True).first() or "none"}


PERMISSIONS = (
    Permission(VIEW, "查看网格", "View grids", ("office", "leader", "department", "township", "reader", "field")),
    Permission(EDIT, "划定和调整网格", "Draw grids", ("office", "department", "township")),
)
ACCESS = (
    Access("regions:grids", VIEW),
    Access("regions:grids-map", VIEW),
    Access("regions:grids-check", VIEW),
    Access("regions:grids-export", VIEW),
    Access("regions:grids-geojson", EDIT, _BOTH),
    Access("regions:grid", VIEW, sample=f"{_HERE}.grid"),
    Access("regions:grid-give", EDIT, _POST, f"{_HERE}.grid"),
    Access("regions:grid-end", EDIT, _POST, f"{_HERE}.grid"),
    Access("api:regions-grids", VIEW),
    Access("api:regions-grid-at", VIEW),
)
MENU = (MenuEntry("网格", "Grids", "regions:grids", VIEW, "layout-grid", "组织", 805),)
ACTIONS = {
    "regions.grid.create": ("划定网格", "Draw a grid"),
    "regions.grid.redraw": ("调整网格", "Redraw a grid"),
    "regions.grid.give": ("明确网格责任", "Give a grid to its owner"),
    "regions.grid.end": ("结束网格", "End a grid"),
    "regions.grid.export": ("导出网格", "Export grids"),
}
