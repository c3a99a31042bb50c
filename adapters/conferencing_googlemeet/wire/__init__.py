"""Google's JSON, and what it means: pure functions."""
