"""`oversight import surveys`."""

from functools import partial
from pathlib import PurePath
from typing import Annotated, NamedTuple

import typer

from local.errors import LocalError
from local.importers.checkpoints import job_of
from local.importers.elements import Part
from local.importers.importing import How, Import, carry_out
from local.importers.options import Dataset, DryRun, Files, Published, Report, Restart
from local.importers.publication import revision
from local.importers.report import About, File, file_of
from local.importers.sources import Source, found
from local.importers.surveys import Survey, borough_means, elements, period_of, read_survey
from shared.clock import Clock
from shared.events.periods import parse_period
from shared.reference import reference

COMMAND = "surveys"


class _Dated(NamedTuple):
    source: Source
    survey: Survey
    period: str

    @property
    def last_month(self) -> str:
        return f"{parse_period(self.period)[1]:%Y-%m}"


def import_surveys(
    files: Files,
    period: Annotated[
        str | None,
        typer.Option(help="What the figures are for, as in 2016-04/2017-03. Default: the years in its name."),
    ] = None,
    means: Annotated[
        bool,
        typer.Option(
            "--borough-means",
            help="Post each borough's plain mean of its neighbourhoods as well, as provisional: the files do not tell "
            "how many were asked in each.",
        ),
    ] = False,
    dataset: Dataset = "live",
    published: Published = None,
    dry_run: DryRun = False,
    report: Report = None,
    restart: Restart = False,
) -> None:
    """Import the Public Attitude Survey by neighbourhood, and by ethnicity, as indicators of the boroughs.

    Neighbourhood and ethnic group are breakdowns. A second import changes nothing.
    """
    with found(files) as sources:
        surveys = [_dated(source, period, means=means) for source in sources]
    today = Clock().today()
    parts = [_part(each, revision(published, [each.last_month], today), dataset) for each in surveys]
    about = About(COMMAND, dataset, tuple(map(_file, surveys)), dry_run)
    options = [published or "", str(means), *(each.period for each in surveys)]
    job = job_of(COMMAND, dataset, options, [each.source.stamp for each in surveys])
    carry_out(Import(job, about, parts), How(dry_run, report, restart))


def _dated(source: Source, period: str | None, *, means: bool) -> _Dated:
    with source.rows() as rows:
        survey = read_survey(rows, reference())
    told = period or period_of(PurePath(source.name).name)
    try:
        parse_period(told)
    except ValueError as error:
        raise LocalError(f"--period {error}" if period else f"{source.name}: its name tells {error}") from error
    if means:
        survey.figures += borough_means(survey.figures)
    return _Dated(source, survey, told)


def _part(each: _Dated, number: int, dataset: str) -> Part:
    size = len(each.survey.figures) + len(each.survey.refusals)
    read = partial(elements, each.survey, each.period, number, dataset, each.source.name)
    return Part(each.source.name, each.source.stamp, lambda: size, read)


def _file(each: _Dated) -> File:
    notes = {"period": each.period, "cells_without_a_figure": each.survey.blank}
    return file_of(each.source.name, COMMAND, each.survey.rows, (), **notes)
