"""Who may open which route of the registers room, and its line of the menu."""

from ecocloud.base.rooms import SIGNED_IN, Access, MenuEntry

VIEW, EDIT, RETIRE = "registers.object.view", "registers.object.edit", "registers.object.retire"
_HERE, _BOTH, _POST = "ecocloud.kernel.registers.access", ("GET", "POST"), ("POST",)


def code() -> dict:
    """The first register."""
    from ecocloud.kernel.registers.models import RegisterType

    return {"code": RegisterType.objects.order_by("code").values_list("code", flat=True).first() or "none"}


def pack() -> dict:
    """The first loaded pack."""
    return {"code": _first_pack() or "none"}


def figure() -> dict:
    """The first figure of the first loaded pack."""
    from ecocloud.kernel.registers.services import packs

    code = _first_pack()
    figures = packs.open_pack(code).figures if code else ()
    return {"code": code or "none", "figure": figures[0].code if figures else "none"}


def _first_pack() -> str | None:
    from ecocloud.kernel.registers.models import Pack

    return Pack.objects.order_by("code").values_list("code", flat=True).first()


def code_and_field() -> dict:
    """The division of the first register."""
    return code() | {"field": "region"}


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
    Access("registers:packs", VIEW),
    Access("registers:packs-shown", "registers.pack.show", _POST),
    Access("registers:pack-load", "registers.pack.load", _BOTH),
    Access("registers:pack", VIEW, sample=f"{_HERE}.pack"),
    Access("registers:figure", VIEW, sample=f"{_HERE}.figure"),
    Access("registers:pack-report", VIEW, sample=f"{_HERE}.pack"),
    Access("registers:pack-feed", "evidence.observation.fill", _POST, f"{_HERE}.pack"),
    Access("registers:pack-targets", "evidence.target.edit", _POST, f"{_HERE}.pack"),
    Access("registers:systems", SIGNED_IN),
    _type("registers:list"),
    _type("registers:statistics"),
    _type("registers:compare"),
    _type("registers:map"),
    _type("registers:map-objects"),
    Access("registers:map-ground", VIEW),
    _type("registers:cards"),
    Access("registers:pick", EDIT, ("GET",), f"{_HERE}.code_and_field"),
    _one("registers:card"),
    _one("registers:qr"),
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
    MenuEntry("专题与方案包", "Packs", "registers:packs", VIEW, icon="database", group=_GROUP, order=420),
    MenuEntry("系统清单", "Systems", "registers:systems", VIEW, icon="database", group=_GROUP, order=430),
    MenuEntry(
        "装入专题包",
        "Load packs",
        "registers:pack-load",
        "registers.pack.load",
        icon="database",
        group="系统管理",
        order=960,
    ),
)
