"""Zoom's JSON, and what it means. Pure functions; docs/vendors/zoom.md has the facts."""
