"""The layout data: refused when it contradicts itself; agrees with the research notes where these are present."""

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from ecocloud.base.officedocs import layout

DATA = Path(layout.__file__).parent / "data" / "gbt9704.yaml"


def raw() -> dict:
    return yaml.safe_load(DATA.read_text(encoding="utf-8"))


def test_text_area_is_156_by_225_mm():
    page = layout.gbt9704().page
    assert page.width.value - page.margin_left.value - page.margin_right.value == 156
    assert page.height.value - page.margin_top.value - page.margin_bottom.value == 225
    assert page.lines.value * page.line_pitch.value <= 225 / 25.4 * 72


def break_twips(data):
    data["page"]["margin_top"]["twips"] = 2000


def break_citation(data):
    del data["sizes"]["3号"]["citation"]


def break_font(data):
    data["elements"]["body"]["value"]["font"] = "nothing"


def break_unknown(data):
    data["page"]["gutter"] = data["page"]["width"]


@pytest.mark.parametrize("damage", [break_twips, break_citation, break_font, break_unknown])
def test_contradictions_are_refused(damage):
    data = raw()
    damage(data)
    with pytest.raises(ValidationError):
        layout.Layout.model_validate(data)


def test_agrees_with_the_research_notes(shared_folder):
    notes = yaml.safe_load((shared_folder / "standards/governance/gbt9704.yaml").read_text(encoding="utf-8"))
    ours = layout.gbt9704()
    assert ours.margins(False) == notes["margins_twips"]
    assert ours.page.lines.value == notes["grid"]["lines_per_page"]
    assert ours.page.characters.value == notes["grid"]["chars_per_line"]
    for heading in notes["headings"]:
        style = ours.style(f"heading{heading['level']}")
        assert (ours.fonts[style.font].value, ours.points(style.size)) == (heading["font"], heading["pt"])
    low, high = (float(part) for part in notes["line_spacing_pt"]["used_range"].split("-"))
    assert low <= ours.page.line_pitch.value <= high
