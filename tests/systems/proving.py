"""What every walk through a system of the programme ends with: nothing of the system was left out."""

from collections.abc import Mapping

from ecocloud.base.errors import EcoError
from ecocloud.kernel.registers import systems


def proved(system: str, *, given: Mapping, refused, came_out: Mapping) -> None:
    """``given``: each item that goes in -> the record it became. ``came_out``: each item that comes out ->
    (expected, seen): words are found in what is seen, anything else equals it. ``refused``: the refusal on the way,
    as error or answer.

    The names are those of ``packs/systems_items.csv`` (English); a missing one, or one that is not of the system,
    fails.
    """
    items = systems.items()[system]
    for side, named in (("in", given), ("out", came_out)):
        wanted = {one.en for one in items if one.side == side}
        assert set(named) == wanted, (system, side, "missing", wanted - set(named), "strange", set(named) - wanted)
    for name, record in given.items():
        assert record and record is not True, (system, name, "nothing was put in")
    _refusal(system, refused)
    for name, (expected, seen) in came_out.items():
        assert expected is not True and expected is not None and expected != "", (system, name, "nothing is expected")
        if isinstance(expected, str) and isinstance(seen, str):
            assert expected in seen, (system, name, expected, seen[:2000])
        else:
            assert expected == seen, (system, name, expected, seen)


def _refusal(system, refused):
    """An error of the platform that says what to do, or an answer of a page that refuses."""
    if isinstance(refused, EcoError):
        assert str(refused), (system, "a refusal without words")
        return
    assert 400 <= refused.status_code < 500, (system, refused.status_code)
