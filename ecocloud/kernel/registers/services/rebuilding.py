"""What is derived from the bodies, derived anew: slots with the roll-up, and uniqueness keys.

A small register is done in the transaction that changes its definition, a large one by a job in chunks. Until the job
is through, a field whose slot is being built is no filter, no order and no total; objects written meanwhile are right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ecocloud.base import bulk, jobs
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import SYSTEM, Change, change
from ecocloud.kernel.registers import slots
from ecocloud.kernel.registers.changes import Plan
from ecocloud.kernel.registers.models import ObjectKey, RegisterObject, RegisterType
from ecocloud.kernel.registers.register import Register, register_of
from ecocloud.kernel.registers.services import claims, counts, writing

JOB = "registers.rebuild"
# More objects than this are done by the job, so many in a transaction.
AT_ONCE, CHUNK = 1000, 300
_SHOWN = 20


def after_definition(tx: Change, row: RegisterType, before: Register, plan: Plan) -> None:
    """Bring slots and keys of a register in line with its new definition, at once or by a job.

    before: the register under the definition before.
    """
    register = register_of(row)
    was = {plan.mapping.renamed.get(code, code): slot for code, slot in before.assigned.items()}
    _drop_keys(register)
    waiting = dict(row.building or {})
    fields = {code for code, slot in register.assigned.items() if was.get(code) != slot}
    fields |= {plan.mapping.renamed.get(code, code) for code in waiting.get("fields", ())} & register.assigned.keys()
    if not (waiting or plan.keys or was != dict(register.assigned)):
        return
    keys = {*plan.keys, *waiting.get("keys", ())} & {one.code for one in register.definition.unique}
    if RegisterObject.objects.filter(type=row.pk).order_by()[: AT_ONCE + 1].count() <= AT_ONCE:
        for rows in _chunks(row.pk):
            _derive(tx, register, rows)
            _make_keys(register, rows, keys)
        row.building = None
    else:
        row.building = {"fields": sorted(fields), "keys": sorted(keys), "after": 0, "wrong": 0}
        go_on(tx, row)
    row.save(update_fields=["building"])


def go_on(tx: Change, row: RegisterType) -> None:
    """See to it that a register that is being built has a job that does it."""
    if row.building:
        jobs.enqueue(JOB, {"type": row.pk}, key=f"regtype:{row.pk}", created_by=tx.actor.id)


def repetitions(register: Register, keys: Sequence[str], most: int = _SHOWN) -> list[str]:
    """Objects that repeat another one in one of ``keys``, as sentences; reads every object once, writes nothing.

    register: with the definition the keys belong to, able to read the bodies there are.
    """
    wanted = [one for one in register.definition.unique if one.code in keys]
    found: list[str] = []
    if not wanted:
        return found
    seen: dict[str, str] = {}
    rows = RegisterObject.objects.filter(type=register.pk).exclude(state="retired").order_by("pk")
    for row in rows.only("code", "name", "body", "schema", "state").iterator(chunk_size=2000):
        typed = {**register.values(row), "name": row.name}
        for one in wanted:
            digest = claims.key_digest(one.fields, typed)
            if digest and (other := seen.setdefault(f"{one.code} {digest[:32]}", row.code)) != row.code:
                found.append(f"{row.code} 与 {other} 重复（{one.code}）")
                if len(found) >= most:
                    return found
    return found


def rebuild_chunk(pk: int) -> tuple[int, int] | None:
    """Do the next objects of a register that is being built, in one transaction.

    Returns how many and the key of the last, None when nothing is left. A repeated key is left out; raises JobFailed
    at the end, naming those.
    """
    with change(SYSTEM) as tx:
        row = RegisterType.objects.select_for_update().get(pk=pk)
        if not row.building:
            return None
        register, state = register_of(row), dict(row.building)
        found = RegisterObject.objects.select_for_update().filter(type=pk, pk__gt=state["after"]).order_by("pk")
        rows = list(found[:CHUNK])
        if rows:
            state["wrong"] += _derive(tx, register, rows)
            again = _make_keys(register, rows, set(state["keys"]))
            state["repeated"] = (state.get("repeated", []) + again)[:_SHOWN]
            state["after"] = rows[-1].pk
            row.building = state
        elif state.get("repeated"):
            row.building = {**state, "fields": [], "after": 0, "repeated": []}
        else:
            row.building = None
        row.save(update_fields=["building"])
        if not rows:
            tx.log("registers.slots.rebuild", Ref("regtype", row.code), None, {"wrong": state["wrong"]})
    if rows:
        return len(rows), rows[-1].pk
    _refuse(state.get("repeated", []))
    return None


def everything(tx: Change, register: Register) -> int:
    """Derive every slot of a register anew in the caller's transaction; returns how many objects were wrong."""
    return sum(_derive(tx, register, rows) for rows in _chunks(register.pk))


def _refuse(repeated: Sequence[str]) -> None:
    if repeated:
        raise jobs.JobFailed(
            "有对象在升级期间重复登记，唯一性尚未对它们生效：" + "；".join(repeated) + "。",
            f"{len(repeated)} objects repeat a key", remedy_zh="请更正或注销其中之一后重新装入该包。",
        )  # fmt: skip


def _chunks(pk: int) -> Iterator[list[RegisterObject]]:
    last = 0
    while True:
        found = RegisterObject.objects.select_for_update().filter(type=pk, pk__gt=last).order_by("pk")
        rows = list(found[:CHUNK])
        if not rows:
            return
        last = rows[-1].pk
        yield rows


def _derive(tx: Change, register: Register, rows: Sequence[RegisterObject]) -> int:
    wrong = []
    for row in rows:
        should = slots.project(register.definition, register.assigned, register.values(row))
        if any(getattr(row, name) != value for name, value in should.items()):
            counts.shift(tx, row, -1)
            for name, value in should.items():
                setattr(row, name, value)
            counts.shift(tx, row, 1)
            wrong.append(row)
    writing.upsert(wrong, slots.ALL)
    return len(wrong)


def _make_keys(register: Register, rows: Sequence[RegisterObject], names: set[str]) -> list[str]:
    """Write the keys of these names anew; returns the objects that repeat another one, as sentences."""
    wanted = [one for one in register.definition.unique if one.code in names]
    if not wanted:
        return []
    ObjectKey.objects.filter(object__in=[row.pk for row in rows], name__in=names).delete()
    made: dict[tuple[str, str], ObjectKey] = {}
    codes = {row.pk: row.code for row in rows}
    repeated: list[str] = []
    for row in rows:
        typed = {**register.values(row), "name": row.name}
        for one in wanted if row.state != "retired" else ():
            digest = claims.key_digest(one.fields, typed)
            if digest:
                key = ObjectKey(type_id=register.pk, object_id=row.pk, name=one.code, digest=digest)
                other = made.setdefault((one.code, digest), key)
                if other is not key:
                    repeated.append(f"{row.code} 与 {codes[other.object_id]} 重复（{one.code}）")
    there = ObjectKey.objects.filter(type=register.pk, name__in=names, digest__in=[digest for _, digest in made])
    for name, digest, code in there.values_list("name", "digest", "object__code"):
        mine = made.pop((name, digest), None)
        if mine is not None:
            repeated.append(f"{codes[mine.object_id]} 与 {code} 重复（{name}）")
    bulk.insert(list(made.values()))
    return repeated


def _drop_keys(register: Register) -> None:
    """Forget the digests of uniqueness keys that the type no longer has."""
    ObjectKey.objects.filter(type=register.pk).exclude(
        name__in=[one.code for one in register.definition.unique]
    ).delete()
