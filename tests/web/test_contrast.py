"""Contrast of the themes, computed from the stylesheet by WCAG 2.2 (success criteria 1.4.3 and 1.4.11)."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "ecocloud" / "web" / "static" / "web"
TEXTS = ("ink", "ink-2", "ink-3", "act-ink", "trace", "ok", "warn", "bad")
SURFACES = ("paper", "surface", "surface-2")
# text role on the soft ground it is used on: tags, chips, notes, selected buttons, error rows
ON_SOFT = (
    ("ok", "ok-soft"),
    ("warn", "warn-soft"),
    ("bad", "bad-soft"),
    ("trace", "trace-soft"),
    ("act-ink", "act-soft"),
    ("act-ink", "act-softer"),
    ("ink", "act-soft"),
    ("ink", "bad-soft"),
    ("ink-2", "bad-soft"),
    ("ink-2", "surface-3"),
    ("ink-on", "act"),
    ("ink-on", "act-hover"),
    ("rail-ink", "rail"),
    ("ink-2", "rail"),
    ("ink-3", "rail"),
    ("limit", "surface"),
    ("ink", "trace-soft"),
)
SHAPES = ("ok-fill", "warn-fill", "bad-fill", "act", "series-1", "series-2", "series-3", "series-4", "ink-3", "focus")


def _block(css: str, selector: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for body in re.findall(rf"(?:^|\}}|\*/|;)\s*{re.escape(selector)}\s*\{{([^}}]*)\}}", css, re.M):
        found |= dict(re.findall(r"--([\w-]+):([^;]+);?", body))
    return found


def _themes() -> dict[str, dict[str, str]]:
    css = "\n".join((STATIC / name).read_text("utf-8") for name in ("tokens.css", "app.css"))
    light = _block(css, ":root")
    return {"light": light, "dark": light | _block(css, ".theme-dark")}


THEMES = _themes()


def colour(theme: str, name: str) -> tuple[int, int, int]:
    value = THEMES[theme][name].strip()
    if value.startswith("var("):
        return colour(theme, value[6:-1])
    digits = value.lstrip("#")
    digits = "".join(sign * 2 for sign in digits) if len(digits) == 3 else digits
    return tuple(int(digits[at : at + 2], 16) for at in (0, 2, 4))


def luminance(rgb: tuple[int, int, int]) -> float:
    parts = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(theme: str, one: str, other: str) -> float:
    high, low = sorted((luminance(colour(theme, one)), luminance(colour(theme, other))), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_formula_agrees_with_known_pairs():
    # black on white is 21 by definition; #767676 on white is the well-known 4.54
    assert (1.05) / (luminance((0, 0, 0)) + 0.05) == pytest.approx(21)
    assert 1.05 / (luminance((0x76, 0x76, 0x76)) + 0.05) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("text", TEXTS)
def test_text_on_surfaces(theme, text, surface):
    assert contrast(theme, text, surface) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "ground"), ON_SOFT)
def test_text_on_soft_grounds(theme, text, ground):
    assert contrast(theme, text, ground) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("level", [*(f"aqi-{n}" for n in range(1, 7)), *(f"water-{n}" for n in (12, 3, 4, 5, 6))])
def test_statutory_colours_carry_readable_words(theme, level):
    assert contrast(theme, f"{level}-ink", level) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("shape", SHAPES)
def test_shapes_stand_off_the_surface(theme, shape):
    assert contrast(theme, shape, "surface") >= 3


def test_statutory_colours_are_the_same_in_both_themes():
    fixed = [name for name in THEMES["light"] if re.fullmatch(r"(aqi|water)-\d+", name)]
    assert len(fixed) == 11
    assert all(THEMES["dark"][name] == THEMES["light"][name] for name in fixed)


def test_dark_theme_answers_every_role_that_must_differ():
    css = (STATIC / "tokens.css").read_text("utf-8")
    dark = _block(css, ".theme-dark")
    assert {"paper", "surface", "surface-2", "ink", "ink-2", "ink-3", "act", "trace", "ok", "warn", "bad"} <= set(dark)
