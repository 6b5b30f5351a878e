"""What only one pack may bring: a register's code, and an indicator's code, name and other names. Two packs that both
bring it pass the check one by one, and the second one is refused when it is loaded. Pure but for the files given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ecocloud.base.yaml_lines import part
from ecocloud.kernel.evidence import catalogue
from ecocloud.kernel.evidence.linking import normalise
from ecocloud.kernel.registers.errors import DefinitionError
from ecocloud.kernel.registers.pack_demands import Profile


class Clash(DefinitionError):
    """Something that only one pack may bring is brought by another one too."""

    code = "registers.clash"


@dataclass(frozen=True)
class Claim:
    """One thing that a pack brings: what it is (register, indicator, name), how it is told apart, and where it says so
    (the line of the list it stands in).

    whose: of a name the code of its indicator.
    """

    pack: str
    kind: str
    key: str
    text: str
    file: str
    line: int
    field: str
    whose: str = ""


def claims(folder: Path, profiles: Iterable[Profile]) -> list[Claim]:
    """What a pack brings, as far as its files can be read."""
    name = folder.name
    found = [Claim(name, "register", one.code, one.code, one.file, 1, "code") for one in profiles]
    listed, line = part((folder / "pack.yaml").read_bytes().decode("utf-8", "replace"), "pack.yaml", "indicators")
    for position, one in enumerate(listed if isinstance(listed, list) else ()):
        if not isinstance(one, Mapping) or not one.get("zh"):
            continue  # of the catalogue
        code = str(one.get("code", ""))
        at = ("pack.yaml", line, f"indicators.{position}")
        found.append(Claim(name, "indicator", code, code, *at))
        aliases = one.get("aliases")
        for text in (one["zh"], *(aliases if isinstance(aliases, list) else ())):
            found.append(Claim(name, "name", normalise(str(text)), str(text), *at, code))
    return found


def of_catalogue() -> dict[tuple[str, str], str]:
    """The names that the catalogue of indicators has taken, with the code of the indicator."""
    return {("name", normalise(name)): entry.code for entry in catalogue.load().entries for name in entry.names}


def clashes(own: Iterable[Claim], others: Iterable[Claim], taken: Mapping[tuple[str, str], str]) -> list[Clash]:
    """What of a pack's claims another pack, another part of it or the catalogue has, too."""
    elsewhere: dict[tuple[str, str], str] = {(one.kind, one.key): f"包 {one.pack}" for one in others}
    held = {key: f"指标目录 {code}" for key, code in taken.items()}
    found, seen = [], {}
    for one in own:
        key = (one.kind, one.key)
        holder = elsewhere.get(key) or held.get(key) or seen.get(key, "")
        if one.kind == "name":
            seen.setdefault(key, f"指标 {one.whose}")
        if holder and holder != f"指标 {one.whose}":
            found.append(_told(one, holder))
    return found


def _told(one: Claim, holder: str) -> Clash:
    kinds = {"register": ("名录代码", "register code"), "indicator": ("指标编码", "indicator code"),
             "name": ("指标名称", "name of an indicator")}  # fmt: skip
    zh, en = kinds[one.kind]
    words = holder.replace("包", "pack").replace("指标目录", "the catalogue:").replace("指标", "indicator")
    return Clash(
        f"{zh}“{one.text}”已由{holder}使用。",
        f"{one.file}:{one.line} {one.field}: {en} {one.text!r} is taken by {words}",
        where={"文件": one.file, "行": one.line, "字段": one.field}, value=one.text,
        remedy_zh="请换一个；同一件事直接引用已有的。", remedy_en="Choose another, or use the one that is there.",
    )  # fmt: skip
