"""Every number on every page opens its source, on the sample site and, where they are at hand, on the real documents.

A number counts as sourced when it is a link itself or when the row, tile or card it stands in has a link to its record
or an evidence chip; every chip that the pages show must open, and a chip to a document must open at its sentence.
"""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.browser

PAGES = [
    "/desk/",
    "/cockpit/",
    "/duties/",
    "first:/duties/:table a.t",
    "/duties/rounds/",
    "first:/duties/rounds/:table a.t",
    "/indicators/",
    "first:/indicators/:table a.t",
    "/indicators/targets/",
    "/indicators/review/",
    "/indicators/conflicts/",
    "/documents/",
    "first:/documents/:a.review-link",
    "/search/?q=森林",
]

UNSOURCED = """() => {
  const found = [];
  const holders = 'tr,li,a,.card,section,article,.rec,.drawer,form,nav,.pager,.filterbar,.segline,header';
  for (const number of document.querySelectorAll('main .num, main .v, main .big')) {
    const text = number.textContent.trim();
    if (!/[0-9]/.test(text) || number.closest('a[href],nav,.pager,.filterbar,label,kbd,.crumbs,time')) continue;
    let holder = number.closest(holders), sourced = false;
    for (let up = 0; holder && up < 3 && !sourced; up++) {
      sourced = !!holder.querySelector('a[href]');
      holder = holder.parentElement && holder.parentElement.closest(holders);
    }
    if (!sourced) found.push(text.slice(0, 30));
  }
  return found.slice(0, 10);
}"""


def _open(view, path: str) -> None:
    if path.startswith("first:"):
        _, listing, selector = path.split(":", 2)
        view.open(listing)
        path = view.page.locator(selector).first.get_attribute("href")
    view.open(path)


def test_every_number_has_its_source_and_every_chip_opens(tab, site):
    view = tab("office")
    chips: dict[str, str] = {}
    for path in PAGES:
        _open(view, path)
        assert view.page.evaluate(UNSOURCED) == [], path
        links = view.page.eval_on_selector_all("main a.ev[href]", "list => list.map(e => e.href)")
        chips |= {link: path for link in links if link}
    assert len(chips) > 20
    kinds = set()
    for link, path in sorted(chips.items())[:120]:
        response = view.page.request.get(link)
        assert response.status == 200, f"{link} (on {path}): {response.status}"
        body = response.text()
        if re.search(r"/documents/\d+/\?at=", response.url):
            kinds.add("document")
            assert "<mark" in body or 'class="hit' in body, f"{response.url} shows no sentence"
    assert "document" in kinds
