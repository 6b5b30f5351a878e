"""What the tests of the API of registers share: its addresses, and answers held against the document."""

from __future__ import annotations

from django.utils import timezone
from jsonschema import Draft202012Validator, FormatChecker

from ecocloud.kernel.regions import services as accounts
from ecocloud.kernel.regions.models import User
from ecocloud.kernel.regions.services import CONSOLE

ROOT = "/api/v1/registers/well"
LIST, ONE = f"{ROOT}/objects", f"{ROOT}/objects/{{id}}"
TODAY = timezone.localdate()


def account(name, role, department):
    """A service account of that unit with one role."""
    user, _ = accounts.create_account(CONSOLE, username=name, name=name, department=department, service=True)
    accounts.grant_role(CONSOLE, user, role)
    return User.objects.get(pk=user.pk)


def held(document, path, method, answer):
    """The answer's body, after it was held against the schema that the document gives for its status."""
    call = document["paths"][path][method]
    told = call["responses"][str(answer.status_code)]["content"]
    kind = answer["Content-Type"].partition(";")[0]
    schema = {**told[kind]["schema"], "components": document["components"]}
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(answer.json())
    return answer.json()


def names(answer):
    """The names in a list that was answered."""
    assert answer.status_code == 200, answer.content
    return [one["name"] for one in answer.json()["items"]]
