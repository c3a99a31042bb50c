"""ClickMeeting's JSON and forms, and how they map to the model. Pure; no I/O here."""
