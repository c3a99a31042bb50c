"""GoTo Webinar's JSON, and what it means. Pure functions; docs/vendors/gotowebinar.md has the facts."""
