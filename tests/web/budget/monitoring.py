"""Rows of the lists of monitoring: devices, results, alarms."""

from datetime import timedelta

from django.utils import timezone

from ecocloud.intake.monitoring.models import (
    AlarmIncident,
    AlarmRule,
    Command,
    Device,
    DeviceDay,
    DeviceState,
    QualityFlag,
    QualityReview,
    Stranger,
    StrayAnswer,
)
from tests.web.budget.common import TODAY, YEAR, office, region, unit

SHARE = {"part": 1, "whole": 2, "units": 500, "places": 1}


def devices(n, start):
    made = Device.objects.bulk_create(
        Device(mn=f"MN{start + i}", name=f"站{start + i}", kind="air", st="22", region=region(), department=unit())
        for i in range(n)
    )
    now = timezone.now()
    DeviceState.objects.bulk_create(DeviceState(device=one, online=True, last_packet=now) for one in made)
    DeviceDay.objects.bulk_create(
        DeviceDay(device=one, day=TODAY, due=24, got=23, valid=20, due_capture=24, valid_capture=20) for one in made
    )


def commands(n, start):
    devices(n, start)
    rows = Device.objects.order_by("-pk")[:n]
    held = {"acts": False, "approval": False, "notice": False, "single": True, "answer_s": 10, "execute_s": 30,
            "whole_s": 60, "resends": 3, "deliver_s": 60, "resend_s": 60, "report_s": 30, "approve_s": 60}  # fmt: skip
    Command.objects.bulk_create(
        Command(device=row, cn="1061", edition=2017, plan=held, acts=False, approval=False, reason="核对",
                state="refused", result=2, asked_by=office())
        for row in rows
    )  # fmt: skip


def strays(n, start):
    devices(n, start)
    now = timezone.now()
    StrayAnswer.objects.bulk_create(
        StrayAnswer(mn=row.mn, cn="9012", qn="1", result=1, raw_ref="raw:g/1", first=now, last=now, count=1)
        for row in Device.objects.order_by("-pk")[:n]
    )


def results(n, first, kind, body, **more):
    """Results of a month: their bodies carry what the lists show."""
    from ecocloud.intake.monitoring.results.models import Result

    Result.objects.bulk_create(
        Result(**{"kind": kind, "span": "month", "start": TODAY.replace(day=1), "subject": f"region:{first + i}",
                  "region": region(), "edition": "e", "value": 1, "level": 1, "body": body, "digest": "d",
                  "outcome": "o", "change": "first"} | more)
        for i in range(n)
    )  # fmt: skip


def section_results(n, start):
    devices(1, 90_000 + start)
    results(n, start, "water_section", {"items": {}}, device=Device.objects.latest("pk"), department=unit())


def parks(n, start):
    from ecocloud.kernel.registers.models import RegisterObject, RegisterType

    devices(n, 50_000 + start)
    kind, _new = RegisterType.objects.get_or_create(code="park", defaults={"zh": "园区", "en": "Park", "digest": ""})
    made = RegisterObject.objects.bulk_create(
        RegisterObject(type=kind, code=f"P{start + i}", name=f"园区{start + i}", region=region(), state="running",
                       schema=1, valid_from=TODAY)
        for i in range(n)
    )  # fmt: skip
    for park, row in zip(made, Device.objects.order_by("-pk")[:n], strict=True):
        Device.objects.filter(pk=row.pk).update(kind="park", object_ref=f"obj:{park.pk}")


def outlet_results(n, start):
    from ecocloud.intake.monitoring.results.models import Result

    devices(n, 70_000 + start)
    made = list(Device.objects.order_by("-pk")[:n])
    Device.objects.filter(pk__in=[one.pk for one in made]).update(kind="outlet_gas")
    Result.objects.bulk_create(
        Result(kind="emission", span="day", start=TODAY, subject=one.ref, device=one, region=region(),
               department=unit(), edition="", value=0, level=2, meets=False, final=True, digest="", outcome="",
               change="first", body={"items": {}, "off": {}})
        for one in made
    )  # fmt: skip


def source_results(n, start):
    devices(1, 93_000 + start)
    body = {"items": {}, "lacking": [], "due": 58, "intake": None, "counts": True}
    results(n, start, "water_source", body, device=Device.objects.latest("pk"), department=unit())
    results(n, start, "source_area", {"attained": SHARE, "volume": SHARE, "without": 0})


def lake_results(n, start):
    devices(1, 92_000 + start)
    body = {"water": "湖", "missing": [], "places": 1, "index": 1}
    results(n, start, "water_lake", body, device=Device.objects.latest("pk"), department=unit())


def air_results(n, start):
    results(n, start, "air_area", {"good": SHARE, "composite": {"places": 2}, "statistics": {}})


def water_results(n, start):
    body = {"good": SHARE, "worst": SHARE, "attained": SHARE, "sections": 2, "short_index": {"value": "1.0"}}
    results(n, start, "water_area", body)
    results(n, start, "water_area", body, span="year", start=TODAY.replace(month=1, day=1))
    section = {"items": {"ph": {"value": 7_200_000}}, "lake": False, "target_year": 0}
    devices(1, 95_000 + start)
    for span in ("day", "month"):
        for day in (TODAY.replace(day=1), TODAY.replace(year=YEAR - 1, day=1)):
            results(1, start, "water_section", section, span=span, start=day, device=Device.objects.latest("pk"))


def alarms(n, start):
    devices(n, start)
    now = timezone.now()
    AlarmIncident.objects.bulk_create(
        AlarmIncident(station=row.ref, device=row, cause="exceed", title="超限", level=1, peak=1, acknowledge_s=60,
                      first=now, last=now, deadline=now)
        for row in Device.objects.order_by("-pk")[:n]
    )  # fmt: skip


def alarm_rules(n, start):
    document = {"cause": "no_data", "zh": "中断", "interval": "hour",
                "grades": [{"level": 1, "when": {"is": "no_data"}}]}  # fmt: skip
    AlarmRule.objects.bulk_create(
        AlarmRule(name=f"规则{start + i}", cause="no_data", interval="hour", document=document, region=region())
        for i in range(n)
    )


def silent_devices(n, start):
    devices(n, start)
    DeviceState.objects.update(online=False)


def flags(n, start):
    devices(n, start)
    QualityFlag.objects.bulk_create(
        QualityFlag(device=row, factor="a34004", interval="hour", at=timezone.now(), rule="negative",
                    values={"value": "-1"}, bound={"low": "0"})
        for row in Device.objects.order_by("-pk")[:n]
    )  # fmt: skip


def reviews(n, start):
    devices(n, start)
    now = timezone.now()
    QualityReview.objects.bulk_create(
        QualityReview(device=row, interval="hour", first=now - timedelta(hours=1), last=now, valid=False, reason="校准",
                      by=office())
        for row in Device.objects.order_by("-pk")[:n]
    )  # fmt: skip


def strangers(n, start):
    now = timezone.now()
    Stranger.objects.bulk_create(
        Stranger(mn=f"X{start + i}", reason="unknown", first=now, last=now, packets=3) for i in range(n)
    )


PAGES = (
    ("monitoring:devices", "office", {}, "", devices),
    ("monitoring:live", "office", {}, "", devices),
    ("monitoring:rates", "office", {}, "", devices),
    ("monitoring:strangers", "office", {}, "", strangers),
    ("monitoring:commands", "office", {}, "", commands),
    ("monitoring:strays", "office", {}, "", strays),
    ("monitoring:alarms", "office", {}, "", alarms),
    ("monitoring:alarm-rules", "office", {}, "", alarm_rules),
    ("monitoring:offline", "office", {}, "", silent_devices),
    ("monitoring:flags", "office", {}, "", flags),
    ("monitoring:reviews", "office", {}, "", reviews),
    ("monitoring:sections", "office", {}, "", section_results),
    ("monitoring:lakes", "office", {}, "", lake_results),
    ("monitoring:sources", "office", {}, "", source_results),
    ("monitoring:air-ranking", "office", {}, "level=city", air_results),
    ("monitoring:air-ranking", "office", {}, "level=city&beside=1", air_results),
    ("monitoring:water-ranking", "office", {}, "level=city", water_results),
    ("monitoring:water-ranking", "office", {}, "level=city&beside=1", water_results),
    ("monitoring:water-ranking", "office", {}, "level=city&beside=1&span=year", water_results),
    ("monitoring:outlet-days", "office", {}, "", outlet_results),
    ("monitoring:exceedances", "office", {}, "", outlet_results),
    ("monitoring:parks", "office", {}, "", parks),
)
