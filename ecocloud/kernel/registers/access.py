"""Who may open which route of the registers room, and its line of the menu."""

from ecocloud.base.rooms import Access, MenuEntry

VIEW, EDIT, RETIRE = "registers.object.view", "registers.object.edit", "registers.object.retire"
_HERE, _BOTH, _POST = "ecocloud.kernel.registers.access", ("GET", "POST"), ("POST",)


def code() -> dict:
    """The first register."""
    from ecocloud.kernel.registers.models import RegisterType

    return {"code": RegisterType.objects.order_by("code").values_list("code", flat=True).first() or "none"}


def pk() -> dict:
    """Any object or file."""
    return {"pk": 1}


def _type(route: str, permission: str = VIEW, methods: tuple[str, ...] = ("GET",)) -> Access:
    return Access(route, permission, methods, f"{_HERE}.code")


def _one(route: str, permission: str = VIEW, methods: tuple[str, ...] = ("GET",)) -> Access:
    return Access(route, permission, methods, f"{_HERE}.pk")


ACCESS = (
    Access("registers:index", VIEW),
    Access("registers:due", VIEW),
    _type("registers:list"),
    _type("registers:statistics"),
    _type("registers:compare"),
    _type("registers:map"),
    _type("registers:map-objects"),
    Access("registers:map-ground", VIEW),
    _type("registers:create", EDIT, _BOTH),
    _type("registers:check", EDIT, _POST),
    _one("registers:object"),
    _one("registers:edit", EDIT, _BOTH),
    _one("registers:step", EDIT, _POST),
    _one("registers:inspect", EDIT, _POST),
    _one("registers:attach", EDIT, _POST),
    _one("registers:retire", RETIRE, _POST),
    _one("registers:file"),
)
_GROUP = "名录与台账"
MENU = (
    MenuEntry("全部名录", "All registers", "registers:index", VIEW, icon="database", group=_GROUP, order=400),
    MenuEntry("到期与检查", "Due and overdue", "registers:due", VIEW, icon="database", group=_GROUP, order=410),
)
