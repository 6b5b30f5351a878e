"""Offices, terms, handovers, patrols, rules, plans: who may, what is kept, what is refused."""

import io
import json
from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone
from PIL import Image
from shapely.geometry import box

from ecocloud.base.errors import Conflict, EcoError, Forbidden
from ecocloud.base.files import services as files
from ecocloud.base.files.kinds import FileKind
from ecocloud.domains.chiefs import coverage, jobs, queries
from ecocloud.domains.chiefs.errors import ChiefRefused, NoSuchChief
from ecocloud.domains.chiefs.models import Finding, Helper, Office, Patrol, RuleChoice, Term
from ecocloud.domains.chiefs.owing import Cover
from ecocloud.domains.chiefs.services import handovers, offices, patrols, rules
from ecocloud.kernel.duties import services as duties
from ecocloud.kernel.duties.models import Notice, WorkItem
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.journal.refs import resolve
from ecocloud.kernel.regions.grids.services import Given as Grid
from ecocloud.kernel.regions.grids.services import save_grids
from ecocloud.kernel.regions.services import CONSOLE
from ecocloud.kernel.regions.terms import TermFault
from tests.domains.chiefs.conftest import BEGAN

DAY = timedelta(days=1)
NUMBER = iter(range(10**6))


def patrol(user, seat, day=None, **more):
    start = timezone.make_aware(datetime(day.year, day.month, day.day, 9)) if day else None
    return patrols.record(user, patrols.Given(f"key-{next(NUMBER):08d}", seat.pk, start, **more))


def entered(user, seat, day, **more):
    """A patrol of any day, put into the table: the services take the last sixty days only."""
    made = patrol(user, seat, **more).patrol
    start = timezone.make_aware(datetime(day.year, day.month, day.day, 9))
    Patrol.objects.filter(pk=made.pk).update(start=start, day=day)
    return made


# --- offices and terms ---


def test_an_office_needs_its_object_and_one_sign(place, reach, seat):
    usual = {"level": "township", "department": place.units["town"], "post": "镇长"}
    with pytest.raises(ChiefRefused, match="needs an object"):
        offices.open_office(place.office, kind="river", **usual)
    with pytest.raises(ChiefRefused, match="needs an object"):
        offices.open_office(place.office, kind="forest", about=reach, **usual)
    with pytest.raises(ChiefRefused, match="of a division"):
        offices.open_office(place.office, kind="general", about=reach, **usual)
    with pytest.raises(Conflict):
        offices.open_office(place.office, kind="lake", about=reach, sign="QX-01", **usual)
    with pytest.raises(ChiefRefused, match="no post"):
        offices.open_office(place.office, kind="lake", about=reach, **usual | {"post": " "})
    with pytest.raises(Forbidden):
        offices.open_office(place.other, kind="river", about=reach, **usual)
    general = offices.open_office(place.office, kind="general", **usual)
    assert general.place == "东镇" and Office.objects.count() == 2


def test_terms_follow_each_other_and_a_vacancy_is_told(place, seat):
    offices.appoint(place.office, seat.pk, name="李河长", on=date(2026, 3, 1), person=place.next)
    first, second = Term.objects.order_by("valid_from")
    assert (first.valid_to, second.valid_to) == (date(2026, 2, 28), None)
    with pytest.raises(TermFault):
        offices.appoint(place.office, seat.pk, name="王", on=date(2026, 3, 1))
    with pytest.raises(ChiefRefused, match="no reason"):
        offices.end_term(place.office, seat.pk, on=date(2026, 4, 30), reason=" ")
    offices.end_term(place.office, seat.pk, on=date(2026, 4, 30), reason="调离，由镇长代管")
    assert queries.holders([seat], date(2026, 5, 1)) == {}
    offices.appoint(place.office, seat.pk, name="王河长", on=date(2026, 6, 1))
    held = queries.held_terms([seat])[seat.pk]
    assert [(one.start, one.end) for one in held][1:] == [
        (date(2026, 3, 1), date(2026, 4, 30)),
        (date(2026, 6, 1), None),
    ]
    with pytest.raises(ChiefRefused):
        offices.appoint(place.office, seat.pk, name="早", on=BEGAN - DAY)
    assert Entry.objects.filter(action="chiefs.term.appoint").count() == 3


def test_a_stand_in_has_a_last_day_and_a_reason(place, seat):
    today = timezone.localdate()
    usual = {"role": "stand_in", "name": "代", "start": today, "person": place.next}
    for lacking in ({"reason": "学习"}, {"end": today}, {"end": today - DAY, "reason": "学习"}):
        with pytest.raises(ChiefRefused):
            offices.add_helper(place.office, seat.pk, **usual | lacking)
    with pytest.raises(NoSuchChief):
        patrol(place.next, seat)
    offices.add_helper(place.office, seat.pk, **usual, end=today, reason="学习")
    assert patrol(place.next, seat).patrol.counts_as == "stand_in"
    helper = offices.add_helper(place.office, seat.pk, role="assistant", name="助", start=today, person=place.next)
    offices.end_helper(place.office, helper)
    assert Helper.objects.get(pk=helper.pk).valid_to == today


def test_closing_keeps_the_history(place, seat):
    today = timezone.localdate()
    with pytest.raises(Forbidden):
        offices.close_office(place.reader, seat.pk, reason="撤")
    offices.close_office(place.office, seat.pk, reason="河段合并")
    assert Term.objects.get().valid_to == today - DAY
    assert not queries.recordable(place.chief).exists()
    assert queries.offices(place.office).filter(pk=seat.pk).exists()


def test_reach(place, seat):
    assert not queries.offices(place.other).exists()
    assert queries.offices(place.chief).get() == seat  # his own, though his role sees only his own rows
    assert not queries.offices(place.next).exists()
    assert queries.offices(place.towner).get() == seat and queries.offices(place.clerk).get() == seat


# --- handovers ---


def test_a_handover_names_what_is_open_and_is_signed_by_two(place, seat):
    patrol(place.chief, seat, problems=[patrols.Problem("dump", "岸边堆放")])
    made = handovers.prepare(place.office, seat.pk, taker_name="李河长", taker=place.next, more="巡河手册\n\n钥匙两把")
    assert [line["kind"] for line in made.lines] == ["problem", "other", "other"]
    assert made.lines[0]["ref"] == Finding.objects.get().item_ref
    with pytest.raises(Conflict):
        handovers.prepare(place.office, seat.pk, taker_name="李河长")
    with pytest.raises(Forbidden):
        handovers.sign(place.office, made.pk, "give")  # the leaving chief has an account: he himself signs
    with pytest.raises(Forbidden):
        handovers.sign(place.chief, made.pk, "take")
    handovers.sign(place.chief, made.pk, "give")
    with pytest.raises(Conflict):
        handovers.sign(place.chief, made.pk, "give")
    with pytest.raises(ChiefRefused):
        handovers.renew(place.office, made.pk)
    offices.add_helper(
        place.office, seat.pk, role="assistant", name="李", start=timezone.localdate(), person=place.next
    )
    assert handovers.sign(place.next, made.pk, "take").done
    told = json.loads(Entry.objects.filter(action="chiefs.handover.sign").latest("pk").after)
    assert told["lines"] == made.lines


def test_nobody_signs_both_sides(place, seat):
    offices.appoint(place.office, seat.pk, name="无账号", on=timezone.localdate())
    made = handovers.prepare(place.office, seat.pk, taker_name="新")
    handovers.sign(place.towner, made.pk, "give")
    with pytest.raises(Forbidden):
        handovers.sign(place.towner, made.pk, "take")
    assert handovers.sign(place.office, made.pk, "take").done


# --- patrols ---


def photo(lat=27.05, lon=115.05):
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (int(lat), lat % 1 * 60, 0), 3: "E", 4: (int(lon), lon % 1 * 60, 0)})
    out = io.BytesIO()
    Image.new("RGB", (4, 4)).save(out, "JPEG", exif=exif)
    return files.receive("a.jpg", io.BytesIO(out.getvalue()), {FileKind.JPG})


def test_the_same_record_sent_again_is_the_same_patrol(place, seat):
    given = patrols.Given("abcdef0123456789", seat.pk, note="正常", problems=[patrols.Problem("dump", "垃圾")])
    first, again = patrols.record(place.chief, given), patrols.record(place.chief, given)
    assert (first.fresh, again.fresh) == (True, False) and first.patrol == again.patrol
    assert (Patrol.objects.count(), WorkItem.objects.count(), Finding.objects.count()) == (1, 1, 1)
    with pytest.raises(ChiefRefused, match="another person"):
        patrols.record(place.towner, given)


def test_the_place_of_a_photograph_finds_the_grid_and_its_unit(place, seat):
    square = box(115, 27, 115.1, 27.1)
    grid = Grid("G-1", "石桥格", 3, place.town.code, place.units["water"], shape=square)
    save_grids(CONSOLE, [grid], on=BEGAN)
    made = patrol(place.chief, seat, photos=[photo()], problems=[patrols.Problem("sewage", "污水口")]).patrol
    assert (made.lon, made.lat) == (115.05, 27.05) and made.grid == "grid:G-1@1"
    assert made.photos.get().lon == pytest.approx(115.05)
    item = WorkItem.objects.get()
    assert item.lead_department == place.units["water"] and item.office_department == place.government
    assert item.source_ref == f"{made.ref}#problem-1" and item.title == "青溪石桥段：污水直排"
    assert resolve(item.source_ref, place.office).allowed
    # given by hand, the position goes before the photograph's; outside of every grid the township answers
    away = patrol(place.chief, seat, photos=[photo()], lon=115.5, lat=27.5, problems=[patrols.Problem("other", "x")])
    assert away.patrol.grid == "" and WorkItem.objects.latest("pk").lead_department == place.units["town"]


def test_a_problem_follows_its_work_item(place, seat):
    patrol(place.chief, seat, problems=[patrols.Problem("dump", "垃圾")])
    item = WorkItem.objects.get()
    assert item.office_department != item.lead_department and Finding.objects.get().open
    assert (item.kind, item.category, item.lead_department) == ("case", "shore", place.units["water"])
    duties.terminate(place.office, item, opinion="误报")
    assert not Finding.objects.get().open


@pytest.mark.parametrize(
    ("more", "says"),
    [({"problems": [patrols.Problem("dump", " ")]}, "without words"),
     ({"problems": [patrols.Problem("nothing", "x")]}, "unknown problem"),
     ({"lon": 27.0, "lat": 115.0}, "not lon/lat"), ({"note": "字" * 2001}, "too long")],
)  # fmt: skip
def test_what_cannot_be_recorded_leaves_nothing(place, seat, more, says):
    with pytest.raises(EcoError, match=says):
        patrol(place.chief, seat, **more)
    assert not Patrol.objects.exists() and not WorkItem.objects.exists()


def test_times_and_persons_of_a_record(place, seat):
    now = timezone.now()
    for start in (now + timedelta(minutes=11), now - timedelta(days=61)):
        with pytest.raises(ChiefRefused, match="out of range"):
            patrols.record(place.chief, patrols.Given("k" * 16, seat.pk, start))
    with pytest.raises(ChiefRefused, match="bad key"):
        patrols.record(place.chief, patrols.Given("short", seat.pk))
    for stranger in (place.next, place.other):
        with pytest.raises(NoSuchChief):
            patrol(stranger, seat)
    with pytest.raises(Forbidden):
        patrol(place.reader, seat)
    assert patrol(place.towner, seat).patrol.counts_as == "entered"
    assert patrol(place.chief, seat).patrol.counts_as == "chief"


def test_minimums_warn_and_never_refuse(place, seat):
    levels = {"township": {"every": {"period": "month", "times": 1}, "minimums": {"minutes": 30}}}
    RuleChoice.objects.all().delete()
    rules.choose_rule(place.office, place.east, "water", levels=levels, basis="县河长办〔2026〕1号", on=BEGAN)
    told = patrol(place.chief, seat, minutes=29)
    assert told.warnings == ("short_time",)
    assert patrol(place.chief, seat, minutes=30).warnings == () and patrol(place.chief, seat).warnings == ()
    assert queries.standings([seat])[seat.pk].done == 3


# --- coverage ---


def test_coverage_by_object_and_unit(place, seat):
    """A month each from January on is owed; February twice, April by an assistant, who does not count."""
    offices.add_helper(place.office, seat.pk, role="assistant", name="助", start=BEGAN, person=place.next)
    for day in (date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 28)):
        entered(place.chief, seat, day)
    entered(place.next, seat, date(2026, 4, 30))
    found = coverage.build(place.office, BEGAN, date(2026, 5, 31))
    (line,), (unit,) = found.offices, found.units
    assert line.cover == unit.cover == found.total.cover == Cover(owed=5, done=2, records=3)
    assert unit.label == "东镇人民政府" and line.light[0] == "yellow"
    assert coverage.build(place.other, BEGAN, date(2026, 5, 31)).offices == ()
    assert coverage.build(place.office, BEGAN, date(2026, 1, 30)).total.cover.owed == 0
    assert coverage.build(place.office, BEGAN, date(2026, 5, 31), family="forest").offices == ()
    assert found.unverified  # a weak copy of the text: told with its citation


def test_nothing_is_owed_without_a_rule_or_a_chief(place, seat):
    offices.end_term(place.office, seat.pk, on=date(2026, 3, 15), reason="空缺")
    assert coverage.build(place.office, BEGAN, date(2026, 12, 31)).total.cover.owed == 2  # January and February
    RuleChoice.objects.all().delete()
    found = coverage.build(place.office, BEGAN, date(2026, 12, 31))
    assert (found.total.cover.owed, found.ruleless) == (0, 1)


def test_a_nearer_rule_goes_first_and_the_past_stays(place, seat):
    own = {"township": {"every": {"period": "quarter", "times": 3}}}
    rules.choose_rule(place.office, place.town, "water", levels=own, basis="镇办〔2026〕2号", on=date(2026, 4, 1))
    assert coverage.build(place.office, BEGAN, date(2026, 6, 30)).total.cover.owed == 3  # not the province's months
    with pytest.raises(Conflict):
        rules.choose_rule(place.office, place.town, "water", variant="jx-water", on=date(2026, 3, 31))
    for wrong in ({"variant": "jx-forest"}, {"variant": "nowhere"}, {"levels": own}, {"levels": {}, "basis": "x"},
                  {"levels": {"township": {"every": {"period": "month", "times": 0}}}, "basis": "x"},
                  {"levels": {"moon": {"every": {"period": "month", "times": 1}}}, "basis": "x"}):  # fmt: skip
        with pytest.raises(ChiefRefused):
            rules.choose_rule(place.office, place.east, "water", on=BEGAN, **wrong)
    with pytest.raises(ChiefRefused, match="not in force"):
        rules.choose_rule(place.office, place.east, "forest", variant="jx-forest", on=date(2022, 6, 30))
    rules.choose_rule(place.office, place.east, "forest", variant="jx-forest", on=date(2022, 7, 1))
    with pytest.raises(Forbidden):
        rules.choose_rule(place.clerk, place.east, "water", variant="jx-water")


# --- reminders ---


def test_one_reminder_for_a_period_to_the_one_who_patrols(place, seat):
    early, late = date(2026, 6, 22), date(2026, 6, 23)  # seven days are left on the 23rd
    assert jobs.remind_on(early) == 0
    assert (jobs.remind_on(late), jobs.remind_on(late), jobs.remind_on(date(2026, 6, 30))) == (1, 0, 0)
    notice = Notice.objects.get()
    assert (notice.user, notice.ref) == (place.chief, seat.ref) and "应巡 1 次" in notice.text
    entered(place.chief, seat, date(2026, 7, 5))
    assert jobs.remind_on(date(2026, 7, 28)) == 0
    offices.appoint(place.office, seat.pk, name="无账号", on=date(2026, 8, 1))
    assert jobs.remind_on(date(2026, 8, 30)) == 1
    assert Notice.objects.latest("pk").department == place.units["town"]


# --- plans ---


def test_a_measure_is_a_work_item_within_the_plan(place, reach):
    plan = rules.make_plan(place.office, reach.pk, title="一河一策", valid_from=BEGAN, valid_to=date(2028, 12, 31))
    with pytest.raises(ChiefRefused, match="outside of the plan"):
        rules.add_measure(place.office, plan, title="清淤", lead=place.units["water"], deadline=date(2029, 1, 1))
    made = rules.add_measure(place.office, plan, title="清淤", lead=place.units["water"], deadline=date(2028, 12, 31))
    item = WorkItem.objects.get()
    assert made.item_ref == item.ref and item.source_title == "一河一策"
    with pytest.raises(Forbidden):
        rules.add_measure(place.clerk, plan, title="清淤", lead=place.units["water"], deadline=date(2028, 1, 1))
