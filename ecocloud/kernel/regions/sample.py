"""The organisation of the sample site: divisions, departments of one city, made-up persons, one sign-in per role."""

from __future__ import annotations

import datetime
from collections import namedtuple
from functools import cache
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions import naming, services
from ecocloud.kernel.regions.facts import FOLDER, FunctionFact, functions_file
from ecocloud.kernel.regions.models import Department, Post, Region, Role, User
from ecocloud.kernel.regions.services import CONSOLE

SignIn = namedtuple("SignIn", "role label username name password")


class _Fact(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PersonFact(_Fact):
    """A made-up person: ``unit`` is a function code, ``government`` or ``township``."""

    username: str
    name: str
    unit: str
    post: str
    role: str


class EventFact(_Fact):
    """A dated event of one city department."""

    unit: str
    kind: str
    old: str
    date: datetime.date
    basis: str


class SampleFile(_Fact):
    """``data/sample.yaml``."""

    citation: str
    mark: str
    city: str
    township_county: str
    people: tuple[PersonFact, ...]
    history: tuple[EventFact, ...]


@cache
def sample_file() -> SampleFile:
    """The sample's organisation."""
    return SampleFile.model_validate(yaml.safe_load((FOLDER / "sample.yaml").read_text(encoding="utf-8")))


def load(context: Any) -> None:
    """Divisions, departments and people; appends one sign-in per person to ``context.accounts``.

    Puts into ``context.shared``: ``region`` (the city), ``counties``, ``townships`` (regions), ``departments``
    (``{function code: Department}`` of the city, plus ``government``), ``county_departments``
    (``{county code: {function code: Department}}``), ``county_governments`` (``{county code: Department}``),
    ``township_units`` (list) and ``people`` (``{user name: User}``).
    """
    facts = sample_file()
    services.sync_roles()
    services.load_regions()
    city = Region.objects.get(code=facts.city)
    counties = list(Region.objects.filter(parent=city).order_by("code"))
    townships = list(Region.objects.filter(parent_id=facts.township_county).order_by("code"))
    with change(CONSOLE.actor()) as tx:
        _departments(context.shared, city, counties, townships)
        tx.log("regions.sample.load", Ref("region", city.code), after={"departments": Department.objects.count()})
        _history(context.shared["departments"], facts)
    context.shared |= {"region": city, "counties": counties, "townships": townships}
    context.shared["people"] = _people(context, facts)


def _unit(region: Region, fact: FunctionFact, prefix: str, parent_id: int | None, order: int) -> Department:
    return Department(
        code=f"{region.code}-{fact.code}",
        name=f"{region.name}{fact.name}",
        short_name=f"{prefix}{fact.short}",
        region=region,
        parent_id=parent_id,
        function=fact.code,
        order=order,
    )


def _government(region: Region, kind: str, parent_id: int | None, order: int) -> Department:
    prefix = naming.prefix_of(region.name)
    if kind == Department.Kind.GOVERNMENT:
        name, short = f"{region.name}人民政府", f"{region.name}政府"
    else:
        name = f"{region.name}办事处" if prefix == "街道" else f"{region.name}人民政府"
        name, short = (name if prefix else region.name), region.name
    return Department(
        code=f"{region.code}-government",
        name=name,
        short_name=short,
        region=region,
        kind=kind,
        parent_id=parent_id,
        order=order,
    )


def _departments(shared: dict[str, Any], city: Region, counties: list[Region], townships: list[Region]) -> None:
    top = _government(city, Department.Kind.GOVERNMENT, None, 0)
    top.save()
    governments = [_government(county, Department.Kind.GOVERNMENT, top.pk, 500) for county in counties]
    Department.objects.bulk_create(governments)
    by_region = {unit.region_id: unit for unit in governments}
    generic = [fact for fact in functions_file().functions if fact.sample]
    units = [_unit(city, fact, naming.prefix_of(city.name), top.pk, 10 * n) for n, fact in enumerate(generic, 1)]
    for county in counties:
        prefix = naming.prefix_of(county.name)
        above = by_region[county.code].pk
        units += [_unit(county, fact, prefix, above, 10 * n) for n, fact in enumerate(generic, 1)]
    # Statistical codes: the last three digits up to 399 are townships and streets, from 400 parks, farms and the like.
    local = [_government(place, Department.Kind.TOWNSHIP, by_region[place.parent_id].pk, 600) for place in townships]
    Department.objects.bulk_create(units + local, batch_size=200)
    shared["departments"] = {unit.function: unit for unit in units if unit.region_id == city.code} | {"government": top}
    shared["county_departments"] = {
        county.code: {unit.function: unit for unit in units if unit.region_id == county.code} for county in counties
    }
    shared["county_governments"] = by_region
    shared["township_units"] = local


def _history(departments: dict[str, Department], facts: SampleFile) -> None:
    for event in facts.history:
        unit = departments[event.unit]
        place = unit.region.name
        if event.kind == "rename":
            name, short = unit.name, unit.short_name
            Department.objects.filter(pk=unit.pk).update(name=f"{place}{event.old}")
            services.rename_department(CONSOLE, unit, name, on=event.date, basis=event.basis)
            Department.objects.filter(pk=unit.pk).update(short_name=short)
        else:
            old = services.create_department(
                CONSOLE, name=f"{place}{event.old}", region=unit.region, parent=unit.parent, order=unit.order
            )
            services.merge_department(CONSOLE, old, unit, on=event.date, basis=event.basis)
        departments[event.unit].refresh_from_db()


def _people(context: Any, facts: SampleFile) -> dict[str, User]:
    posts = {post.code: post for post in Post.objects.all()}
    labels = dict(Role.objects.values_list("code", "label_zh"))
    found: dict[str, User] = {}
    for person in facts.people:
        unit = context.shared["township_units"][0] if person.unit == "township" else None
        with change(CONSOLE.actor()):
            user, password = services.create_account(
                CONSOLE,
                username=person.username,
                name=person.name,
                department=unit or context.shared["departments"][person.unit],
                post=posts[person.post],
                # The sample's passwords are generated and shown to the person who starts it: no forced change.
                must_change=False,
            )
            services.grant_role(CONSOLE, user, person.role)
        context.accounts.append(SignIn(person.role, labels[person.role], person.username, person.name, password))
        found[person.username] = user
    return found
