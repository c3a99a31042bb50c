"""What an adapter needs to speak HTTP. Nothing here knows a vendor; aiohttp is loaded by the
first call, not by importing this.
"""

from .auth import Auth, Grant, HeaderAuth, NoAuth
from .failures import ErrorMap, Failure
from .paging import CursorPages, NumberedPages, OffsetPages, Paging, SinglePage
from .provider import HTTPProvider, HTTPSettings
from .reply import Reply
from .request import (
    DELETE,
    GET,
    PATCH,
    POST,
    PUT,
    Effect,
    Outgoing,
    Request,
    Upload,
    merged,
    pack,
    query_of,
    said,
    unpack,
)
from .retry import Policy
from .structure import Flag, Id, LooseInstant, UTCText, Whole, Wire, php_map
from .tokens import Token, TokenAuth, epoch, server_time

__all__ = [
    "DELETE",
    "GET",
    "PATCH",
    "POST",
    "PUT",
    "Auth",
    "CursorPages",
    "Effect",
    "ErrorMap",
    "Failure",
    "Flag",
    "Grant",
    "HTTPProvider",
    "HTTPSettings",
    "HeaderAuth",
    "Id",
    "LooseInstant",
    "NoAuth",
    "NumberedPages",
    "OffsetPages",
    "Outgoing",
    "Paging",
    "Policy",
    "Reply",
    "Request",
    "SinglePage",
    "Token",
    "TokenAuth",
    "UTCText",
    "Upload",
    "Whole",
    "Wire",
    "epoch",
    "merged",
    "pack",
    "php_map",
    "query_of",
    "said",
    "server_time",
    "unpack",
]
