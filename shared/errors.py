"""Errors as a vocabulary: each carries the HTTP status and the problem (RFC 9457) that a caller is shown."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from msgspec import UNSET, Struct, UnsetType, to_builtins

Scalar = str | int | float | bool | None


class FieldError(Struct, frozen=True, omit_defaults=True):
    """One thing wrong with one field: its path (`victims[0].age`, or `` for the whole) and what would be right.

    `value`: what was sent, a long text cut; absent where the field is, where it holds more than one value, and of an
    event of more than 64 KiB. `nearest`: the known values that are most like it, the best first, as they may be sent
    instead.
    """

    field: str
    message: str
    value: Scalar | UnsetType = UNSET
    nearest: tuple[str, ...] = ()


class OversightError(Exception):
    """A refusal that the caller can act on.

    `detail` is for a person; `errors` names fields; `extra` adds members to the problem document.
    """

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"

    def __init__(
        self,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})

    def problem(self) -> dict[str, Any]:
        """The members of the problem document, without `instance`."""
        body: dict[str, Any] = {"type": "about:blank", "title": self.title, "status": self.status}
        body["detail"] = self.detail
        if self.errors:
            body["errors"] = to_builtins(self.errors)
        return body | self.extra


class Malformed(OversightError):
    status, title = 400, "Malformed request"


class Unauthenticated(OversightError):
    status, title = 401, "No valid token"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class Forbidden(OversightError):
    status, title = 403, "Not allowed"


class NotFound(OversightError):
    status, title = 404, "Not found"


class TooSlow(OversightError):
    status, title = 408, "Too slow"


class Conflict(OversightError):
    status, title = 409, "Conflict"


class PreconditionFailed(OversightError):
    status, title = 412, "Changed by somebody else"


class TooLarge(OversightError):
    status, title = 413, "Too large"


class UnsupportedMedia(OversightError):
    status, title = 415, "Unsupported media type"


class Invalid(OversightError):
    status, title = 422, "Invalid"


class PreconditionRequired(OversightError):
    status, title = 428, "If-Match required"


class TooMany(OversightError):
    """A quota is used up; the caller should come back after `retry_after` seconds."""

    status, title = 429, "Quota exceeded"

    def __init__(self, detail: str, *, retry_after: int, extra: Mapping[str, Any] | None = None) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)}, extra=extra)


class Unavailable(OversightError):
    """Cannot be taken now; the caller should come back after `retry_after` seconds."""

    status, title = 503, "Unavailable"

    def __init__(self, detail: str, *, retry_after: int = 1) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})
