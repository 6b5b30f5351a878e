"""What every pack of the product brings beyond being right, and when two registers are one said twice. Pure.

Demands: in its main register at least eight fields of its own; an indicator that is more than a count; a step that
refuses; a task template, a tile, a report paragraph, a source; rows of samples. A pack of an office's own is told the
same as hints.

Two registers are too alike when more than 60 % of the fields of the smaller one stand in the other. Two fields are the
same when they are of one kind and are called the same in Chinese, or have the same code and the same English name. What
the engine gives every object (code, name, division, department, state, year, place) is no field and does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ecocloud.base.errors import EcoError
from ecocloud.base.yaml_lines import part
from ecocloud.kernel.registers.definition import TypeDefinition
from ecocloud.kernel.registers.errors import DefinitionError
from ecocloud.kernel.registers.expressions import syntax
from ecocloud.kernel.registers.pack_definition import PackFolder

FEWEST_FIELDS, FEWEST_ROWS = 8, 10
# The most of a register's fields that may stand in another one.
MOST_SHARED_PERCENT = 60
# How many of the shared fields the sentence names.
_LISTED = 6


class Alike(DefinitionError):
    """Two registers share so many fields that they are one register with a dictionary."""

    code = "registers.alike"


@dataclass(frozen=True)
class Demand:
    """A demand that a pack does not meet: where it stands in ``pack.yaml``, sentences, remedies."""

    path: tuple
    message_zh: str
    message_en: str
    value: object
    remedy_zh: str
    remedy_en: str

    def hint(self) -> DefinitionError:
        """The demand as what is said to an office about its own pack."""
        return DefinitionError(self.message_zh, self.message_en, value=self.value, remedy_zh=self.remedy_zh,
                               remedy_en=self.remedy_en)  # fmt: skip


def main_type(made: PackFolder) -> TypeDefinition:
    """The register that most figures count; of several the one with most fields."""
    counted = [one.type for one in made.definition.figures]
    return max(made.types, key=lambda one: (counted.count(one.code), len(one.fields)))


def is_more_than_a_count(expression: str) -> bool:
    """Whether a figure is more than a number of objects: a share, a sum or mean of a field, a balance.

    ``rows(...)`` alone is a count, also several added up or taken from each other and with a unit beside them.
    An expression that cannot be read counts as none.
    """
    try:
        waiting: list[Any] = [syntax.parse(expression)]
    except EcoError:
        return False
    while waiting:
        node = waiting.pop()
        if isinstance(node, syntax.Call) and node.name == "rows":
            continue
        divides = isinstance(node, syntax.Binary) and node.sign == "/"
        if isinstance(node, syntax.Call | syntax.Name) or divides and _reads(node.right):
            return True
        waiting.extend(syntax.children(node))
    return False


def _reads(node: Any) -> bool:
    """Whether something of objects is below a node: a division by 100 makes no share."""
    return isinstance(node, syntax.Call | syntax.Name) or any(_reads(one) for one in syntax.children(node))


def unmet(made: PackFolder) -> Iterator[Demand]:
    """Every demand that a pack, right by itself, does not meet."""
    pack, main = made.definition, main_type(made)
    if len(main.fields) < FEWEST_FIELDS:
        yield Demand(("figures",), f"主要名录“{main.code}”只有 {len(main.fields)} 个自己的字段。",
                     f"the main register {main.code!r} has only {len(main.fields)} fields of its own", main.code,
                     f"至少 {FEWEST_FIELDS} 个：台账里实际登记的数量、限值、日期、资金和责任。",
                     f"At least {FEWEST_FIELDS}: what the ledger of such an office has.")  # fmt: skip
    figures = {one.code: one.value for one in pack.figures}
    if not any(is_more_than_a_count(figures.get(one.figure, "")) for one in pack.indicators):
        yield Demand(("indicators",) if pack.indicators else (), "没有一项指标不只是计数。",
                     "no indicator is more than a count", None, "请报送一项比率、合计、均值或差额。",
                     "Feed a share, a sum, a mean or a balance.")  # fmt: skip
    if not any(step.guard and step.refusal_zh for one in made.types for step in one.transitions):
        yield Demand((), "没有会拒绝的流转条件。", "no step has a guard that refuses", None,
                     "请给一个流转写 guard 和 refusal_zh、refusal_en。",
                     "Give a step guard, refusal_zh and refusal_en.")  # fmt: skip
    for name, zh, en in (("tasks", "任务模板", "task template"), ("tiles", "图块", "tile"),
                         ("paragraphs", "报告段落", "report paragraph"), ("sources", "来源", "source")):  # fmt: skip
        if not getattr(pack, name):
            yield Demand(
                (), f"没有{zh}（{name}）。", f"no {en} ({name})", None, "请至少写一个。", "Write one at least."
            )
    rows = sum(len(one.rows) for one in made.samples)
    if rows < FEWEST_ROWS:
        yield Demand((), f"样例只有 {rows} 行。", f"only {rows} rows of samples", rows,
                     f"samples 里至少要有 {FEWEST_ROWS} 行，状态各不相同，并有不合格的。",
                     f"At least {FEWEST_ROWS} rows in samples, of different states, some of them failing.")  # fmt: skip


@dataclass(frozen=True)
class Profile:
    """The fields of one register as they are compared: kind and words, each with its code for messages.

    pack, file, line: where they stand.
    """

    pack: str
    file: str
    line: int
    code: str
    fields: tuple[tuple[str, str, str, str], ...]

    @cached_property
    def by_words(self) -> frozenset[tuple[str, str]]:
        """Kind and Chinese name of every field."""
        return frozenset((kind, zh) for _, kind, zh, _ in self.fields)

    @cached_property
    def by_code(self) -> frozenset[tuple[str, str, str]]:
        """Kind, code and English name of every field."""
        return frozenset((kind, code, en) for code, kind, _, en in self.fields)

    def shared_with(self, other: Profile) -> list[str]:
        """The codes of the fields that the other register has too."""
        return [code for code, kind, zh, en in self.fields
                if (kind, zh) in other.by_words or (kind, code, en) in other.by_code]  # fmt: skip


def profiles(folder: Path) -> list[Profile]:
    """The registers of a pack's folder, as far as they can be read; mistakes are told by reading the pack."""
    found = []
    for path in sorted((folder / "types").glob("*.yaml")):
        name = f"types/{path.name}"
        text = path.read_bytes().decode("utf-8", "replace")
        found_there, line = part(text, name, "fields")
        listed = found_there if isinstance(found_there, list) else ()
        fields = [tuple(str(one.get(key, "")) for key in ("code", "kind", "zh", "en"))
                  for one in listed if isinstance(one, Mapping)]  # fmt: skip
        code = part(text, name, "code")[0]
        found.append(Profile(folder.name, name, line, str(code or path.stem), tuple(fields)))
    return found


def alike(own: Sequence[Profile], others: Iterable[Profile]) -> list[Alike]:
    """What is said of every register of one pack that is too much like another one of it, or of ``others``."""
    rest = list(others)
    found = []
    for position, one in enumerate(own):
        for other in [*own[position + 1 :], *rest]:
            found += _judged(one, other)
    return found


def _judged(one: Profile, other: Profile) -> list[Alike]:
    smaller, larger = sorted((one, other), key=lambda each: len(each.fields))
    shared = smaller.shared_with(larger)
    if len(shared) * 100 <= MOST_SHARED_PERCENT * len(smaller.fields):
        return []
    there = other.code if other.pack == one.pack else f"{other.pack}/{other.code}"
    count, whole, share = len(shared), len(smaller.fields), len(shared) * 100 // len(smaller.fields)
    listed = "、".join(shared[:_LISTED]) + ("等" if count > _LISTED else "")
    return [
        Alike(
            f"名录“{one.code}”与“{there}”有 {count} 个字段相同（占字段较少者 {whole} 个的 {share}%）：{listed}。",
            f"{one.file}:{one.line} fields: {one.code!r} and {there!r} share {count} of {whole}: {', '.join(shared)}",
            where={"文件": one.file, "行": one.line, "字段": "fields"},
            value=there,
            remedy_zh=f"请合成一个名录，用字典区分类别；不同的工作各有字段，相同的不超过 {MOST_SHARED_PERCENT}%。",
            remedy_en="Make them one type with a dictionary; different work has fields of its own.",
        )
    ]
