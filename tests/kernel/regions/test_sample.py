"""The sample site's organisation and the commands."""

import json
from types import SimpleNamespace

import pytest

from ecocloud.base.errors import EcoError
from ecocloud.kernel.regions import commands_regions, commands_user, counts, permissions, sample
from ecocloud.kernel.regions.facts import functions_file, roles_file
from ecocloud.kernel.regions.models import Department, Region, Role, User
from ecocloud.kernel.regions.resolution import resolve_unit

pytestmark = pytest.mark.django_db


def test_the_sample_organisation():
    context = SimpleNamespace(accounts=[], shared={}, say=print)
    sample.load(context)
    assert {line.role for line in context.accounts} == {role.code for role in roles_file().roles}
    for line in context.accounts:
        user = User.objects.get(username=line.username)
        assert user.check_password(line.password) and permissions.has_role(user, line.role)
        assert user.department is not None and not user.must_change_password
    shared = context.shared
    city = shared["region"]
    assert (city.name, len(shared["counties"]), len(shared["county_governments"])) == ("吉安市", 13, 13)
    assert len(shared["departments"]) >= 30
    assert len(shared["township_units"]) >= 10
    assert resolve_unit("各县（市、区）", city).status == "group"
    assert len(resolve_unit("各县（市、区）", city).departments) == 13
    for text in ("市环保局", "市农业局", "市工商行政管理局"):
        assert resolve_unit(text, city).status == "matched", text
    assert counts.check_separation() == [] and counts.check_regions() == []
    assert Department.objects.filter(changes__isnull=False).count() == 3


def test_facts_are_consistent():
    facts = functions_file()
    codes = [fact.code for fact in facts.functions]
    assert len(codes) == len(set(codes))
    names = [name for fact in facts.functions for name in {fact.name, fact.short}]
    assert len(names) == len(set(names))
    places = set(Region.objects.values_list("short_name", flat=True))
    assert not any(place in name for place in places for name in names)


def _run(capsys, *argv):
    import argparse

    parser = argparse.ArgumentParser()
    commands_user.add_arguments(parser)
    code = commands_user.run(parser.parse_args(argv))
    return code, capsys.readouterr().out


def test_user_commands(roles, capsys):
    code, out = _run(capsys, "create", "first.admin", "首任", "--role", "sysadmin", "--json")
    made = json.loads(out)
    user = User.objects.get(username="first.admin")
    assert code == 0 and user.check_password(made["password"]) and user.must_change_password
    with pytest.raises(EcoError):
        _run(capsys, "create", "both", "兼任", "--role", "sysadmin", "--role", "secadmin")
    assert not User.objects.filter(username="both").exists(), "nothing is left of a refused account"
    with pytest.raises(EcoError):
        _run(capsys, "create", "x.y", "人", "--role", "emperor")
    with pytest.raises(EcoError):
        _run(capsys, "create", "x.y", "人", "--department", "没有的局")
    code, out = _run(capsys, "reset", "first.admin", "--json")
    user.refresh_from_db()
    assert user.check_password(json.loads(out)["password"])
    with pytest.raises(EcoError):
        _run(capsys, "reset", "nobody")
    code, out = _run(capsys, "list", "--json")
    assert json.loads(out) == [
        {"username": "first.admin", "name": "首任", "department": "", "roles": ["sysadmin"], "active": True}
    ]
    assert _run(capsys, "list", "--role", "office")[1].strip() == "没有账号。"


def test_region_commands(roles, capsys, tmp_path):
    import argparse

    parser = argparse.ArgumentParser()
    commands_regions.add_arguments(parser)
    assert commands_regions.run(parser.parse_args(["load", "--json"])) == 0
    assert json.loads(capsys.readouterr().out) == {"rows": 1879}
    assert commands_regions.run(parser.parse_args(["load-villages", str(tmp_path / "none.csv")])) == 2
    assert Role.objects.count() == len(roles_file().roles)
