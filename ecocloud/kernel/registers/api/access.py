"""Who may call which route of the API, and what a key may be narrowed to."""

from ecocloud.base.rooms import Access
from ecocloud.kernel.registers.access import EDIT, VIEW, code

_HERE = "ecocloud.kernel.registers.api.access"


def one() -> dict:
    """The first register and any object."""
    return {**code(), "pk": 1}


def file() -> dict:
    """The first register and any file of any object."""
    return {**one(), "file": 1}


def parts() -> list[tuple[str, str]]:
    """The registers, which a key may be narrowed to."""
    from ecocloud.kernel.registers.models import RegisterType
    from ecocloud.kernel.registers.showing import pick

    return [(row.code, pick(row)) for row in RegisterType.objects.order_by("code")]


def _type(route: str, methods: tuple[str, ...] = ("GET",)) -> Access:
    return Access(f"registers-api:{route}", VIEW, methods, "ecocloud.kernel.registers.access.code")


def _one(route: str, methods: tuple[str, ...] = ("GET",), permission: str = VIEW) -> Access:
    return Access(f"registers-api:{route}", permission, methods, f"{_HERE}.one")


# Where a route reads and writes, its line asks for the right to see; writing asks for the right to edit besides.
API_ACCESS = (
    Access("registers-api:types", VIEW),
    _type("type"),
    _type("schema"),
    _type("objects", ("GET", "POST")),
    _type("statistics"),
    _one("object", ("GET", "PATCH")),
    _one("versions"),
    _one("steps", ("POST",), EDIT),
    _one("inspections", ("GET", "POST")),
    _one("files", ("GET", "POST")),
    Access("registers-api:file", VIEW, ("GET",), f"{_HERE}.file"),
)
