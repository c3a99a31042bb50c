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
    deep_merge,
    pack_id,
    raw_query,
    said,
    unpack_id,
)
from .retry import Policy
from .structure import Id, LaxBool, LaxInt, LooseInstant, UTCText, Wire, php_map
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
    "Grant",
    "HTTPProvider",
    "HTTPSettings",
    "HeaderAuth",
    "Id",
    "LaxBool",
    "LaxInt",
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
    "Wire",
    "deep_merge",
    "epoch",
    "pack_id",
    "php_map",
    "raw_query",
    "said",
    "server_time",
    "unpack_id",
]
