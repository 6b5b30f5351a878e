"""The document of the API of registers. Oracle: `openapi-spec-validator`."""

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.kernel.registers.api.asking import LIST, ONE, ROOT, held

pytestmark = pytest.mark.django_db


def test_the_document_is_valid_openapi_and_lists_what_the_caller_may_call(caller, place):
    whole = caller("east", "registers:write", "evidence:read").document()
    OpenAPIV31SpecValidator(whole).validate()
    assert {"get", "post"} <= set(whole["paths"][LIST]) and "patch" in whole["paths"][ONE]
    assert "/api/evidence/indicators" in whole["paths"] and "/api/duties/items" not in whole["paths"]
    assert "post" not in whole["paths"]["/api/evidence/observations"]
    reading = caller("east", "registers/well:read").document()
    OpenAPIV31SpecValidator(reading).validate()
    calls = {(path, method) for path, item in reading["paths"].items() for method in item if method != "parameters"}
    assert {method for _, method in calls} == {"get"} and (LIST, "get") in calls
    assert all(path.startswith("/api/v1/registers/") for path, _ in calls)
    other = caller("east", "registers/lake:write").document()
    assert [path for path in other["paths"] if "well" in path] == []
    assert caller("east", "registers:read").document("?registers=lake")["paths"].keys() == {"/api/v1/registers/"}


def test_the_page_of_the_document_reads_without_a_script_or_another_host(client, place, wells):
    client.force_login(place.clerk, backend="ecocloud.kernel.regions.signin.Backend")
    index = client.get("/docs/api/").content.decode()
    assert "?tag=well" in index and "水源井" in index
    page = client.get("/docs/api/?tag=well").content.decode()
    assert "/api/v1/registers/well/objects" in page and "f.depth.from" in page and "http://testserver" not in page
    assert "https://" not in page.replace("https://json-schema.org", "")
    other = client.get("/docs/api/?tag=nothing")
    assert other.status_code == 200


def test_the_table_of_registers_and_the_definition(caller, well):
    call = caller("east", "registers/well:read")
    document = call.document()
    (one,) = held(document, "/api/v1/registers/", "get", call("GET", "/api/v1/registers/"))["items"]
    assert (one["code"], one["objects"]) == ("well", LIST)
    assert held(document, ROOT, "get", call("GET", ""))["definition"] == well.as_json()
    schema = held(document, f"{ROOT}/schema", "get", call("GET", "schema"))
    assert schema["$defs"]["object"] == document["components"]["schemas"]["well.object"]
    assert caller("east", "registers/lake:read")("GET", "/api/v1/registers/").json()["items"] == []
