"""The only writers of saved views."""

from __future__ import annotations

from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.base.pages.models import SavedView

MAX_VIEWS = 30
MAX_NAME = SavedView._meta.get_field("name").max_length
MAX_QUERY = SavedView._meta.get_field("query").max_length


def save_view(user_id: str, list_key: str, name: str, query: str) -> SavedView:
    """Keep ``query`` under ``name``; the same name is replaced. Raises EcoError on a bad name or too many views."""
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME:
        raise EcoError(
            _("视图名称为空或过长。"),
            "view name empty or too long",
            code="pages.view-name",
            value=name[:80],
            remedy_zh=_("应为 1 至 40 个字。"),
        )
    if not list_key or len(list_key) > 80 or len(query) > MAX_QUERY:
        raise EcoError(_("条件过长，不能保存。"), "view query too long", code="pages.view-query")
    mine = SavedView.objects.filter(user=user_id, list_key=list_key)
    if mine.exclude(name=name).count() >= MAX_VIEWS:
        raise EcoError(
            _("这个列表已有 30 个视图。"),
            "too many saved views",
            code="pages.too-many-views",
            remedy_zh=_("请先删除不用的视图。"),
        )
    view, _created = SavedView.objects.update_or_create(
        user=user_id, list_key=list_key, name=name, defaults={"query": query}
    )
    return view


def delete_view(user_id: str, view_id: int) -> bool:
    """Delete a view of this person; False when there is none (another's is not touched)."""
    return SavedView.objects.filter(user=user_id, pk=view_id).delete()[0] > 0
