"""V.cloud's JSON, and how it maps to the model. Pure; no I/O here."""
