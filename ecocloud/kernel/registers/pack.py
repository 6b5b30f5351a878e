"""A pack: one programme as a folder of YAML. Read and checked as a whole; pure but for the files of its folder.

``pack.yaml`` (who, sources, figures, indicators, targets, tasks, tiles, paragraphs, coverage), ``types/*.yaml``
(register types), ``samples/*.yaml`` (rows of the sample workbooks).
"""

from __future__ import annotations

import hashlib
from importlib.resources import files
from pathlib import Path
from typing import Any

from ecocloud.kernel.registers import pack_demands, pack_rules, reading
from ecocloud.kernel.registers.definition import TypeDefinition
from ecocloud.kernel.registers.errors import DefinitionError, DefinitionFaults
from ecocloud.kernel.registers.pack_definition import PackDefinition, PackFolder, Sample
from ecocloud.kernel.registers.source import Source, in_order

# What stands in for a part of ``pack.yaml`` that is missing or wrong, so that the rest can be checked.
_STAND_INS: dict[str, Any] = {
    "id": "stand-in", "version": "0.0.0", "zh": "专题包", "en": "Pack", "summary": "这里代替没有写对的说明。",
    "owner_role": "office",
    "sources": [{"code": "stand_in", "title": "代替的来源", "issuer": "代替", "issued": "2026-01-01",
                 "mark": "from_memory"}],
}  # fmt: skip


def own_folder() -> Path:
    """The folder of the packs that come with the product."""
    return Path(str(files("ecocloud") / "packs"))


def own_packs() -> list[str]:
    """The ids of the packs that come with the product."""
    return sorted(path.parent.name for path in own_folder().glob("*/pack.yaml"))


def is_own(folder: Path) -> bool:
    """Whether a folder is that of a pack which comes with the product."""
    return folder.resolve().parent == own_folder().resolve()


def folder_of(word: str) -> Path:
    """The folder of a pack given by id or path; raises :class:`DefinitionError`."""
    path = Path(word)
    for folder in (path, own_folder() / word):
        if (folder / "pack.yaml").is_file():
            return folder.resolve()
    known = own_packs()
    raise DefinitionError(f"没有包“{word}”。", f"no pack {word!r}", value=word,
                          remedy_zh=f"请写包的文件夹，或随产品的包：{'、'.join(known)}。",
                          remedy_en=f"Name a folder, or a pack of the product: {', '.join(known)}.")  # fmt: skip


def _files(folder: Path) -> list[Path]:
    """The files of a pack in the order they are read."""
    return [folder / "pack.yaml", *sorted((folder / "types").glob("*.yaml")),
            *sorted((folder / "samples").glob("*.yaml"))]  # fmt: skip


def digest_of(folder: Path) -> str:
    """The digest of a pack without reading what its files say: equal digests are equal packs."""
    digest = hashlib.sha256()
    for path in _files(folder):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def read(folder: Path, icons: frozenset[str] | None = None) -> PackFolder:
    """Read and check a whole pack; raises :class:`DefinitionFaults` with every mistake of every file.

    A mistake hides only what cannot be judged without it: what it stands in is left out, and the rest is checked.
    icons: the names that a type may give as its icon; None: not checked.
    """
    withheld: set[str] = set()
    faults: list[DefinitionError] = []
    sources = _sources(folder, withheld, faults)
    names = [path.relative_to(folder).as_posix() for path in _files(folder)]
    types: list[TypeDefinition] = []
    own = is_own(folder)
    for name in (name for name in names if name.startswith("types/") and name in sources):
        made = reading.check_type(sources[name], icons)
        if made is not None:
            types.append(made)
            if own:
                pack_rules.check_english(sources[name], made)
        else:  # its name, so that nobody is told that what refers to it refers to nothing
            withheld.add(Path(name).stem)
    samples: list[tuple[Source, Sample]] = []
    for name in (name for name in names if name.startswith("samples/") and name in sources):
        sample = sources[name].model(Sample, {})
        if sample is not None:
            samples.append((sources[name], sample))
    source = sources.get("pack.yaml")
    pack = source.model(PackDefinition, _STAND_INS) if source is not None else None
    if source is not None and pack is not None:
        ordered = _in_order([one for _, one in samples], types)
        whole = PackFolder(pack, tuple(types), ordered, digest_of(folder))
        pack_rules.check_pack(source, whole, folder.name)
        if own:
            pack_rules.check_english(source, pack)
        pack_rules.check_samples(samples, whole)
        if own and whole.types and not faults and not any(one.faults for one in sources.values()):
            for one in pack_demands.unmet(whole):
                source.add(one.path, one.message_zh, one.message_en, one.value, one.remedy_zh, one.remedy_en)
        faults += [fault for one in sources.values() for fault in one.faults]
        if not faults:
            return whole
    else:
        faults += [fault for one in sources.values() for fault in one.faults]
    raise DefinitionFaults(in_order(faults, names))


def _sources(folder: Path, withheld: set[str], faults: list[DefinitionError]) -> dict[str, Source]:
    """The files of a pack by name; one that is no UTF-8 is noted and left out."""
    found: dict[str, Source] = {}
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        try:
            found[name] = Source(path.read_bytes().decode("utf-8"), name, withheld)
        except UnicodeDecodeError as error:
            where = {"文件": name, "行": path.read_bytes()[: error.start].count(b"\n") + 1, "字段": "全文"}
            faults.append(DefinitionError("文件不是 UTF-8 编码。", f"{name}: {error}", where=where,
                                          remedy_zh="请另存为 UTF-8。", remedy_en="Save it as UTF-8."))  # fmt: skip
            withheld.add(path.stem)
    return found


def _in_order(samples: list[Sample], types: list[TypeDefinition]) -> tuple[Sample, ...]:
    """The samples in the order in which they can be imported: what rows refer to stands before them."""
    wanted = {one.code: {field.target for field in one.fields if field.kind == "object"} for one in types}
    found: list[Sample] = []
    left = list(samples)
    while left:
        waiting = {one.type for one in left}
        ready = [one for one in left if not (wanted.get(one.type, set()) & waiting) - {one.type}] or left
        found += ready
        left = [one for one in left if one not in ready]
    return tuple(found)
