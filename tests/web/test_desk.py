"""The desk of every role: each number opens a list of just as many rows, each row says why it is this person's."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from ecocloud.kernel.duties import home as duties_home
from ecocloud.kernel.duties import queries, services
from ecocloud.kernel.duties.models import ItemCase, WorkItem
from ecocloud.kernel.duties.services import escalation, notices, outside
from ecocloud.kernel.evidence.models import Indicator, Observation
from ecocloud.kernel.journal.services import SYSTEM, change
from ecocloud.kernel.regions import services as regions
from ecocloud.kernel.regions.grids.models import Grid, GridTerm, GridVersion
from ecocloud.kernel.regions.models import Region, Role, RoleGrant, User
from ecocloud.web import home
from tests.kernel.duties.conftest import maker, people_and_units

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
PEOPLE = ("clerk", "second", "chief", "hydro", "ranger", "driver", "farmer", "auditor", "keeper")


@pytest.fixture
def desk(db):
    """Items in many states, an opinion and an extension asked for, an instruction, a case, values, notices."""
    from django.core.cache import cache, caches

    cache.clear()
    caches["shared"].clear()
    town = people_and_units()
    regions.sync_roles()
    make = maker(town)
    late, far = TODAY - timedelta(days=40), TODAY + timedelta(days=200)
    town.keeper = User.objects.create_user("keeper", name="护河员", department=town.at_east)
    RoleGrant.objects.create(user=town.keeper, role=Role.objects.get(code="field"))
    User.objects.update(must_change_password=False, password_changed_at=timezone.now())
    rows = [make("issued", deadline=late), make("in_progress", deadline=far), make("reported", deadline=far),
            make("completed", deadline=far), make("registered", lead=town.at_roads),
            make("issued", lead=town.at_east, kind="routine", units=[])]  # fmt: skip
    services.urge(town.clerk, rows[0])
    services.request_extension(town.hydro, rows[1], far + timedelta(days=30), "汛期顺延")
    services.instruct(town.chief, WorkItem.objects.get(pk=rows[1].pk), "抓紧")
    services.consult(town.clerk, rows[4], units=[town.at_forest])
    town.case = outside.report_case(
        town.hydro, outside.OutsideCase(source="patrol:1", channel="patrol", category="", title="河边堆放垃圾",
                                        text="约两方", region=town.city)
    )  # fmt: skip
    indicator = Indicator.objects.create(code="t-one", zh="测试指标", en="Test", unit="%", group="water", order=1)
    for n, status in enumerate(("draft", "returned", "submitted")):
        Observation.objects.create(
            indicator=indicator, region=town.city, department=town.at_water, period=str(2020 + n), unit="%",
            start=TODAY.replace(year=2020 + n, month=1, day=1), end=TODAY.replace(year=2020 + n, month=12, day=31),
            value=Decimal(90), status=status, entered_by=town.hydro, source="demo:x",
        )  # fmt: skip
    return town


def _client(person, settings):
    client = Client()
    client.force_login(User.objects.get(pk=person.pk), backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def rows_behind(client, url):
    """How many rows the page at ``url`` lists in all."""
    page = client.get(url)
    assert page.status_code == 200, url
    return page.context["listing"].total if "listing" in page.context else len(page.context["rows"])


@pytest.mark.parametrize("name", PEOPLE)
def test_every_number_opens_a_list_of_just_as_many_rows(desk, name, settings):
    person = getattr(desk, name)
    client, seen = _client(person, settings), 0
    page = client.get("/desk/")
    assert page.status_code == 200 and list(page.context["tabs"]) == list(home.TABS)
    for tab in home.TABS:
        lists = home.lists_behind(person, tab)
        assert sum(line["count"] for line in lists) == home.tab_counts(person, tab)[tab]
        for line in lists:
            assert rows_behind(client, line["url"]) == line["count"], (tab, line["url"])
            seen += line["count"]
    for line in home.counters(person):
        assert rows_behind(client, line["url"]) == line["count"], line["url"]
    assert seen or name in ("keeper", "driver")  # what they lead is still asked about


@pytest.mark.parametrize("name", PEOPLE)
def test_every_row_says_why_it_is_this_persons(desk, name):
    person = getattr(desk, name)
    for tab in home.TABS:
        for row in home.rows(person, tab, 20):
            assert row["why"] and row["ref"], (tab, row["title"])


def test_reasons_are_those_of_unit_answer_and_role(desk):
    def why(person, tab="todo"):
        return [row["why"] for row in home.rows(person, tab, 20)]

    assert "市水利局是牵头单位" in why(desk.hydro)
    assert "领导批示待回复，市水利局是牵头单位" in why(desk.hydro)
    assert "征求市林业局意见，待答复" in why(desk.ranger)
    assert {"您的角色“领导”负责审批延期", "您的角色“领导”负责审批销号"} <= set(why(desk.chief))
    assert "市生态文明办是交办单位，等待审核或处理" in why(desk.clerk)
    assert set(why(desk.ranger, "copied")) == {"市林业局是配合单位"}
    assert set(why(desk.hydro, "started")) == {"由您发起", "由您填报"}


def test_a_case_says_by_what_its_unit_was_found(desk):
    assert ItemCase.objects.get(item=desk.case).routed == "office"
    assert duties_home.rows(desk.hydro, "started")[0]["title"] == "河边堆放垃圾"
    grid = Grid.objects.create(code="G1", level=1, name="一格", region=desk.city, department=desk.at_east)
    GridVersion.objects.create(grid=grid, number=1, region=desk.city, members=[desk.city.pk], valid_from=TODAY)
    GridTerm.objects.create(grid=grid, department=desk.at_east, valid_from=TODAY)
    made = outside.report_case(
        desk.hydro, outside.OutsideCase(source="patrol:2", channel="patrol", category="", title="岸坡坍塌", text="一处",
                                        region=Region.objects.get(pk=desk.city.pk), lon=115.0, lat=27.0)
    )  # fmt: skip
    assert made.lead_department == desk.at_east and made.case.routed == "grid"


def test_what_was_raised_says_so(desk):
    """The lead unit's leader above is told after the deadline has long passed: raised by rule."""
    ladder = escalation.Ladder.read()
    item = WorkItem.objects.get(kind="task", state="issued")
    escalation.escalate_overdue(SYSTEM, [item], ladder, TODAY)
    told = [row["why"] for person in (desk.chief, desk.clerk) for row in home.rows(person, "read", 20)]
    assert any(why.startswith("逾期未办，按规定升级告知") for why in told)


def test_a_field_worker_reads_his_own_notices_and_none_of_the_desk(desk):
    notices.tell_unit(desk.at_east, "round", "round:9", "给单位的")
    notices.tell_person(desk.keeper, "chiefs", "chief:9", "给本人的")
    assert [row.title for row in queries.notices_for(desk.keeper)] == ["给本人的"]
    assert [row["why"] for row in home.rows(desk.keeper, "read", 5)] == ["发给您本人"]
    assert "给单位的" in {row.title for row in queries.notices_for(desk.farmer)}


def test_what_others_do_shows_at_once_in_the_open_tab_and_later_in_closed_ones(desk, kept):
    def urged(opened):
        return home.tab_counts(User.objects.get(pk=desk.hydro.pk), opened)["urged"]

    assert (urged("urged"), urged("todo")) == (1, 1)
    services.urge(desk.clerk, WorkItem.objects.get(state="in_progress"))
    assert (urged("urged"), urged("todo")) == (2, 1)
    with change(User.objects.get(pk=desk.hydro.pk).actor()) as tx:  # a step of one's own ends it
        tx.log("web.site.change", "web:site", None, {"name": "x"})
    assert urged("todo") == 2
