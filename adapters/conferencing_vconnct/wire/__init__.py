"""VConnct's v1 JSON, and how it maps to the model. Pure; no I/O here."""
