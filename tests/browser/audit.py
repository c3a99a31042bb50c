"""What a page owes to everybody: contrast, labels, one heading, room on a small screen."""

from __future__ import annotations

from typing import Any

__all__ = ["CONTRAST", "FAULTS", "faults"]

CONTRAST = 4.5
"""WCAG 2.2, success criterion 1.4.3, for text of any size."""

FAULTS = """
(least) => {
  const found = [];
  const shown = (one) => one.checkVisibility() && one.getClientRects().length > 0;
  const parts = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = (text) => {
    const [r, g, b] = parts(text).map((v) => v / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      const alpha = parts(color)[3];
      if (alpha === undefined || alpha === 1) return color;
    }
    return "rgb(255, 255, 255)";
  };
  for (const one of document.querySelectorAll("body *")) {
    const own = [...one.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !shown(one)) continue;
    const [a, b] = [light(getComputedStyle(one).color), light(ground(one))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < least) found.push(`contrast ${ratio.toFixed(2)}: ${one.outerHTML.slice(0, 80)}`);
  }
  for (const one of document.querySelectorAll("input:not([type=hidden]), textarea, select")) {
    if (!one.labels.length) found.push(`no label: ${one.outerHTML}`);
  }
  for (const one of document.querySelectorAll("a, button")) {
    if (!one.textContent.trim()) found.push(`no name: ${one.outerHTML}`);
    const box = one.getBoundingClientRect();
    const inText = getComputedStyle(one).display === "inline";
    if (shown(one) && !inText && box.height < 24) found.push(`too small: ${one.outerHTML}`);
  }
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) found.push(`twice: ${id}`);
  for (const one of document.querySelectorAll("[aria-describedby]")) {
    for (const id of one.getAttribute("aria-describedby").split(" ")) {
      if (!ids.includes(id)) found.push(`describes nothing: ${id}`);
    }
  }
  let before = 0;
  for (const one of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    const level = Number(one.tagName[1]);
    if (level > before + 1) found.push(`heading skips to ${one.outerHTML}`);
    before = level;
  }
  for (const [what, count] of [["h1", 1], ["main", 1], ["header", 1], ["title", 1]]) {
    if (document.querySelectorAll(what).length !== count) found.push(`not one ${what}`);
  }
  if (!document.documentElement.lang) found.push("no language");
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) found.push(`wider than the screen: ${root.scrollWidth}`);
  return found;
}
"""


async def faults(page: Any) -> list[str]:
    """Return what is wrong with the page that is open."""
    problems: list[str] = await page.evaluate(FAULTS, CONTRAST)
    return problems
