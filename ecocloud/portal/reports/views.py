"""Public pages of reports: the form, asking after one, its status. Thin; nobody is signed in."""

from __future__ import annotations

import secrets
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.base.files.services import open_stored
from ecocloud.base.limiting import TooOften
from ecocloud.kernel.duties import deadlines
from ecocloud.kernel.regions.models import in_language
from ecocloud.kernel.regions.signin import address_of
from ecocloud.portal import words
from ecocloud.portal.errors import NoSuchReport, NotOpen, Refused
from ecocloud.portal.facts import categories, limits, spend
from ecocloud.portal.plain import cleaned, one_line
from ecocloud.portal.reports import handing, photos, places, queries, services
from ecocloud.portal.reports.models import Report, ReportDesk, ReportPhoto
from ecocloud.portal.reports.states import Event, may

FIELDS = ("category", "region", "village", "place", "lon", "lat", "text", "contact", "client_key")
SEEN_COOKIE = "eco_seen"
_YEAR = 365 * 86400
_SHOWN_NEAR = 3


def told(error: EcoError) -> str:
    """An error in the language of the page."""
    english = (get_language() or "").startswith("en")
    return error.message_en[:1].upper() + error.message_en[1:] if english else error.sentence_zh().lstrip(" ：")


def open_desk() -> ReportDesk:
    """The desk; raises :class:`NotOpen` while reports are not taken."""
    desk = queries.desk()
    if desk is None or not desk.is_open:
        raise NotOpen("本平台暂未开通网上反映。", "reports are not taken here yet", remedy_zh="请拨打 12345 或 12369。")
    return desk


def wants_json(request: HttpRequest) -> bool:
    """Whether a script asks."""
    return request.headers.get("Accept", "").startswith("application/json")


def report_form(request: HttpRequest) -> HttpResponse:
    """The form, and what it sends."""
    try:
        desk = open_desk()
    except NotOpen as error:
        return render(request, "portal/report_closed.html", {"words": told(error)}, status=409)
    values = {name: request.POST.get(name, "")[:4000] for name in FIELDS}
    if request.method != "POST":
        values["region"] = request.GET.get("region", "")[:12]
        values["category"] = request.GET.get("category", "")[:24]
        return _form(request, desk, values)
    try:
        spend("form", address_of(request))
    except TooOften as error:
        return _form(request, desk, values, [("", told(error))], status=429)
    held, wrong = photos.take(request.FILES.getlist("photo")[:20], request.POST.getlist("kept")[:20])
    problems = [("photo", told(one.error)) for one in wrong]
    given = _given(desk, values, held, problems)
    if given is None or problems:
        large = any(one.error.http_status == 413 for one in wrong)
        return _form(request, desk, values, problems, held, status=413 if large else 400)
    alike = _near(given) if request.POST.get("near_ok") != "1" else []
    if alike and not Report.objects.filter(client_key=given.client_key).exists():
        return _form(request, desk, values, [], held, near=alike)
    try:
        spend("report", address_of(request))
        report = services.create(given)
    except EcoError as error:
        field = error.value if isinstance(error.value, str) and error.value in FIELDS else ""
        return _form(request, desk, values, [(field, told(error))], held, status=error.http_status)
    address = reverse("portal:own", args=[report.number, words.word_of(report.number, report.salt)])
    return (
        JsonResponse({"url": f"{address}?new=1", "number": report.number})
        if wants_json(request)
        else redirect(f"{address}?new=1")
    )


def _given(desk: ReportDesk, values: dict, held: list[ReportPhoto], problems: list) -> services.Given | None:
    """What the form says, read; what is wrong is added to ``problems``."""
    place = places.position(values["lon"], values["lat"])
    if place is None:
        place = next(((one.lon, one.lat) for one in held if one.lon is not None), None)
    try:
        region, place = places.settled(desk.office.region, values["village"] or values["region"], place)
    except EcoError as error:
        problems.append(("region", told(error)))
        region = None
    if values["category"] not in categories():
        problems.append(("category", _("请选择类别。")))
    text = cleaned(values["text"])
    if len(text) > limits().text.report.value:
        problems.append(
            ("text", _("说明最多 %(n)s 字，现有 %(m)s 字。") % {"n": limits().text.report.value, "m": len(text)})
        )
    if not held and not text and not any(field == "photo" for field, _words in problems):
        problems.append(("photo", _("请拍一张照片，或写几个字说明情况。")))
    if problems or region is None:
        return None
    lon, lat = place or (None, None)
    return services.Given(values["category"], region, one_line(values["place"])[: limits().text.place.value], lon, lat,
                          text, one_line(values["contact"])[: limits().text.contact.value], held,
                          values["client_key"][:64] or secrets.token_hex(16))  # fmt: skip


def _near(given: services.Given) -> list[queries.Near]:
    if given.lon is None or given.lat is None:
        return []
    return queries.near(given.category, given.lon, given.lat)[:_SHOWN_NEAR]


def _form(
    request: HttpRequest, desk: ReportDesk, values: dict[str, str], problems: list[tuple[str, str]] | None = None,
    held: list[ReportPhoto] | None = None, near: list[queries.Near] | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The form with what was typed; for scripts what is wrong as data."""
    problems, held = problems or [], held or []
    if wants_json(request):
        return JsonResponse({
            "problems": [{"field": field, "text": text} for field, text in problems],
            "kept": [one.token for one in held], "near": [_near_row(one) for one in near or ()],
        }, status=status if problems else 409 if near else status)  # fmt: skip
    values["client_key"] = values["client_key"] or secrets.token_hex(16)
    term = deadlines.policy_of("case", categories()[values["category"]].case if values["category"] in categories()
                               else "*", desk.since.date())  # fmt: skip
    photo = limits().photo
    context = {
        "values": values, "problems": problems, "fields": {field for field, _words in problems}, "held": held,
        "near": near or [], "categories": list(categories().values()), "served": desk.office.region,
        "choices": places.choices(desk.office.region, values["village"] or values["region"]), "term": term,
        "most": photo.most.value, "most_mb": photo.max_bytes.value // 1048576, "photo": photo,
        "longest": limits().text, "office": desk.office.label, "map_note": _("界线为示意，无审图号"),
    }  # fmt: skip
    return render(request, "portal/report.html", context, status=status)


def _near_row(one: queries.Near) -> dict[str, Any]:
    return {
        "number": one.report.number, "metres": one.metres, "days": one.days, "seen": one.report.seen,
        "url": reverse("portal:status", args=[one.report.number]), "state": one.report.state_word,
    }  # fmt: skip


def near(request: HttpRequest) -> JsonResponse:
    """For the form's script: the county of a position, the villages of a township, open reports near by."""
    desk = open_desk()
    spend("near", address_of(request))
    answer: dict[str, Any] = {"place": None, "near": [], "villages": [], "outside": ""}
    place = places.position(request.GET.get("lon", ""), request.GET.get("lat", ""))
    if place is not None:
        try:
            county = places.county_at(desk.office.region, *place)
            answer["place"] = {"region": county.code, "name": county.name} if county else None
        except Refused as error:
            answer["outside"] = told(error)
        alike = queries.near(request.GET.get("category", ""), *place)[:_SHOWN_NEAR]
        answer["near"] = [_near_row(one) for one in alike]
    if township := request.GET.get("township", "")[:12]:
        found = places.choices(desk.office.region, township)
        answer["villages"] = [{"code": one.code, "name": one.name} for one in found.villages]
    return JsonResponse(answer)


def ground(request: HttpRequest) -> JsonResponse:
    """The divisions under the map on which a place is chosen. The same for everybody, kept by the browser for a day."""
    desk = open_desk()
    areas, bounds = places.ground(desk.office.region)
    answer = JsonResponse({"areas": areas, "bounds": bounds})
    answer["Cache-Control"] = "public, max-age=86400"
    return answer


def ask(request: HttpRequest) -> HttpResponse:
    """Asking after a report by its number, and by its word for what only its reporter may do."""
    number, word = request.POST.get("number", "")[:40], request.POST.get("word", "")[:40]
    if request.method != "POST":
        return render(request, "portal/ask.html", {"number": "", "problem": "", "section": "ask"})
    try:
        report = queries.public_report(number)
        if not word.strip():
            return redirect("portal:status", number=report.number)
        return redirect("portal:own", number=report.number, word=_checked(request, report, word))
    except (NoSuchReport, Refused, TooOften) as error:
        return _ask_again(request, number, error)


def _checked(request: HttpRequest, report: Report, word: str) -> str:
    """The right word; a wrong one is counted against guessing."""
    right = words.word_of(report.number, report.salt)
    if not words.same(word, right):
        spend("word", address_of(request))
        raise Refused("查询口令不对。", "the word is not right", remedy_zh="口令为 10 位字母和数字，在提交成功页上。")
    return right


def _ask_again(request: HttpRequest, number: str, error: EcoError) -> HttpResponse:
    context = {"number": number[:16], "problem": told(error), "section": "ask"}
    return render(request, "portal/ask.html", context, status=error.http_status)


def status(request: HttpRequest, number: str) -> HttpResponse:
    """What everybody may read of one report: no person, no words of the reporter, no photo, no exact place."""
    try:
        report = queries.public_report(number)
    except NoSuchReport as error:
        return _ask_again(request, number, error)
    return render(request, "portal/status.html", _shown(report))


def own(request: HttpRequest, number: str, word: str) -> HttpResponse:
    """The same page for its reporter: own words and photos, rating, asking for more."""
    try:
        report = queries.public_report(number)
        right = _checked(request, report, word)
    except (NoSuchReport, Refused, TooOften) as error:
        return _ask_again(request, number, error)
    problem, code = "", 200
    if request.method == "POST":
        try:
            _act(request, report)
            return redirect("portal:own", number=report.number, word=right)
        except EcoError as error:
            problem, code = told(error), error.http_status
            report.refresh_from_db()
    day, windows = timezone.localdate(), services.windows()
    context = _shown(report) | {
        "own": True, "word": right, "new": request.GET.get("new") == "1", "problem": problem,
        "typed": request.POST.get("text", "")[:4000], "photos": list(report.photos.all()),
        "may_rate": may(report.standing, Event.RATE, day, windows),
        "may_reopen": may(report.standing, Event.REOPEN, day, windows), "windows": windows,
        "link": request.build_absolute_uri(reverse("portal:own", args=[report.number, right])),
        "stars": [(5, _("很满意")), (4, _("满意")), (3, _("一般")), (2, _("不满意")), (1, _("很不满意"))],
    }  # fmt: skip
    return render(request, "portal/status.html", context, status=code)


def _act(request: HttpRequest, report: Report) -> None:
    spend("form", address_of(request))
    text = request.POST.get("text", "")
    if request.POST.get("act") == "reopen":
        services.reopen(report, text)
    else:
        stars = request.POST.get("stars", "")
        services.rate(report, int(stars) if stars in ("1", "2", "3", "4", "5") else 0, text)


def _shown(report: Report) -> dict[str, Any]:
    case = handing.case_of(report)
    parts = [one for one in (report.region.parent, report.region) if one is not None] if (
        report.region.level in ("township", "village")
    ) else [report.region]  # fmt: skip
    if report.region.level == "village" and report.region.parent is not None:
        parts = [one for one in (report.region.parent.parent, report.region.parent) if one is not None]
    return {
        "row": report, "case": case, "case_state": in_language(case.state_zh, case.state_en) if case else "",
        "where": " ".join(part.name for part in parts), "steps": list(report.steps.all()),
        "open": report.ended_on is None,
    }  # fmt: skip


def seen(request: HttpRequest, number: str) -> HttpResponse:
    """Somebody else has seen it too."""
    try:
        report = queries.public_report(number)
        spend("seen", address_of(request))
    except (NoSuchReport, TooOften) as error:
        if wants_json(request):
            return JsonResponse({"problem": told(error)}, status=error.http_status)
        return _ask_again(request, number, error)
    key = request.COOKIES.get(SEEN_COOKIE, "")[:64] or secrets.token_hex(16)
    count = services.also_seen(report, key)
    answer: HttpResponse = (
        JsonResponse({"seen": count})
        if wants_json(request)
        else redirect(f"{reverse('portal:status', args=[report.number])}?seen=1")
    )
    answer.set_cookie(SEEN_COOKIE, key, max_age=_YEAR, samesite="Lax", httponly=True, secure=request.is_secure())
    return answer


def photo(request: HttpRequest, number: str, word: str, order: int) -> HttpResponseBase:
    """A photo of one's own report."""
    report = queries.public_report(number)
    _checked(request, report, word)
    return send_photo(report, order)


def send_photo(report: Report, order: int) -> HttpResponseBase:
    """The ``order``-th photo of a report, as a picture and nothing else."""
    rows = list(report.photos.select_related("file")[order - 1 : order]) if order else []
    if not rows:
        raise NoSuchReport("没有这张照片。", f"report {report.number} has no photo {order}", value=order)
    row = rows[0]
    answer = FileResponse(open_stored(row.file), content_type=photos.TYPES[row.file.kind])
    answer["Content-Disposition"] = f'inline; filename="{report.number}-{order}.{row.file.kind}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, max-age=600"
    return answer
