"""What this room refuses, as types."""

from __future__ import annotations

from typing import Any

from ecocloud.base.errors import Conflict, EcoError


class DefinitionError(EcoError):
    """A definition or pack breaks a rule; ``where`` has file, line and field; ``remedy_en`` the remedy in English."""

    code = "registers.definition"

    def __init__(self, message_zh: str, message_en: str = "", *, remedy_en: str = "", **more: Any) -> None:
        self.remedy_en = remedy_en
        super().__init__(message_zh, message_en, **more)

    def sentence_en(self) -> str:
        """The mistake as one English line: file and line, field, what is wrong, what to do."""
        return f"{self.message_en.rstrip('.')}. {self.remedy_en}".rstrip()

    def as_dict(self) -> dict[str, Any]:
        """The error for the API with both remedies."""
        return {**super().as_dict(), "remedy_en": self.remedy_en}


class DefinitionFaults(EcoError):
    """Several mistakes of one pack; ``faults`` lists them all."""

    code = "registers.definitions"

    def __init__(self, faults: list[DefinitionError]) -> None:
        self.faults = tuple(faults)
        first = faults[0]
        more = f"（共 {len(faults)} 处）" if len(faults) > 1 else ""
        super().__init__(
            f"{first.message_zh}{more}", "; ".join(fault.message_en for fault in faults[:20]), where=first.where,
            value=first.value, remedy_zh=first.remedy_zh,
        )  # fmt: skip

    def as_dict(self) -> dict[str, Any]:
        """The error for the API with every fault."""
        return {**super().as_dict(), "faults": [fault.as_dict() for fault in self.faults]}


class ExpressionError(EcoError):
    """An expression cannot be read, or does not fit its fields and units; ``where`` has the position."""

    code = "registers.expression"


class ValueFault(EcoError):
    """One value of one object cannot be taken; ``field`` names the field."""

    code = "registers.value"

    def __init__(self, field: str, message_zh: str, message_en: str, **more: Any) -> None:
        self.field = field
        super().__init__(message_zh, message_en, **more)


class ValuesRefused(EcoError):
    """An object cannot be written; ``faults`` holds every wrong value."""

    code = "registers.values"

    def __init__(self, faults: list[ValueFault], where: dict[str, Any] | None = None) -> None:
        self.faults = tuple(faults)
        super().__init__(
            "；".join(fault.sentence_zh().rstrip("。") for fault in faults[:5]) + "。",
            "; ".join(f"{fault.field}: {fault.message_en}" for fault in faults[:20]), where=where,
        )  # fmt: skip

    def as_dict(self) -> dict[str, Any]:
        """The error for the API with every fault by field."""
        faults = [{"field": fault.field, **fault.as_dict()} for fault in self.faults]
        return {**super().as_dict(), "faults": faults}


class NoSuchThing(EcoError):
    """There is no such type, object or pack for this person."""

    code = "registers.missing"
    http_status = 404


class StepRefused(Conflict):
    """An object cannot take this step: ``reason`` is ``state`` (not from here) or ``guard``; ``story`` its past."""

    code = "registers.step"

    def __init__(self, reason: str, story: list[str], message_zh: str, message_en: str, **more: Any) -> None:
        self.reason = reason
        self.story = tuple(story)
        super().__init__(message_zh, message_en, **more)

    def as_dict(self) -> dict[str, Any]:
        """The error for the API with reason and story."""
        return {**super().as_dict(), "reason": self.reason, "story": list(self.story)}


class YearLocked(Conflict):
    """The year is closed for this register and region."""

    code = "registers.locked"


class Stale(Conflict):
    """Somebody else changed the object since it was read."""

    code = "registers.stale"


class Duplicate(Conflict):
    """Another object has the same code or the same values of a uniqueness key; ``field`` names the first of them."""

    code = "registers.duplicate"

    def __init__(self, message_zh: str, message_en: str, *, field: str = "", **more: Any) -> None:
        self.field = field
        super().__init__(message_zh, message_en, **more)


class MigrationNeeded(Conflict):
    """A new version of a definition changes what may not change silently; ``conflicts`` lists everything."""

    code = "registers.migration"

    def __init__(self, conflicts: list[str], where: dict[str, Any] | None = None) -> None:
        self.conflicts = tuple(conflicts)
        super().__init__(
            f"有 {len(conflicts)} 处改动不能自动升级：" + "；".join(conflicts) + "。",
            f"{len(conflicts)} changes need a migration", where=where, value=len(conflicts),
            remedy_zh="请改为新增、改名（was）、放宽或停用（deprecated），或另做迁移。",
        )  # fmt: skip

    def as_dict(self) -> dict[str, Any]:
        """The error for the API with the list of conflicts."""
        return {**super().as_dict(), "conflicts": list(self.conflicts)}


class PackVersionRefused(Conflict):
    """A pack is older than the one that is loaded, or other than it under the same number.

    reason: ``older`` or ``same_number``; ``differences`` lists what it says otherwise.
    """

    code = "registers.pack_version"

    def __init__(self, pack: str, held: str, given: str, differences: list[str]) -> None:
        self.differences = tuple(differences)
        self.reason = "same_number" if held == given else "older"
        what = (
            (f"装入的版本号 {given} 与现用的相同，内容却不同", f"version {given} is loaded with other content")
            if self.reason == "same_number"
            else (f"装入的版本 {given} 比现用的 {held} 旧", f"version {given} is older than {held}, which is loaded")
        )
        super().__init__(
            f"{what[0]}，有 {len(differences)} 处不同：{'；'.join(differences)}。", f"pack {pack!r}: {what[1]}",
            where={"包": pack}, value=given,
            remedy_zh=f"请把 pack.yaml 的版本号改成高于 {held} 再装入；"
                      "确要替换，请加 --replace（页面上选“仍要替换”），会记入操作记录。",
        )  # fmt: skip

    def as_dict(self) -> dict[str, Any]:
        """The error for the API with the reason and every difference."""
        return {**super().as_dict(), "reason": self.reason, "differences": list(self.differences)}
