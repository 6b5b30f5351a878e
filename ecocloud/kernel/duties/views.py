"""The ledger, a person's own lists, notices and instructions. Thin."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecocloud.base.pages.exports import list_page
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.kernel.duties import columns, item_page, queries, services, showing
from ecocloud.kernel.duties.kinds import all_kinds
from ecocloud.kernel.duties.lists import PERSONAL, ItemListing
from ecocloud.kernel.duties.models import Instruction, Notice
from ecocloud.kernel.duties.services.standing import NotVisible
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import User

TABS = (
    ("todo", gettext_lazy("待办")),
    ("done", gettext_lazy("已办")),
    ("started", gettext_lazy("我发起")),
    ("copied", gettext_lazy("抄送")),
    ("urged", gettext_lazy("催办")),
    ("read", gettext_lazy("待阅")),
    ("warning", gettext_lazy("预警")),
    ("overdue", gettext_lazy("逾期")),
    ("coming", gettext_lazy("近期到期")),
)
NOTICE_WORDS = {
    "round": gettext_lazy("调度"),
    "remind": gettext_lazy("催报"),
    "reply": gettext_lazy("批示回复"),
    "near": gettext_lazy("临期提醒"),
    "overdue": gettext_lazy("逾期提醒"),
    "feedback": gettext_lazy("应反馈"),
    "escalate": gettext_lazy("逾期未报"),
    "recurring": gettext_lazy("循环任务"),
    "object_due": gettext_lazy("到期与检查"),
}


def back_to(request: HttpRequest, fallback: str) -> str:
    """Where a form came from, when that is a page of ours; else ``fallback``."""
    wanted = request.POST.get("next", "")
    if wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        return wanted
    return fallback


def _opened(request: HttpRequest) -> dict[str, Any] | None:
    text = request.GET.get("open", "")
    if not (text.isascii() and text.isdigit()):
        return None
    try:
        return item_page.context(request.user, int(text))
    except NotVisible as refused:
        return {"missing": refused.sentence_zh()}


def ledger(request: HttpRequest) -> HttpResponse:
    """The list of items within the person's data scope; ``?open=ID`` shows one beside it."""
    listing = ItemListing(request, request.user)
    opened = _opened(request)
    context: dict[str, Any] = {"listing": listing, "opened": opened}
    if opened and "item" in opened:
        before, after = item_page.neighbours(listing.page_keys, opened["item"].pk)
        context |= {"before_pk": before, "after_pk": after}
    if opened and request.headers.get("HX-Request") == "true":
        return render(request, "duties/drawer.html", context)
    context |= {
        "lit_on": timezone.localtime(),
        "may": permissions.rights(request.user).permissions,
        "is_more": request.GET.get("more") == "1",
    }
    return render(request, "duties/ledger.html", context)


def mine(request: HttpRequest) -> HttpResponse:
    """A person's own lists: 待办 已办 我发起 抄送 催办 待阅 预警 逾期."""
    tab = request.GET.get("tab", "todo")
    tab = tab if tab in dict(TABS) else "todo"
    if tab in PERSONAL:
        listing: Listing = ItemListing(request, request.user, tab)
    elif tab == "done":
        listing = _done(request)
    else:
        listing = _notices(request, tab)
    address = reverse("duties:mine")
    tabs = [
        {
            "label": label,
            "url": f"{address}?tab={key}",
            "current": key == tab,
            "count": listing.total if key == tab else None,
        }
        for key, label in TABS
    ]
    kind = "items" if tab in PERSONAL else "steps" if tab == "done" else "notices"
    context = {"tabs": tabs, "tab": tab, "tab_label": dict(TABS)[tab], "kind": kind}
    context["may"] = permissions.rights(request.user).permissions
    return list_page(request, listing, "duties/mine.html", context)


def _done(request: HttpRequest) -> Listing:
    def decorate(rows: Any) -> Any:
        return rows.select_related("item", "item__lead_department")

    filters = (
        FilterSpec("q", _("任务"), kind="text", fields=("item__title", "item__code")),
        FilterSpec("at", _("日期"), kind="date_range", field="at__date"),
    )
    rows = queries.done(request.user).order_by()
    listing = Listing(
        request,
        rows,
        filters=filters,
        sorts=(SortSpec("new", ("-id",)),),
        decorate=decorate,
        key="duties.done",
        columns=columns.DONE,
        title=_("已办"),
    )
    for event in listing.rows:
        showing.show([event.item])
        event.label = showing.step_label(event.item.kind, event.action, event.action_zh)
    return listing


def _notices(request: HttpRequest, tab: str) -> Listing:
    rows = queries.urged(request.user) if tab == "urged" else queries.notices_for(request.user)
    if tab == "read":
        rows = rows.filter(read_at__isnull=True)
    listing = Listing(
        request, rows.order_by(), filters=(FilterSpec("q", _("标题"), kind="text", fields=("title",)),),
        sorts=(SortSpec("new", ("-id",)),), key=f"duties.{tab}", columns=columns.NOTICES, title=dict(TABS)[tab],
    )  # fmt: skip
    for notice in listing.rows:
        notice.word, notice.address = notice_word(notice), notice_address(notice)
    return listing


def notice_word(notice: Notice) -> str:
    """What a notice is about, in a word."""
    if notice.kind in NOTICE_WORDS:
        return str(NOTICE_WORDS[notice.kind])
    for kind in all_kinds().values():
        for row in kind.transitions:
            if row.action == notice.kind:
                return showing.pick(row.label_zh, row.label_en)
    return _("通知")


def notice_address(notice: Notice) -> str:
    """The page a notice leads to."""
    kind, _colon, key = notice.ref.partition(":")
    if kind == "regtype" and notice.kind == "object_due":
        return f"{reverse('registers:due')}?{urlencode({'register': key, 'mine': '1'})}"
    if not key.isdigit():
        return ""
    routes = {"item": "duties:item", "round": "duties:round"}
    return reverse(routes[kind], args=[int(key)]) if kind in routes else ""


def read_notices(request: HttpRequest) -> HttpResponse:
    """Mark the chosen notices, or all unread ones, as read."""
    if request.POST.get("all") == "1":
        wanted = list(queries.unread(request.user).values_list("pk", flat=True))
    else:
        wanted = [int(text) for text in request.POST.getlist("notice") if text.isdigit()]
    done = services.mark_read(request.user, wanted) if wanted else 0
    messages.success(request, _("已标为已阅 %(n)s 件。") % {"n": done})
    return redirect(back_to(request, reverse("duties:mine") + "?tab=read"))


def _visible_instructions(viewer: User) -> Any:
    rows = Instruction.objects.all()
    return rows if queries.view_of(viewer).everything else rows.filter(item__in=queries.visible(viewer))


def instructions(request: HttpRequest) -> HttpResponse:
    """Leaders' instructions on items the person sees; open ones first."""
    today = timezone.localdate()
    states = [("open", _("待回复")), ("late", _("超期未回复")), ("replied", _("已回复"))]

    def narrow(rows: Any, value: str) -> Any:
        if value == "replied":
            return rows.filter(replied_at__isnull=False)
        rows = rows.filter(replied_at__isnull=True)
        return rows.filter(due__lt=today) if value == "late" else rows

    def decorate(rows: Any) -> Any:
        return rows.select_related("item", "item__lead_department", "leader", "replied_by")

    filters = (
        FilterSpec("q", _("任务"), kind="text", fields=("item__title", "item__code", "text")),
        FilterSpec("at", _("批示日期"), kind="date_range", field="at__date"),
        FilterSpec("state", _("状态"), choices=states, apply=narrow, in_bar=False),
    )
    listing = Listing(
        request, _visible_instructions(request.user), filters=filters,
        sorts=(SortSpec("new", ("-id",)), SortSpec("due", ("due", "-id"))), decorate=decorate,
        key="duties.instructions", columns=columns.INSTRUCTIONS, title=_("批示"),
    )  # fmt: skip
    for row in listing.rows:
        row.late = row.replied_at is None and row.due is not None and row.due < today
        showing.show([row.item])
    return list_page(request, listing, "duties/instructions.html", {})


def owed(request: HttpRequest) -> HttpResponse:
    """The reports the person's unit owes in open rounds."""
    rows = queries.reports_owed(request.user).order_by()
    listing = Listing(
        request, rows, sorts=(SortSpec("due", ("round__due", "item_id")),), key="duties.owed",
        columns=columns.OWED, title=_("调度应报"),
        decorate=lambda found: found.select_related("round", "item", "item__lead_department"),
    )  # fmt: skip
    for report in listing.rows:
        showing.show([report.item])
    return list_page(request, listing, "duties/owed.html", {})


def remind_many(request: HttpRequest) -> HttpResponse:
    """催办 of the chosen items, each in a transaction of its own; refusals are told one by one."""
    keys = [int(text) for text in request.POST.getlist("item") if text.isdigit()][:500]
    chosen = list(queries.visible(request.user).filter(pk__in=keys)) if keys else []
    done, refused = services.act_on_many(request.user, chosen, "urge", opinion=request.POST.get("opinion", ""))
    if done:
        messages.success(request, _("已催办 %(n)s 项，送牵头单位待阅。") % {"n": len(done)})
    for item, error in refused[:5]:
        messages.warning(request, f"{item.code}：{getattr(error, 'message_zh', error)}")
    if len(refused) > 5:
        messages.warning(request, _("另有 %(n)s 项未催办。") % {"n": len(refused) - 5})
    if not chosen:
        messages.warning(request, _("没有选择任务。"))
    return redirect(back_to(request, reverse("duties:ledger")))


def list_of(request: HttpRequest) -> ItemListing:
    """The list a file is made of: the ledger or one of the person's lists, with the filters of the address."""
    name = request.GET.get("list", "ledger")
    return ItemListing(request, request.user, name if name in PERSONAL else "ledger")
