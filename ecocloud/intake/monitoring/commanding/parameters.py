"""Parameters of a command as a person gives them: each checked, all faults at once, then ready to be written.

Pure: what counts as now is given. What the platform puts in itself (SystemTime) is not asked and filled at sending.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ecocloud.base.errors import EcoError
from ecocloud.intake.monitoring.commanding.table import Offer, own, rules_of_parameters
from ecocloud.intake.monitoring.hj212.tables import Name, code_of, codes, fields
from ecocloud.intake.monitoring.hj212.values import BEIJING

INFO = "Info"  # the field of the form for the value of a site information
_SITE = "i"  # codes of site information begin with it (HJ 212-2017 annex B)
_FORMS = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y%m%d%H%M%S", "%Y-%m-%d")
_LONGEST_INFO = 200


class ParameterFault(EcoError):
    """A parameter cannot be sent as it was given; ``where`` names its field."""

    code = "monitoring.command.parameter"


class ParameterFaults(EcoError):
    """One or more parameters are wrong; ``faults`` by field."""

    code = "monitoring.command.parameters"

    def __init__(self, faults: Mapping[str, ParameterFault]) -> None:
        self.faults = dict(faults)
        first = next(iter(self.faults.values()))
        super().__init__("；".join(fault.sentence_zh().rstrip("。") for fault in self.faults.values()) + "。",
                         "; ".join(fault.message_en for fault in self.faults.values()),
                         value=first.value)  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One field of the form. kind: number, time, text or choice."""

    name: str
    zh: str
    en: str
    kind: str
    hint: str
    hint_en: str
    required: bool
    limit: str = ""
    least: int | None = None
    most: int | None = None
    one_of: tuple[int, ...] = ()


def fields_of(offer: Offer) -> tuple[Field, ...]:
    """The fields a person fills in for a command, in order."""
    found = [_field(_name(name), name not in offer.command.optional) for name in offer.asked]
    if offer.terms.info:
        hint, hint_en = "按现场端信息编码的单位和类型填写", "In the unit and type of its code"
        found.append(Field(INFO, "信息值", "value of the information", "text", hint, hint_en, True))
    return tuple(found)


def _name(name: str) -> Name:
    return next(one for one in fields().parameters if one.name == name)


def _field(known: Name, required: bool) -> Field:
    rule = rules_of_parameters().get(known.name)
    kind = "choice" if known.one_of else known.kind
    hint, hint_en = (rule.hint, rule.hint_en) if rule else ("", "")
    return Field(known.name, known.zh, known.en, kind, hint, hint_en, required, known.limit, known.least, known.most,
                 known.one_of)  # fmt: skip


def checked(offer: Offer, given: Mapping[str, str], now: datetime) -> dict[str, str]:
    """Parameters as text for keeping: times in ISO form (Beijing), numbers bare; empty optional ones left out.

    given: texts by field name, :data:`INFO` for the value of 3021. now: aware.
    Raises :class:`ParameterFaults` with every fault by field.
    """
    faults: dict[str, ParameterFault] = {}
    found: dict[str, str] = {}
    for name in given:
        if name not in {field.name for field in fields_of(offer)}:
            faults[name] = _fault(name, given[name], "命令没有这个参数。", "unknown parameter", "请去掉。")
    for field in fields_of(offer):
        text = str(given.get(field.name, "") or "").strip()
        if not text:
            if field.required:
                faults[field.name] = _fault(field.name, text, "没有填写。", "missing", "此参数必填。")
            continue
        try:
            found[field.name] = _one(field, text, now)
        except ParameterFault as fault:
            faults[field.name] = fault
    if not faults:
        _together(found, faults)
    if faults:
        raise ParameterFaults(faults)
    return found


def _fault(name: str, value: object, zh: str, en: str, remedy: str) -> ParameterFault:
    label = "信息值" if name == INFO else next((one.zh for one in fields().parameters if one.name == name), name)
    return ParameterFault(zh, f"{name}: {en}", where={"参数": label}, value=value, remedy_zh=remedy)


def _one(field: Field, text: str, now: datetime) -> str:
    if field.kind in ("number", "choice"):
        return _number(field, text)
    if field.kind == "time":
        return _time(field.name, text, now).isoformat()
    if field.name == INFO:
        return _text(field, text, _LONGEST_INFO)
    rule = rules_of_parameters().get(field.name)
    check = rule.check if rule else "limits"
    if check == "clock":
        return _clock(field.name, text)
    if check == "factor" and code_of(text) is None:
        raise _fault(field.name, text, f"“{text}”不在因子编码表中。", "not in the tables", "如 w01018。")
    if check == "information" and (text not in codes() or not text.startswith(_SITE)):
        raise _fault(field.name, text, f"“{text}”不在现场端信息编码表中。", "not in the tables", "如 i13004。")
    return _text(field, text, int(field.limit[1:]) if field.limit[:1] == "C" and field.limit[1:].isdigit() else 60)


def _number(field: Field, text: str) -> str:
    digits = int(field.limit[1:]) if field.limit[:1] == "N" and field.limit[1:].isdigit() else 9
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None
    low = field.least is None or (number is not None and number >= field.least)
    high = field.most is None or (number is not None and number <= field.most)
    if number is None or not low or not high or (field.one_of and number not in field.one_of):
        raise _fault(field.name, text, f"“{text}”不在允许范围。", "out of range", f"应为 {allowed_words(field)}。")
    return str(number)


def allowed_words(field: Field) -> str:
    """What a number may be, in words."""
    if field.one_of:
        return "、".join(map(str, field.one_of))
    if field.least is not None:
        return f"{field.least}～{field.most}"
    digits = field.limit[1:] if field.limit[:1] == "N" else "9"
    return f"不超过 {digits} 位的非负整数"


def _text(field: Field, text: str, longest: int) -> str:
    if len(text.encode("utf-8")) > longest:
        raise _fault(field.name, text, "太长。", "too long", f"最多 {longest} 字节。")
    if not text.isprintable() or any(sign in text for sign in ";,&#="):
        raise _fault(field.name, text, "含有不能写进数据区的字符。", "separators", "不能含 ; , & # = 和控制字符。")
    return text


def _clock(name: str, text: str) -> str:
    digits = text.replace(":", "")
    try:
        return datetime.strptime(digits if len(digits) == 6 else f"{digits}00", "%H%M%S").strftime("%H%M%S")
    except ValueError:
        raise _fault(name, text, f"“{text}”不是时刻。", "no time of day", "如 083000。") from None


def _time(name: str, text: str, now: datetime) -> datetime:
    for form in _FORMS:
        try:
            found = datetime.strptime(text, form).replace(tzinfo=BEIJING)
        except ValueError:
            continue
        break
    else:
        raise _fault(name, text, f"“{text}”不是时间。", "no time", "如 2026-03-01 08:00。")
    if name == "BeginTime" and found > now:
        raise _fault(name, text, "晚于现在。", "later than now", "请填写已经过去的时间。")
    if found.year < 2000:
        raise _fault(name, text, "年份太早。", "before 2000", "请填写 2000 年以后的时间。")
    return found


def _together(found: Mapping[str, str], faults: dict[str, ParameterFault]) -> None:
    """What two parameters say together."""
    if "BeginTime" not in found or "EndTime" not in found:
        return
    begin, end = (datetime.fromisoformat(found[name]) for name in ("BeginTime", "EndTime"))
    most = own("history_days")
    if end <= begin:
        faults["EndTime"] = _fault("EndTime", found["EndTime"], "不晚于开始时间。", "not after begin",
                                   "应晚于开始时间。")  # fmt: skip
    elif end - begin > timedelta(days=most):
        faults["EndTime"] = _fault("EndTime", found["EndTime"], f"时段超过 {most} 天。", "too long",
                                   "请分几次提取。")  # fmt: skip


def wired(offer: Offer, kept: Mapping[str, str], now: datetime) -> dict[str, object]:
    """Kept parameters as :func:`~ecocloud.intake.monitoring.hj212.building.command` takes them; now: for SystemTime."""
    rules = rules_of_parameters()
    found: dict[str, object] = {}
    for name in offer.command.parameters:
        if name in rules and rules[name].check == "fill":
            found[name] = now
        elif name in kept:
            known = _name(name)
            found[name] = datetime.fromisoformat(kept[name]) if known.kind == "time" else kept[name]
    if offer.terms.info:
        found[f"{kept['InfoId']}-Info"] = kept[INFO]
    return found


def shown(text: str) -> str:
    """A kept value for people: times without their zone."""
    try:
        return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M:%S}" if "T" in text else text
    except ValueError:
        return text
