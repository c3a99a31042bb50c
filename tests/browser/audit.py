"""The audit of a page: contrast, labels, headings, and fit on a small screen."""

from __future__ import annotations

from typing import Any

__all__ = ["CONTRAST", "FAULTS", "faults"]

CONTRAST = 4.5
"""WCAG 2.2, success criterion 1.4.3, for text of any size."""

FAULTS = """
(least) => {
  const problems = [];
  const shown = (element) => element.checkVisibility() && element.getClientRects().length > 0;
  const parts = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = (text) => {
    const [r, g, b] = parts(text).map((v) => v / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      const alpha = parts(color)[3];
      if (alpha === undefined || alpha === 1) return color;
    }
    return "rgb(255, 255, 255)";
  };
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !shown(element)) continue;
    const [a, b] = [light(getComputedStyle(element).color), light(ground(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < least) problems.push(`contrast ${ratio.toFixed(2)}: ${element.outerHTML.slice(0, 80)}`);
  }
  for (const element of document.querySelectorAll("input:not([type=hidden]), textarea, select")) {
    if (!element.labels.length) problems.push(`no label: ${element.outerHTML}`);
  }
  for (const element of document.querySelectorAll("a, button")) {
    if (!element.textContent.trim()) problems.push(`no name: ${element.outerHTML}`);
    const box = element.getBoundingClientRect();
    const inText = getComputedStyle(element).display === "inline";
    if (shown(element) && !inText && box.height < 24) problems.push(`too small: ${element.outerHTML}`);
  }
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) problems.push(`twice: ${id}`);
  for (const element of document.querySelectorAll("[aria-describedby]")) {
    for (const id of element.getAttribute("aria-describedby").split(" ")) {
      if (!ids.includes(id)) problems.push(`describes nothing: ${id}`);
    }
  }
  let before = 0;
  for (const element of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    const level = Number(element.tagName[1]);
    if (level > before + 1) problems.push(`heading skips to ${element.outerHTML}`);
    before = level;
  }
  for (const [what, count] of [["h1", 1], ["main", 1], ["header", 1], ["title", 1]]) {
    if (document.querySelectorAll(what).length !== count) problems.push(`not exactly one ${what}`);
  }
  if (!document.documentElement.lang) problems.push("no language");
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) problems.push(`wider than the screen: ${root.scrollWidth}`);
  return problems;
}
"""


async def faults(page: Any) -> list[str]:
    """Return the faults of the open page."""
    await page.wait_for_load_state()  # with its style sheet
    problems: list[str] = await page.evaluate(FAULTS, CONTRAST)
    return problems
