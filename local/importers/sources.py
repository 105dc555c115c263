"""Where published files are: paths, folders, zip archives and web addresses, as the CSV files that they hold."""

import codecs
import csv
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

import httpx

from local.errors import LocalError

_DOWNLOAD_SECONDS = 120
_CHUNK_BYTES = 1 << 20
# Datastore and data.police.uk have published all of UTF-8, UTF-8 with a mark, and Windows' encoding.
_UTF8, _WINDOWS = "utf-8-sig", "cp1252"

Rows = Iterator[tuple[int, list[str]]]
"""(line number, fields) of each row that is not blank, the header first."""


@dataclass(frozen=True, slots=True)
class Source:
    """A CSV file on its own, or a member of a zip archive. `stamp` follows from its content, wherever it lies.

    `last_line_ends`: with a line feed (or Mac's carriage return).
    """

    name: str
    path: Path
    member: str
    encoding: str
    stamp: str
    delimiter: str = ","
    last_line_ends: bool = True

    def cut_off(self) -> str:
        """Why it may not be whole, if it may not: publishers end the last line, a broken copy seldom does."""
        return "" if self.last_line_ends else "its last line is not ended, as if the file were cut off"

    @contextmanager
    def rows(self) -> Iterator[Rows]:
        """Its rows. LocalError, raised here or by whoever reads them, is given its name."""
        try:
            with _opened(self.path, self.member) as raw:
                yield _numbered(
                    io.TextIOWrapper(raw, encoding=self.encoding, errors="replace", newline=""), self.delimiter
                )
        except LocalError as error:
            raise LocalError(f"{self.name}: {error}") from error


@contextmanager
def found(arguments: Sequence[str], *, delimiter: str = ",") -> Iterator[list[Source]]:
    """The CSV files of files, folders (with all that is below them), zip archives and http(s) URLs, in their order.

    LocalError if one cannot be read, or holds no CSV file. What is downloaded is kept for as long as this lasts.
    """
    with ExitStack() as stack:
        sources = [source for argument in arguments for source in _found_in(argument, stack)]
        yield [replace(source, delimiter=delimiter) for source in sources]


@contextmanager
def open_rows(argument: str) -> Iterator[Rows]:
    """The rows of one CSV file, or of what a GET of an http(s) URL answers."""
    with found([argument]) as sources:
        if len(sources) != 1:
            raise LocalError(f"{argument}: holds {len(sources)} CSV files where one is expected")
        with sources[0].rows() as rows:
            yield rows


def _found_in(argument: str, stack: ExitStack) -> list[Source]:
    try:
        if argument.startswith(("http://", "https://")):
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="oversight-")))
            return _in_file(argument, _downloaded(argument, folder / "download"))
        path = Path(argument)
        files = _below(path) if path.is_dir() else [path]
        sources = [source for file in files for source in _in_file(str(file), file)]
    except LocalError as error:
        raise LocalError(f"{argument}: {error}") from error
    except OSError as error:
        raise LocalError(f"{argument}: cannot be read: {error.strerror}") from error
    if not sources:
        raise LocalError(f"{argument}: holds no CSV file")
    return sources


def _below(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.suffix.lower() in (".csv", ".zip") and file.is_file())


def _in_file(name: str, path: Path) -> list[Source]:
    if not zipfile.is_zipfile(path):
        return [_source(name, path, "")]
    with zipfile.ZipFile(path) as archive:
        members = sorted(each for each in archive.namelist() if _is_published(each))
    if not members:
        raise LocalError("holds no CSV file")
    return [_source(f"{name}!{member}", path, member) for member in members]


def _is_published(member: str) -> bool:
    # Archives made on a Mac hold a shadow of each file.
    return member.lower().endswith(".csv") and not member.startswith("__MACOSX/")


def _source(name: str, path: Path, member: str) -> Source:
    decoder, encoding = codecs.getincrementaldecoder("utf-8")(), _UTF8
    checksum, size, last = 0, 0, b""
    with _opened(path, member) as file:
        while chunk := file.read(_CHUNK_BYTES):
            checksum, size, last = zlib.crc32(chunk, checksum), size + len(chunk), chunk[-1:]
            encoding = encoding if encoding == _WINDOWS or _decodes(decoder, chunk) else _WINDOWS
    # A file may end in the middle of a letter.
    encoding = encoding if encoding == _WINDOWS or _decodes(decoder, b"", final=True) else _WINDOWS
    return Source(name, path, member, encoding, f"{size}-{checksum:08x}", last_line_ends=last in (b"\n", b"\r"))


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


@contextmanager
def _opened(path: Path, member: str) -> Iterator[IO[bytes]]:
    if not member:
        with path.open("rb") as file:
            yield file
        return
    with ExitStack() as stack:
        try:
            inside = stack.enter_context(stack.enter_context(zipfile.ZipFile(path)).open(member))
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            # The library's words for a damaged archive, an unknown compression and a password.
            raise _unreadable(error) from error
        try:
            yield inside
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:  # a damaged member is found while it is read
            raise _unreadable(error) from error


def _unreadable(error: Exception) -> LocalError:
    return LocalError(f"the archive cannot be read: {error}")


def _downloaded(url: str, path: Path) -> Path:
    try:
        with (
            httpx.stream("GET", url, follow_redirects=True, timeout=_DOWNLOAD_SECONDS) as answer,
            path.open("wb") as to,
        ):
            answer.raise_for_status()
            for chunk in answer.iter_bytes():
                to.write(chunk)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise LocalError(f"cannot be downloaded: {error}") from error
    return path


def _numbered(file: IO[str], delimiter: str) -> Rows:
    reader = csv.reader(file, delimiter=delimiter)
    try:
        for row in reader:
            if any(row):
                yield reader.line_num, row
    except csv.Error as error:
        raise LocalError(f"line {reader.line_num} is not CSV: {error}") from error
