"""Words and lights of devices and senders, in the language of the page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.base.rooms import action_words
from ecocloud.intake.monitoring.hj212.tables import fields
from ecocloud.intake.monitoring.stations import kinds, queries
from ecocloud.intake.monitoring.stations.models import Device, Stranger
from ecocloud.intake.monitoring.stations.rates import Counts, rates
from ecocloud.kernel.journal.queries import entries_for
from ecocloud.kernel.regions.models import in_language

LIGHTS = {"online": "green", "late": "yellow", "offline": "red", "never": "none", "by_hand": "none", "off": "none"}
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def standing_words() -> dict[str, str]:
    """The word of each way a device can stand."""
    return {
        "online": _("在线"),
        "late": _("静默"),
        "offline": _("离线"),
        "never": _("未收到数据"),
        "by_hand": _("人工监测"),
        "off": _("已停用"),
    }


def reason_word(reason: str) -> str:
    """Why a sender is in quarantine."""
    words = {"unknown": _("MN 号未登记"), "password": _("口令不符"), "system": _("系统编码不符")}
    return words.get(reason, reason)


def ago(at: datetime | None) -> str:
    """How long ago, roughly: 刚刚, 5 分钟前, 3 小时前, 2 天前; '' for None."""
    if at is None:
        return ""
    seconds = int((timezone.now() - at).total_seconds())
    if seconds < _MINUTE:
        return _("刚刚")
    if seconds < _HOUR:
        return _("%(n)s 分钟前") % {"n": seconds // _MINUTE}
    if seconds < _DAY:
        return _("%(n)s 小时前") % {"n": seconds // _HOUR}
    return _("%(n)s 天前") % {"n": seconds // _DAY}


def drift(seconds: float | None) -> str:
    """How a device's clock differs; '' where it is not known or under two seconds."""
    if seconds is None or abs(seconds) < 2:
        return ""
    n = round(abs(seconds))
    return (_("快 %(n)s 秒") if seconds > 0 else _("慢 %(n)s 秒")) % {"n": n}


def dressed(rows: Iterable[Device]) -> list[Device]:
    """Devices with what a list shows: kind, standing, rates of the annotated counts."""
    words, made = standing_words(), []
    for row in rows:
        row.kind_label = kinds.label_of(row.kind)
        row.standing = queries.standing(row)
        row.standing_label, row.standing_light = words[row.standing], LIGHTS[row.standing]
        state = getattr(row, "state", None)
        row.ago, row.drift = (ago(state.last_packet), drift(state.clock_drift_s)) if state else ("", "")
        row.counts = Counts(*(getattr(row, f"sum_{name}", None) or 0 for name in queries.COUNTED))
        row.rates = rates(row.counts)
        made.append(row)
    return made


def dressed_strangers(rows: Iterable[Stranger]) -> list[Stranger]:
    """Senders with the word of their reason."""
    made = []
    for row in rows:
        row.reason_label, row.ago = reason_word(row.reason), ago(row.last)
        made.append(row)
    return made


def flag_words() -> dict[str, str]:
    """The data flags of HJ 212 in words."""
    return {one.code: in_language(one.zh, one.en) for one in fields().data_flags}


def refusal_words(error: EcoError) -> str:
    """What was refused and what to do, as one sentence in the language of the page."""
    if not in_english():
        return error.sentence_zh()
    return f"{error.message_en[:1].upper()}{error.message_en[1:]}".rstrip(".") + "."


def in_english() -> bool:
    """Whether the page is in English."""
    return (get_language() or "").startswith("en")


def choice_words(choices: Iterable[tuple[str, Any]]) -> list[tuple[str, str]]:
    """Choices of a model in the language of the page."""
    return [(code, str(word)) for code, word in choices]


def history(ref: str, most: int) -> list[dict[str, Any]]:
    """The newest entries of the journal about something, as a timeline shows them."""
    lines = []
    for entry in entries_for(ref)[:most]:
        title = in_language(*action_words().get(entry.action, (entry.action, entry.action)))
        lines.append({"title": title, "who": entry.actor_name, "unit": entry.actor_unit, "at": entry.at,
                      "text": entry.note, "refs": (), "kind": ""})  # fmt: skip
    return lines
