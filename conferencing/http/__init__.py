"""What an adapter needs to speak HTTP. Nothing here depends on a vendor.

aiohttp is loaded by the first call, not by importing this package.
"""

from .auth import Auth, BasicAuth, Grant, HeaderAuth, NoAuth
from .concurrency import map_concurrently
from .decoding import (
    Aware,
    Decoder,
    Id,
    LaxBool,
    LaxInt,
    Link,
    VendorEnum,
    to_bool,
    to_duration,
    to_int,
)
from .failures import ErrorMap, Failure, suppress_missing
from .paging import CursorPages, LinkPages, NumberedPages, OffsetPages, Paging, SinglePage
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
    Repeated,
    Request,
    Upload,
    deep_merge,
    pack_id,
    raw_query,
    unpack_id,
    without_none,
    write_utc,
)
from .retry import Policy
from .tokens import Token, TokenAuth, epoch, server_time

__all__ = [
    "DELETE",
    "GET",
    "PATCH",
    "POST",
    "PUT",
    "Auth",
    "Aware",
    "BasicAuth",
    "CursorPages",
    "Decoder",
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
    "Link",
    "LinkPages",
    "NoAuth",
    "NumberedPages",
    "OffsetPages",
    "Outgoing",
    "Paging",
    "Policy",
    "Repeated",
    "Reply",
    "Request",
    "SinglePage",
    "Token",
    "TokenAuth",
    "Upload",
    "VendorEnum",
    "deep_merge",
    "epoch",
    "map_concurrently",
    "pack_id",
    "raw_query",
    "server_time",
    "suppress_missing",
    "to_bool",
    "to_duration",
    "to_int",
    "unpack_id",
    "without_none",
    "write_utc",
]
