"""Systems that the reading of documents delivers, each from what goes in to what comes out."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ecocloud.base.officedocs import docx_text
from ecocloud.intake.documents import services
from ecocloud.intake.documents.models import Document, Record
from ecocloud.intake.documents.review_errors import Incomplete
from ecocloud.kernel.duties import queries
from ecocloud.kernel.duties import services as duties
from ecocloud.kernel.duties.models import WorkItem
from tests.intake.documents.conftest import inside, place, review_site
from tests.systems.proving import proved

__all__ = ["inside", "place", "review_site"]
pytestmark = pytest.mark.django_db


def test_s008_from_the_work_points_to_tasks_by_unit_their_score_and_the_evaluation(place, review_site, inside):
    """S008 年度工作要点与落实情况评估: policy document -> task tree by unit, completion score, evaluation report."""
    client = inside(place.clerk)
    client.post(reverse("documents:upload"), {"files": SimpleUploadedFile("要点.txt", review_site.PLAN.encode())})
    plan = Document.objects.get()
    records = {row.decided["title"]: row for row in Record.objects.filter(document=plan, kind="task")}
    assert list(records) == ["整治入河排污口", "推进河道清淤", "办好主题宣传", "加强巡查"]
    first = records["整治入河排污口"].decided
    assert (first["deadline"], first["lead"]) == ("2026-11-30", place.units["ecology"].pk)
    with pytest.raises(Incomplete) as refused:  # nobody is named: a person has to say who leads
        services.accept(place.clerk, records["办好主题宣传"])
    review_site.take_all(place.clerk, plan, place.units["office"])
    assert services.enter(place.clerk, plan)["items"] == 4
    # evidence for one of them, accepted by somebody else
    item = duties.issue(place.clerk, WorkItem.objects.get(title="推进河道清淤"))
    item = duties.report(place.hydro, duties.sign(place.hydro, item), "清淤46公里", refs=[f"doc:{plan.pk}#1-2"])
    duties.close_out(place.chief, duties.accept(place.clerk, item))
    expected = {"青瓷市生态文明建设领导小组办公室": 2, "青瓷市生态环境局": 1, "青瓷市水利局": 1}
    tree = {line["name"]: line["total"] for line in queries.by_unit(place.clerk)}
    found = queries.summary(place.clerk)
    answer = client.get(reverse("duties:paper", args=["circular", "docx"]), {"q": ""})
    report = docx_text(b"".join(answer.streaming_content)).replace("[1]", "")
    assert "市水利局" in report and "督办任务共4项" in report
    proved(
        "S008",
        given={"Policy document (headings, tasks, units, deadlines, targets)": list(records.values())},
        refused=refused.value,
        came_out={"Task tree by unit": (expected, tree),
                  "completion score": (25.0, found["done_percent"]), "evaluation report": ("已办结占25.0%", report)},
    )  # fmt: skip
