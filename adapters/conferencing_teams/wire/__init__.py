"""Graph's JSON and what it means: pure functions."""
