"""`oversight import datastore`."""

import asyncio
from typing import Annotated

import typer

from local.home import Home
from local.importers.datastore import Table, events, read_table
from local.importers.progress import progress, summary
from local.importers.publication import revision
from local.importers.sources import open_rows
from local.posting.ingest_client import IngestClient, Totals
from local.settings import load_settings
from shared.reference import reference

Dataset = Annotated[str, typer.Option(help="The dataset that the records are filed under.")]
Published = Annotated[
    str | None,
    typer.Option(
        help="When this was published, YYYY-MM-DD or YYYY-MM-DDTHH:MM: of two publications the later one counts. "
        "Default: the end of the latest month that it holds. Give it for a correction that adds no month."
    ),
]


def import_datastore(
    source: Annotated[str, typer.Argument(metavar="FILE|URL", help="A monthly file by class and borough (CSV).")],
    dataset: Dataset = "live",
    published: Published = None,
) -> None:
    """Import recorded crime by month, class and borough, as the London Datastore publishes it.

    A second import of the same file changes nothing; a file that reaches further revises what is there.
    """
    home = Home(load_settings().home)
    addresses, token = home.addresses(), home.token()
    with open_rows(source) as rows:
        table = read_table(rows, reference())
    client = IngestClient(addresses.ingest, token)
    totals = asyncio.run(_post(client, table, revision(published, table.months), dataset))
    totals.rejections.merge(table.rejections)
    typer.echo(f"{source}: {min(table.months)} to {max(table.months)}, dataset {dataset}")
    typer.echo(summary(totals.accepted, totals.rejections))
    if totals.rejections.records:
        raise typer.Exit(1)


async def _post(client: IngestClient, table: Table, number: int, dataset: str) -> Totals:
    with progress("Importing", len(table.counts)) as done:
        async with client:
            return await client.send(events(table, number, dataset), done)
