"""Writing register types: a new one, or a new version of one, in the caller's transaction."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import Change, change
from ecocloud.kernel.regions.services.console import check
from ecocloud.kernel.registers import changes, reading, slots
from ecocloud.kernel.registers.changes import Lifting, Plan
from ecocloud.kernel.registers.definition import TypeDefinition
from ecocloud.kernel.registers.errors import MigrationNeeded
from ecocloud.kernel.registers.models import Pack, RegisterType, TypeVersion
from ecocloud.kernel.registers.register import Register, register_of
from ecocloud.kernel.registers.services import rebuilding
from ecocloud.kernel.registers.services.guards import LOAD


def preview(definition: TypeDefinition) -> Plan | None:
    """What defining the type again would change; None when it is new.

    Objects that repeat each other in a uniqueness that is new are conflicts of the plan, one sentence each.
    """
    row = RegisterType.objects.filter(code=definition.code).first()
    if row is None:
        return None
    newest = TypeVersion.objects.get(type=row, number=row.version)
    plan = changes.plan(reading.from_stored(newest.definition), definition)
    if plan.keys and not plan.conflicts:
        old = register_of(row)
        coming = replace(old, definition=definition, mappings=(*old.mappings, plan.mapping))
        plan = replace(plan, conflicts=tuple(rebuilding.repetitions(coming, plan.keys)))
    return plan


def define(user: Any, definition: TypeDefinition, pack: Pack | None = None) -> Register:
    """A new type, or its next version; the same definition again changes nothing.

    Raises :class:`MigrationNeeded` with every conflict when the new version may not be taken silently.
    """
    check(user, LOAD)
    with change(user.actor()) as tx:
        row = RegisterType.objects.select_for_update().filter(code=definition.code).first()
        plan = preview(definition)
        if plan is not None and plan.conflicts:
            raise MigrationNeeded(list(plan.conflicts), where={"名录": definition.zh})
        if row is not None and not plan.changes:
            if row.pack_id is None and pack is not None:
                RegisterType.objects.filter(pk=row.pk).update(pack=pack)
            rebuilding.go_on(tx, row)
            return register_of(row)
        before = register_of(row) if row is not None else None
        row = _version(tx, row, definition, plan, pack)
        if plan is not None:
            rebuilding.after_definition(tx, row, before, plan)
    return register_of(row)


def _version(
    tx: Change, row: RegisterType | None, definition: TypeDefinition, plan: Plan | None, pack: Pack | None
) -> RegisterType:
    content = definition.as_json()
    before: TypeVersion | None = None
    if row is None:
        row = RegisterType(code=definition.code, version=0, digest="")
    else:
        before = TypeVersion.objects.get(type=row, number=row.version)
    mapping = plan.mapping if plan else Lifting()
    assigned = slots.assign(definition, before.slots if before else None, mapping.renamed)
    whole = json.dumps([row.digest, content, assigned], sort_keys=True, ensure_ascii=False)
    row.zh, row.en, row.version, row.pack = definition.zh, definition.en, row.version + 1, pack or row.pack
    row.digest = hashlib.sha256(whole.encode()).hexdigest()
    row.save()
    TypeVersion.objects.create(type=row, number=row.version, definition=content, slots=assigned,
                               mapping=mapping.as_json())  # fmt: skip
    said = [one.sentence_zh for one in plan.changes] if plan else ["新建"]
    tx.log("registers.type.define", Ref("regtype", row.code, version=str(row.version)), None,
           {"version": row.version, "digest": row.digest, "changes": said})  # fmt: skip
    return row


def rebuild_slots(user: Any, register: Register) -> int:
    """Derive every slot of a register anew, in one transaction; returns how many objects were wrong."""
    check(user, LOAD)
    with change(user.actor()) as tx:
        wrong = rebuilding.everything(tx, register)
        tx.log("registers.slots.rebuild", Ref("regtype", register.code), None, {"wrong": wrong})
    return wrong
