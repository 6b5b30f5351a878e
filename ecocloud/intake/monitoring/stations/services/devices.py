"""Adding, changing and switching devices, their channels and secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, get_args

from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.intake.monitoring.hj212.dialect import CrcRule, Dialect
from ecocloud.intake.monitoring.hj212.tables import fields, systems
from ecocloud.intake.monitoring.results.rules import rules
from ecocloud.intake.monitoring.stations import kinds, sealing
from ecocloud.intake.monitoring.stations.errors import AlreadyDecided, DeviceRefused, NoSuchDevice
from ecocloud.intake.monitoring.stations.models import MN_LENGTH, Channel, Device
from ecocloud.intake.monitoring.stations.services.late import note_restamped
from ecocloud.kernel.evidence.guards import within_reach
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions.models import Department, Region
from ecocloud.kernel.registers import queries as registers
from ecocloud.kernel.registers.errors import NoSuchThing

EDIT = "monitoring.device.edit"
_MN = re.compile(rf"[0-9A-Za-z]{{1,{MN_LENGTH}}}\Z")
_CODE = re.compile(r"[A-Za-z0-9]{1,12}\Z")
_PASSWORD = re.compile(r"[\x21-\x7e]{1,20}\Z")
_PLAIN = ("mn", "name", "kind", "st", "maker", "object_ref", "step_minutes", "hour_ending", "realtime_s", "minute_step",
          "dialect")  # fmt: skip
STEPS = (60, 120, 240, 480, 1440)
MOST_CHANNELS = 60
KEEP: Any = object()  # an argument that was left out


@dataclass(frozen=True)
class ChannelGiven:
    """A channel as a person gives it; name and unit default to the tables, numbers may be text."""

    code: str
    name: str = ""
    unit: str = ""
    low: Any = None
    high: Any = None
    limit: Any = None
    limit_text: str = ""
    in_use: bool = True


def add_device(
    user: Any, *, mn: str, name: str, kind: str, region: Region, department: Department | None = None, st: str = "",
    object_ref: str = "", maker: str = "", password: str = "", cipher_key: str = "", dialect: dict | None = None,
    step_minutes: int | None = None, hour_ending: bool | None = None, realtime_s: int = 60, minute_step: int = 10,
    channels: Iterable[ChannelGiven] | None = None, note: str = "",
) -> Device:  # fmt: skip
    """A new device, admitted at once.

    Parameters
    ----------
    mn: its number as it sends it. kind: a code of ``kinds()``. st: '' for the kind's usual system code.
    object_ref: ``obj:ID`` of the register object it stands at, '' for none. password: as it sends in ``PW``, '' when
        it is not to be checked. cipher_key: SM4 key, 16 characters or 32 hexadecimal digits, '' for none.
    dialect: switches of ``hj212.Dialect`` (crc, length, closed). step_minutes: between two values of the hour data,
        None for the kind's. hour_ending: whether its hours are stamped at their end, None for the
        usual. realtime_s, minute_step: intervals in seconds and minutes.
    channels: None for the kind's usual factors.

    Raises Forbidden outside the person's reach, DeviceRefused with the fault of every field.
    """
    within_reach(user, EDIT, region, department)
    found = kinds.kinds().get(kind)
    row = Device(
        mn=mn.strip(), name=name.strip(), kind=kind, st=st or (found.systems[0] if found else ""), region=region,
        department=department, object_ref=object_ref.strip() or None, maker=maker.strip(),
        step_minutes=step_minutes or (found.step_minutes if found else 60), hour_ending=hour_ending,
        realtime_s=realtime_s, minute_step=minute_step, dialect=dialect or {}, created_by_id=getattr(user, "pk", None),
    )  # fmt: skip
    if channels is None and found is not None:
        channels = [ChannelGiven(one.code) for one in found.usual]
    with change(user.actor()) as tx:
        faults = _faults(user, row)
        secrets = _secrets(row, password, cipher_key, faults)
        _refuse(faults)
        for field, sealed in secrets.items():
            setattr(row, field, sealed)
        row.save()
        made = _write_channels(row, list(channels or ()))
        tx.log(
            "monitoring.device.add", row.ref, None, facts(row) | {"channels": made, "secrets": sorted(secrets)}, note
        )
    return row


def edit_device(
    user: Any, pk: int, *, revision: int | None = None, note: str = "", region: Region | None = None,
    department: Any = KEEP, **given: Any,
) -> Device:  # fmt: skip
    """Change what is given (the names of :func:`add_device`, without secrets and channels); ``department=None`` takes
    the unit away, left out it stays. ``revision``: as it was read; raises AlreadyDecided when it is no longer so."""
    unknown = set(given) - set(_PLAIN)
    if unknown:
        raise TypeError(f"unknown fields {sorted(unknown)}")
    with change(user.actor()) as tx:
        row = locked(user, pk, revision)
        before = facts(row)
        for field, value in given.items():
            value = value.strip() if isinstance(value, str) else value
            setattr(row, field, (value or None) if field == "object_ref" else value)
        if region is not None:
            row.region = region
        if department is not KEEP:
            row.department = department or None
        within_reach(user, EDIT, row.region, row.department)
        faults = _faults(user, row)
        if row.mn != before["mn"] and (row.password or row.cipher_key):
            faults["mn"] = _("MN 号与口令封存在一起，不能改号。请停用本设备，另行登记。")
        _refuse(faults)
        restamped = rules().stamp.ends(row.hour_ending) != rules().stamp.ends(before["hour_ending"])
        if restamped:
            row.restamped_at = timezone.now()
        _save(row)
        if restamped:
            note_restamped(row)
        after = facts(row)
        changed = [name for name in after if after[name] != before[name]]
        if changed:
            tx.log("monitoring.device.edit", row.ref, {name: before[name] for name in changed},
                   {name: after[name] for name in changed}, note)  # fmt: skip
    return row


def set_password(user: Any, pk: int, *, password: str | None = None, cipher_key: str | None = None) -> Device:
    """Seal a new password or SM4 key; '' takes it away, None leaves it. The journal keeps that it changed, not what."""
    with change(user.actor()) as tx:
        row = locked(user, pk)
        faults: dict[str, str] = {}
        secrets = _secrets(row, password or "", cipher_key or "", faults)
        _refuse(faults)
        touched = []
        for field, given in (("password", password), ("cipher_key", cipher_key)):
            if given is not None:
                setattr(row, field, secrets.get(field))
                touched.append(field)
        _save(row)
        tx.log("monitoring.device.secret", row.ref, None, {"changed": touched, "held": sorted(secrets)})
    return row


def turn_device(user: Any, pk: int, on: bool, opinion: str = "") -> Device:
    """Switch a device on or off. One that is off is a stranger to the gateways: what it sends waits in quarantine.

    Switching off needs an opinion.
    """
    opinion = opinion.strip()
    if not on and not opinion:
        raise DeviceRefused("停用设备须说明理由。", "no reason given", faults={"opinion": _("请填写理由。")})
    with change(user.actor()) as tx:
        row = locked(user, pk)
        if row.enabled != on:
            row.enabled = on
            _save(row)
            tx.log(f"monitoring.device.{'enable' if on else 'disable'}", row.ref, {"enabled": not on},
                   {"enabled": on}, opinion)  # fmt: skip
    return row


def set_channels(user: Any, pk: int, channels: Iterable[ChannelGiven], revision: int | None = None) -> Device:
    """The channels of a device anew, in the given order; one that is left out is taken out of use, never deleted."""
    with change(user.actor()) as tx:
        row = locked(user, pk, revision)
        before = _channel_facts(row)
        after = _write_channels(row, list(channels))
        _save(row)
        if before != after:
            tx.log("monitoring.device.channels", row.ref, {"channels": before}, {"channels": after})
    return row


def locked(user: Any, pk: int, revision: int | None = None) -> Device:
    """The device's row, locked, within reach of the right to edit; raises NoSuchDevice, Forbidden, AlreadyDecided."""
    rows = Device.objects.select_for_update(of=("self",)).select_related("region", "department__region")
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NoSuchDevice("没有这台设备。", f"no device {pk}", value=pk)
    within_reach(user, EDIT, row.region, row.department)
    if revision is not None and revision != row.revision:
        raise AlreadyDecided("设备已被他人修改。", f"revision {revision} is stale", value=revision,
                             where={"设备": row.name}, remedy_zh="请刷新后再操作。")  # fmt: skip
    return row


def facts(row: Device) -> dict[str, Any]:
    """What the journal keeps of a device: never its secrets."""
    told = {name: getattr(row, name) for name in _PLAIN}
    return told | {"region": row.region_id, "department": row.department_id, "enabled": row.enabled}


def dialect_of(row: Device, key: bytes = b"") -> Dialect:
    """How the device is read; what its switches do not name is by the standard."""
    return Dialect(**row.dialect, keys=(key,) if key else ())


def password_of(row: Device) -> str:
    """The password a device must send, '' when none is checked."""
    return sealing.unseal(row.password, f"{row.mn}/password").decode() if row.password else ""


def key_of(row: Device) -> bytes:
    """The device's SM4 key, empty for none."""
    return sealing.unseal(row.cipher_key, f"{row.mn}/cipher_key") if row.cipher_key else b""


def _save(row: Device) -> None:
    row.revision += 1
    row.updated_at = timezone.now()
    row.save()


def _refuse(faults: dict[str, str]) -> None:
    if faults:
        raise DeviceRefused(f"有 {len(faults)} 处不能保存：{'；'.join(faults.values())}", f"faults in {sorted(faults)}",
                            faults=faults)  # fmt: skip


def _faults(user: Any, row: Device) -> dict[str, str]:
    faults: dict[str, str] = {}
    if not _MN.match(row.mn):
        faults["mn"] = _("MN 号“%(mn)s”应为 1 至 %(most)s 位数字或字母。") % {"mn": row.mn[:40], "most": MN_LENGTH}
    elif Device.objects.filter(mn=row.mn).exclude(pk=row.pk).exists():
        faults["mn"] = _("MN 号 %(mn)s 已登记。") % {"mn": row.mn}
    if not 0 < len(row.name) <= 80:
        faults["name"] = _("请填写设备名称，不超过 80 字。")
    if row.kind not in kinds.kinds():
        faults["kind"] = _("没有“%(kind)s”这类设备。") % {"kind": row.kind}
    elif row.st not in systems():
        faults["st"] = _("“%(st)s”不是 HJ 212 的系统编码。") % {"st": row.st}
    faults |= _interval_faults(row)
    if len(row.maker) > 60:
        faults["maker"] = _("设备厂家不超过 60 字。")
    switches = {"crc": get_args(CrcRule), "length": ("bytes", "characters"), "closed": (True, False)}
    if any(name not in switches or value not in switches[name] for name, value in row.dialect.items()):
        faults["dialect"] = _("解读开关“%(given)s”无法识别。") % {"given": row.dialect}
    if row.object_ref:
        _check_object(user, row, faults)
    return faults


def _interval_faults(row: Device) -> dict[str, str]:
    faults: dict[str, str] = {}
    limits = {one.name: one for one in fields().parameters}
    realtime, minutes = limits["RtdInterval"], limits["MinInterval"].one_of
    if row.step_minutes not in STEPS:
        faults["step_minutes"] = _("数据间隔应为 %(list)s 分钟之一。") % {"list": "、".join(map(str, STEPS))}
    if not realtime.least <= row.realtime_s <= realtime.most:
        faults["realtime_s"] = _("实时数据间隔应为 %(least)s 至 %(most)s 秒。") % {
            "least": realtime.least, "most": realtime.most}  # fmt: skip
    if row.minute_step not in minutes:
        faults["minute_step"] = _("分钟数据间隔应为 %(list)s 分钟之一。") % {"list": "、".join(map(str, minutes))}
    return faults


def _check_object(user: Any, row: Device, faults: dict[str, str]) -> None:
    ref = re.fullmatch(r"obj:(\d{1,18})", row.object_ref or "")
    try:
        found = registers.visible_object(user, int(ref[1])) if ref else None
    except NoSuchThing:
        found = None
    kind = kinds.kinds().get(row.kind)
    if found is None:
        faults["object_ref"] = _("没有“%(ref)s”这个名录对象，或它不在您的数据范围内。") % {"ref": row.object_ref}
    elif kind is not None and found.type.code not in kind.registers:
        faults["object_ref"] = _("“%(name)s”属于%(type)s，%(kind)s设备不能设在那里。") % {
            "name": found.name, "type": found.type.zh, "kind": kind.zh}  # fmt: skip


def _secrets(row: Device, password: str, cipher_key: str, faults: dict[str, str]) -> dict[str, bytes]:
    sealed: dict[str, bytes] = {}
    if password:
        if _PASSWORD.match(password):
            sealed["password"] = sealing.seal(password.encode(), f"{row.mn}/password")
        else:
            faults["password"] = _("口令应为 1 至 20 个可见的英文字符。")
    if cipher_key:
        key = cipher_key.encode() if len(cipher_key) == 16 else b""
        if re.fullmatch("[0-9A-Fa-f]{32}", cipher_key):
            key = bytes.fromhex(cipher_key)
        if len(key) == 16:
            sealed["cipher_key"] = sealing.seal(key, f"{row.mn}/cipher_key")
        else:
            faults["cipher_key"] = _("SM4 密钥应为 16 个字符或 32 位十六进制数。")
    return sealed


# -- channels ----------------------------------------------------------------------------------------------------------


def _channel_facts(row: Device) -> list[dict[str, Any]]:
    names = ("code", "name", "unit", "low", "high", "limit", "limit_text", "in_use")
    return [
        {name: str(value) if isinstance(value := getattr(one, name), Decimal) else value for name in names}
        for one in row.channels.order_by("order", "id")
    ]


def _write_channels(row: Device, given: list[ChannelGiven]) -> list[dict[str, Any]]:
    faults: dict[str, str] = {}
    if len(given) > MOST_CHANNELS:
        faults["channels"] = _("一台设备最多 %(most)s 个因子。") % {"most": MOST_CHANNELS}
    there = {one.code: one for one in row.channels.all()}
    kept: dict[str, Channel] = {}
    for order, one in enumerate(given[:MOST_CHANNELS], 1):
        code = one.code.strip()
        place = f"channel-{order}"
        if not _CODE.match(code):
            faults[place] = _("因子 %(order)s 的编码“%(code)s”应为数字或字母。") % {"order": order, "code": code[:20]}
            continue
        if code in kept:
            faults[place] = _("因子 %(code)s 写了两次。") % {"code": code}
            continue
        fault = _fill(there.get(code) or Channel(device=row, code=code), row, one, order, kept)
        if fault:
            faults[place] = fault
    _refuse(faults)
    for code, channel in there.items():
        if code not in kept:
            channel.in_use, channel.order = False, len(given) + 1
            kept[code] = channel
    for channel in kept.values():
        channel.save()
    return _channel_facts(row)


def _fill(channel: Channel, row: Device, given: ChannelGiven, order: int, kept: dict[str, Channel]) -> str:
    name, unit = kinds.factor_facts(row.kind, channel.code)
    content = asdict(given)
    try:
        numbers = {field: _number(content[field]) for field in ("low", "high", "limit")}
    except (InvalidOperation, ValueError):
        return _("因子 %(code)s 的量程或限值不是数字。") % {"code": channel.code}
    low, high = numbers["low"], numbers["high"]
    if low is not None and high is not None and high <= low:
        return _("因子 %(code)s 的量程上限 %(high)s 应大于下限 %(low)s。") % {
            "code": channel.code, "high": high, "low": low}  # fmt: skip
    channel.name, channel.unit = (given.name.strip() or name)[:60], (given.unit.strip() or unit)[:20]
    channel.low, channel.high, channel.limit = low, high, numbers["limit"]
    channel.limit_text, channel.in_use, channel.order = given.limit_text.strip()[:120], bool(given.in_use), order
    kept[channel.code] = channel
    return ""


def _number(given: Any) -> Decimal | None:
    """A number with at most six decimals and nine digits before them, or None; raises ValueError, InvalidOperation."""
    if given is None or not str(given).strip():
        return None
    number = Decimal(str(given).strip())
    if not number.is_finite() or abs(number) >= 10**9 or round(number, 6) != number:
        raise ValueError(str(given))
    return number
