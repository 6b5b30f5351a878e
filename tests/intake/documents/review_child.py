"""A process of its own: ``review_child.py setup|enter|state`` on the SQLite file of ECOCLOUD_HOME.

``enter`` says how far it is after every transaction, so that the parent can kill it at any point.
"""

import importlib.util
import json
import os
import sys
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "ecocloud.web.settings"
import django  # noqa: E402

django.setup()


from ecocloud.base.rooms import all_rooms, load  # noqa: E402
from ecocloud.intake.documents import services  # noqa: E402
from ecocloud.intake.documents.models import Document, Record  # noqa: E402
from ecocloud.kernel.duties.models import ItemSeat, WorkItem  # noqa: E402
from ecocloud.kernel.duties.services import counts  # noqa: E402
from ecocloud.kernel.evidence.models import Observation, Target  # noqa: E402
from ecocloud.kernel.journal.verification import verify  # noqa: E402
from ecocloud.kernel.regions.models import Department  # noqa: E402
from ecocloud.web.tables import create_or_update  # noqa: E402

for room in all_rooms():
    if room.on_start and room.name in ("regions", "evidence", "duties", "documents"):
        load(room.on_start)()
spec = importlib.util.spec_from_file_location("review_site", Path(__file__).with_name("review_site.py"))
site = importlib.util.module_from_spec(spec)
spec.loader.exec_module(site)


def plan(count):
    lines = [
        f"{n}.整治第{n}号河段。2026年10月底前完成清淤{n}公里。（市水利局牵头，市生态环境局配合）"
        for n in range(1, count + 1)
    ]
    return "青瓷市2026年河道整治工作要点\n\n一、重点任务\n\n" + "\n".join(lines) + "\n"


mode = sys.argv[1]
if mode == "setup":
    create_or_update("default")
    place = site.build()
    document, _ = services.upload(place.clerk, "河道整治.txt", plan(int(sys.argv[2])).encode())
    site.take_all(place.clerk, document, Department.objects.get(function="water"))
elif mode == "enter":
    place, document = site.site(), Document.objects.get()
    print("ready", flush=True)
    services.enter(place.clerk, document, chunk=3, progress=lambda done, total: print(done, total, flush=True))
    print("end", flush=True)
else:
    taken = Record.objects.filter(state__in=Record.TAKEN, kind__in=("task", "figure"))
    refs = list(
        taken.exclude(result_ref=None).exclude(result_ref__startswith="doc:").values_list("result_ref", flat=True)
    )
    print(json.dumps({
        "taken": taken.count(), "entered": len(refs), "distinct": len(set(refs)), "items": WorkItem.objects.count(),
        "rows": WorkItem.objects.count() + Target.objects.count() + Observation.objects.count(),
        "seats": ItemSeat.objects.count(), "counts": not counts.differences(), "status": Document.objects.get().status,
        "journal": [str(f) for f in verify().findings],
    }))  # fmt: skip
