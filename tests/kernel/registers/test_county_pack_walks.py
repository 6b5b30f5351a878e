"""Packs of county offices from their sample workbooks to the report. Values worked out by hand from the sample rows."""

from datetime import date

import pytest

from tests.kernel.registers.walking import Step, Walk, walked

YEAR = date.today().year

WALKS = [
    # Fifteen of seventeen decided applications were granted (one since revoked), then sixteen of eighteen. Of 98 tasks
    # of what is under way 79 are done, 57 of 76 without the one that is named. Five national honours, then six.
    Walk(
        "pilots-honours", "honour", "水系连通及水美乡村建设试点",
        (
            Step("name", {"named_on": f"{YEAR}-01-02"}, refused="by a paper with its day"),
            Step("name", {"paper": "办规计函〔2026〕3号"}, refused="by a paper with its day"),
            Step("name", {"paper": "办规计函〔2026〕3号", "named_on": "2024-06-01"}, refused="after their acceptance"),
            Step("name", {"paper": "办规计函〔2026〕3号", "named_on": f"{YEAR}-01-02"}),
            Step("recheck", refused="names the next one"),
        ),
        "named", "success", "88.2", "88.9",
        {"GOV.PILOT.HONOURS": "1", "GOV.PILOT.SUCCESS": "88.9", "GOV.PILOT.PROGRESS": "75.0"},
        "progress", ("现有试点及荣誉15项，其中国家级6项、省级8项、市县级1项", "申报和创建中3项，创建任务完成率75.0%"),
    ),
]  # fmt: skip


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.pack)
def test_walk(walk, place, county, imported, photo):
    walked(walk, place, county, imported, photo)
