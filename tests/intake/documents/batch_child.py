"""A process of its own: ``batch_child.py setup N|run`` on the SQLite file of ECOCLOUD_HOME.

``run`` says how far it is after every change, so that the parent can kill it at any point.
"""

import importlib.util
import json
import os
import sys
from collections import Counter
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "ecocloud.web.settings"
import django  # noqa: E402

django.setup()


from ecocloud.base.rooms import all_rooms, load  # noqa: E402
from ecocloud.intake.documents.models import Batch, Document, Record  # noqa: E402
from ecocloud.intake.documents.services import batches, receiving  # noqa: E402
from ecocloud.kernel.journal.models import Entry  # noqa: E402
from ecocloud.kernel.journal.verification import verify  # noqa: E402
from ecocloud.kernel.regions.models import User  # noqa: E402
from ecocloud.web.tables import create_or_update  # noqa: E402

for room in all_rooms():
    if room.on_start and room.name in ("regions", "evidence", "duties", "documents"):
        load(room.on_start)()


def module(name):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def say(*_, **__):
    print("step", flush=True)


if sys.argv[1] == "setup":
    create_or_update("default")
    place = module("review_site").build()
    source = module("test_batches")
    files = {f"{n:03d}.txt": source.text(n).encode() for n in range(int(sys.argv[2]))}
    batches.start(place.clerk, "一批.zip", source.packed(files))
else:
    batch = Batch.objects.select_related("file", "created_by").get()
    original = receiving.change

    def told(*words, **more):
        say()
        return original(*words, **more)

    receiving.change = told
    print("ready", flush=True)
    user = User.objects.get(pk=batch.created_by_id)
    batches.run(user, batch, check=say, progress=say)
    reads = Entry.objects.filter(action="documents.document.read").count()
    rows = list(batch.files.all())
    expected = sum(Document.objects.values_list("expected", flat=True))
    print(json.dumps({
        "outcomes": Counter(row.outcome for row in rows), "documents": Document.objects.count(), "reads": reads,
        "bound": len({row.document_id for row in rows}), "expected": expected, "records": Record.objects.count(),
        "journal": [str(fault) for fault in verify().findings],
    }), flush=True)  # fmt: skip
