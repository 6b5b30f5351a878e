"""Packs of nature from their sample workbooks to the report. Values are worked out by hand from the sample rows."""

import pytest

from tests.kernel.registers.walking import FAR, Step, Walk, computed, walked

WALKS = [
    # 1360.9 of 1686.2 hectares are protected. Of 3.10 hectares taken (without the one paid for) 2.65 are replaced, each
    # counted with at most what it took; the boardwalk that walks takes and replaces 0.6. Of 8.79 hectares damaged 5.72
    # are repaired.
    Walk(
        "wetlands", "wetland_use", "白沙湖滨栈道",
        (
            Step("agree", {"paper": "云林湿审〔2025〕6号", "decided_on": "2025-09-01"},
                 refused="at least as much area"),
            Step("agree", {"paper": "云林湿审〔2025〕6号", "decided_on": "2025-09-01", "planned": "0.6"}),
            Step("balance", {"done_area": "0.59", "accepted_on": "2025-11-10"},
                 inspected=("acceptance", {"measured": True, "quality": True, "kept": True}),
                 refused="at least as much wetland"),
            Step("balance", {"done_area": "0.6", "accepted_on": "2025-11-10"}),
        ),
        "balanced", "balance", "85.5", "87.8",
        {"FOR.WET.RATE": "80.71", "FOR.WET.IMPORTANT": "4", "FOR.WET.BALANCE": "87.8", "FOR.WET.REPAIRED": "65.1"},
        "progress", ("登记湿地20处、1686.2\xa0公顷，湿地保护率80.71%", "重要湿地5处，其中省级4\xa0处，小微湿地3处",
                     "占补平衡率87.8%，尚未补充0.45\xa0公顷", "破坏湿地问题9个，修复率65.1%"),
    ),
    # 9910.4 of 14642.9 hectares are managed. Eleven of twenty points are closed, then twelve; of 99220 square metres to
    # be cleared 75420 are restored (each point with at most what was occupied), then the last 400 of the cabins.
    Walk(
        "nature-reserves", "shield_point", "乌石岭度假木屋",
        (
            Step("close", {"closed_on": "2025-03-10", "restored": "1500"}, refused="dated proof"),
            Step("close", {"closed_on": "2025-03-10", "proof_on": "2025-02-20", "restored": "1499"},
                 inspected=("verify", {"gone": True, "green": True, "true_file": True}),
                 refused="at least as much restored"),
            Step("close", {"closed_on": "2025-03-10", "proof_on": "2025-02-20", "restored": "1500"}),
        ),
        "closed", "closed", "55.0", "60.0",
        {"FOR.RESERVE.COUNT": "1", "FOR.PARK.COUNT": "3", "FOR.WETPARK.COUNT": "2", "FOR.GEOPARK.COUNT": "0",
         "FOR.PROTECT.MANAGED": "67.7", "FOR.SHIELD.CLOSED": "60.0", "FOR.SHIELD.RESTORED": "76.4"},
        "shield", ("绿盾问题点位20个，整改完成率70.0%，销号率60.0%，生态恢复率76.4%", "核心保护区未销号3个"),
    ),
    # Fourteen ancient trees stand (one more is dead, one too young): eight are under care, then the camphor as well.
    # Of 13 protected species nine are steady or grow, three decline and one was not seen for ten years. Of 61 animals
    # whose rescue has ended 53 were released.
    Walk(
        "biodiversity", "ancient_tree", "柳林村古樟群一号",
        (
            Step("care", inspected=("patrol", {"no_harm": True, "ground": True, "plate": True}),
                 refused="a valid agreement"),
            Step("care", {"deal_until": FAR, "range": 0}, refused="a protected zone"),
            Step("cure", {"rescue": "支撑"}, refused="weak or dying"),
            Step("care", {"deal_until": FAR}),
        ),
        "cared", "cared", "57.1", "64.3", {"FOR.SPECIES.STEADY": "69.2", "FOR.TREES.CARED": "64.3"},
        "progress", ("名录物种13种，其中国家重点保护13种，种群稳定率69.2%", "放归率86.9%，救护中3\xa0只",
                     "古树名木14\xa0株，其中一级5\xa0株，保护落实率64.3%"),
    ),
]  # fmt: skip


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.pack)
def test_walk(walk, place, county, imported, photo):
    walked(walk, place, county, imported, photo)


@pytest.mark.parametrize(
    ("age", "kind", "level"),
    [(500, "old", "first"), (499, "old", "second"), (300, "old", "second"), (299, "old", "third"),
     (100, "old", "third"), (99, "old", "young"), (20, "famous", "first")],
)  # fmt: skip
def test_a_tree_has_its_level_from_its_age(age, kind, level):
    """Article 8 of the regulation of 2025."""
    given = {"tree": "樟树", "kind": kind, "age": age, "owner": "village", "spot": "村口", "found_on": "2025-01-02"}
    assert computed("biodiversity", "ancient_tree", {**given, "vigour": "good"})["level"] == level
