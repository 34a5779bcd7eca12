"""All text of every view can be read, in both themes: contrast as WCAG 2.2 AA asks, of the colours as computed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app_server import AppServer

pytestmark = pytest.mark.browser

# Per text on the page, its contrast with what lies behind it. Left out: icons, what is disabled, what is not shown,
# and numbers in the cells of the timeline, which `tests/ui/test_timeline.py` holds.
MEASURE = """
() => {
  const parse = text => {
    const parts = text.match(/[\\d.]+/g).map(Number);
    if (text.startsWith("color(srgb")) return [...parts.slice(0, 3).map(part => part * 255), parts[3] ?? 1];
    return [parts[0], parts[1], parts[2], parts[3] ?? 1];
  };
  const over = (top, below) => [0, 1, 2].map(at => top[at] * top[3] + below[at] * (1 - top[3])).concat(1);
  const light = colour => {
    const [r, g, b] = colour.slice(0, 3).map(part => part / 255)
      .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const words = node.textContent.trim(), element = node.parentElement;
    if (!/[\\p{L}\\p{N}]/u.test(words) || !element.checkVisibility({checkOpacity: true, checkVisibilityCSS: true}))
      continue;
    const style = getComputedStyle(element), inChart = element.closest("svg") !== null;
    if (["SCRIPT", "STYLE", "NOSCRIPT"].includes(element.tagName) || style.fontFamily.includes("Material")) continue;
    if (inChart && !element.closest(".role-axis-label, .role-legend-label")) continue;
    if (element.closest("[disabled], [aria-disabled=true], [data-testid=stStatusWidget]")) continue;
    const boxes = [];
    let shown = 1;
    for (let each = element; each; each = each.parentElement) {
      const its = getComputedStyle(each);
      shown *= Number(its.opacity);
      if (!inChart || !each.closest("svg")) boxes.unshift(parse(its.backgroundColor));
    }
    const ground = boxes.reduce((below, top) => over(top, below), [255, 255, 255, 1]);
    const ink = parse(inChart ? style.fill : style.color);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const value = contrast(over([...ink.slice(0, 3), ink[3] * shown], ground), ground);
    found.push([words.slice(0, 60), value, large ? 3 : 4.5]);
  }
  return found;
}
"""


def _faint(page: Page) -> list[str]:
    # While the page is being drawn again, what is from before is paler.
    page.wait_for_function("() => !document.querySelector('[data-stale=true]')")
    page.wait_for_timeout(600)
    texts = page.evaluate(MEASURE)
    assert len(texts) > 8, "the page was not drawn"
    return [f"{words!r}: {value:.2f}" for words, value, least in texts if value < least]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_text_of_every_view_can_be_read(server: AppServer, browser: Browser, theme: str) -> None:
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, color_scheme="dark" if theme == "dark" else "light"
    )
    page = context.new_page()
    page.goto(server.url)
    expect(page.locator(".st-key-sample button")).to_be_visible()
    page.wait_for_timeout(500)
    faint = {"Landing": _faint(page)}
    page.locator(".st-key-sample button").click()
    expect(page.locator(".st-key-timeline .vega-embed")).to_be_visible(timeout=60_000)
    expect(page.locator(".st-key-stop")).to_have_count(0, timeout=60_000)
    for view in ("Read", "Cards", "Table", "Moments", "Reviews", "Rewrite", "Compare", "Personas"):
        page.locator(".st-key-view").get_by_role("radio", name=view, exact=True).click()
        expect(page.locator(f".st-key-view-{view.lower()}")).to_be_visible(timeout=60_000)
        page.wait_for_timeout(800)
        faint[view] = _faint(page)
    context.close()
    assert {view: found for view, found in faint.items() if found} == {}
