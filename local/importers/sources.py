"""Where a file's text comes from: a path or a web address."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx

from local.errors import LocalError

_DOWNLOAD_SECONDS = 120
# Datastore and data.police.uk have published all of UTF-8, UTF-8 with a mark, and Windows' encoding.
_ENCODINGS = ("utf-8-sig", "cp1252")


Rows = Iterator[tuple[int, list[str]]]
"""(line number, fields) of each row that is not blank, the header first."""


@contextmanager
def open_rows(source: str) -> Iterator[Rows]:
    """The rows of a CSV file, or of what a GET of an http(s) URL answers.

    LocalError, raised here or by whoever reads the rows, is given the name of the source.
    """
    try:
        with _open_text(source) as file:
            yield _numbered(file)
    except LocalError as error:
        raise LocalError(f"{source}: {error}") from error


@contextmanager
def _open_text(source: str) -> Iterator[IO[str]]:
    if source.startswith(("http://", "https://")):
        yield io.StringIO(_decoded(_download(source)), newline="")
        return
    try:
        encoding = _encoding(source)
        with Path(source).open(encoding=encoding, errors="replace", newline="") as file:
            yield file
    except OSError as error:
        raise LocalError(f"cannot be read: {error.strerror}") from error


def _download(url: str) -> bytes:
    try:
        answer = httpx.get(url, follow_redirects=True, timeout=_DOWNLOAD_SECONDS)
        answer.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise LocalError(f"cannot be downloaded: {error}") from error
    return answer.content


def _encoding(path: str) -> str:
    with Path(path).open("rb") as file:
        return _ENCODINGS[0] if _is_utf8(file) else _ENCODINGS[1]


def _is_utf8(file: IO[bytes]) -> bool:
    try:
        for _line in io.TextIOWrapper(file, encoding=_ENCODINGS[0]):
            pass
    except UnicodeDecodeError:
        return False
    return True


def _decoded(content: bytes) -> str:
    try:
        return content.decode(_ENCODINGS[0])
    except UnicodeDecodeError:
        return content.decode(_ENCODINGS[1], errors="replace")


def _numbered(file: IO[str]) -> Rows:
    reader = csv.reader(file)
    try:
        for row in reader:
            if any(row):
                yield reader.line_num, row
    except csv.Error as error:
        raise LocalError(f"line {reader.line_num} is not CSV: {error}") from error
