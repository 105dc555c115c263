"""OVERSIGHT_HOME: the directory in which an embedded stack keeps everything it owns."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from local.errors import LocalError
from shared.errors import Unauthenticated
from shared.security import ALL_SCOPES, TokenStore, issue_token
from shared.security.tokens_file import read_entries

LOCAL_SOURCE = "local"


class Addresses(msgspec.Struct, frozen=True, kw_only=True):
    """Where the parts of a running stack answer: four services, then what they stand on.

    `smtp` is `host:port` of the mail sink, `database` the SQLAlchemy URL of each service that has one, and
    `volatile_broker` says that Kafka is the embedded broker, which forgets everything when it stops.
    """

    ingest: str
    metrics: str
    actions: str
    notify: str
    kafka: str
    redis: str
    smtp: str
    database: dict[str, str]
    volatile_broker: bool


class Home:
    """The paths under OVERSIGHT_HOME, its one token, its lock, and the addresses of what runs in it."""

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().resolve()
        self.data = self.root / "data"
        self.logs = self.root / "logs"
        self.mail = self.root / "mail"
        self.run = self.root / "run"
        self.token_file = self.root / "token"
        self.tokens_file = self.root / "tokens.json"
        self.addresses_file = self.root / "addresses.json"
        self._lock_file = self.root / "lock"

    def create(self) -> None:
        """Make the directories that are missing, for the owner alone: they hold a token and people's names."""
        try:
            for directory in (self.root, self.data, self.logs, self.mail, self.run):
                directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise LocalError(f"OVERSIGHT_HOME={self.root} cannot be used: {error}") from error

    def database_url(self, service: str) -> str:
        return f"sqlite:///{self.data / f'oversight-{service}.sqlite3'}"

    def token(self) -> str:
        """The token that has every scope; LocalError if none was made."""
        try:
            return self.token_file.read_text().strip()
        except FileNotFoundError:
            raise LocalError(f"{self.token_file} is missing: `oversight up` makes it") from None

    def adopt_successor(self, token: str, token_id: str) -> bool:
        """Keep `token` as this home's own if it succeeds the one there; answers whether it did."""
        if not self.token_file.exists():
            return False
        ours = self.token().removeprefix("ovs_").partition("_")[0]
        if (ours, token_id) not in {(entry.id, entry.successor) for entry in read_entries(self.tokens_file)}:
            return False
        _write_private(self.token_file, f"{token}\n")
        return True

    def ensure_token(self) -> str:
        """The token of this home, made if there is none, or if the one there lacks a scope of today."""
        if not self._token_is_good():
            token = issue_token(self.tokens_file, LOCAL_SOURCE, ALL_SCOPES)
            _write_private(self.token_file, f"{token}\n")
        return self.token()

    def _token_is_good(self) -> bool:
        if not self.token_file.exists():
            return False
        try:
            principal = TokenStore(self.tokens_file).authenticate(f"Bearer {self.token()}")
        except Unauthenticated:
            return False
        return principal.scopes >= set(ALL_SCOPES)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold this home; LocalError, naming the holder, if another process does. The kernel frees a dead holder's."""
        with self._lock_file.open("a+") as file:
            if not _try_lock(file.fileno()):
                file.seek(0)
                raise LocalError(
                    f"{self.root} is in use: `oversight up` runs there as process {file.read().strip()}. "
                    "Stop that one, or set OVERSIGHT_HOME to another directory."
                )
            file.truncate(0)
            file.write(f"{os.getpid()}\n")
            file.flush()
            yield

    @contextmanager
    def publish(self, addresses: Addresses) -> Iterator[None]:
        """Let other commands find what runs here, for as long as it runs."""
        _write_private(self.addresses_file, msgspec.json.format(msgspec.json.encode(addresses)).decode())
        try:
            yield
        finally:
            self.addresses_file.unlink(missing_ok=True)

    def addresses(self) -> Addresses:
        """Where the stack in this home answers; LocalError if none runs here."""
        try:
            published = self.addresses_file.read_bytes()
        except FileNotFoundError:
            published = b""
        if not published or not self._is_locked():
            raise LocalError(
                f"nothing runs in {self.root}: start it with `oversight up`, or set OVERSIGHT_HOME to where it runs."
            )
        return msgspec.json.decode(published, type=Addresses)

    def _is_locked(self) -> bool:
        try:
            with self._lock_file.open() as file:
                return not _try_lock(file.fileno())
        except FileNotFoundError:
            return False


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write_private(path: Path, text: str) -> None:
    """Replace `path` in one step with a file of mode 0600."""
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    partial.replace(path)
