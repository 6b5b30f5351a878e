"""Handing over a post: everything that waits for one person goes to the successor, and nothing stays behind."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from ecocloud.base.errors import Forbidden
from ecocloud.base.rooms import all_rooms, load
from ecocloud.domains.chiefs import access
from ecocloud.domains.chiefs.models import Term
from ecocloud.domains.chiefs.services import handing as chiefs_handing
from ecocloud.domains.chiefs.services import offices
from ecocloud.kernel.duties import queries
from ecocloud.kernel.duties import services as duties
from ecocloud.kernel.duties.models import Instruction, Notice, WorkItem
from ecocloud.kernel.duties.services import notices, outside
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.journal.verification import verify
from ecocloud.kernel.regions.grids.models import Grid, GridTerm
from ecocloud.kernel.regions.handing import services
from ecocloud.kernel.regions.handing.models import PostHandover
from ecocloud.kernel.regions.handing.parts import Handing, HandoverRefused, LeftBehind, Thing
from ecocloud.kernel.regions.models import ApiKey, Post, Role, RoleGrant, User
from ecocloud.web import home

TODAY = timezone.localdate()


@pytest.fixture
def leaving(place, seat):
    """The river chief with an open case, a grid, help given, a notice, a key and a post."""
    post = Post.objects.create(code="clerk-t", name="河长办专干")
    User.objects.filter(pk=place.chief.pk).update(post=post)
    place.chief.refresh_from_db()
    role = Role.objects.get(code="township")  # so that he may report cases
    for person in (place.chief, place.next):
        RoleGrant.objects.create(user=person, role=role)
        person.refresh_from_db()
    place.case = outside.report_case(
        place.chief, outside.OutsideCase(source="patrol:77", channel="patrol", category="", title="岸边垃圾",
                                         text="一处", region=place.town)
    )  # fmt: skip
    grid = Grid.objects.create(code="G1", level=1, name="石桥网格", region=place.town, department=place.units["town"])
    GridTerm.objects.create(grid=grid, department=place.units["town"], person=place.chief, holder="张河长",
                            valid_from=date(2026, 1, 1))  # fmt: skip
    offices.add_helper(place.office, seat.pk, role="stand_in", name=place.chief.name, person=place.chief,
                       start=TODAY - timedelta(days=3), end=TODAY + timedelta(days=3), reason="下村")  # fmt: skip
    notices.tell_person(place.chief, "chiefs", seat.ref, "巡河到期")
    ApiKey.objects.create(user=place.chief, name="手机", head="0123456789", digest="0" * 64, scopes=["chiefs:read"],
                          per_minute=9, expires_on=TODAY + timedelta(days=9))  # fmt: skip
    return place


def hand(place, **more):
    given = {"giver": place.chief, "taker": place.next, "reason": "调任"} | more
    return services.hand_over(given.pop("by", place.office), given.pop("giver"), given.pop("taker"), **given)


def test_everything_goes_over_in_one_transaction_and_nothing_is_left(leaving, seat):
    before = services.preview(leaving.office, leaving.chief, leaving.next)
    kinds = {kind: len(things) for kind, things in before.by_kind.items()}
    assert kinds == {
        "网格": 1, "接口密钥（随交接停用）": 1, "发起的在办事项": 1, "反映的在办事件": 1, "待阅提醒": 1,
        "河湖长、林长岗位及其巡查任务": 1, "助理或代巡": 1,
    }  # fmt: skip
    last = Entry.objects.order_by("-pk").values_list("pk", flat=True).first()
    made = hand(leaving)
    assert services.open_things(leaving.chief) == []
    assert made.things.count() == len(before.things) == 7
    assert len(set(Entry.objects.filter(pk__gt=last).values_list("tx", flat=True))) == 1
    assert {row.action for row in Entry.objects.filter(tx=Entry.objects.order_by("-pk").first().tx)} >= {
        "regions.post.hand", "regions.post.take", "duties.hand.item", "chiefs.term.appoint", "regions.grid.give",
    }  # fmt: skip
    assert verify().findings == []
    term = Term.objects.get(office=seat, valid_to__isnull=True)
    assert (term.person, term.valid_from) == (leaving.next, TODAY)
    assert Term.objects.get(office=seat, person=leaving.chief).valid_to == TODAY - timedelta(days=1)
    assert GridTerm.objects.get(valid_to__isnull=True).person == leaving.next
    assert WorkItem.objects.get(pk=leaving.case.pk).created_by == leaving.next
    assert Notice.objects.get(title="巡河到期").user == leaving.next
    leaving.next.refresh_from_db()
    leaving.chief.refresh_from_db()
    assert (leaving.next.post.name, leaving.chief.post) == ("河长办专干", None)


def test_the_successors_desk_says_from_whom_it_came(leaving):
    hand(leaving)
    rows = home.rows(leaving.next, "started", 20)
    assert [row["why"] for row in rows if row["title"] == "岸边垃圾"] == [f"由您发起；{TODAY} 自chief交接"]
    owed = [row["why"] for row in home.rows(leaving.next, "todo", 20) if row["ref"].startswith("chief:")]
    assert owed and all(f"{TODAY} 自chief交接" in why for why in owed)
    assert access.owed_count(leaving.chief) == 0 and queries.started(leaving.chief).count() == 0


def test_handed_on_the_same_day_again(leaving, seat):
    hand(leaving)
    hand(leaving, giver=leaving.next, taker=leaving.chief, reason="调回")
    assert services.open_things(leaving.next) == []
    assert Term.objects.get(office=seat, valid_to__isnull=True).person == leaving.chief


@pytest.mark.parametrize("wrong", ["same", "unit", "closed", "reason", "role"])
def test_refused_and_then_nothing_has_happened(leaving, wrong):
    taker, reason = leaving.next, "调任"
    if wrong == "same":
        taker = leaving.chief
    if wrong == "unit":
        taker = leaving.other
    if wrong == "closed":
        User.objects.filter(pk=taker.pk).update(is_active=False)
    if wrong == "reason":
        reason = "  "
    if wrong == "role":
        RoleGrant.objects.filter(user=taker, role__code="township").delete()
    things = services.open_things(leaving.chief)
    with pytest.raises(HandoverRefused) as refused:
        hand(leaving, taker=taker, reason=reason)
    assert refused.value.remedy_zh
    assert services.open_things(leaving.chief) == things and not PostHandover.objects.exists()


def test_only_within_reach(leaving):
    with pytest.raises(Forbidden):
        hand(leaving, by=leaving.other)
    with pytest.raises(Forbidden):
        hand(leaving, by=leaving.reader)
    hand(leaving, by=leaving.towner)


def test_what_a_room_keeps_back_undoes_all(leaving, seat, monkeypatch):
    """A room that gives nothing over: the handover of all others is undone with it."""
    monkeypatch.setattr(chiefs_handing, "HANDING", Handing(chiefs_handing.open_things, lambda *_: None))
    with pytest.raises(LeftBehind):
        hand(leaving)
    assert WorkItem.objects.get(pk=leaving.case.pk).created_by == leaving.chief
    assert Notice.objects.get(title="巡河到期").user == leaving.chief and not PostHandover.objects.exists()


def test_a_leaders_replies_go_to_the_successor(place):
    boss, heir = (
        User.objects.create_user(username=name, name=name, department=place.units["office"])
        for name in ("boss", "heir")
    )
    for person in (boss, heir):
        RoleGrant.objects.create(user=person, role=Role.objects.get(code="leader"))
    item = duties.create_item(place.office, title="清淤", lead=place.units["water"])
    duties.issue(place.office, item)
    duties.instruct(boss, WorkItem.objects.get(pk=item.pk), "抓紧")
    services.hand_over(place.office, boss, heir, reason="退休")
    duties.reply_instruction(place.clerk, WorkItem.objects.get(pk=item.pk), "已安排")
    row = Instruction.objects.get()
    assert (row.leader, row.follower) == (boss, heir)  # whose words they are stays; who reads the reply follows
    assert [one.user for one in Notice.objects.filter(kind="reply")] == [heir]


def test_values_feeds_and_documents_go_over_with_the_post(place):
    """A clerk's unsent values, monthly figures and monitored indicators go on in the successor's name."""
    from ecocloud.kernel.evidence.models import Indicator, Observation
    from ecocloud.kernel.registers.models import Pack, PackFeed

    heir = User.objects.create_user(username="heir", name="接任", department=place.units["water"])
    RoleGrant.objects.create(user=heir, role=Role.objects.get(code="department"))
    indicator = Indicator.objects.create(code="t-one", zh="测试指标", en="Test", unit="%", group="water", order=1)
    for n, status in enumerate(("draft", "returned", "submitted")):
        Observation.objects.create(
            indicator=indicator, region=place.east, department=place.units["water"], period=str(2020 + n), unit="%",
            start=date(2020 + n, 1, 1), end=date(2020 + n, 12, 31), value=90, status=status, entered_by=place.clerk,
            source="demo:x",
        )  # fmt: skip
    PackFeed.objects.create(pack=Pack.objects.get(code="rivers-lakes"), region=place.east, by=place.clerk)
    made = services.hand_over(place.office, place.clerk, heir, reason="轮岗")
    assert sorted(made.things.values_list("kind", flat=True)) == [
        "以本人名义报送的专题指标", "未报送或退回的数据", "未报送或退回的数据",
    ]  # fmt: skip
    assert set(Observation.objects.filter(entered_by=heir).values_list("status", flat=True)) == {"draft", "returned"}
    # What is with the reviewer already stays in the name of who handed it in.
    assert Observation.objects.get(status="submitted").entered_by == place.clerk
    assert PackFeed.objects.get().by == heir


def test_every_room_with_something_of_a_persons_own_has_a_part():
    """Rooms that name a provider; each gives things and has an act."""
    named = {room.name for room in all_rooms() if room.handing}
    assert named == {"regions", "evidence", "registers", "duties", "documents", "monitoring", "chiefs", "portal"}
    for room in all_rooms():
        if room.handing:
            assert isinstance(load(room.handing), Handing)
    assert Thing("a", "item:1", "x").url == ""


def test_pages_preview_hand_over_and_show_it(leaving, at):
    client = at(leaving.office)
    page = client.get(f"/regions/handovers/new?giver={leaving.chief.pk}&taker={leaving.next.pk}")
    assert page.context["preview"].things and "岸边垃圾" in page.content.decode()
    done = client.post(
        "/regions/handovers/new", {"giver": leaving.chief.pk, "taker": leaving.next.pk, "reason": "调任"}
    )
    made = PostHandover.objects.get()
    assert done.url == f"/regions/handovers/{made.pk}"
    assert "岸边垃圾" in client.get(done.url).content.decode()
    assert client.get("/regions/handovers").context["listing"].total == 1
    assert at(leaving.other).get(done.url).status_code == 404
