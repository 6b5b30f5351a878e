"""The names of the icons that pages can draw are those of the installed sprite."""

from ecocloud.base.pages import icons

SPRITE = '<svg><symbol id="i-leaf" viewBox="0 0 24 24"/><symbol viewBox="0 0 1 1" id="i-map-pin"/></svg>'


def test_names_are_those_of_the_symbols(tmp_path, monkeypatch):
    path = tmp_path / "icons.svg"
    path.write_text(SPRITE, "utf-8")
    monkeypatch.setattr(icons.finders, "find", lambda name: str(path) if name == "vendor/icons.svg" else None)
    assert icons.names() == {"leaf", "map-pin"}


def test_without_a_sprite_nothing_is_known(monkeypatch):
    monkeypatch.setattr(icons.finders, "find", lambda name: None)
    assert icons.names() is None
