"""The beginning of a new pack: a folder that passes the check and is then changed by its author."""

from __future__ import annotations

import re
from pathlib import Path

from ecocloud.kernel.registers.errors import DefinitionError

_PACK = """\
id: {id}
version: 0.1.0
zh: 新的工作台账
en: New programme
summary: 用一句话说明这个包管理什么对象、统计什么指标、由谁负责。
owner_role: office
systems: []  # 对应的系统编号（见“系统清单”页），如 [S107]；不对应任何系统时留空
sources:
  - {{code: basis, title: 依据文件的全称, issuer: 发文机关, issued: 2026-01-01, mark: from_memory}}
figures:
  - {{code: all, zh: 总数, en: All, type: {type}, value: rows()}}
  - {{code: done_share, zh: 完成率, en: Share done, type: {type}, unit: "%", decimals: 1,
     value: 'rows(state = "done") / rows()'}}
paragraphs:
  - {{code: progress, zh: 进展, text: "截至{{day}}，{{region}}共有{{all}}项，完成率{{done_share}}。"}}
coverage: []  # 写了系统编号后，逐项说明其数据在哪里：{{system: S107, side: in, item: Outfalls, by: [{type}]}}
"""
_TYPE = """\
code: {type}
zh: 新的名录
en: New register
prefix: NEW
fields:
  - {{code: owner, zh: 责任人, en: Owner, kind: text, required: true, index: true}}
  - {{code: finished_on, zh: 完成日期, en: Finished on, kind: date, index: true}}
columns: [code, name, owner, state]
states:
  - {{code: open, zh: 进行中, en: Open}}
  - {{code: done, zh: 已完成, en: Done, tone: good, final: true}}
transitions:
  - action: finish
    zh: 完成
    en: Finish
    from: [open]
    to: done
    guard: not missing(finished_on)
    refusal_zh: 须填写完成日期。
    refusal_en: The day of completion is missing.
examples:
  - {{name: 第一个示例, values: {{owner: 张三}}}}
  - {{name: 第二个示例, values: {{owner: 李四, finished_on: 2026-02-01}}}}
"""


def begin(code: str, folder: Path) -> Path:
    """Write a new pack into ``folder``/``code``; raises :class:`DefinitionError` (bad code, folder is there)."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{2,28}", code):
        raise DefinitionError("包的代码不合规定。", "bad pack id", value=code,
                              remedy_zh="小写字母开头，3 至 29 位小写字母、数字和连字符。")  # fmt: skip
    place = folder / code
    if place.exists():
        raise DefinitionError("文件夹已经存在。", "folder exists", value=str(place), remedy_zh="请换一个代码。")
    kind = code.replace("-", "_")
    (place / "types").mkdir(parents=True)
    (place / "pack.yaml").write_text(_PACK.format(id=code, type=kind), encoding="utf-8")
    (place / "types" / f"{kind}.yaml").write_text(_TYPE.format(type=kind), encoding="utf-8")
    return place
