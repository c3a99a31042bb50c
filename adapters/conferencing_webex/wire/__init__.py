"""Webex's JSON and what it means: pure functions, no I/O."""
