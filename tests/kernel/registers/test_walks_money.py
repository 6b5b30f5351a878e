"""Packs of finance bureaus, banks, courts and procuratorates: each system is walked from the sample workbook to its own
indicator and paragraph. Values worked out by hand from the sample rows, as noted; edges of what is judged."""

from decimal import Decimal

import pytest

from tests.kernel.registers.walking import Step, Walk, computed, walked

# What the samples of a pack give before anything is done.
PPP = {"FIN.PPP.FUNDS": "16.47", "FIN.PPP.PAID": "87.9", "FIN.EOD.COVER": "1.045"}
FUNDS = {"FIN.FUND.PAID": "57.9", "FIN.FUND.POOLED": "61.9", "FIN.BOND.USED": "78.6", "FIN.BOND.GREEN": "99.5"}

WALKS = {
    # Raised are 62340 + 12480 + 21360 + 31250 + 28750 + 3860 + 4620 = 164660 (ten thousand yuan), then 13900 more. Paid
    # are 25306.4 of 28800 that were due. Eight of 11 projects are signed then; one would take 10.64 % of the budget.
    "S088": Walk(
        "ppp-eod", "ppp_project", "白沙矿山修复PPP项目",
        (
            Step("sign", refused="signed with investor and day"),
            Step("sign", {"signed_on": "2026-01-15"}),
            Step("operate", {"raised": 13900}, refused="accepted and fully funded"),
            Step("operate", {"raised": "13899.9"}, inspected=("finish", {"works": True, "output": True, "safe": True}),
                 refused="fully funded"),
            Step("operate", {"raised": 13900}),
        ),
        "operating", "raised", "16.47", "17.86", PPP | {"FIN.PPP.FUNDS": "17.86"},
        "ppp", ("在库合作项目11个", "签约落地率72.7%", "履约率87.9%，拖欠3493.6", "峰值8.26%，超过红线的1个"),
    ),
    # 95600 of 91500 (ten thousand yuan) are fed back, then 18740 on both sides. The balance of this one is 74300 less
    # 18740, 31200, 14380 and 9960, which is 20; it was 1400 less.
    "S098": Walk(
        "ppp-eod", "eod_project", "云头镇土壤治理与产业园EOD项目",
        (
            Step("store", refused="balance is not negative"),
            Step("store", {"trade_income": 74300, "feedback": "18739.9", "fiscal": 0}, refused="clean-up is covered"),
            Step("store", {"trade_income": 74300, "feedback": 18740, "fiscal": 100}, refused="no government payment"),
            Step("store", {"trade_income": 74300, "feedback": 18740, "fiscal": 0, "stored_on": "2026-02-10"}),
            Step("start", refused="with credit granted"),
        ),
        "stored", "cover", "1.045", "1.037", PPP | {"FIN.EOD.COVER": "1.037"},
        "eod", ("入库EOD项目7个", "反哺覆盖率1.037", "授信提款率44.6%；现金流不平的1个"),
    ),
    # Allocated are 8938.1 and paid 5175.55 (ten thousand yuan), then 385 more; 185.4 were taken back and 3577.15 are
    # left, then 3192.15. Six of ten sums came within 30 days; 5530 are pooled.
    "S087": Walk(
        "fiscal-funds", "fund_line", "大气污染防治省级资金",
        (
            Step("pay", refused="must make what was allocated"),
            Step("pay", {"paid": "250.25", "left_over": "134.75"}),
            Step("settle", refused="all is paid"),
            Step("take_back", refused="carried for two years"),
            Step("settle", {"paid": 385, "left_over": 0}),
        ),
        "closed", "pay_rate", "57.9", "62.2", FUNDS | {"FIN.FUND.PAID": "62.2"},
        "funds", ("财政资金12笔，下达0.89", "支付进度62.2%，结余3192.2", "收回统筹185.4",
                  "按时下达率60.0%", "未收回1笔"),
    ),
    # Used are 79456.4 of 101100 (ten thousand yuan), then 520 more. Of the green bonds 47585 of 47820 went into green
    # projects, then all of 48340.
    "S090": Walk(
        "fiscal-funds", "bond_issue", "清源水务绿色债券",
        (
            Step("use_up", refused="when all is used"),
            Step("use_up", {"used": 6500, "unused": 0, "green_used": 6265}, refused="for green projects only"),
            Step("use_up", {"used": 6500, "unused": 0, "green_used": 6500}),
        ),
        "used_up", "used_rate", "78.6", "79.1", FUNDS | {"FIN.BOND.USED": "79.1", "FIN.BOND.GREEN": "100.0"},
        "bonds", ("存续债券8期、发行额10.11", "使用率79.1%", "绿色使用比例100.0%，不足的0期"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("system", WALKS)
def test_system(system, place, county, imported, photo):
    walked(WALKS[system], place, county, imported, photo)


EOD = {"rank": "county", "work": "soil", "trade": "park", "sponsor": "县国控公司", "zone": "城北", "cycle_years": 15,
       "cleanup": 100, "industry": 200, "running": 50, "finance_cost": 30, "own_income": 10}  # fmt: skip


@pytest.mark.parametrize(("income", "balance"), [(370, "0"), ("369.9", "-0.1"), (400, "30")])
def test_an_eod_project_balances_income_against_all_costs(income, balance):
    """10 and the income of the industry less 100, 200, 50 and 30."""
    seen = computed("ppp-eod", "eod_project", {**EOD, "trade_income": income, "feedback": 90})
    assert seen["balance"] == Decimal(balance) and seen["cover"] == Decimal(90)


@pytest.mark.parametrize(("day", "found"), [("2025-03-31", True), ("2025-04-01", False), (None, None)])
def test_a_transfer_is_passed_on_within_thirty_days(day, found):
    """31 March is the thirtieth day after 1 March."""
    given = {"origin": "central", "received_on": "2025-03-01", "area_of": "water", "project_name": "河道治理"}
    given |= {"user_unit": "县水利局", "allocated_on": day}
    assert computed("fiscal-funds", "fund_line", given).get("on_time") is found
