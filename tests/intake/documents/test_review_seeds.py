"""The real documents all the way: upload, read, accept all, enter. Skipped where the shared folder is absent."""

import pytest

from ecocloud.intake.documents import services
from ecocloud.intake.documents.models import Record
from ecocloud.kernel.duties.models import WorkItem
from ecocloud.kernel.evidence.models import Observation, Target
from ecocloud.kernel.journal.refs import resolve

pytestmark = pytest.mark.django_db


def test_the_seeds_become_work_items_targets_and_observations(place, review_site, shared_folder):
    from ecocloud.kernel.duties.services import counts

    seeds = sorted((shared_folder / "seeds").glob("*.txt"))
    assert len(seeds) == 5
    for path in seeds:
        data = path.read_bytes()
        document, _ = services.upload(place.clerk, path.name, data)
        text = data.decode("utf-8")
        rows = list(Record.objects.filter(document=document))
        assert rows and all(text[r.start : r.end] == r.quote for r in rows)
        review_site.take_all(place.clerk, document, place.units["office"])
        before = WorkItem.objects.count()
        services.enter(place.clerk, document)
        tasks = Record.objects.filter(document=document, kind="task")
        assert WorkItem.objects.count() - before == tasks.count()
        assert not tasks.filter(result_ref=None).exists()
        assert services.enter(place.clerk, document)["items"] == 0
    assert WorkItem.objects.count() >= 48 and Target.objects.exists() and Observation.objects.exists()
    refs = [item.source_ref for item in WorkItem.objects.all()]
    refs += [row.document for row in Target.objects.all()] + [row.source for row in Observation.objects.all()]
    for ref in refs:
        found = resolve(ref, place.clerk)
        assert found.allowed and found.excerpt and found.place and "at=" in found.url, ref
    assert counts.differences() == {}
