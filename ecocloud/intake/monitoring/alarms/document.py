"""Rule documents: what an alarm rule says, as JSON, read into conditions. Pure.

``read`` finds every fault at once, each with its path (``grades.0.when.all.1.value``) and what would be right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from ecocloud.base.errors import EcoError
from ecocloud.intake.monitoring.quality.series import exact, plain
from ecocloud.kernel.regions import unmeasured

INTERVALS = ("rtd", "minute", "hour", "day")
OPERATORS = (">", ">=", "<", "<=")
CHANNEL, STANDARD = "channel", "standard"  # what a percentage is of
DIRECTIONS = ("up", "down", "any")
PAUSES = ("calibration", "maintenance", "comparison", "fault", "shutdown")
NORMAL = ("N", "")
LEVELS = (1, 2, 3)
MOST_DEPTH, MOST_NODES, MOST_GRADES = 4, 20, len(LEVELS)
DAY_MINUTES, MOST_MINUTES = 24 * 60, 31 * 24 * 60


class RuleFaults(EcoError):
    """A rule document cannot be used; ``faults``: path -> sentence."""

    code = "monitoring.alarm.rule"

    def __init__(self, faults: Mapping[str, str]) -> None:
        self.faults = dict(faults)
        first = next(iter(self.faults.items()))
        super().__init__(f"报警规则有 {len(self.faults)} 处不合要求：{first[0]}：{first[1]}", f"rule: {first}",
                         where={"字段": first[0]})  # fmt: skip

    def as_dict(self) -> dict[str, Any]:
        """The error with its faults by path."""
        return super().as_dict() | {"faults": [{"field": key, "message_zh": text} for key, text in self.faults.items()]}


@dataclass(frozen=True)
class Limit:
    """The value is beyond ``value`` (10^-6 of the unit), or beyond ``percent`` of the limit registered for the channel,
    or, where ``own``, of the emission limit that holds for the outlet on the day, converted to its reference oxygen.

    back: once beyond, it stays so until the value has come back to here (the same measure as ``value`` or
    ``percent``); None: at once. factor: '' for the one at hand.
    """

    factor: str
    op: str
    value: int | None
    percent: int | None
    back: int | None
    own: bool = False


@dataclass(frozen=True)
class Rate:
    """Within ``minutes`` the value rose (``up``), fell or changed by more than ``change`` (10^-6 of the unit)."""

    factor: str
    direction: str
    change: int
    minutes: int


@dataclass(frozen=True)
class Flat:
    """For ``minutes``, in at least ``least`` values, the value stayed within ``tolerance`` (10^-6 of the unit)."""

    factor: str
    minutes: int
    least: int
    tolerance: int


@dataclass(frozen=True)
class NoData:
    """Nothing came for ``intervals`` hundredths of the data's interval after the newest value. factor: '' for the one
    at hand; of a rule for the whole device: any factor."""

    factor: str
    intervals: int


@dataclass(frozen=True)
class Count:
    """``what`` held at ``least`` of the last ``among`` values."""

    what: Condition
    least: int
    among: int


@dataclass(frozen=True)
class Lasting:
    """``what`` has held without a break for ``minutes``."""

    what: Condition
    minutes: int


@dataclass(frozen=True)
class Group:
    """All (``every``) or any of several conditions."""

    every: bool
    of: tuple[Condition, ...]


Condition = Limit | Rate | Flat | NoData | Count | Lasting | Group


@dataclass(frozen=True)
class Grade:
    """A grade of an alarm (1 lowest). calm: how many values in a row must be good before it ends."""

    level: int
    when: Condition
    calm: int


@dataclass(frozen=True)
class Window:
    """When a rule is in force: months, weekdays (Monday 1), minutes of the day from ``first`` to before ``last`` (over
    midnight where ``first`` is the later), each () or the whole day for always. Beijing time."""

    months: tuple[int, ...]
    weekdays: tuple[int, ...]
    first: int
    last: int


@dataclass(frozen=True)
class Duty:
    """A work item made by the rule when an incident reaches ``level``: kind, days until its deadline."""

    level: int
    kind: str
    days: int


@dataclass(frozen=True)
class RuleDocument:
    """A rule.

    Parameters
    ----------
    cause: what incidents are grouped by, beside the station. zh, en: its name. interval: of the data it reads.
    kinds, devices: of which devices; () for all (devices: MN). each: factors it is evaluated for one by one; None
    for all channels of the device; () for the device as a whole. flags: data flags of values that count.
    grades: by rising level. windows: () for always. pauses: kinds of upkeep during which it rests.
    acknowledge: minutes until an incident nobody acknowledged is escalated. duty: see :class:`Duty`.
    """

    cause: str
    zh: str
    en: str
    interval: str
    kinds: tuple[str, ...]
    devices: tuple[str, ...]
    each: tuple[str, ...] | None
    flags: tuple[str, ...]
    grades: tuple[Grade, ...]
    windows: tuple[Window, ...]
    pauses: tuple[str, ...]
    acknowledge: int
    duty: Duty | None
    note: str

    @property
    def factors(self) -> tuple[str, ...]:
        """The factors its conditions name themselves."""
        found: dict[str, None] = {}
        for grade in self.grades:
            for one in walk(grade.when):
                factor = getattr(one, "factor", "")
                if factor:
                    found[factor] = None
        return tuple(found)

    def subjects(self, channels: tuple[str, ...]) -> tuple[str, ...]:
        """The factors it is evaluated for on a device with these channels; ('',) for the device as a whole."""
        if self.each == ():
            return ("",) if not self.factors or set(self.factors) & set(channels) else ()
        return channels if self.each is None else tuple(one for one in self.each if one in channels)


def walk(condition: Condition) -> list[Condition]:
    """A condition and all below it."""
    below = condition.of if isinstance(condition, Group) else (condition.what,) if hasattr(condition, "what") else ()
    return [condition, *(one for part in below for one in walk(part))]


class _Reader:
    """Reads one document and gathers its faults."""

    def __init__(self) -> None:
        self.faults: dict[str, str] = {}
        self.nodes = 0

    def fault(self, path: str, sentence: str) -> None:
        self.faults.setdefault(path or "规则", sentence)

    def mapping(self, given: Any, path: str, allowed: tuple[str, ...]) -> dict[str, Any]:
        if not isinstance(given, Mapping):
            self.fault(path, "应为一组键值。")
            return {}
        for key in given:
            if key not in allowed:
                self.fault(f"{path}.{key}".lstrip("."), f"没有这一项，可用：{'、'.join(allowed)}。")
        return dict(given)

    def text(self, given: Any, path: str, most: int, empty: bool = False) -> str:
        if not isinstance(given, str) or (not empty and not given.strip()) or len(given) > most:
            self.fault(path, f"应为不超过 {most} 字的文字{'' if empty else '，不能为空'}。")
            return ""
        return given.strip()

    def whole(self, given: Any, path: str, least: int, most: int, default: int | None = None) -> int:
        if given is None and default is not None:
            return default
        if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
            self.fault(path, f"应为 {least} 到 {most} 的整数。")
            return least
        return given

    def number(self, given: Any, path: str) -> int:
        """A number as text or JSON number, in 10^-6."""
        try:
            found = None if isinstance(given, bool) or given is None else exact(Decimal(str(given)))
        except InvalidOperation:
            found = None
        if found is None:
            self.fault(path, "应为数字。")
        return found or 0

    def word(self, given: Any, path: str, allowed: tuple[str, ...]) -> str:
        if given not in allowed:
            self.fault(path, f"应为 {'、'.join(allowed)} 之一。")
            return allowed[0]
        return str(given)

    def words(self, given: Any, path: str, allowed: tuple[str, ...] = (), most: int = 40) -> tuple[str, ...]:
        if given is None:
            return ()
        if not isinstance(given, list | tuple) or len(given) > 500:
            self.fault(path, "应为列表。")
            return ()
        found = []
        for n, one in enumerate(given):
            here = f"{path}.{n}"
            found.append(self.word(one, here, allowed) if allowed else self.text(one, here, most, empty=True))
        return tuple(dict.fromkeys(found))

    def wholes(self, given: Any, path: str, least: int, most: int) -> tuple[int, ...]:
        if given is None:
            return ()
        if not isinstance(given, list | tuple):
            self.fault(path, "应为列表。")
            return ()
        return tuple(sorted({self.whole(one, f"{path}.{n}", least, most) for n, one in enumerate(given)}))

    # conditions

    def condition(self, given: Any, path: str, depth: int = 1) -> Condition:
        self.nodes += 1
        if self.nodes > MOST_NODES or depth > MOST_DEPTH:
            self.fault(path, f"条件过多或嵌套过深（至多 {MOST_NODES} 个、{MOST_DEPTH} 层）。")
            return NoData("", 200)
        if isinstance(given, Mapping) and ("all" in given or "any" in given):
            return self._group(given, path, depth)
        kind = given.get("is") if isinstance(given, Mapping) else None
        reading = {"limit": self._limit, "rate": self._rate, "flat": self._flat, "no_data": self._no_data,
                   "count": self._count, "lasting": self._lasting}.get(kind)  # fmt: skip
        if reading is None:
            self.fault(f"{path}.is", "应为 limit、rate、flat、no_data、count、lasting 之一，或用 all、any 组合。")
            return NoData("", 200)
        return reading(given, path, depth)

    def _group(self, given: Any, path: str, depth: int) -> Group:
        self.mapping(given, path, ("all", "any"))
        name = "all" if "all" in given else "any"
        parts = given[name]
        if len(given) != 1 or not isinstance(parts, list | tuple) or len(parts) < 2:
            self.fault(f"{path}.{name}", "应为至少两个条件的列表，且 all 与 any 只能用一个。")
            parts = []
        return Group(name == "all", tuple(self.condition(one, f"{path}.{name}.{n}", depth + 1)
                                          for n, one in enumerate(parts)))  # fmt: skip

    def _factor(self, given: Any, path: str) -> str:
        return self.text(given.get("factor", ""), f"{path}.factor", 40, empty=True)

    def _limit(self, given: Any, path: str, _depth: int) -> Limit:
        self.mapping(given, path, ("is", "factor", "op", "value", "percent", "of", "back"))
        op = self.word(given.get("op"), f"{path}.op", OPERATORS)
        if ("value" in given) == ("percent" in given):
            self.fault(f"{path}.value", "value（数值）与 percent（登记限值的百分数）须写且只写一个。")
        relative = "percent" in given
        of = self.word(given.get("of", CHANNEL), f"{path}.of", (CHANNEL, STANDARD))
        if of == STANDARD and not relative:
            self.fault(f"{path}.of", "对照排放标准时写 percent（标准限值的百分数）。")
        measure: Any = (lambda one, at: self.whole(one, at, 1, 10_000)) if relative else self.number
        name = "percent" if relative else "value"
        value = measure(given.get(name), f"{path}.{name}") if name in given else 0
        back = measure(given["back"], f"{path}.back") if given.get("back") is not None else None
        if back is not None and (back > value if op in (">", ">=") else back < value):
            self.fault(f"{path}.back", "恢复值应在触发值的正常一侧。")
        return Limit(self._factor(given, path), op, None if relative else value, value if relative else None, back,
                     of == STANDARD)  # fmt: skip

    def _rate(self, given: Any, path: str, _depth: int) -> Rate:
        self.mapping(given, path, ("is", "factor", "direction", "change", "minutes"))
        change = self.number(given.get("change"), f"{path}.change")
        if change <= 0:
            self.fault(f"{path}.change", "应大于零。")
        direction = self.word(given.get("direction", "any"), f"{path}.direction", DIRECTIONS)
        minutes = self.whole(given.get("minutes"), f"{path}.minutes", 1, MOST_MINUTES)
        return Rate(self._factor(given, path), direction, change, minutes)

    def _flat(self, given: Any, path: str, _depth: int) -> Flat:
        self.mapping(given, path, ("is", "factor", "minutes", "least", "tolerance"))
        tolerance = self.number(given.get("tolerance", 0), f"{path}.tolerance")
        if tolerance < 0:
            self.fault(f"{path}.tolerance", "不应小于零。")
        return Flat(self._factor(given, path), self.whole(given.get("minutes"), f"{path}.minutes", 1, MOST_MINUTES),
                    self.whole(given.get("least"), f"{path}.least", 2, 2000), tolerance)  # fmt: skip

    def _no_data(self, given: Any, path: str, _depth: int) -> NoData:
        self.mapping(given, path, ("is", "factor", "intervals"))
        intervals = self.number(given.get("intervals", 2), f"{path}.intervals") // 10_000
        if not 100 < intervals <= 100_000:
            self.fault(f"{path}.intervals", "应大于 1、不超过 1000（1 个间隔时数据刚到应到的时刻）。")
        return NoData(self._factor(given, path), intervals)

    def _what(self, given: Any, path: str, depth: int) -> Condition:
        found = self.condition(given.get("what"), f"{path}.what", depth + 1)
        if any(isinstance(one, NoData) for one in walk(found)) and f"{path}.what.is" not in self.faults:
            self.fault(f"{path}.what", "无数据条件不按次数或时长累计，请直接写 intervals。")
        return found

    def _count(self, given: Any, path: str, depth: int) -> Count:
        self.mapping(given, path, ("is", "what", "least", "among"))
        among = self.whole(given.get("among"), f"{path}.among", 2, 1000)
        least = self.whole(given.get("least"), f"{path}.least", 1, 1000)
        if least > among:
            self.fault(f"{path}.least", "不应大于 among。")
        return Count(self._what(given, path, depth), least, among)

    def _lasting(self, given: Any, path: str, depth: int) -> Lasting:
        self.mapping(given, path, ("is", "what", "minutes"))
        minutes = self.whole(given.get("minutes"), f"{path}.minutes", 1, MOST_MINUTES)
        return Lasting(self._what(given, path, depth), minutes)

    # the rest

    def grades(self, given: Any) -> tuple[Grade, ...]:
        if not isinstance(given, list | tuple) or not 1 <= len(given) <= MOST_GRADES:
            self.fault("grades", f"应有 1 到 {MOST_GRADES} 个级别。")
            return ()
        found = []
        for n, one in enumerate(given):
            path = f"grades.{n}"
            row = self.mapping(one, path, ("level", "when", "calm"))
            level = self.whole(row.get("level"), f"{path}.level", LEVELS[0], LEVELS[-1])
            found.append(Grade(level, self.condition(row.get("when"), f"{path}.when"),
                               self.whole(row.get("calm"), f"{path}.calm", 1, 1000, 1)))  # fmt: skip
        levels = [one.level for one in found]
        if levels != sorted(set(levels)):
            self.fault("grades", "级别应由低到高，各不相同。")
        return tuple(found)

    def windows(self, given: Any) -> tuple[Window, ...]:
        if given is None:
            return ()
        if not isinstance(given, list | tuple):
            self.fault("windows", "应为列表。")
            return ()
        found = []
        for n, one in enumerate(given):
            path = f"windows.{n}"
            row = self.mapping(one, path, ("months", "weekdays", "from", "to"))
            found.append(Window(
                self.wholes(row.get("months"), f"{path}.months", 1, 12),
                self.wholes(row.get("weekdays"), f"{path}.weekdays", 1, 7),
                self._clock(row.get("from", "00:00"), f"{path}.from"),
                self._clock(row.get("to", "24:00"), f"{path}.to"),
            ))  # fmt: skip
        return tuple(found)

    def _clock(self, given: Any, path: str) -> int:
        hours, colon, minutes = str(given).partition(":")
        digits = colon and all(part.isascii() and part.isdigit() and len(part) == 2 for part in (hours, minutes))
        total = int(hours) * 60 + int(minutes) if digits else -1
        if not digits or int(minutes) > 59 or total > DAY_MINUTES:
            self.fault(path, "应为 00:00 到 24:00 的时刻。")
            return 0
        return total

    def duty(self, given: Any) -> Duty | None:
        if given is None:
            return None
        row = self.mapping(given, "duty", ("level", "kind", "days"))
        return Duty(self.whole(row.get("level"), "duty.level", LEVELS[0], LEVELS[-1]),
                    self.text(row.get("kind", "problem"), "duty.kind", 20),
                    self.whole(row.get("days"), "duty.days", 1, 366))  # fmt: skip


_KEYS = ("cause", "zh", "en", "interval", "kinds", "devices", "each", "flags", "grades", "windows", "pauses",
         "acknowledge", "duty", "note")  # fmt: skip


def read(given: Any) -> RuleDocument:
    """A rule from its JSON; raises :class:`RuleFaults` with every fault by its path."""
    reader = _Reader()
    row = reader.mapping(given, "", _KEYS)
    each = () if row.get("each") is None else None if row["each"] == "all" else reader.words(row["each"], "each")
    found = RuleDocument(
        cause=reader.text(row.get("cause"), "cause", 40), zh=reader.text(row.get("zh"), "zh", 60),
        en=reader.text(row.get("en", ""), "en", 100, empty=True),
        interval=reader.word(row.get("interval"), "interval", INTERVALS), kinds=reader.words(row.get("kinds"), "kinds"),
        devices=reader.words(row.get("devices"), "devices"), each=each,
        flags=reader.words(row.get("flags", NORMAL), "flags", most=4), grades=reader.grades(row.get("grades")),
        windows=reader.windows(row.get("windows")), pauses=reader.words(row.get("pauses", PAUSES), "pauses", PAUSES),
        acknowledge=reader.whole(row.get("acknowledge"), "acknowledge", 1, MOST_MINUTES, 60),
        duty=reader.duty(row.get("duty")), note=reader.text(row.get("note", ""), "note", 200, empty=True),
    )  # fmt: skip
    _named(reader, found)
    _of_work(reader, found)
    if reader.faults:
        raise RuleFaults(reader.faults)
    return found


def _named(reader: _Reader, rule: RuleDocument) -> None:
    """A rule for the whole device must say of which factor a condition speaks; only silence is of all of them."""
    if rule.each == ():
        for n, grade in enumerate(rule.grades):
            for one in walk(grade.when):
                if isinstance(one, Limit | Rate | Flat) and not one.factor:
                    reader.fault(f"grades.{n}.when", "没有写 each 的规则，每个条件须写明 factor。")


def _of_work(reader: _Reader, rule: RuleDocument) -> None:
    """No rule is made of traces of use: not by its name, not by a factor it looks at."""
    for path, text in (("cause", rule.cause), ("zh", rule.zh), ("en", rule.en)):
        if word := unmeasured.word_in(text):
            reader.fault(path, unmeasured.sentences(word)[0])
    for n, grade in enumerate(rule.grades):
        for one in walk(grade.when):
            if word := unmeasured.word_in(getattr(one, "factor", "")):
                reader.fault(f"grades.{n}.when", unmeasured.sentences(word)[0])


def measure(limit: Limit, channel_limit: int | None) -> tuple[int | None, int | None]:
    """Value and way back of a limit, 10^-6 of the unit; (None, None) where the channel has none to be relative to."""
    if limit.percent is None:
        return limit.value, limit.back
    if channel_limit is None:
        return None, None
    back = None if limit.back is None else channel_limit * limit.back // 100
    return channel_limit * limit.percent // 100, back


def shown(micro: int) -> str:
    """A number of a rule as people write it."""
    return plain(micro)
