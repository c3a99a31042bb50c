"""Zoom (https://developers.zoom.us/docs/api/) for `conferencing`: meetings and webinars."""
