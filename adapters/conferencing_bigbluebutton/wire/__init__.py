"""The server's XML and JSON, and what they mean: pure functions."""
