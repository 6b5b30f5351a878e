"""Who sees what, and that counts, tabs and to-do numbers equal their lists for everybody."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ecocloud.kernel.duties import home, queries, services
from ecocloud.kernel.duties.models import ItemCount, WorkItem
from ecocloud.kernel.duties.services import counts
from ecocloud.kernel.journal.refs import resolve
from ecocloud.kernel.journal.services import SYSTEM
from ecocloud.kernel.regions.models import Department, Role, RoleGrant, RolePermission, User

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
TABS = ("todo", "done", "started", "copied", "urged", "read", "warning")


@pytest.fixture
def ledger(make, town):
    """Items of three units in many states and lights."""
    group = Department.objects.create(code="towns", name="各乡镇", region=town.city, kind="group")
    group.members.set([town.at_east, town.at_west])
    late, near, far = (TODAY + timedelta(days=n) for n in (-3, 1, 300))
    rows = [
        make("issued", deadline=late), make("in_progress", deadline=near), make("in_progress", deadline=far),
        make("reported", deadline=far), make("completed"), make("closed_out", deadline=far), make("registered"),
        make("registered", lead=town.at_forest, units=[town.at_water], deadline=late, year=TODAY.year - 1),
        make("registered", lead=town.at_roads, units=[group, "有关单位"]),
        make("registered", lead=town.at_east, units=[], kind="routine"),
    ]  # fmt: skip
    services.urge(town.clerk, rows[0])
    return rows


def everybody(town):
    names = ("clerk", "second", "chief", "hydro", "ranger", "driver", "farmer", "auditor", "root")
    return [getattr(town, name) for name in names]


def test_units_see_what_they_lead_or_help_with_and_nothing_else(ledger, town, exact):
    seen = {u.username: set(queries.visible(u).values_list("pk", flat=True)) for u in everybody(town)}
    all_ids = {i.pk for i in ledger}
    for name in ("clerk", "second", "chief", "auditor"):
        assert seen[name] == all_ids
    water = {i.pk for i in ledger if i.lead_department == town.at_water}
    assert seen["hydro"] == water | {ledger[7].pk}
    assert seen["ranger"] == water | {ledger[7].pk}  # cooperates with water, leads one
    assert seen["driver"] == {ledger[8].pk}
    assert seen["farmer"] == {ledger[8].pk, ledger[9].pk}  # member of the group of townships
    assert seen["root"] == set()  # an administrator sees no business data


def test_the_right_ends_with_the_item(ledger, town, exact):
    item = services.transfer(town.clerk, WorkItem.objects.get(pk=ledger[0].pk), town.at_roads, "调整")
    assert item not in queries.visible(town.hydro) and item in queries.visible(town.driver)
    services.change_item(town.clerk, item, "调整", units=[])
    assert item not in queries.visible(town.ranger)


def test_self_scope_sees_own_items_only(ledger, town):
    role = Role.objects.create(code="own", label_zh="本人", scope="self")
    for code in ("duties.item.view", "duties.item.create"):
        RolePermission.objects.create(role=role, code=code)
    user = User.objects.create_user("solo", name="solo", department=town.at_roads)
    RoleGrant.objects.create(user=user, role=role)
    assert queries.visible(user).count() == queries.total(user) == 0
    mine = services.create_item(user, title="自办", lead=town.at_roads)
    assert list(queries.visible(user)) == [mine] and queries.total(user) == 1
    assert queries.tab_counts(user, by="light") == {"none": 1}


@pytest.mark.parametrize("by", ["light", "state", "kind", "year", "lead_department"])
def test_tabs_totals_and_pages_equal_the_list_for_everybody(ledger, town, by):
    column = "lead_department_id" if by == "lead_department" else by
    choices = [
        queries.Filters(), queries.Filters(open_only=True), queries.Filters(year=TODAY.year),
        queries.Filters(lights=("red", "yellow")), queries.Filters(states=("registered", "issued"), kinds=("task",)),
        queries.Filters(lead=town.at_water.pk), queries.Filters(text="清淤"), queries.Filters(role="lead"),
        queries.Filters(due_to=TODAY), queries.Filters(states=("completed",), open_only=True),
    ]  # fmt: skip
    for user in everybody(town):
        for filters in choices:
            rows = list(queries.items(user, filters))
            assert len(rows) == len({r.pk for r in rows}) == queries.total(user, filters)
            expected = {}
            for row in rows:
                expected[getattr(row, column)] = expected.get(getattr(row, column), 0) + 1
            assert queries.tab_counts(user, filters, by) == expected
            paged = [i.pk for n in range(0, 12, 5) for i in queries.page(user, filters, offset=n, limit=5)]
            assert paged == [r.pk for r in rows]


def test_lists_put_what_is_late_first(ledger, town):
    rows = queries.page(town.clerk, limit=50)
    assert [r.light_rank for r in rows] == sorted(r.light_rank for r in rows) and rows[0].light == "red"


def test_home_counts_equal_their_rows(ledger, town):
    for user in everybody(town):
        for tab in TABS:
            assert home.count(user, tab) == len(home.rows(user, tab, limit=1000)), (user.username, tab)
        assert home.todo_count(user) == queries.todo(user).count()
        assert home.overdue_count(user) == len(queries.overdue(user))
        assert home.warning_count(user) == len(queries.warnings(user))
        by_unit = {line["name"]: line["total"] for line in queries.by_unit(user)}
        assert sum(by_unit.values()) == len(queries.items(user))
    assert home.rows(town.hydro, "todo")[0]["act"] == "签收"
    assert home.count(town.hydro, "urged") == 1


def test_todo_is_what_one_can_act_on(ledger, town):
    answers = {"give_opinion", "grant_extension", "reply_instruction"}
    services.consult(town.clerk, WorkItem.objects.get(pk=ledger[6].pk), [town.at_east])
    services.request_extension(town.hydro, WorkItem.objects.get(pk=ledger[2].pk), TODAY + timedelta(days=400), "x")
    services.instruct(town.chief, WorkItem.objects.get(pk=ledger[3].pk), "抓紧")
    for user in everybody(town):
        for item in queries.todo(user):
            rows = [o.row for o in services.possible(user, item) if not o.blocked_zh]
            assert [r for r in rows if r.target not in ("same", item.state) or r.action in answers], user.username
    acts = {
        u: {row["ref"]: row["act"] for row in home.rows(getattr(town, u), "todo")} for u in ("farmer", "chief", "hydro")
    }
    assert acts["farmer"][ledger[6].ref] == "提交意见"
    assert acts["chief"][ledger[2].ref] == "同意延期"
    assert acts["hydro"][ledger[3].ref] == "回复批示"
    assert ledger[2] not in [e.item for e in queries.extensions_pending(town.hydro)]


def test_page_and_counts_take_few_queries(ledger, town, django_assert_max_num_queries):
    for user in (town.clerk, town.hydro):
        user._scope_memo = {}  # as the middleware does for the length of a request
        with django_assert_max_num_queries(8):
            [(i.lead_department.name, i.state_zh) for i in queries.page(user)]
            queries.tab_counts(user)
            queries.total(user)


def test_resolver_tells_only_those_who_may_see(ledger, town):
    from ecocloud.kernel.duties.links import start

    start()
    ref = ledger[8].ref
    assert ledger[8].title in resolve(ref, town.driver).title
    hidden = resolve(ref, town.hydro)
    assert not hidden.allowed and ledger[8].title not in hidden.title
    assert "已不存在" in resolve("item:999999", town.clerk).title
    assert "已不存在" in resolve("item:abc", town.clerk).title


def test_rebuild_finds_and_repairs_wrong_counts(ledger, town, exact):
    ItemCount.objects.filter(role="lead", state="registered").update(count=99)
    ItemCount.objects.filter(state="closed_out").delete()
    assert counts.differences()
    assert counts.rebuild_counts(SYSTEM) > 0
    exact()
    assert counts.rebuild_counts(SYSTEM) == 0


def test_a_failed_inner_step_takes_its_counts_with_it(make, town, exact):
    """A nested block that fails leaves no delta behind while the outer transaction goes on."""
    from ecocloud.kernel.journal.services import change

    item = make("issued")
    with change(town.clerk.actor()) as tx:
        services.create_item(town.clerk, title="外层", lead=town.at_roads)
        try:
            with change(town.hydro.actor()):
                services.sign(town.hydro, item)
                raise RuntimeError("fails after the inner change")
        except RuntimeError:
            pass
        tx.log("duties.test", "item:1")
    assert WorkItem.objects.get(pk=item.pk).state == "issued"
    exact()
