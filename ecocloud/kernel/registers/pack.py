"""A pack: one programme as a folder of YAML. Read and checked as a whole; pure but for the files of its folder.

``pack.yaml`` (who, sources, figures, indicators, targets, tasks, tiles, paragraphs, coverage),
    ``types/*.yaml`` (register
types), ``samples/*.yaml`` (rows of the sample workbooks).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from ecocloud.base.errors import EcoError
from ecocloud.kernel.evidence import catalogue
from ecocloud.kernel.evidence.catalogue import Entry
from ecocloud.kernel.regions.facts import functions_file
from ecocloud.kernel.registers import places, reading, rules, values
from ecocloud.kernel.registers.definition import NO_CHINESE, Code, En, Part, Sentence, SentenceEn, TypeDefinition, Zh
from ecocloud.kernel.registers.errors import DefinitionError, DefinitionFaults
from ecocloud.kernel.registers.expressions import Aggregate, compile_aggregate, compile_row
from ecocloud.kernel.registers.pack_english import missing_english
from ecocloud.kernel.registers.reading import EXAMPLE_DAY, Source

PackCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{2,39}$")]
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
# A line of YAML that ends in Chinese punctuation is folded with a space that no Chinese sentence has.
FOLDED = re.compile(r"(?<=[，。；：、]) +")
# What a paragraph may say beside figures.
WORDS = frozenset({"region", "year", "day"})


class PackSource(Part):
    """A published document the pack rests on."""

    code: Code
    title: str = Field(min_length=4)
    issuer: str = Field(min_length=2)
    number: str = ""
    issued: date
    url: str = ""
    mark: Literal["verified", "from_memory"]


class Figure(Part):
    """A number over all objects of a type: an expression with rows(...), total(...), mean, lowest, highest."""

    code: Code
    zh: Zh
    en: En
    type: str
    value: str = Field(min_length=1)
    unit: str = ""
    decimals: int = Field(default=0, ge=0, le=6)
    source: str = ""


class PackIndicator(Part):
    """An indicator that a figure feeds: one of the catalogue (only figure and code), or a new one, fully described.

    Unit and decimals of a new one are the figure's.
    """

    figure: str
    code: str
    zh: str = ""
    en: str = ""
    aliases: tuple[str, ...] = ()
    direction: str = "none"
    nature: str = "expected"
    period: str = "year"
    department: str = ""
    definition: str = ""
    citation: str = ""
    mark: str = ""

    @property
    def is_new(self) -> bool:
        """Whether the pack brings the indicator."""
        return bool(self.zh)


class PackTarget(Part):
    """A target a region may adopt: by year, with the source that sets it."""

    indicator: str
    operator: Literal[">=", "<=", "="]
    value: Decimal
    year: int = Field(ge=2000, le=2100)
    source: str


class TaskTemplate(Part):
    """A recurring duty for each object for which ``when`` is true (empty: all).

    per: ``unit`` makes one duty for all objects of a responsible unit. due_days: days from the first day of the cycle's
    period (once: from the day it is made). function: of the responsible unit. fills: the date field of the object that
    takes the day of the report when the duty is closed; empty for none.
    """

    code: Code
    zh: str = Field(min_length=4, max_length=60)
    en: En
    type: str
    when: str = ""
    cycle: Literal["once", "month", "quarter", "half_year", "year"]
    due_days: int = Field(ge=1, le=400)
    function: str = Field(min_length=2)
    proof: Sentence = ""
    proof_en: SentenceEn = ""
    per: Literal["object", "unit"] = "object"
    fills: str = ""


class PackTile(Part):
    """A tile of the cockpit or the register's head: figures, or objects grouped."""

    code: Code
    zh: Zh
    en: En
    kind: Literal["numbers", "bars", "share", "map"]
    type: str
    figures: tuple[str, ...] = ()
    by: Literal["", "state", "year", "county", "township"] = ""


class Paragraph(Part):
    """A paragraph of a report; ``{figure}``, ``{region}``, ``{year}``, ``{day}`` are filled in."""

    code: Code
    zh: Zh
    en: En | None = None
    text: str = Field(min_length=10, max_length=1000)
    text_en: Annotated[str, Field(max_length=2000, pattern=NO_CHINESE)] = ""


class Coverage(Part):
    """Where one item of a system's data lives in the pack, or why it is missing.

    by: ``TYPE`` (the register), ``TYPE.FIELD``, ``state:TYPE.STATE``, ``inspection:TYPE.KIND``, ``figure:CODE``,
    ``indicator:CODE``, ``task:CODE``.
    """

    system: Annotated[str, Field(pattern=r"^S\d{3}$")]
    side: Literal["in", "out"]
    item: str = Field(min_length=2)
    by: tuple[str, ...] = ()
    missing: str = ""
    missing_en: SentenceEn = ""


class PackDefinition(Part):
    """The content of ``pack.yaml``."""

    id: PackCode
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    zh: Zh
    en: En
    summary: str = Field(min_length=10, max_length=600)
    summary_en: Annotated[str, Field(max_length=1200, pattern=NO_CHINESE)] = ""
    owner_role: Literal["office", "department", "township"]
    systems: tuple[str, ...] = Field(min_length=1)
    sources: tuple[PackSource, ...] = Field(min_length=1)
    figures: tuple[Figure, ...] = ()
    indicators: tuple[PackIndicator, ...] = ()
    targets: tuple[PackTarget, ...] = ()
    tasks: tuple[TaskTemplate, ...] = ()
    tiles: tuple[PackTile, ...] = ()
    paragraphs: tuple[Paragraph, ...] = ()
    coverage: tuple[Coverage, ...] = Field(min_length=1)


class SampleRow(Part):
    """One row of a sample workbook."""

    code: str = ""
    name: str = Field(min_length=2)
    region: str = ""
    department: str = ""
    state: str = ""
    geometry: dict[str, Any] | None = None
    values: dict[str, Any]


class Sample(Part):
    """The rows of the sample workbook of one type. A reference to an object is the name of a row of another sample."""

    type: str
    rows: tuple[SampleRow, ...] = Field(min_length=3)


@dataclass(frozen=True)
class PackFolder:
    """A pack read and checked: its description, types and samples."""

    definition: PackDefinition
    types: tuple[TypeDefinition, ...]
    samples: tuple[Sample, ...]
    digest: str

    @cached_property
    def type_by_code(self) -> dict[str, TypeDefinition]:
        """The types by code."""
        return {one.code: one for one in self.types}

    def figure(self, code: str) -> tuple[Figure, Aggregate]:
        """A figure with its checked expression."""
        found = next(one for one in self.definition.figures if one.code == code)
        return found, compiled_figure(found, self.type_by_code[found.type])

    def entries(self) -> list[Entry]:
        """The indicators the pack brings, as entries of the catalogue."""
        return [entry_of(one, self.definition) for one in self.definition.indicators if one.is_new]


def compiled_figure(figure: Figure, definition: TypeDefinition) -> Aggregate:
    """A figure's expression, checked against its type; raises :class:`ExpressionError`."""
    scope = rules.scope_of_rows(definition)
    return compile_aggregate(figure.value, scope, unit=figure.unit, decimals=figure.decimals)


def entry_of(one: PackIndicator, pack: PackDefinition) -> Entry:
    """An indicator of a pack as an entry of the catalogue; raises pydantic's ValidationError."""
    figure = next((each for each in pack.figures if each.code == one.figure), None)
    given = one.model_dump(exclude={"figure"}) | {"aggregation": "last", "group": one.code[:3]}
    return Entry.model_validate(
        {**given, "unit": figure.unit if figure else "", "decimals": figure.decimals if figure else 0}
    )


def own_folder() -> Path:
    """The folder of the packs that come with the product."""
    return Path(str(files("ecocloud") / "packs"))


def own_packs() -> list[str]:
    """The ids of the packs that come with the product."""
    return sorted(path.parent.name for path in own_folder().glob("*/pack.yaml"))


def folder_of(word: str) -> Path:
    """The folder of a pack given by id or path; raises :class:`DefinitionError`."""
    path = Path(word)
    for folder in (path, own_folder() / word):
        if (folder / "pack.yaml").is_file():
            return folder
    known = "、".join(own_packs())
    raise DefinitionError(f"没有包“{word}”。", f"no pack {word!r}", value=word,
                          remedy_zh=f"请写包的文件夹，或随产品的包：{known}。")  # fmt: skip


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

    icons: the names that a type may give as its icon; None: not checked.
    """
    faults: list[DefinitionError] = []
    types: list[TypeDefinition] = []
    samples: list[tuple[Source, Sample]] = []

    def text_of(path: Path) -> str:
        return path.read_bytes().decode("utf-8")

    source = pack = None
    try:
        source = Source(text_of(folder / "pack.yaml"), "pack.yaml")
        pack = source.model(PackDefinition)
    except (DefinitionFaults, UnicodeDecodeError) as error:
        faults += _faults_of(error, "pack.yaml")
    for path in sorted((folder / "types").glob("*.yaml")):
        try:
            types.append(reading.read_type(text_of(path), f"types/{path.name}", icons))
        except (DefinitionFaults, UnicodeDecodeError) as error:
            faults += _faults_of(error, f"types/{path.name}")
    for path in sorted((folder / "samples").glob("*.yaml")):
        try:
            one = Source(text_of(path), f"samples/{path.name}")
            samples.append((one, one.model(Sample)))
        except (DefinitionFaults, UnicodeDecodeError) as error:
            faults += _faults_of(error, f"samples/{path.name}")
    if not faults and source is not None and pack is not None:
        made = PackFolder(pack, tuple(types), _in_order([one for _, one in samples], types), digest_of(folder))
        faults = [*_pack_faults(source, made, folder.name), *_sample_faults(samples, made)]
        if folder.resolve().parent == own_folder().resolve():
            faults += _english_faults(source, made, folder)
        if not faults:
            return made
    raise DefinitionFaults(faults)


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


def _faults_of(error: DefinitionFaults | UnicodeDecodeError, name: str) -> list[DefinitionError]:
    if isinstance(error, DefinitionFaults):
        return list(error.faults)
    return [
        DefinitionError("文件不是 UTF-8 编码。", f"{name}: {error}", where={"文件": name}, remedy_zh="请另存为 UTF-8。")
    ]


def _pack_faults(source: Source, made: PackFolder, folder: str) -> Iterator[DefinitionError]:
    pack = made.definition
    if pack.id != folder:
        yield source.fault(
            ("id",), f"包的代码与文件夹“{folder}”不同。", "id differs from folder", pack.id, "请改成一致。"
        )
    if not made.types:
        yield source.fault((), "包里没有名录类型。", "no types", None, "请在 types 里至少放一个 YAML。")
    codes = [one.code for one in made.types]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        yield source.fault((), f"类型“{code}”出现两次。", "type twice", code, "请改名。")
    for name in ("sources", "figures", "tasks", "tiles", "paragraphs"):
        seen: set[str] = set()
        for position, one in enumerate(getattr(pack, name)):
            if one.code in seen:
                yield source.fault(
                    (name, position, "code"), f"代码“{one.code}”出现两次。", "code twice", one.code, "请改名。"
                )
            seen.add(one.code)
    yield from _expressions(source, made)
    yield from _tasks(source, made)
    yield from _indicators(source, made)
    yield from _names(source, made)
    yield from _coverage(source, made)


def _english_faults(source: Source, made: PackFolder, folder: Path) -> Iterator[DefinitionError]:
    """What a pack of the product says in Chinese only."""
    types = {one.code: one for one in made.types}
    found = [(source, missing_english(made.definition))]
    for path in sorted((folder / "types").glob("*.yaml")):
        whole = list(missing_english(types[path.stem])) if path.stem in types else []
        if whole:  # its lines are read anew only when there is something to tell
            found.append((Source(path.read_text(encoding="utf-8"), f"types/{path.name}"), iter(whole)))
    for one, lacking in found:
        for path, text in lacking:
            yield one.fault(path, f"“{text[:30]}”没有英文。", "no English", text[:60],
                            f"随产品的包须双语：请补上 {path[-1]}。")  # fmt: skip


def _expressions(source: Source, made: PackFolder) -> Iterator[DefinitionError]:
    for name in ("figures", "tasks"):
        for position, one in enumerate(getattr(made.definition, name)):
            definition = made.type_by_code.get(one.type)
            if definition is None:
                yield source.fault((name, position, "type"), f"没有类型“{one.type}”。", "unknown type", one.type,
                                   f"已有：{'、'.join(made.type_by_code)}。")  # fmt: skip
                continue
            key, text = ("value", one.value) if name == "figures" else ("when", one.when)
            try:
                if name == "figures":
                    compiled_figure(one, definition)
                elif text:
                    compile_row(text, rules.scope_of_rows(definition), wanted="bool")
            except EcoError as error:
                place = f"（第 {error.where['位置']} 个字符）" if "位置" in error.where else ""
                yield source.fault((name, position, key), f"{error.message_zh.rstrip('。')}{place}。", error.message_en,
                                   text, error.remedy_zh)  # fmt: skip


def _tasks(source: Source, made: PackFolder) -> Iterator[DefinitionError]:
    """The units and the field that task templates name are there."""
    functions = {one.code for one in functions_file().functions}
    for position, one in enumerate(made.definition.tasks):
        if one.function not in functions:
            yield source.fault(("tasks", position, "function"), f"没有职能“{one.function}”。", "unknown function",
                               one.function, f"可用：{'、'.join(sorted(functions))}。")  # fmt: skip
        if one.per == "unit" and one.cycle == "once":
            yield source.fault(("tasks", position, "per"), "按单位生成的任务要有周期。", "needs a cycle", one.per,
                               "请写周期，或改为逐对象（per: object）。")  # fmt: skip
        definition = made.type_by_code.get(one.type)
        if not one.fills or definition is None:
            continue
        field = definition.by_code.get(one.fills)
        if one.per != "object" or field is None or field.kind != "date" or field.computed:
            known = "、".join(each.code for each in definition.fields if each.kind == "date" and not each.computed)
            yield source.fault(
                ("tasks", position, "fills"), f"“{one.fills}”不是可回填的日期字段。", "no date field to fill",
                one.fills, f"只有逐对象的任务（per: object）可回填，可用：{known or '无'}。",
            )  # fmt: skip


def _indicators(source: Source, made: PackFolder) -> Iterator[DefinitionError]:
    figures = {one.code for one in made.definition.figures}
    codes = {one.code for one in made.definition.indicators}
    for position, one in enumerate(made.definition.indicators):
        if one.figure not in figures:
            yield source.fault(("indicators", position, "figure"), f"没有指标计算“{one.figure}”。", "unknown figure",
                               one.figure, f"已有：{'、'.join(sorted(figures))}。")  # fmt: skip
            continue
        known = catalogue.load().by_code.get(one.code)
        if known is not None or not one.is_new:
            yield from _of_catalogue(source, made, position, known)
            continue
        try:
            entry_of(one, made.definition)
        except ValidationError as error:
            first = error.errors()[0]
            key = str(first["loc"][0]) if first["loc"] else "code"
            yield source.fault(("indicators", position, key), f"“{key}”的值不合指标目录的规定。", first["msg"],
                               first.get("input"), "请对照指标目录的字段说明改正。")  # fmt: skip
    for position, one in enumerate(made.definition.targets):
        if one.indicator not in codes:
            yield source.fault(("targets", position, "indicator"), f"没有指标“{one.indicator}”。", "unknown indicator",
                               one.indicator, f"已有：{'、'.join(sorted(codes))}。")  # fmt: skip


def _of_catalogue(source: Source, made: PackFolder, position: int, known: Entry | None) -> Iterator[DefinitionError]:
    """An indicator that the catalogue should have: it is there, described only there, and the units agree."""
    one = made.definition.indicators[position]
    figure = next(each for each in made.definition.figures if each.code == one.figure)
    if known is None:
        yield source.fault(("indicators", position, "code"), f"指标目录里没有“{one.code}”。", "unknown indicator",
            one.code,
                           "请写目录中的编码，或补全新指标的名称、定义和出处。")  # fmt: skip
    elif one.is_new:
        yield source.fault(("indicators", position, "zh"), f"“{one.code}”已在指标目录中。", "already in the catalogue",
                           one.zh, "只写 figure 和 code。")  # fmt: skip
    elif known.unit != figure.unit:
        yield source.fault(("indicators", position, "figure"), f"单位“{figure.unit}”与目录的“{known.unit}”不同。",
                           "unit differs from the catalogue", figure.unit, f"请改为 {known.unit}。")  # fmt: skip


def _names(source: Source, made: PackFolder) -> Iterator[DefinitionError]:
    pack = made.definition
    figures = {one.code for one in pack.figures}
    sources = {one.code for one in pack.sources}
    cited = [(("targets", i, "source"), one.source) for i, one in enumerate(pack.targets)]
    cited += [(("figures", i, "source"), one.source) for i, one in enumerate(pack.figures) if one.source]
    for path, code in cited:
        if code not in sources:
            yield source.fault(
                path, f"没有来源“{code}”。", "unknown source", code, f"已有：{'、'.join(sorted(sources))}。"
            )
    for position, tile in enumerate(pack.tiles):
        if tile.type not in made.type_by_code:
            yield source.fault(
                ("tiles", position, "type"), f"没有类型“{tile.type}”。", "unknown type", tile.type, "请改正。"
            )
        for code in tile.figures:
            if code not in figures:
                yield source.fault(
                    ("tiles", position, "figures"), f"没有指标计算“{code}”。", "unknown figure", code, "请改正。"
                )
        if bool(tile.figures) == bool(tile.by):
            yield source.fault(
                ("tiles", position), "图块要么写 figures，要么写 by。", "figures or by", tile.code, "请改正。"
            )
    for position, paragraph in enumerate(pack.paragraphs):
        for key in ("text", "text_en"):
            for word in PLACEHOLDER.findall(getattr(paragraph, key)):
                if word not in WORDS and word not in figures:
                    known = "、".join(sorted(WORDS | figures))
                    yield source.fault(("paragraphs", position, key), f"没有占位符“{word}”。", "unknown placeholder",
                                       word, f"可用：{known}。")  # fmt: skip


def _coverage(source: Source, made: PackFolder) -> Iterator[DefinitionError]:
    pack = made.definition
    known = {f"figure:{one.code}" for one in pack.figures} | {f"indicator:{one.code}" for one in pack.indicators}
    known |= {f"task:{one.code}" for one in pack.tasks}
    for one in made.types:
        known |= {one.code} | {f"{one.code}.{field.code}" for field in one.fields}
        known |= {f"state:{one.code}.{state.code}" for state in one.states}
        known |= {f"inspection:{one.code}.{each.code}" for each in one.inspections}
    covered = set()
    for position, one in enumerate(pack.coverage):
        covered.add(one.system)
        if bool(one.by) == bool(one.missing):
            yield source.fault(("coverage", position), "要么写 by，要么写 missing。", "by or missing", one.item,
                               "请写明在哪里，或为什么没有。")  # fmt: skip
        for word in one.by:
            if word not in known:
                yield source.fault(
                    ("coverage", position, "by"), f"包里没有“{word}”。", "covered by nothing", word, "请改正。"
                )
    for code in pack.systems:
        if code not in covered:
            yield source.fault(("systems",), f"没有说明 {code} 的数据在哪里。", "system without coverage", code,
                               "请在 coverage 里逐项写明。")  # fmt: skip


def _sample_faults(samples: list[tuple[Source, Sample]], made: PackFolder) -> Iterator[DefinitionError]:
    names = {sample.type: {row.name for row in sample.rows} for _, sample in samples}
    for source, sample in samples:
        definition = made.type_by_code.get(sample.type)
        if definition is None:
            yield source.fault(("type",), f"没有类型“{sample.type}”。", "unknown type", sample.type, "请改正。")
            continue
        for position, row in enumerate(sample.rows):
            path = ("rows", position)
            if row.state and row.state not in definition.state_by_code:
                yield source.fault((*path, "state"), f"没有状态“{row.state}”。", "unknown state", row.state, "请改正。")
            given = dict(row.values)
            for field in definition.fields:
                if field.kind == "object" and field.code in given:
                    if given[field.code] not in names.get(field.target, ()):
                        yield source.fault((*path, "values", field.code), f"样例里没有“{given[field.code]}”。",
                                           "refers to no sample row", given[field.code],
                                           f"请写 {field.target} 样例中的名称。")  # fmt: skip
                    given[field.code] = "obj:1"  # any: what the rules ask is whether there is one
            found, faults = values.clean(definition, given)
            seen = {**values.completed(definition, found, EXAMPLE_DAY), "name": row.name,
                    "state": row.state or definition.first_state, "has_place": row.geometry is not None}  # fmt: skip
            for fault in faults or values.judge(definition, seen, EXAMPLE_DAY):
                yield source.fault((*path, "values", fault.field), fault.message_zh, fault.message_en, fault.value,
                                   fault.remedy_zh)  # fmt: skip
            try:
                places.read(row.geometry, definition.geometry)
            except EcoError as error:
                yield source.fault(
                    (*path, "geometry"), error.message_zh, error.message_en, error.value, error.remedy_zh
                )


def fill(text: str, found: Mapping[str, str]) -> str:
    """The text of a paragraph with its placeholders filled in; ``found`` has every word and figure it names."""
    return PLACEHOLDER.sub(lambda match: found[match[1]], FOLDED.sub("", text))
