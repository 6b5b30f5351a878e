"""Patrols are recorded: once, whatever the phone sends twice. Minimums warn and never refuse."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from ecocloud.base import search, typed
from ecocloud.base.files import pictures
from ecocloud.base.files import services as files
from ecocloud.base.files.services import Received
from ecocloud.base.geo.coordinates import check_lonlat
from ecocloud.domains.chiefs import casework, owing, queries
from ecocloud.domains.chiefs.errors import ChiefRefused, NoSuchChief
from ecocloud.domains.chiefs.facts import words
from ecocloud.domains.chiefs.models import Office, Patrol, PatrolPhoto
from ecocloud.domains.chiefs.queries import RECORD
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions.grids.queries import owner_of
from ecocloud.kernel.regions.models import User
from ecocloud.kernel.regions.permissions import require

_KEY = re.compile(r"[A-Za-z0-9-]{8,64}")
_BACK = timedelta(days=60)  # how late a draft may come
_AHEAD = timedelta(minutes=10)  # clocks of phones differ
MOST_PHOTOS, MOST_POINTS, MOST_PROBLEMS = 9, 5000, 10
_LONGEST = 2000


@dataclass(frozen=True)
class Problem:
    """What was found: kind (``data/kinds.yaml``) and words."""

    kind: str
    text: str


@dataclass(frozen=True)
class Given:
    """A patrol as it comes from the phone. Position, length, way and track are optional."""

    key: str
    office: int
    start: datetime | None = None
    minutes: int | None = None
    metres: int | None = None
    lon: float | None = None
    lat: float | None = None
    track: Sequence[Sequence[float]] = ()
    note: str = ""
    problems: Sequence[Problem] = ()
    photos: Sequence[Received] = field(default_factory=tuple)


@dataclass(frozen=True)
class Recorded:
    """The patrol, whether it is new (else it was sent before), and what is told of it."""

    patrol: Patrol
    fresh: bool
    warnings: tuple[str, ...] = ()


def record(user: User, given: Given) -> Recorded:
    """Record a patrol and make the work items of its problems. The same key again gives the same patrol.

    Raises NoSuchChief (not an office of his), ChiefRefused (no words for a problem, a time ahead or too long ago),
    GeoError.
    """
    require(user, RECORD)
    key = _checked_key(given.key)
    known = _known(user, key)
    if known is not None:
        return Recorded(known, False)
    now = timezone.now()
    start = _checked_start(given.start, now)
    lon, lat = _place(given)
    day = timezone.localdate(start)
    with change(user.actor()) as tx:
        office = queries.recordable(user, day).select_for_update(of=("self",)).filter(pk=given.office).first()
        if office is None:
            raise NoSuchChief("您在那一天不能为这个岗位记录巡查。", f"office {given.office} not recordable on {day}",
                              value=given.office, remedy_zh="请选择您任职、代巡或协助的岗位。")  # fmt: skip
        known = _known(user, key)  # sent twice at once: the office is locked by now
        if known is not None:
            return Recorded(known, False)
        owner = owner_of(lon, lat, office.region_id, day)
        patrol = Patrol.objects.create(
            key=key, office=office, department_id=office.department_id, region_id=office.region_id,
            counts_as=queries.role_in(user, office, day) or Patrol.CountsAs.ENTERED, by=user, start=start, day=day,
            minutes=given.minutes, metres=given.metres, lon=lon, lat=lat, track=_track(given.track), grid=owner.grid,
            note=_words(given.note), found=len(given.problems),
        )  # fmt: skip
        _photos(user, patrol, given.photos)
        for number, one in enumerate(given.problems[:MOST_PROBLEMS], start=1):
            if not typed.words(one.text):
                raise ChiefRefused("没有写明发现了什么问题。", "a problem without words", where={"字段": "问题描述"})
            _needed(one.kind, given)
            casework.find(tx, user, patrol, owner, kind=one.kind, text=_words(one.text), number=number)
        tx.log("chiefs.patrol.record", patrol.ref, None, _plain(patrol, len(given.photos)))
        search.index_later(patrol.ref, created_by=user.actor().id)
    return Recorded(patrol, True, warnings_of(patrol))


def _needed(kind: str, given: Given) -> None:
    """Photographs and tracks may be left out, except of sorts that say otherwise with their legal basis."""
    fact = next((one for one in words().problems if one.code == kind), None)
    if fact is None:
        return
    for need, there, word in (("photo", given.photos, "照片"), ("track", given.track, "轨迹")):
        if need in fact.needs and not there:
            raise ChiefRefused(f"“{fact.zh}”须附{word}。", f"{kind} needs a {need}", where={"字段": word}, value=kind,
                               remedy_zh=f"依据：{fact.legal_basis}。")  # fmt: skip


def _plain(patrol: Patrol, photos: int) -> dict[str, Any]:
    return {"office": patrol.office.ref, "day": patrol.day, "as": patrol.counts_as, "minutes": patrol.minutes,
            "metres": patrol.metres, "grid": patrol.grid, "found": patrol.found, "photos": photos}  # fmt: skip


def _checked_key(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise ChiefRefused("记录没有编号，请刷新页面后再提交。", f"bad key {key[:80]!r}", value=key[:80])
    return key


def _known(user: User, key: str) -> Patrol | None:
    """The patrol with this key; another person's is refused."""
    found = Patrol.objects.filter(key=key).first()
    if found is not None and found.by_id != user.pk:
        raise ChiefRefused("这条记录的编号已被使用。", "key of another person", value=key)
    return found


def _checked_start(start: datetime | None, now: datetime) -> datetime:
    if start is None:
        return now
    if start > now + _AHEAD or start < now - _BACK:
        raise ChiefRefused("巡查时间应在最近 60 天内，且不晚于现在。", f"start {start} out of range", value=start,
                           where={"字段": "开始时间"}, remedy_zh="请核对手机的日期和时间。")  # fmt: skip
    return start


def _place(given: Given) -> tuple[float | None, float | None]:
    """The position given, else that of the first photograph that tells one."""
    if given.lon is not None and given.lat is not None:
        check_lonlat(given.lon, given.lat)
        return round(given.lon, 6), round(given.lat, 6)
    for photo in given.photos:
        told = told_by(photo)
        if told.lon is not None and told.lat is not None:
            return round(told.lon, 6), round(told.lat, 6)
    return None, None


def told_by(photo: Received) -> pictures.Told:
    """What a received photograph says of itself."""
    return pictures.read((files.store_root() / photo.written.path).read_bytes())


def _track(points: Sequence[Sequence[float]]) -> list[list[float]] | None:
    found = []
    for point in points[:MOST_POINTS]:
        lon, lat = (float(part) for part in point[:2])
        check_lonlat(lon, lat)
        found.append([round(lon, 6), round(lat, 6)])
    return found or None


def _words(text: str) -> str:
    if len(text) > _LONGEST:
        raise ChiefRefused("文字太长。", "text too long", value=text[:40], remedy_zh=f"最多 {_LONGEST} 个字。")
    return text.strip()


def _photos(user: User, patrol: Patrol, photos: Sequence[Received]) -> None:
    if len(photos) > MOST_PHOTOS:
        raise ChiefRefused(f"一次最多 {MOST_PHOTOS} 张照片。", "too many photographs", value=len(photos))
    for photo in photos:
        told = told_by(photo)
        taken = timezone.make_aware(told.taken) if told.taken else None
        row = files.record(photo, f"{user.pk} {user.name}")
        PatrolPhoto.objects.create(patrol=patrol, file=row, lon=told.lon, lat=told.lat, taken=taken)


def warnings_of(patrol: Patrol) -> tuple[str, ...]:
    """What is told of a patrol by the minimums of its period: never a reason to refuse it."""
    office: Office = patrol.office
    standing = queries.held_terms([office]).get(office.pk, [])
    slot = owing.running(queries.rules().timeline(office), standing, patrol.day)
    if slot is None:
        return ()
    rows = queries.records_of([office], slot.first, slot.last)[office.pk]
    return next((one.warnings for one in owing.judged(rows, slot) if one.record.key == patrol.key), ())


def problems_from(data: Mapping[str, Any]) -> list[Problem]:
    """The problems of a form: ``problem`` with ``kind``; none where the words are missing and nothing was found."""
    text = str(data.get("problem", "")).strip()
    return [Problem(str(data.get("kind", "other")), text)] if text or data.get("result") == "found" else []
