"""The measures of an official paper, read from ``data/gbt9704.yaml`` through a checked schema."""

from __future__ import annotations

from functools import cache
from math import floor
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

TWIPS_PER_MM = 1440 / 25.4
TWIPS_PER_PT = 20


class _Node(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    unit: str
    validity: str
    citation: str = Field(min_length=3)
    mark: Literal["V", "M", "own"]


class Text(_Node):
    """A fact that is a word."""

    value: str


class Measure(_Node):
    """A length, size or count; ``twips`` is the value Word stores where it is given (1 mm = 56.69 twips)."""

    value: float = Field(gt=0)
    twips: int | None = None

    @model_validator(mode="after")
    def _twips_agree(self) -> Measure:
        if self.twips is not None and abs(self.twips - self.value * TWIPS_PER_MM) > 1:
            raise ValueError(f"{self.twips} twips are not {self.value} mm")
        return self


class Font(_Node):
    """A font by name, with substitutes for machines that lack it."""

    value: str
    substitutes: tuple[str, ...] = ()
    family: Literal["roman", "swiss", "modern", "auto"] = "auto"


class StyleValue(BaseModel):
    """How one element of the paper looks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    font: str
    size: str
    align: Literal["left", "center", "right", "both"] = "both"
    first_line_chars: int = 0
    numbering: str = ""


class Element(_Node):
    """The style of one element."""

    value: StyleValue


class Page(BaseModel):
    """The upright page."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    width: Measure
    height: Measure
    margin_top: Measure
    margin_bottom: Measure
    margin_left: Measure
    margin_right: Measure
    lines: Measure
    characters: Measure
    line_pitch: Measure


class Landscape(BaseModel):
    """The margins of the wide page."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    margin_top: Measure
    margin_bottom: Measure
    margin_left: Measure
    margin_right: Measure


class Layout(BaseModel):
    """The whole standard as data."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    standard: Text
    page: Page
    landscape: Landscape
    sizes: dict[str, Measure]
    fonts: dict[str, Font]
    elements: dict[str, Element]
    distances: dict[str, Measure]
    colours: dict[str, Text]

    @model_validator(mode="after")
    def _names_resolve(self) -> Layout:
        for name, element in self.elements.items():
            if element.value.font not in self.fonts:
                raise ValueError(f"element {name}: unknown font {element.value.font}")
            if element.value.size not in self.sizes:
                raise ValueError(f"element {name}: unknown size {element.value.size}")
        return self

    def margins(self, landscape: bool) -> dict[str, int]:
        """Margins in twips: top, bottom, left, right."""
        side = self.landscape if landscape else self.page
        return {
            name: getattr(side, f"margin_{name}").twips or round(getattr(side, f"margin_{name}").value * TWIPS_PER_MM)
            for name in ("top", "bottom", "left", "right")
        }

    def page_size(self, landscape: bool) -> tuple[int, int]:
        """Width and height of the sheet in twips as it is read."""
        size = (round(self.page.width.value * TWIPS_PER_MM), round(self.page.height.value * TWIPS_PER_MM))
        return (size[1], size[0]) if landscape else size

    def text_width(self, landscape: bool) -> int:
        """Width of the text area in twips."""
        margins = self.margins(landscape)
        return self.page_size(landscape)[0] - margins["left"] - margins["right"]

    def line_pitch(self) -> int:
        """Distance of lines in twips."""
        return round(self.page.line_pitch.value * TWIPS_PER_PT)

    def character_twips(self) -> float:
        """Width of one character cell of the grid in twips (text width / 28)."""
        return self.text_width(False) / self.page.characters.value

    def character_space(self) -> int:
        """``w:charSpace`` of the grid: cell minus body size, in 1/4096 pt."""
        return round((self.character_twips() / TWIPS_PER_PT - self.points("3号")) * 4096)

    def tightening(self, points: float) -> int:
        """Twips between characters of body type so that 28 fill a line; 0 for other sizes.

        The section declares the grid, but LibreOffice gives two cells to a character wider than one, so paragraphs
        do not snap to it: exact line distance and this spacing make 22 lines of 28 characters in every program.
        """
        if points != self.points(self.style("body").size):
            return 0
        return min(0, floor(self.character_twips() - points * TWIPS_PER_PT) - 1)  # LibreOffice rounds one twip away

    def points(self, size: str) -> float:
        """Type size in pt by its Chinese name."""
        return self.sizes[size].value

    def style(self, element: str) -> StyleValue:
        """The style of an element by name."""
        return self.elements[element].value


@cache
def gbt9704() -> Layout:
    """The layout of GB/T 9704-2012, loaded once."""
    path = Path(__file__).parent / "data" / "gbt9704.yaml"
    return Layout.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
