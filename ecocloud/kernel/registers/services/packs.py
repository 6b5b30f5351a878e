"""Loading packs, and what a loaded pack computes: figures, observations, targets, report paragraphs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from ecocloud.base.errors import EcoError, Forbidden
from ecocloud.base.pages.speaking import day_words, is_english, pick_words, unit_word
from ecocloud.base.units import format_value, is_counter
from ecocloud.kernel.evidence import services as evidence
from ecocloud.kernel.evidence.models import Indicator, Observation, Target
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions.models import Region
from ecocloud.kernel.regions.services.console import check
from ecocloud.kernel.registers import pack_definition as packs
from ecocloud.kernel.registers import queries, rules
from ecocloud.kernel.registers.changes import Lifting, Plan
from ecocloud.kernel.registers.errors import MigrationNeeded, NoSuchThing, PackVersionRefused
from ecocloud.kernel.registers.expressions import compile_row, together
from ecocloud.kernel.registers.models import Pack, RegisterObject, RegisterType
from ecocloud.kernel.registers.pack_changes import differences, number_of
from ecocloud.kernel.registers.pack_definition import Figure, PackDefinition, PackFolder
from ecocloud.kernel.registers.register import open_register
from ecocloud.kernel.registers.services import types
from ecocloud.kernel.registers.services.guards import LOAD

CONFIRMED = ("confirmed", "locked")


@dataclass
class PackPlan:
    """What loading a pack would do: new types, plans of known ones by code, what its description says otherwise,
    whether anything changes at all. held: the version that is loaded, '' for none."""

    pack: str
    version: str
    held: str = ""
    new: list[str] = field(default_factory=list)
    plans: dict[str, Plan] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    same: bool = False

    @property
    def conflicts(self) -> list[str]:
        """Every conflict with the name of its type."""
        return [f"{code}：{sentence}" for code, plan in sorted(self.plans.items()) for sentence in plan.conflicts]

    @property
    def refusal(self) -> PackVersionRefused | None:
        """Why the version forbids loading, unless somebody says to replace what is loaded all the same."""
        if self.same or not self.held or number_of(self.version) > number_of(self.held):
            return None
        found = [*self._changes(), *self.conflicts]
        if self.version == self.held and not found:
            return None  # other samples or comments: nothing that is loaded differs
        return PackVersionRefused(self.pack, self.held, self.version, found)

    def _changes(self) -> list[str]:
        said = [f"新建名录 {code}" for code in self.new]
        said += [f"{code}：{one.sentence_zh}" for code, plan in sorted(self.plans.items()) for one in plan.changes]
        return said + self.told

    def lines(self) -> list[str]:
        """The plan in sentences."""
        return self._changes() or ["与已装入的相同" if self.same else "名录和说明没有改动（只有样例或注释不同）"]


def diff(made: PackFolder) -> PackPlan:
    """What loading would change; writes nothing."""
    pack, row = made.definition, Pack.objects.filter(code=made.definition.id).first()
    plan = PackPlan(pack.id, pack.version)
    if row is not None:
        plan.held, plan.same = row.version, row.digest == made.digest
        plan.told = differences(row.content, pack.model_dump(mode="json"))
    for definition in made.types:
        found = types.preview(definition)
        if found is None:
            plan.new.append(definition.code)
        else:
            plan.plans[definition.code] = found
    foreign = RegisterType.objects.filter(code__in=[one.code for one in made.types], pack__isnull=False)
    for row in foreign.exclude(pack__code=made.definition.id).select_related("pack"):
        conflicts = (f"名录 {row.code} 属于包 {row.pack.code}",)
        plan.plans[row.code] = Plan((), conflicts, Lifting())
    gone = RegisterType.objects.filter(pack__code=made.definition.id).exclude(code__in=[one.code for one in made.types])
    for row in gone:
        plan.plans[row.code] = Plan((), ("新版的包里没有这个名录",), Lifting())
    return plan


def load(user: Any, made: PackFolder, *, replace: bool = False) -> PackPlan:
    """Load a pack, or bring it up to date, in one transaction; the same pack again changes nothing.

    replace: also an older version, or other content under the same number; the journal says so.
    Raises :class:`PackVersionRefused` with every difference (without ``replace``), :class:`MigrationNeeded` with every
    conflict of every type; nothing is loaded then.
    """
    check(user, LOAD)
    with change(user.actor()) as tx:
        plan = diff(made)
        backwards = plan.refusal
        if backwards is not None and not replace:
            raise backwards
        if plan.conflicts:
            raise MigrationNeeded(plan.conflicts, where={"包": made.definition.id})
        if plan.same:
            return plan
        pack = made.definition
        row, _ = Pack.objects.update_or_create(
            code=pack.id,
            defaults={"zh": pack.zh, "en": pack.en, "version": pack.version, "digest": made.digest,
                      "content": pack.model_dump(mode="json"), "loaded_at": timezone.now()},
        )  # fmt: skip
        for definition in made.types:
            types.define(user, definition, row)
        if made.entries():
            evidence.install_indicators(user.actor(), made.entries(), source=f"pack:{pack.id}")
        after = {"version": pack.version, "digest": made.digest, "changes": plan.lines()}
        if backwards is not None:
            after["replaced"] = backwards.reason
        tx.log("registers.pack.load", Ref("pack", pack.id, version=pack.version),
               {"version": plan.held} if plan.held else None, after)  # fmt: skip
    return plan


def loaded() -> list[PackDefinition]:
    """The descriptions of all loaded packs, by code (one query)."""
    return [PackDefinition.model_validate(content) for content in Pack.objects.values_list("content", flat=True)]


def with_tasks() -> list[PackDefinition]:
    """The loaded packs that have task templates, by code: with these and their words only (one query)."""
    keys = ("version", "zh", "en", "summary", "owner_role", "sources", "tasks")
    rows = Pack.objects.values_list("code", *(f"content__{key}" for key in keys))
    return [PackDefinition.model_validate({"id": code, **dict(zip(keys, found, strict=True))})
            for code, *found in rows if found[-1]]  # fmt: skip


def open_pack(code: str) -> PackDefinition:
    """The description of a loaded pack; raises NoSuchThing."""
    row = Pack.objects.filter(code=code).first()
    if row is None:
        raise NoSuchThing(f"没有装入包“{code}”。", f"pack {code!r} is not loaded", value=code,
                          remedy_zh="请先运行 ecocloud packs load。")  # fmt: skip
    return PackDefinition.model_validate(row.content)


def _figure(pack: PackDefinition, code: str) -> Figure:
    found = next((one for one in pack.figures if one.code == code), None)
    if found is None:
        raise NoSuchThing(f"包“{pack.zh}”没有指标计算“{code}”。", f"no figure {code!r}", value=code)
    return found


def figure_value(viewer: Any, pack: PackDefinition, code: str, region: Region, day: date) -> Decimal | None:
    """A figure of a pack over the objects in ``region`` and below, as they were on ``day``; None when it has no value.

    Only what ``viewer`` may see is counted; ``today()`` in the expression is ``day``.
    """
    return figure_values(viewer, pack, [code], region, day)[code]


def figure_values(
    viewer: Any, pack: PackDefinition, codes: Iterable[str], region: Region, day: date
) -> dict[str, Decimal | None]:
    """Several figures of a pack, as :func:`figure_value`; the objects of each register are walked once."""
    by_type: dict[str, list[Figure]] = {}
    for code in dict.fromkeys(codes):
        figure = _figure(pack, code)
        by_type.setdefault(figure.type, []).append(figure)
    found: dict[str, Decimal | None] = {}
    for type_, figures in by_type.items():
        register = open_register(type_)
        compiled = [packs.compiled_figure(one, register.definition) for one in figures]
        rows = queries.as_of(viewer, register, day, region).iterator(chunk_size=2000)
        values = together(compiled, (register.readable(row) for row in rows), day)
        found |= {one.code: value for one, value in zip(figures, values, strict=True)}
    return found


def task_objects(viewer: Any, pack: PackDefinition, code: str, today: date) -> Iterator[RegisterObject]:
    """The objects that a task template of the pack is for: those ``viewer`` may see for which its ``when`` is true."""
    task = next((one for one in pack.tasks if one.code == code), None)
    if task is None:
        raise NoSuchThing(f"包“{pack.zh}”没有任务“{code}”。", f"no task {code!r}", value=code)
    register = open_register(task.type)
    scope = rules.scope_of_rows(register.definition)
    wanted = compile_row(task.when, scope, wanted="bool") if task.when else None
    for row in queries.objects(viewer, register).exclude(state="retired").order_by("code").iterator(chunk_size=2000):
        if wanted is None or wanted(register.readable(row), today) is True:
            yield row


@dataclass(frozen=True)
class Fed:
    """What became of one indicator: ``recorded``, ``corrected``, ``same``, ``none`` (no value) or ``refused``."""

    indicator: str
    outcome: str
    value: Decimal | None = None
    observation: Observation | None = None
    refusal: EcoError | None = None


def feed(user: Any, pack: PackDefinition, region: Region, year: int) -> list[Fed]:
    """Hand the year's values of the pack's indicators in for review, each with the figure it was computed by.

    The day is the last of the year, or today. A confirmed value that differs is corrected (a new version, for review).
    An indicator that the catalogue has no longer is refused by itself; the others go on.
    Raises Forbidden when the person sees only some of the objects: a part is no value of the region.
    """
    day = min(timezone.localdate(), date(year, 12, 31))
    for code in sorted({_figure(pack, one.figure).type for one in pack.indicators}):
        register = open_register(code)
        seen = queries.as_of(user, register, day, region).count()
        if seen != queries.rows_on(register, day, region).count():
            raise Forbidden(
                "您只能看到部分对象，不能代表全区域报送。", f"{seen} objects of {code} are seen, there are more",
                code="registers.part", where={"区划": region.name, "名录": register.definition.zh}, value=seen,
                remedy_zh="请由能看到全部对象的人员报送。",
            )  # fmt: skip
    known, found = _indicators(one.code for one in pack.indicators), []
    for one in pack.indicators:
        if one.code not in known:
            found.append(Fed(one.code, "refused", refusal=_no_indicator(pack, one.code)))
            continue
        value = figure_value(user, pack, one.figure, region, day)
        if value is None:
            found.append(Fed(one.code, "none"))
            continue
        source = str(Ref("regfig", f"{pack.id}/{one.figure}", region.pk, day.isoformat()))
        try:
            found.append(_hand_in(user, known[one.code], region, year, value, source))
        except EcoError as error:
            found.append(Fed(one.code, "refused", value, None, error))
    return found


def _indicators(codes: Iterable[str]) -> dict[str, Indicator]:
    """Those of the indicators that the catalogue has, by code (one query)."""
    return {one.code: one for one in Indicator.objects.filter(code__in=set(codes))}


def _no_indicator(pack: PackDefinition, code: str) -> NoSuchThing:
    return NoSuchThing(
        f"包“{pack.zh}”的指标“{code}”不在指标目录中，可能已被删除或改名。",
        f"indicator {code!r} of pack {pack.id!r} is not in the catalogue: deleted or renamed",
        where={"包": pack.id, "指标": code}, value=code,
        remedy_zh="请在指标目录中恢复该编码；或在 pack.yaml 里写上新的编码并提高版本号，再重新装入。",
    )  # fmt: skip


def _hand_in(user: Any, indicator: Indicator, region: Region, year: int, value: Decimal, source: str) -> Fed:
    rows = Observation.objects.filter(indicator=indicator, region=region, period=str(year), qualifier="actual")
    standing = rows.filter(status__in=CONFIRMED).first()
    if standing is None:
        made = evidence.record_observation(user, indicator, region, str(year), value, source=source, submitted=True,
                                           note="由名录计算")  # fmt: skip
        return Fed(indicator.code, "recorded", value, made)
    if standing.value == value:
        return Fed(indicator.code, "same", value, standing)
    made = evidence.correct(user, standing, value=value, source=source, reason="名录数据变化后重新计算")
    return Fed(indicator.code, "corrected", value, made)


def adopt_targets(user: Any, pack: PackDefinition, region: Region) -> list[Target]:
    """Set the pack's targets for a region, all or none; needs the right to set targets.

    Raises NoSuchThing naming pack and indicator when the catalogue has one of the indicators no longer.
    """
    known, made = _indicators(one.indicator for one in pack.targets), []
    for one in pack.targets:
        if one.indicator not in known:
            raise _no_indicator(pack, one.indicator)
    with change(user.actor()):
        for one in pack.targets:
            document = str(Ref("pack", pack.id, one.source, pack.version))
            made.append(evidence.set_target(user, known[one.indicator], region, str(one.year), one.operator, one.value,
                                            document=document))  # fmt: skip
    return made


def paragraphs(viewer: Any, pack: PackDefinition, region: Region, day: date) -> dict[str, str]:
    """The pack's report paragraphs filled in, by code; a figure without a value reads 无数据."""
    words = {
        word for one in pack.paragraphs for word in packs.PLACEHOLDER.findall(one.text + one.text_en)
    } - packs.WORDS
    return filled(pack, region, day, figure_values(viewer, pack, sorted(words), region, day))


def filled(pack: PackDefinition, region: Region, day: date, values: Mapping[str, Decimal | None]) -> dict[str, str]:
    """The pack's report paragraphs filled with figures that are known, by code, in the language of the page."""
    known = {"region": region.name, "year": str(day.year), "day": day_words(day)}
    for code, value in values.items():
        known[code] = figure_words(_figure(pack, code), value)
    return {one.code: packs.fill(pick_words(one.text, one.text_en), known) for one in pack.paragraphs}


def figure_words(figure: Figure, value: Decimal | None) -> str:
    """A figure with its unit as a sentence says it; 无数据 when it has no value.

    An English sentence names what is counted itself: 12 trees, not 12 株.
    """
    if value is None:
        return pick_words("无数据", "no data")
    unit = "" if is_english() and is_counter(figure.unit) else unit_word(figure.unit)
    return format_value(value, unit, figure.decimals, group="")
