"""Full-text search as a page: query, kind, page, hits checked once more for the viewer."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from ecocloud.base import search
from ecocloud.kernel.journal.refs import resolve_many
from ecocloud.kernel.regions import permissions, scope

PER_PAGE = 20
MAX_QUERY = 100


def scope_tokens(user: Any) -> list[str] | None:
    """Tokens of the departments the person may see; ``None`` when everything."""
    seen = scope.reach(user)
    return None if seen.everything else [f"d{pk}" for pk in sorted(seen.departments)]


def page(request: HttpRequest) -> dict[str, Any]:
    """Template context of the search page."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:MAX_QUERY]
    kinds = search.kinds_for(lambda code: permissions.allowed(request.user, code))
    chosen = request.GET.get("kind", "")
    number = request.GET.get("page", "1")
    current = max(1, int(number)) if number.isdigit() and len(number) < 6 else 1
    context: dict[str, Any] = {"q": text, "kinds": kinds, "kind": chosen, "page": current, "hits": [], "total": 0}
    if not text:
        return context
    wanted = [chosen] if chosen in kinds else list(kinds)
    results = search.query(
        text, kinds=wanted, scopes=scope_tokens(request.user), limit=PER_PAGE, offset=(current - 1) * PER_PAGE
    )
    found = resolve_many([hit.ref for hit in results.hits], request.user)
    hits = [(hit, found[hit.ref]) for hit in results.hits]
    context["hits"] = [{"hit": hit, "target": target} for hit, target in hits if target.allowed]
    context["total"] = results.total
    context["pages"] = max(1, -(-results.total // PER_PAGE))
    return context
