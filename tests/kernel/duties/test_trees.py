"""Seats of trees of units: what a government sees equals the union of its units' seats, at every moment of a change."""

import random

import pytest

from ecocloud.kernel.duties import desk, queries, services
from ecocloud.kernel.duties.lists import ItemListing
from ecocloud.kernel.duties.models import ItemSeat, TreeLink, TreeSeat, WorkItem
from ecocloud.kernel.duties.services import counts, trees
from ecocloud.kernel.regions.models import Department, Role, RoleGrant, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def county(town):
    """A county government over two of the town's units, under the city, and a person with the scope of its tree."""
    city = Department.objects.create(code="gov", name="某市人民政府", region=town.city)
    gov = Department.objects.create(code="county", name="某县人民政府", region=town.city, parent=city)
    Department.objects.filter(pk__in=[town.at_water.pk, town.at_forest.pk]).update(parent=gov)
    for unit in (town.at_water, town.at_forest):
        unit.refresh_from_db()
    for name, unit in (("governor", gov), ("mayor", city)):
        user = User.objects.create_user(name, name=name, department=unit)
        RoleGrant.objects.create(user=user, role=Role.objects.get(code="department"))
    return gov


def by_seats(units):
    """Items on which one of ``units`` has a seat, counted from the seats themselves."""
    return set(ItemSeat.objects.filter(department__in=units).values_list("item_id", flat=True))


def same_for(user, units, *, settled):
    """Page, total, tabs and list of ``user`` are the items of ``units``; from seats of the tree when ``settled``."""
    wanted = by_seats(units)
    view = queries.view_of(user)
    assert (view.tree is not None) == settled
    assert set(queries.visible(user).values_list("pk", flat=True)) == wanted
    assert queries.total(user) == len(wanted) == sum(queries.tab_counts(user).values())
    assert {item.pk for item in queries.page(user, limit=100)} == wanted
    assert sum(queries.tab_counts(user, by="state").values()) == len(wanted)
    assert desk.overdue_count(user) == queries.overdue(user).count()


def test_links_become_ready_and_answers_stay_the_same(town, make, county, exact):
    governor, mayor = User.objects.get(username="governor"), User.objects.get(username="mayor")
    for lead in (town.at_water, town.at_roads, town.at_east):
        make("issued", lead=lead, units=[town.at_forest] if lead == town.at_water else [])
    units = [county, town.at_water, town.at_forest]
    same_for(governor, units, settled=False)
    assert trees.sync()["items"] == 1  # too early to be relied on: transactions may still run
    same_for(governor, units, settled=False)
    assert trees.sync(grace=0)["settled"] == 3 + 4
    same_for(governor, units, settled=True)
    same_for(mayor, [*units, county.parent], settled=True)
    make("issued", lead=town.at_forest, units=[])
    services.transfer(town.clerk, WorkItem.objects.first(), town.at_roads, "调整")
    same_for(governor, units, settled=True)
    assert trees.sync(grace=0) == {"announced": 0, "items": 0, "settled": 0}


def test_a_unit_that_moves_takes_its_items_along(town, make, county, exact):
    governor = User.objects.get(username="governor")
    for lead in (town.at_water, town.at_forest, town.at_forest):
        make("issued", lead=lead, units=[])
    trees.sync(grace=0)
    same_for(governor, [county, town.at_water, town.at_forest], settled=True)
    Department.objects.filter(pk=town.at_forest.pk).update(parent=None)
    Department.objects.filter(pk=town.at_roads.pk).update(parent=county)
    make("issued", lead=town.at_roads, units=[])
    units = [county, town.at_water, town.at_roads]
    same_for(governor, units, settled=False)
    trees.sync()
    same_for(governor, units, settled=False)
    trees.sync(grace=0)
    same_for(governor, units, settled=True)
    assert not TreeLink.objects.filter(unit=town.at_forest).exists()


def test_people_of_the_unit_alone_do_not_get_its_tree(town, make, county):
    make("issued", lead=town.at_water, units=[])
    trees.sync(grace=0)
    clerk = User.objects.create_user("gatekeeper", name="门卫", department=county)
    RoleGrant.objects.create(user=clerk, role=Role.objects.get(code="township"))  # scope: own department
    assert queries.total(clerk) == 0 == queries.visible(clerk).count()
    assert queries.tab_counts(clerk) == {} and queries.page(clerk) == []


def test_counts_of_trees_follow_random_operations(town, make, county, full_size, exact):
    rng = random.Random(20260602)
    trees.sync(grace=0)
    units = [town.at_water, town.at_forest, town.at_roads, town.at_east]
    ids = [make(rng.choice(["issued", "in_progress"]), lead=town.at_water).pk for _ in range(4)]
    for _ in range(200 if full_size else 25):
        item = WorkItem.objects.get(pk=rng.choice(ids))
        if rng.random() < 0.5 and item.state not in ("completed", "closed_out"):
            services.change_item(town.clerk, item, "调整", lead=rng.choice(units), units=rng.sample(units, 2))
        elif item.state == "in_progress" and item.lead_department == town.at_water:
            services.act(town.hydro, item, "progress", progress=rng.randint(0, 100), opinion="推进")
    assert counts.differences() == {}
    same_for(User.objects.get(username="governor"), [county, town.at_water, town.at_forest], settled=True)
    for top in TreeSeat.objects.values_list("department_id", flat=True).distinct():
        below = TreeLink.objects.filter(top_id=top).values_list("unit_id", flat=True)
        assert set(TreeSeat.objects.filter(department_id=top).values_list("item_id", flat=True)) == by_seats(below)


def test_deep_pages_of_a_tree_are_the_list_in_order(town, make, county, rf):
    for n in range(25):
        make("issued" if n % 3 else "registered", title=f"任务 {n}")
    trees.sync(grace=0)
    governor = User.objects.get(username="governor")
    wanted = list(queries.items(governor).values_list("pk", flat=True))
    found = []
    for page in (1, 2, 3):
        request = rf.get("/", {"page": page, "per": 10})
        request.user = governor
        found += [row.pk for row in ItemListing(request, governor).rows]
    assert found == wanted and len(found) == 25
