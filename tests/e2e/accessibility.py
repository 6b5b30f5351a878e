"""What a screen reader, a keyboard and weak eyes need of a page, checked in the browser (WCAG 2.2 A and AA, as far as a
machine can tell): the serious faults of automated runs, without an outside library.

``faults(page)`` gives sentences; an empty list is "no serious finding".
"""

from pathlib import Path

CHECKS = Path(__file__).with_suffix(".js").read_text("utf-8")

# Whether what the keyboard stands on can be seen: an outline of its own or of the drawn part beside it.
FOCUS = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const near = [e, e.nextElementSibling, e.parentElement && e.parentElement.querySelector('label')].filter(Boolean);
  const seen = near.some((x) => { const s = getComputedStyle(x);
    return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2; });
  return [seen, e.outerHTML.slice(0, 110)];
}"""


def faults(page) -> list[str]:
    """The serious faults of the page as it is shown now."""
    return page.evaluate(CHECKS)


def unseen_stops(page, most: int = 80) -> list[str]:
    """Stops of the tab key whose focus cannot be seen; and whether there is a trap (the way through never ends)."""
    found, stops = [], []
    for _step in range(most):
        page.keyboard.press("Tab")
        now = page.evaluate(FOCUS)
        if now is None:
            return found
        seen, what = now
        if stops and what == stops[0] and len(stops) > 3:
            return found
        stops.append(what)
        if not seen:
            found.append(what)
    return [*found, f"no end after {most} stops"]
