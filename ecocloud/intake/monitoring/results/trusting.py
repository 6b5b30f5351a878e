"""规则确认 of fed values: a final result whose facts are all verified, down to the days of its stations, may confirm
the value that was fed from it. A person other than the one in whose name values are fed switches that on.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from ecocloud.base.errors import EcoError
from ecocloud.intake.monitoring.results import feeding
from ecocloud.intake.monitoring.results.models import Result, ResultFeed
from ecocloud.kernel.evidence import trusted
from ecocloud.kernel.evidence.guards import within_reach
from ecocloud.kernel.evidence.models import Observation
from ecocloud.kernel.evidence.services import REVIEW
from ecocloud.kernel.journal.refs import Ref, RefError
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions.models import Region

CODE = feeding.RULE
_AT_ONCE = 500
_DEEPEST = 4  # year, months or days of areas, days of stations


class CannotTrust(EcoError):
    """The rule cannot be switched on."""

    code = "monitoring.trust"


def register() -> None:
    """Declare the rule; called once at start."""
    zh, en = "满期的评价结果，数值一致，所依据的条文全部已核对", "A final result with this value, all facts verified"
    trusted.register_rule(trusted.TrustedRule(CODE, zh, en, against))


def trust(user: Any, region: Region) -> ResultFeed:
    """From now on the rule confirms what is fed for the region, in the name of ``user``. Raises CannotTrust without a
    feed and for the person in whose name values are fed, Forbidden without the right to review.
    """
    within_reach(user, REVIEW, region, None)
    with change(user.actor()) as tx:
        row = ResultFeed.objects.select_for_update().filter(region=region, stopped_at__isnull=True).first()
        if row is None:
            raise CannotTrust("请先启用每日报送。", "no feed in force", where={"区划": region.name},
                              remedy_zh="启用每日报送后再启用规则确认。")  # fmt: skip
        if row.by_id == user.pk:
            raise CannotTrust("启用规则确认的人不能是启用报送的人。", "one person feeds and confirms",
                              where={"区划": region.name}, remedy_zh="请由另一位有复核权限的人员启用。")  # fmt: skip
        row.trusted_by, row.trusted_since = user, timezone.now()
        row.save(update_fields=["trusted_by", "trusted_since"])
        tx.log("monitoring.result.trust-start", Ref("region", region.pk), None, {"by": user.pk, "rule": CODE})
    return row


def distrust(user: Any, region: Region) -> bool:
    """Values are for people to confirm again; what the rule confirmed stays."""
    within_reach(user, REVIEW, region, None)
    with change(user.actor()) as tx:
        rows = ResultFeed.objects.filter(region=region, trusted_by__isnull=False)
        stopped = rows.update(trusted_by=None, trusted_since=None)
        if stopped:
            tx.log("monitoring.result.trust-stop", Ref("region", region.pk), None, {"rule": CODE})
    return bool(stopped)


def against(value: Observation) -> str:
    """Why the rule does not confirm a value; '' when it does."""
    row = result_of(value.source)
    if row is None or not row.current or not row.final or row.asked or row.subject != f"region:{value.region_id}":
        return "来源不是本区划满期的现行评价结果"
    own = [one for one in feeding.feedings() if one.code == value.indicator.code and one.kind == row.kind]
    if value.qualifier != "actual" or value.period != feeding.period_text(row) or not own:
        return "不是由该结果报送的数据"
    if feeding.figure(own[0], row.body)[0] != value.value:
        return "数值与评价结果不同"
    return "评价依据中有待核对的条文" if unverified(row) else ""


def result_of(source: str) -> Result | None:
    """The version of a result that a source names; None for other sources."""
    try:
        ref = Ref.parse(source)
    except RefError:
        return None
    if ref.kind != "eval" or not ref.key.isdecimal() or not ref.version.isdecimal() or len(ref.key) > 18:
        return None
    return Result.objects.filter(pk=int(ref.key), version=int(ref.version)).first()


def unverified(row: Result) -> bool:
    """Whether a result, or one of those it was made of down to the stations' days, rests on an unverified fact."""
    if row.facts:
        return True
    level = [pk for pk, _version in row.sources.get("results", [])]
    for _depth in range(_DEEPEST):
        below: set[int] = set()
        for start in range(0, len(level), _AT_ONCE):
            rows = Result.objects.filter(pk__in=level[start : start + _AT_ONCE]).order_by()
            for facts, sources in rows.values_list("facts", "sources"):
                if facts:
                    return True
                below |= {pk for pk, _version in sources.get("results", [])}
        level = sorted(below)
    return False
