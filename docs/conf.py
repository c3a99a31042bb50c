"""Configuration of the site. Build it with `python -m sphinx -W --keep-going -n docs build/docs`; no network is used."""

from __future__ import annotations

import sys
from importlib.metadata import version as installed
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "conferencing"
author = project_copyright = "The conferencing authors"
version = release = installed("conferencing")
extensions = ["myst_parser", "sphinx.ext.autodoc", "provider_tables", "reference", "accessible"]
exclude_patterns = ["_ext"]

html_theme = "furo"
html_title = f"conferencing {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b5a6b", "color-brand-content": "#0b5a6b"},
    "dark_css_variables": {"color-brand-primary": "#6cc7d9", "color-brand-content": "#6cc7d9"},
}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
myst_links_external_new_tab = False

autodoc_member_order = "bysource"
maximum_signature_line_length = 80
python_use_unqualified_type_names = True
toc_object_entries_show_parents = "hide"

nitpicky = True
# Names of other libraries are not linked, because that would need their sites.
nitpick_ignore_regex = [
    (
        r"py:.*",
        r"(aiohttp|asyncio|cattrs|collections|contextlib|datetime|enum|fractions|os|pathlib|re|ssl|taskiq|types|typing|zoneinfo)\..*",
    ),
    (r"py:.*", r"(.*\.)?[A-Z]"),  # type variables
]
