"""Microsoft Teams (https://learn.microsoft.com/graph/api/resources/communications-api-overview) for
`conferencing`: calendar events with a link, plain online meetings, and webinars, by Microsoft Graph.
"""

from .provider import PlainTeams, Teams
from .settings import TeamsSettings

__all__ = ["PlainTeams", "Teams", "TeamsSettings"]
