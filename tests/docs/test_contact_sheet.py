"""The contact sheet's drawing: where pictures stand, and that all sheets together stay below 6 MB."""

import importlib.util
import random
import sys

import pytest

pytest.importorskip("PIL")
from PIL import Image


@pytest.fixture(scope="module")
def sheets(root):
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("contact_sheet", root / "docs" / "contact_sheet.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["contact_sheet"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["contact_sheet"]


def test_packs_stand_side_by_side_with_their_pages_in_a_row(sheets):
    """Three packs in two columns are two rows; a picture of 200 px of a 1440 x 900 window is 125 px high."""
    sheet = sheets.Sheet(1440, "light")
    for number, pack in enumerate(("a", "b", "c")):
        sheet.pictures[pack] = [Image.new("RGB", (200, 125), (number * 100, 0, 0)) for _ in range(2)]
    drawn = sheet.drawn()
    block = (2 * 204 + 8, 125 + sheets.LABEL + 6)
    assert drawn.size == (2 * block[0], 2 * block[1])
    assert drawn.getpixel((4 + 100, 2 + sheets.LABEL + 60)) == (0, 0, 0)
    assert drawn.getpixel((block[0] + 4 + 204 + 100, 2 + sheets.LABEL + 60)) == (100, 0, 0)
    assert drawn.getpixel((4 + 100, block[1] + 2 + sheets.LABEL + 60)) == (200, 0, 0)
    assert drawn.getpixel((block[0] + 100, block[1] + 80)) == (255, 255, 255)  # nothing beside the last


def test_all_sheets_together_stay_below_the_limit(sheets, tmp_path, monkeypatch):
    """Noise is the worst there is: the quality goes down until everything fits."""
    rng = random.Random(7)
    noise = Image.frombytes("RGB", (200, 125), rng.randbytes(200 * 125 * 3))
    made = {
        (1440, theme): sheets.Sheet(1440, theme, {f"p{n}": [noise] * 3 for n in range(4)}) for theme in sheets.THEMES
    }
    free = sum(path.stat().st_size for path in sheets.written(made, tmp_path / "free"))
    monkeypatch.setattr(sheets, "MOST_BYTES", free * 2 // 3)
    files = sheets.written(made, tmp_path / "bound")
    assert sorted(path.name for path in files) == ["packs-1440-dark.jpg", "packs-1440-light.jpg"]
    assert sum(path.stat().st_size for path in files) < free * 2 // 3


def test_a_screenshot_becomes_a_small_picture_of_the_same_shape(sheets):
    import io

    stream = io.BytesIO()
    Image.new("RGB", (390, 844), "#123456").save(stream, "JPEG")
    assert sheets._small(stream.getvalue(), 96).size == (96, round(96 * 844 / 390))
