"""Systems of the programme from what goes in to what comes out, through services and pages: gross ecosystem product.

The rows are those of ecocloud/packs/systems.csv; what goes in and comes out is told there.
"""

import io
from decimal import Decimal

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from ecocloud.base.sheets import export_workbook
from ecocloud.domains.gep import queries
from ecocloud.domains.gep.models import Accounting, Form
from ecocloud.domains.gep.reporting import importing
from ecocloud.kernel.evidence.models import Observation
from tests.domains.gep.conftest import SMALL, place  # noqa: F401
from tests.systems.proving import proved

pytestmark = pytest.mark.django_db


def _rows(county, upper, lower):
    """The values of all forms as rows of the workbook."""
    places = {"county": county, "upper": upper, "lower": lower}
    return [
        {"region": places[region].code, "year": 2023, "datum": name.partition("__")[0],
         "part": name.partition("__")[2] or importing.ALL, "value": Decimal(str(value)), "unit": None,
         "source": "年报", "note": "已核对"}
        for (_code, region), values in SMALL.items() for name, value in values.items()
    ]  # fmt: skip


def test_s066_from_forms_of_departments_to_validated_tables_and_the_gep_of_a_year(place, at):  # noqa: F811
    """S066 GEP统计报表制度: forms of departments, by workbook, checked and approved -> tables, GEP of the year."""
    client = at(place.office)
    client.post(reverse("gep:accounting-new"), {
        "title": "青山县核算", "region": "360802", "parts": "1", "first_year": "2023", "edition": "ndrc-481-2022",
        "deadline": "2027-03-31"})  # fmt: skip
    accounting = Accounting.objects.get()
    accounting.methods = {"recreation": ["tourism.revenue"]}
    accounting.save(update_fields=["methods"])
    # the unit's own workbook, as it leaves and as it comes back
    owed = load_workbook(io.BytesIO(client.get(reverse("gep:data-book", args=[accounting.pk])).content)).active
    assert owed.max_row > 40
    book = io.BytesIO(export_workbook(importing.spec(accounting), _rows(place.county, place.upper, place.lower)))
    book.name = "数据.xlsx"
    upload = reverse("sheets:upload", args=[importing.key_of(accounting.pk)])
    preview = client.post(upload, {"file": book}, follow=True)
    client.post(preview.request["PATH_INFO"] + "commit/", follow=True)
    forms = list(Form.objects.exclude(state="owed"))
    assert len(forms) == len({(code, region) for code, region in SMALL})
    for form in forms:
        client.post(reverse("gep:form-save", args=[form.pk]), {"then": "submit", "opinion": "其余没有"})
    refused = at(place.reader).post(reverse("gep:form-save", args=[forms[0].pk]), {})
    other = at(place.second)
    for action in ("check", "approve"):
        for form in forms:
            other.post(reverse("gep:form-step", args=[form.pk]), {"action": action})
    listed = other.get(reverse("gep:forms") + "?state=approved&export=csv")
    table = b"".join(listed.streaming_content).decode("utf-8-sig")
    at(place.office).post(reverse("gep:run-make", args=[accounting.pk]), {})
    run = accounting.runs.get()
    at(place.second).post(reverse("gep:run-confirm", args=[run.pk]), {})
    total = Observation.objects.get(indicator__code="FIN.GEP.TOTAL", region=place.county, period="2023")
    assert total.status == "confirmed" and total.source == f"gep:{run.pk}#360802-2023"
    proved(
        "S066",
        given={"Periodic forms by department": forms},
        refused=refused,
        came_out={
            "Validated tables": (len(forms), table.count("已审定")),
            "periodic GEP": (queries.totals(run)[2023] / 10000, total.value),
        },
    )
