"""Entity tags (RFC 9110): a version as a header, and what `If-Match` asks of it."""

from shared.errors import PreconditionFailed, PreconditionRequired


def etag(version: int) -> str:
    return f'"{version}"'


def require_match(if_match: str | None, version: int) -> None:
    """Raise PreconditionRequired without `If-Match`, PreconditionFailed when it names no current version."""
    if if_match is None:
        raise PreconditionRequired("send the ETag that your GET answered as If-Match, so that no change is lost")
    tags = {tag.strip() for tag in if_match.split(",")}
    if tags.isdisjoint({"*", etag(version)}):
        raise PreconditionFailed(f"the version is {etag(version)} now, not {if_match}; read it again, then change it")
