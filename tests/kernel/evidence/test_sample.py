"""The sample site: lights of every colour, every value with a source that resolves, facts apart from demonstration."""

from datetime import date
from types import SimpleNamespace

import pytest

from ecocloud.kernel.evidence import queries, sample
from ecocloud.kernel.evidence.models import Observation, Target
from ecocloud.kernel.journal.refs import resolve
from ecocloud.kernel.regions.models import Region

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("today", [date(2026, 11, 24), date(2027, 1, 3)])
def test_the_sample_fills_the_pages(place, today):
    region = sample.sample_file().public.region
    Region.objects.get_or_create(code=region, defaults={"name": "演示市", "level": "city", "parent_id": "990000"})
    people = {"office": place.office, "ecology": place.ecology}
    shared = {"region": place.city, "counties": [place.east, place.west], "departments": place.units, "people": people}
    sample.load(SimpleNamespace(today=today, shared=shared, accounts=[]))
    rows = queries.attainment_list(place.office, place.city, today.year)
    assert len(rows) >= 40
    if today.month > 1:
        assert {row.light.color for row in rows} >= {"green", "yellow", "red"}
    assert len(queries.conflicts(place.office)) == 1
    assert set(Observation.objects.values_list("status", flat=True)) >= {"confirmed", "submitted", "returned", "draft"}
    sources = set(Observation.objects.values_list("source", flat=True))
    assert {source.split(":")[0] for source in sources} == {"demo", "public", "user"}
    for source in sorted(sources)[:10] + sorted(source for source in sources if source.startswith("public")):
        assert resolve(source, place.office).url
    for document in sorted(set(Target.objects.values_list("document", flat=True)))[:20]:
        assert resolve(document, place.office).allowed
