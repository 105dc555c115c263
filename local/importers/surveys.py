"""The Public Attitude Survey by neighbourhood: rows of neighbourhoods, a column for each question (and group)."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

import msgspec

from local.errors import LocalError
from local.importers.elements import Element, Refusal, RowRefused, refusal_of
from local.importers.sources import Rows
from local.posting.items import Item
from shared.errors import FieldError
from shared.events import Indicator
from shared.reference import Reference, UnknownValue

KIND = "indicators"
_QUESTIONS = Path(__file__).with_name("survey_questions.csv")
_DESCRIBING = ("neighbourhood", "code", "group")
_NO_FIGURE = {"", "n/a", "na", "-"}
_NAMED_YEARS = re.compile(r"(?<!\d)(20\d\d)(?:-(\d\d))?(?:-to-(20\d\d)-(\d\d))?(?!\d)")
_NO_WORD = re.compile(r"[\W_]+")


class Asked(NamedTuple):
    """What a column holds: an indicator, or 100 less it (`of_the_rest`), of everybody or of an ethnic group."""

    column: int
    indicator: str
    of_the_rest: bool
    ethnicity: str | None


class Figure(NamedTuple):
    """A percentage of a neighbourhood (None: of the whole borough)."""

    area: str
    neighbourhood: str | None
    asked: Asked
    value: float


@dataclass(slots=True)
class Survey:
    """What a file holds: figures, what was refused, and how many cells have no figure."""

    rows: int = 0
    figures: list[Figure] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    blank: int = 0


@cache
def _questions() -> Mapping[tuple[str, str], tuple[str, bool]]:
    """(indicator, of the rest) by question and answer."""
    with _QUESTIONS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        (_plain(row["question"]), _plain(row["answer"])): (row["indicator"], row["of_the_rest"] == "true")
        for row in rows
    }


def read_survey(rows: Rows, reference: Reference) -> Survey:
    """Read a file. LocalError if it is not one of the survey's."""
    head, body = _split(rows)
    survey = Survey(len(body))
    asked = list(_columns(head, len(body), survey))
    if not asked:
        raise LocalError("this is not a file of the Public Attitude Survey: no column is a question that is known here")
    for line, row in body:
        _add_row(survey, asked, row, f"line {line}", reference)
    return survey


def _split(rows: Rows) -> tuple[list[list[str]], list[tuple[int, list[str]]]]:
    """The rows that describe columns (the header, and those below it without a neighbourhood), and the others."""
    every = list(rows)
    if not every or _plain(every[0][1][0]) != _DESCRIBING[0]:
        raise LocalError("this is not a file of the Public Attitude Survey: its first column is not Neighbourhood")
    end = next((at for at, (_, row) in enumerate(every) if at and row[0].strip()), len(every))
    return [row for _, row in every[:end]], every[end:]


def _columns(head: Sequence[list[str]], neighbourhoods: int, survey: Survey) -> Iterator[Asked]:
    for column, question in enumerate(head[0]):
        if _plain(question) in _DESCRIBING:
            continue
        below = [row[column].strip() for row in head[1:] if column < len(row)]
        answer = next((text for text in below if text.startswith("%")), "")
        if not answer:
            continue  # a column of other statistics, which are not of the survey
        known = _questions().get((_plain(question), _plain(answer)))
        if known is None:
            error = FieldError("question", f"unknown question {question!r}, answered {answer!r}", question)
            survey.refusals.append(Refusal((error,), f"column {column + 1}", neighbourhoods))
            continue
        yield Asked(column, *known, next((text for text in below if text and not text.startswith("%")), None))


def _add_row(survey: Survey, asked: Sequence[Asked], row: list[str], place: str, reference: Reference) -> None:
    try:
        area, neighbourhood = _place(row[0], reference)
    except (RowRefused, UnknownValue) as refused:
        survey.refusals.append(refusal_of(refused, place, len(asked)))
        return
    for each in asked:
        text = row[each.column].strip() if each.column < len(row) else ""
        try:
            value = _percentage(text)
        except RowRefused as refused:
            survey.refusals.append(refusal_of(refused, f"{place}, column {each.column + 1}"))
            continue
        if value is None:
            survey.blank += 1
        else:
            survey.figures.append(Figure(area, neighbourhood, each, 100 - value if each.of_the_rest else value))


def _place(text: str, reference: Reference) -> tuple[str, str]:
    """The borough's id and the neighbourhood; raises RowRefused or UnknownValue."""
    borough, separator, neighbourhood = text.partition(" - ")
    if not separator:
        raise RowRefused("neighbourhood", f"{text!r} is not written BOROUGH - NEIGHBOURHOOD", text)
    return reference.areas.resolve(borough).id, neighbourhood.strip()


def _percentage(text: str) -> float | None:
    if text.casefold() in _NO_FIGURE:
        return None
    try:
        value = float(text.removesuffix("%"))
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise RowRefused("value", f"{text[:40]!r} is not a percentage")
    return value


def borough_means(figures: Sequence[Figure]) -> list[Figure]:
    """Each borough's plain mean of its neighbourhoods: the files do not tell how many people were asked in each."""
    of_borough: dict[tuple[str, Asked], list[float]] = defaultdict(list)
    for each in figures:
        of_borough[each.area, each.asked].append(each.value)
    return [Figure(area, None, asked, round(fmean(values), 1)) for (area, asked), values in of_borough.items()]


def elements(survey: Survey, period: str, revision: int, dataset: str, name: str) -> Iterator[Element]:
    """An item for each figure, and what was refused."""
    encode = msgspec.json.Encoder().encode
    for each in survey.figures:
        said = {"neighbourhood": each.neighbourhood, "ethnicity": each.asked.ethnicity}
        record = Indicator(
            indicator=each.asked.indicator,
            area=each.area,
            period=period,
            breakdown={key: value for key, value in said.items() if value},
            value=each.value,
            unit="percent",
            # A mean that nobody published stands for the borough's own figure until there is one.
            status="final" if each.neighbourhood else "provisional",
            revision=revision,
            dataset=dataset,
        )
        yield Item(KIND, encode(record), f"{name}: {each.asked.indicator} of {each.neighbourhood or each.area}")
    for refusal in survey.refusals:
        yield refusal._replace(place=f"{name} {refusal.place}")


def period_of(name: str) -> str:
    """The period that a file's name tells: `2016-` a calendar year, `2015-16-to-2020-21` financial years."""
    match = _NAMED_YEARS.search(name)
    if match is None or not all(_follow(match[year], match[next_]) for year, next_ in ((1, 2), (3, 4))):
        raise LocalError(f"{name}: its name tells no year or financial years; give --period, as in 2016-04/2017-03")
    first, second, last, end = match.groups()
    if second is None:
        return f"{first}-01/{first}-12"
    return f"{first}-04/20{end}-03" if last else f"{first}-04/20{second}-03"


def _follow(year: str | None, following: str | None) -> bool:
    """Whether two numbers are a financial year (2016-17), or there is only one, or none."""
    return year is None or following is None or (int(year) + 1) % 100 == int(following)


def _plain(text: str) -> str:
    return _NO_WORD.sub(" ", text.casefold()).strip()
