"""`oversight import police-uk`."""

import asyncio
from collections.abc import Iterator
from typing import Annotated

import typer

from local.errors import LocalError
from local.home import Home
from local.importers.datastore_command import Dataset, Published
from local.importers.police_uk import Reading, Survey, survey
from local.importers.progress import progress, summary
from local.importers.publication import revision
from local.importers.sources import open_rows
from local.posting.ingest_client import IngestClient, Totals
from local.settings import load_settings
from shared.reference import reference


def import_police_uk(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Street and stop-and-search files (CSV).")],
    dataset: Dataset = "live",
    published: Published = None,
) -> None:
    """Import crimes, anti-social behaviour (as calls) and stops, as data.police.uk publishes them.

    Files are told apart by their headers. A second import changes nothing. Outcomes change from one month's archive
    to the next: import an archive's files together (its latest month dates them all), or give --published.
    What a Datastore file counts already must not be imported into the same dataset: it would count twice.
    """
    home = Home(load_settings().home)
    addresses, token = home.addresses(), home.token()
    surveys = {name: _survey(name) for name in files}
    months = [found.latest_month for found in surveys.values() if found.latest_month]
    if not months:
        raise LocalError("no row of these files can be imported: none has a month")
    readings = {name: Reading(reference(), revision(published, months), dataset) for name in surveys}
    totals = asyncio.run(_post(IngestClient(addresses.ingest, token), surveys, readings))
    for reading in readings.values():
        totals.rejections.merge(reading.rejections)
    _report(surveys, readings, totals, dataset)
    if totals.rejections.records:
        raise typer.Exit(1)


def _survey(name: str) -> Survey:
    with open_rows(name) as rows:
        return survey(rows)


async def _post(client: IngestClient, surveys: dict[str, Survey], readings: dict[str, Reading]) -> Totals:
    with progress("Importing", sum(found.rows for found in surveys.values())) as done:
        async with client:
            return await client.send(_items(readings), done)


def _items(readings: dict[str, Reading]) -> Iterator[tuple[str, bytes]]:
    for name, reading in readings.items():
        with open_rows(name) as rows:
            yield from reading.items(rows, name)


def _report(surveys: dict[str, Survey], readings: dict[str, Reading], totals: Totals, dataset: str) -> None:
    for name, found in surveys.items():
        typer.echo(f"{name}: {found.shape}, {found.rows:,} rows, dataset {dataset}")
    typer.echo(summary(totals.accepted, totals.rejections))
    for name, reading in readings.items():
        if reading.outside:
            districts = ", ".join(f"{district} {rows}" for district, rows in sorted(reading.outside.items()))
            typer.echo(f"{name}: outside London, kept under the area 'unknown': {districts}")
