"""Whether the parts of a pack fit together: what ``pack.yaml`` and the samples say against the types, the catalogue of
indicators, the functions of departments and the list of systems. Every mistake is noted at its file."""

from __future__ import annotations

from difflib import get_close_matches

from pydantic import BaseModel, ValidationError

from ecocloud.base.errors import EcoError
from ecocloud.kernel.evidence import catalogue
from ecocloud.kernel.evidence.catalogue import Entry
from ecocloud.kernel.regions import unmeasured
from ecocloud.kernel.regions.facts import functions_file
from ecocloud.kernel.registers import places, rules, systems, values
from ecocloud.kernel.registers.expressions import compile_row
from ecocloud.kernel.registers.pack_definition import PLACEHOLDER, WORDS, PackFolder, Sample, compiled_figure, entry_of
from ecocloud.kernel.registers.pack_english import missing_english
from ecocloud.kernel.registers.reading import EXAMPLE_DAY
from ecocloud.kernel.registers.source import Source

_LISTS = ("sources", "figures", "tasks", "tiles", "paragraphs")


def check_pack(source: Source, made: PackFolder, folder: str) -> None:
    """Note every mistake of ``pack.yaml``; folder: the name of the folder it lies in."""
    pack = made.definition
    if pack.id != folder:
        source.add(("id",), f"包的代码与文件夹“{folder}”不同。", f"id differs from the folder {folder!r}", pack.id,
                   "请改成一致。", "Make them the same.")  # fmt: skip
    if not made.types and not source.withheld:
        source.add(
            (), "包里没有名录类型。", "no types", None, "请在 types 里至少放一个 YAML。", "Put a YAML into types."
        )
    codes = [one.code for one in made.types]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        source.add((), f"类型“{code}”出现两次。", "type twice", code, "请改名。", "Rename one.")
    for name in _LISTS:
        seen: set[str] = set()
        for position, one in enumerate(getattr(pack, name)):
            if one.code in seen:
                source.add((name, position, "code"), f"代码“{one.code}”出现两次。", "code twice", one.code, "请改名。",
                           "Rename one.")  # fmt: skip
            seen.add(one.code)
    _expressions(source, made)
    _tasks(source, made)
    _indicators(source, made)
    _cited(source, made)
    _shown(source, made)
    _coverage(source, made)


def _unknown(source: Source, path: tuple, kind: str, kind_en: str, value: str, known: list[str]) -> None:
    """What is named is not there: the closest of what is, or all of it."""
    near = get_close_matches(value, known, n=3, cutoff=0.6)
    listed = near or known[:12]
    words = ("相近的有", "Close to it") if near else ("可写", "Known")
    more = "等" if not near and len(known) > len(listed) else ""
    source.add(path, f"没有{kind}“{value}”。", f"unknown {kind_en} {value!r}", value,
               f"{words[0]}：{'、'.join(listed) or '无'}{more}。",
               f"{words[1]}: {', '.join(listed) or 'none'}.")  # fmt: skip


def _expressions(source: Source, made: PackFolder) -> None:
    for name in ("figures", "tasks"):
        for position, one in enumerate(getattr(made.definition, name)):
            definition = made.type_by_code.get(one.type)
            if definition is None:
                _unknown(source, (name, position, "type"), "类型", "type", one.type, list(made.type_by_code))
                continue
            key, text = ("value", one.value) if name == "figures" else ("when", one.when)
            try:
                unmeasured.refuse(one.code, one.zh, one.en)
                if name == "figures":
                    compiled_figure(one, definition)
                elif text:
                    compile_row(text, rules.scope_of_rows(definition), wanted="bool")
            except EcoError as error:
                if str(error.value) not in source.withheld:
                    source.add(
                        (name, position, key), *rules.told(error), text, error.remedy_zh, "Change the expression."
                    )


def _tasks(source: Source, made: PackFolder) -> None:
    """The units and the field that task templates name are there."""
    functions = sorted(one.code for one in functions_file().functions)
    for position, one in enumerate(made.definition.tasks):
        if one.function not in functions:
            _unknown(source, ("tasks", position, "function"), "职能", "function", one.function, functions)
        if one.per == "unit" and one.cycle == "once":
            source.add(("tasks", position, "per"), "按单位生成的任务要有周期。", "needs a cycle", one.per,
                       "请写周期，或改为逐对象（per: object）。", "Give a cycle, or per: object.")  # fmt: skip
        definition = made.type_by_code.get(one.type)
        if not one.fills or definition is None:
            continue
        field = definition.by_code.get(one.fills)
        if one.per != "object" or field is None or field.kind != "date" or field.computed:
            known = [each.code for each in definition.fields if each.kind == "date" and not each.computed]
            source.add(("tasks", position, "fills"), f"“{one.fills}”不是可回填的日期字段。", "no date field to fill",
                       one.fills, f"只有逐对象的任务（per: object）可回填，可用：{'、'.join(known) or '无'}。",
                       f"Only tasks per object fill a date field: {', '.join(known) or 'none'}.")  # fmt: skip


def _indicators(source: Source, made: PackFolder) -> None:
    pack = made.definition
    figures = {one.code: one for one in pack.figures}
    codes = [one.code for one in pack.indicators]
    for position, one in enumerate(pack.indicators):
        if one.figure not in figures:
            _unknown(source, ("indicators", position, "figure"), "指标计算", "figure", one.figure, list(figures))
        known = catalogue.load().by_code.get(one.code)
        if known is not None or not one.is_new:
            _of_catalogue(source, made, position, known)
            continue
        try:
            entry_of(one, pack)
        except ValidationError as error:
            for fault in error.errors():
                key = str(fault["loc"][0]) if fault["loc"] else "code"
                source.add(("indicators", position, key), f"“{key}”的值不合指标目录的规定。", fault["msg"],
                           fault.get("input"), "请对照指标目录的字段说明改正。",
                           "See what the catalogue of indicators asks for.")  # fmt: skip
    for position, one in enumerate(pack.targets):
        if one.indicator not in codes:
            _unknown(source, ("targets", position, "indicator"), "指标", "indicator", one.indicator, codes)


def _of_catalogue(source: Source, made: PackFolder, position: int, known: Entry | None) -> None:
    """An indicator that the catalogue should have: it is there, described only there, and the units agree."""
    one = made.definition.indicators[position]
    figure = next((each for each in made.definition.figures if each.code == one.figure), None)
    if known is None:
        near = get_close_matches(one.code, catalogue.load().by_code, n=3, cutoff=0.6)
        close = f"相近的有：{'、'.join(near)}。" if near else ""
        meant = f" Close to it: {', '.join(near)}." if near else ""
        source.add(("indicators", position, "code"), f"指标目录里没有“{one.code}”。", "unknown indicator", one.code,
                   f"请写目录中的编码，或补全新指标的名称、定义和出处。{close}",
                   f"Write a code of the catalogue, or describe the new indicator whole.{meant}")  # fmt: skip
        source.withheld.update(near)  # by its right code other parts may name it
    elif one.is_new:
        source.add(("indicators", position, "zh"), f"“{one.code}”已在指标目录中。", "already in the catalogue", one.zh,
                   "只写 figure 和 code。", "Write figure and code only.")  # fmt: skip
    elif figure is not None and known.unit != figure.unit:
        source.add(("indicators", position, "figure"), f"单位“{figure.unit}”与目录的“{known.unit}”不同。",
                   "unit differs from the catalogue", figure.unit, f"请改为 {known.unit}。",
                   f"Use {known.unit or 'none'}.")  # fmt: skip


def _cited(source: Source, made: PackFolder) -> None:
    pack = made.definition
    sources = [one.code for one in pack.sources]
    cited = [(("targets", i, "source"), one.source) for i, one in enumerate(pack.targets)]
    cited += [(("figures", i, "source"), one.source) for i, one in enumerate(pack.figures) if one.source]
    for path, code in cited:
        if code not in sources:
            _unknown(source, path, "来源", "source", code, sources)


def _shown(source: Source, made: PackFolder) -> None:
    """Tiles and paragraphs name what there is."""
    pack = made.definition
    figures = [one.code for one in pack.figures]
    for position, tile in enumerate(pack.tiles):
        if tile.type not in made.type_by_code:
            _unknown(source, ("tiles", position, "type"), "类型", "type", tile.type, list(made.type_by_code))
        for place, code in enumerate(tile.figures):
            if code not in figures:
                _unknown(source, ("tiles", position, "figures", place), "指标计算", "figure", code, figures)
        if bool(tile.figures) == bool(tile.by):
            source.add(("tiles", position), f"图块“{tile.code}”要么写 figures，要么写 by。",
                       "figures or by, one of them", tile.code, "请删去一个，或补上一个。",
                       "Take one out, or add one.")  # fmt: skip
    for position, paragraph in enumerate(pack.paragraphs):
        for key in ("text", "text_en"):
            for word in PLACEHOLDER.findall(getattr(paragraph, key)):
                if word not in WORDS and word not in figures:
                    _unknown(source, ("paragraphs", position, key), "占位符", "placeholder", word,
                             [*sorted(WORDS), *figures])  # fmt: skip


def _coverage(source: Source, made: PackFolder) -> None:
    """Every item of the data of every system that is covered is said to be somewhere in the pack, or to be missing."""
    pack, known = made.definition, _places(made)
    listed = {one.id: one for one in systems.systems()}
    for position, code in enumerate(pack.systems):
        if code not in listed:
            source.add(("systems", position), f"系统清单里没有“{code}”。", f"there is no system {code!r}", code,
                       f"编号从 {min(listed)} 到 {max(listed)}，见“系统清单”页；不属于任何系统时写 systems: []。",
                       f"Numbers go from {min(listed)} to {max(listed)}; write systems: [] for none.")  # fmt: skip
    said: dict[str, set[tuple[str, str]]] = {}
    for position, one in enumerate(pack.coverage):
        path = ("coverage", position)
        if one.system not in pack.systems:
            source.add((*path, "system"), f"系统“{one.system}”没有写在 systems 里。",
                       f"{one.system!r} is not in systems", one.system, "请写进 systems，或删去本行。",
                       "Add it to systems, or take the line out.")  # fmt: skip
        if (one.side, one.item) in said.setdefault(one.system, set()):
            source.add((*path, "item"), f"{one.system} 的“{one.item}”写了两次。", "item twice", one.item,
                       "请合成一行。", "Make them one.")  # fmt: skip
        said[one.system].add((one.side, one.item))
        if bool(one.by) == bool(one.missing):
            source.add(path, f"“{one.item}”要么写 by，要么写 missing。", "by or missing, one of them", one.item,
                       "请写明在哪里，或为什么没有。", "Say where it is, or why it is not there.")  # fmt: skip
        for place, word in enumerate(one.by):
            if word not in known:
                _unknown(source, (*path, "by", place), "这一项", "part of the pack", word, known)
    for position, code in enumerate(pack.systems):
        for item in systems.items().get(code, ()):
            if (item.side, item.en) not in said.get(code, set()):
                source.add(("systems", position), f"coverage 里没有 {code} 的“{item.en}”（{item.words}）。",
                           f"coverage says nothing of {item.en!r} ({item.side}) of {code}", item.en,
                           f"请补一行：{{system: {code}, side: {item.side}, item: {item.en}, by: […]}}；"
                           "没有的写 missing 和理由。",
                           "Add a line with by, or with missing and why.")  # fmt: skip


def _places(made: PackFolder) -> list[str]:
    """What ``by`` of coverage may name."""
    pack = made.definition
    known = []
    for one in made.types:
        known += [one.code, *(f"{one.code}.{field.code}" for field in one.fields)]
        known += [f"state:{one.code}.{state.code}" for state in one.states]
        known += [f"inspection:{one.code}.{each.code}" for each in one.inspections]
    known += [f"figure:{one.code}" for one in pack.figures]
    known += [f"indicator:{one.code}" for one in pack.indicators]
    return known + [f"task:{one.code}" for one in pack.tasks]


def check_english(source: Source, part: BaseModel) -> None:
    """Note what a part of a pack of the product says in Chinese only."""
    for path, text in missing_english(part):
        source.add(path, f"“{text[:30]}”没有英文。", "no English", text[:60], f"随产品的包须双语：请补上 {path[-1]}。",
                   f"A pack of the product speaks both languages: add {path[-1]}.")  # fmt: skip


def check_samples(samples: list[tuple[Source, Sample]], made: PackFolder) -> None:
    """Note every mistake of the samples."""
    names = {sample.type: [row.name for row in sample.rows] for _, sample in samples}
    for source, sample in samples:
        if sample.type not in made.type_by_code:
            _unknown(source, ("type",), "类型", "type", sample.type, list(made.type_by_code))
            continue
        for position in range(len(sample.rows)):
            _sample_row(source, sample, position, made, names)


def _sample_row(source: Source, sample: Sample, position: int, made: PackFolder, names: dict[str, list[str]]) -> None:
    definition, row, path = made.type_by_code[sample.type], sample.rows[position], ("rows", position)
    if row.state and row.state not in definition.state_by_code:
        _unknown(source, (*path, "state"), "状态", "state", row.state, [one.code for one in definition.states])
    given = source.usable(row.values, definition.by_code)
    for field in definition.fields:
        if field.kind == "object" and field.code in given:
            if given[field.code] not in names.get(field.target, ()):
                source.add((*path, "values", field.code), f"样例里没有“{given[field.code]}”。",
                           "refers to no sample row", given[field.code], f"请写 {field.target} 样例中的名称。",
                           f"Write a name of the sample of {field.target}.")  # fmt: skip
            given[field.code] = "obj:1"  # any: what the rules ask is whether there is one
    found, faults = values.clean(definition, given)
    seen = {**values.completed(definition, found, EXAMPLE_DAY), "name": row.name,
            "state": row.state or definition.first_state, "has_place": row.geometry is not None}  # fmt: skip
    for fault in faults or values.judge(definition, seen, EXAMPLE_DAY):
        source.add((*path, "values", fault.field), f"样例“{row.name}”：{fault.message_zh}", fault.message_en,
                   fault.value, fault.remedy_zh, "Correct the value of the sample.")  # fmt: skip
    if "geometry" in source.withheld:
        return
    try:
        places.read(row.geometry, definition.geometry)
    except EcoError as error:
        source.add((*path, "geometry"), f"样例“{row.name}”：{error.message_zh}", error.message_en, error.value,
                   error.remedy_zh, "Correct the place of the sample.")  # fmt: skip
