"""What a closed duty carries back to the object it was made for: a date, where its task template says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from ecocloud.base.errors import EcoError
from ecocloud.kernel.duties.models import ItemEvent, TemplateDuty
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.registers import services as registers
from ecocloud.kernel.registers.register import open_register
from ecocloud.kernel.registers.services import packs

if TYPE_CHECKING:
    from ecocloud.kernel.duties.services.effects import Step


def fill_object(step: Step) -> None:
    """Write the day of the last report into the field ``fills`` of the template.

    It is written by the person who closes the duty. Where that is refused (no right, a closed year), the duty is closed
    all the same and its timeline says what was not filled in and why.
    """
    duty = TemplateDuty.objects.filter(item=step.item.pk).first()
    if duty is None:
        return
    try:
        pack = packs.open_pack(duty.pack)
        task = next((one for one in pack.tasks if one.code == duty.task), None)
        if task is None or not task.fills:
            return
        handled = ItemEvent.objects.filter(item=step.item.pk, is_handling=True).order_by("-id").first()
        day = timezone.localdate(handled.at if handled else step.at)
        register = open_register(task.type)
        field = register.definition.by_code[task.fills]
        registers.edit(step.user, register, int(Ref.parse(duty.subject).key), given={task.fills: day},
                       note=f"{step.item.code} 销号")  # fmt: skip
        step.detail.append(f"回填{field.zh} {day}")
    except EcoError as error:
        step.detail.append(f"未回填：{error.message_zh}")
