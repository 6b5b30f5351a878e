"""Front-end files: nothing from outside, nothing inline, every icon in the sprite, the build held by its lock file."""

import json
import re
from pathlib import Path

import pytest

from ecocloud.web import assets_build

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "ecocloud"
TEMPLATES = sorted(path for path in PACKAGE.rglob("templates/**/*.html"))
OURS = sorted(path for path in (PACKAGE / "web" / "static" / "web").rglob("*") if path.is_file())
ICON_SOURCES = sorted([*TEMPLATES, *PACKAGE.rglob("*.py")])
NAMESPACES = ("http://www.w3.org/",)
built = pytest.mark.skipif(
    not (assets_build.TARGET / "LICENSES.md").is_file(), reason="front-end files are not built: make assets"
)


def label(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def outside_addresses(text: str) -> list[str]:
    found = re.findall(r"(?:https?:)?//[\w.-]+\.[a-z]{2,}[^\s\"'`)]*|https?://[^\s\"'`)]+", text)
    return [url for url in found if not url.startswith(NAMESPACES)]


def test_templates_and_files_are_found():
    assert len(TEMPLATES) > 20 and {path.name for path in OURS} >= {"tokens.css", "app.css", "app.js", "charts.js"}


@pytest.mark.parametrize("path", [*TEMPLATES, *OURS], ids=label)
def test_nothing_comes_from_outside(path):
    assert outside_addresses(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=label)
def test_nothing_is_inline(path):
    text = re.sub(r"\{#.*?#\}|\{% comment.*?endcomment %\}", "", path.read_text("utf-8"), flags=re.S)
    assert not re.search(r"<[^>]*\sstyle\s*=", text), "style attribute"
    assert not re.search(r"<style\b", text, re.I), "style element"
    assert not re.search(r"<[a-z][^>]*\son[a-z]+\s*=\s*[\"']", text, re.I), "event attribute"
    assert "javascript:" not in text
    for script in re.findall(r"<script\b([^>]*)>(.*?)</script>", text, re.S | re.I):
        assert "src=" in script[0] and not script[1].strip(), "inline script"
    assert not re.search(r"\bhx-(on|vals=['\"]js:|vars)", text), "htmx attribute that needs eval"


@pytest.mark.parametrize("name", ["tokens.css", "app.css"])
def test_style_sheets_use_no_newer_language(name):
    css = re.sub(r"/\*.*?\*/", "", (PACKAGE / "web" / "static" / "web" / name).read_text("utf-8"), flags=re.S)
    assert css.count("{") == css.count("}")
    assert not re.search(r":has\(|color-mix\(|@container|@import|@layer|&:|url\(", css)


@pytest.mark.parametrize("name", ["tokens.css", "app.css"])
def test_no_text_under_twelve_pixels(name):
    css = (PACKAGE / "web" / "static" / "web" / name).read_text("utf-8")
    screen = css[: css.rindex("@media print")]
    sizes = [float(size) for size in re.findall(r"font(?:-size)?:[^;}]*?(\d+(?:\.\d+)?)px", screen)]
    sizes += [float(size) for size in re.findall(r"--t-\d+:(\d+)px", screen)]
    assert sizes and min(sizes) >= 12


def test_colours_of_the_product_come_through_roles():
    css = (PACKAGE / "web" / "static" / "web" / "app.css").read_text("utf-8")
    found = re.findall(r"#[0-9a-fA-F]{3,8}\b", css)
    # print is black; the toast's link is the design's; the dark rail is its own token block
    assert set(found) <= {"#000", "#bfe3d4", "#101e1a", "#bccdc4"}


def test_every_icon_named_anywhere_is_in_the_list():
    known = set(assets_build.icon_names(assets_build.SOURCE))
    used: dict[str, str] = {}
    for path in ICON_SOURCES:
        text = path.read_text("utf-8")
        for name in re.findall(r"""\{%\s*icon\s+['"]([\w-]+)['"]|\bicon(?:_name)?\s*=\s*['"]([\w-]+)['"]""", text):
            used[name[0] or name[1]] = label(path)
    assert len(used) > 20
    assert {name: place for name, place in used.items() if name not in known} == {}


def test_the_lock_file_names_no_place_and_pins_everything():
    lock = json.loads((assets_build.SOURCE / "package-lock.json").read_text("utf-8"))
    wanted = json.loads((assets_build.SOURCE / "package.json").read_text("utf-8"))
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted["dependencies"].values())
    packages = {path: entry for path, entry in lock["packages"].items() if path}
    assert not [path for path, entry in packages.items() if "resolved" in entry]
    assert not [path for path, entry in packages.items() if not entry.get("integrity")]
    for name, version in (wanted["dependencies"] | wanted["devDependencies"]).items():
        assert packages[f"node_modules/{name}"]["version"] == version
    assert wanted["dependencies"]["echarts"].startswith("6.1.")
    assert wanted["dependencies"]["htmx.org"] == "2.0.11"


def test_third_party_files_are_not_committed():
    assert "ecocloud/web/static/vendor/" in (ROOT / ".gitignore").read_text("utf-8").split()
    assert not list((assets_build.SOURCE).glob("*.min.*"))


def test_a_stamp_spares_the_second_build(tmp_path):
    target = tmp_path / "vendor"
    target.mkdir()
    for name in assets_build.FILES:
        (target / name).write_text("x", "utf-8")
    stamp = target / assets_build.STAMP
    assert not assets_build.is_current(assets_build.SOURCE, target)
    stamp.write_text(assets_build.fingerprint(assets_build.SOURCE), "utf-8")
    assert assets_build.is_current(assets_build.SOURCE, target)
    assert assets_build.build(assets_build.SOURCE, target) is False
    (target / "icons.svg").unlink()
    assert not assets_build.is_current(assets_build.SOURCE, target)


def test_an_installed_wheel_needs_no_sources(tmp_path):
    target = tmp_path / "vendor"
    with pytest.raises(assets_build.BuildError, match="install the wheel or use a checkout"):
        assets_build.build(tmp_path / "nothing", target)
    target.mkdir()
    for name in (*assets_build.FILES, assets_build.STAMP):
        (target / name).write_text("x", "utf-8")
    assert assets_build.build(tmp_path / "nothing", target) is False


def test_the_sprite_holds_symbols_and_names_missing_ones(tmp_path):
    drawing = '<!-- @license -->\n<svg\n  width="24"\n>\n  <path d="M1 1" />\n  <path d="M2 2" />\n</svg>\n'
    (tmp_path / "a.svg").write_text(drawing, "utf-8")
    text = assets_build.sprite(["a"], tmp_path)
    assert '<symbol id="i-a" viewBox="0 0 24 24"><path d="M1 1" /><path d="M2 2" /></symbol>' in text
    with pytest.raises(assets_build.BuildError, match="no icon named b"):
        assets_build.sprite(["a", "b"], tmp_path)


def test_build_tools_are_not_listed_as_shipped():
    lock = {"packages": {"": {}, "node_modules/a": {}, "node_modules/b": {"dev": True}, "node_modules/@types/c": {}}}
    assert assets_build.shipped_packages(lock) == ["node_modules/a"]


@built
def test_built_files_are_complete_and_licensed():
    assert assets_build.is_current(assets_build.SOURCE, assets_build.TARGET), "old front-end files: make assets"
    licences = (assets_build.TARGET / "LICENSES.md").read_text("utf-8")
    wanted = json.loads((assets_build.SOURCE / "package.json").read_text("utf-8"))["dependencies"]
    for name, version in wanted.items():
        assert f"## {name} {version} (" in licences
    sprite = (assets_build.TARGET / "icons.svg").read_text("utf-8")
    assert set(re.findall(r'id="i-([\w-]+)"', sprite)) == set(assets_build.icon_names(assets_build.SOURCE))
    assert (assets_build.TARGET / "echarts.min.js").stat().st_size < 900_000
    for name in assets_build.FILES:
        assert "sourceMappingURL" not in (assets_build.TARGET / name).read_text("utf-8"), name
