"""Every list page asks at most 12 questions of the database, and as many with 100 rows as with 10.

Counted is everything a page costs: session, person, second factor, frame and list, on the second call (what the frame
counts is kept until the next business transaction). The modules of tests/web/budget name every page with a ``Listing``;
a test finds the pages that have one and compares. Every one of these lists leaves as a file of exactly its rows.
"""

import csv
import io
import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from ecocloud.base.rooms import load
from ecocloud.kernel.duties.lists import ItemListing
from ecocloud.kernel.journal.models import Entry
from ecocloud.web.access import access_table
from tests.web.budget import (
    accountability,
    chiefs,
    documents,
    duties,
    evidence,
    gep,
    monitoring,
    portal,
    regions,
    registers,
)

pytestmark = pytest.mark.django_db
BUDGET, FEW, MANY = 12, 10, 100
# Each room's module: route, role, arguments, query, how rows are made.
ROOMS = (evidence, duties, documents, registers, monitoring, portal, regions, chiefs, gep, accountability)
PAGES = tuple(page for room in ROOMS for page in room.PAGES)
# A list of made-up rows without a database; the lines of one reach, whose number does not grow with the tables.
WITHOUT_ROWS = {"web:gallery", "monitoring:capacity"}


def cost(client, url):
    """``(queries of the second call, rows of the page's list)``."""
    assert client.get(url).status_code == 200, url
    with CaptureQueriesContext(connection) as seen:
        response = client.get(url)
    return [query["sql"] for query in seen.captured_queries], response.context["listing"].total


@pytest.fixture(scope="module")
def measured():
    """(route, query) -> cost and rows with few rows, then with many."""
    return {}


def measure(fill, client_for_role):
    """The costs of all pages that show these rows: the rows are made once for them."""
    pages = [page for page in PAGES if page[4] is fill]
    clients = {role: client_for_role(role) for role in sorted({"office", *(page[1] for page in pages)})}
    found, made = {}, 0
    for size in (FEW, MANY):
        fill(size - made, made)
        made = size
        for route, role, arguments, query, _ in pages:
            url = reverse(route, kwargs=arguments() if callable(arguments) else arguments)
            found.setdefault((route, query), []).append(cost(clients[role], f"{url}?{query}"))
    return found


@pytest.mark.parametrize(
    ("route", "role", "arguments", "query", "fill"), PAGES, ids=[f"{n}-{page[0]}" for n, page in enumerate(PAGES)]
)
def test_list_pages_cost_the_same_with_ten_and_a_hundred_rows(
    route, role, arguments, query, fill, client_for_role, kept, measured
):
    if (route, query) not in measured:
        measured.update(measure(fill, client_for_role))
    (few, few_rows), (many, many_rows) = measured[route, query]
    assert few_rows < many_rows
    assert len(many) <= BUDGET, "\n".join(sql[:160] for sql in many)
    assert len(few) == len(many), "\n".join(sorted(sql[:160] for sql in many))


def test_the_table_names_every_page_with_a_list(client_for_role):
    clients = {role: client_for_role(role) for role in ("office", "sysadmin", "auditadmin")}
    duties.items(1, 0)
    duties.reports(0, 0)
    registers.the_register()
    portal.the_consultation()
    gep.the_run()
    found = set()
    for line in access_table().values():
        if "GET" not in line.methods or line.route.startswith("api:"):
            continue
        arguments = load(line.sample)() if line.sample else {}
        if line.route in ("duties:check", "duties:fill", "duties:round"):
            arguments |= duties.the_round()
        for client in clients.values():
            context = client.get(reverse(line.route, kwargs=arguments)).context
            if context is not None and "listing" in context:
                found.add(line.route)
    assert found - WITHOUT_ROWS == {page[0] for page in PAGES}


OWN_EXPORTS = (
    "duties:ledger",
    "evidence:list",
    "journal:list",
    "documents:questions",
    "registers:statistics",
    "registers:map",
)


@pytest.mark.parametrize(
    ("route", "role", "arguments", "query", "fill"), PAGES, ids=[f"{n}-{page[0]}" for n, page in enumerate(PAGES)]
)
def test_every_list_leaves_as_a_file_of_its_rows_and_is_journalled(
    route, role, arguments, query, fill, client_for_role
):
    client = client_for_role(role)
    if role != "office":
        client_for_role("office")
    fill(3, 0)
    url = f"{reverse(route, kwargs=arguments() if callable(arguments) else arguments)}?{query}"
    page = client.get(url)
    listing = page.context["listing"]
    if not listing.columns:  # a file of its own kind: 清单, 通报, indicators, journal
        assert route in OWN_EXPORTS or isinstance(listing, ItemListing)
        assert re.search(r'href="[^"]*(?:\.xlsx|export)', page.content.decode())
        return
    addresses = dict(listing.export_urls)
    assert listing.total and escape(addresses["csv"]) in page.content.decode()
    before = Entry.objects.filter(action="web.list.export").count()
    lines = list(csv.reader(io.StringIO(b"".join(client.get(addresses["csv"]).streaming_content).decode("utf-8-sig"))))
    assert lines[0] == [str(column.label) for column in listing.columns]
    assert len(lines) - 1 == listing.total
    assert any(any(line) for line in lines[1:])
    assert b"".join(client.get(addresses["xlsx"]).streaming_content).startswith(b"PK")
    taken = Entry.objects.filter(action="web.list.export").order_by("pk")[before:]
    told = [json.loads(row.after) for row in taken]
    assert [(one["rows"], one["form"]) for one in told] == [(listing.total, "csv"), (listing.total, "xlsx")]
