"""`oversight tokens create`."""

from collections.abc import Sequence

from local.errors import LocalError
from local.home import Home
from shared.security import INGEST_SCOPES, issue_token


def create_token(home: Home, source: str, scopes: Sequence[str]) -> str:
    """Issue a token in `home` and answer it. Running services know it at once. LocalError names what is wrong."""
    home.create()
    try:
        return issue_token(home.tokens_file, source, scopes or INGEST_SCOPES)
    except ValueError as error:
        raise LocalError(str(error)) from error
