"""`oversight simulate`."""

import asyncio
import signal
import time
from datetime import date, timedelta
from typing import Annotated, Any

import msgspec
import typer

from local.home import Home
from local.importers.progress import progress
from local.posting.ingest_client import IngestClient
from local.settings import load_settings
from local.simulate.history import History, make_history
from local.simulate.live import post_live, told
from local.simulate.past import filled_days
from local.simulate.population import population
from local.simulate.records import Records
from local.simulate.timeline import timeline
from shared.clock import Clock
from shared.reference import reference

LIVE_DATASET = "simulated"
Item = tuple[str, bytes]


def simulate(
    speed: Annotated[float, typer.Option(min=0.01, max=10_000, help="24: a day of London passes in an hour.")] = 1.0,
    seed: Annotated[int, typer.Option(min=0, help="The same seed and start give the same records.")] = 1,
    dataset: Annotated[
        str | None,
        typer.Option(
            help=f"Default: {LIVE_DATASET}; with --records one of its own for this seed, number and day, in which "
            "the counts that are printed hold."
        ),
    ] = None,
    records: Annotated[
        int | None, typer.Option(min=1, help="Write this many records at once, print their true counts, and end.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=3660, help="With --records: over how many days, to yesterday.")] = 30,
    past_days: Annotated[
        int,
        typer.Option(
            min=0, max=366, help="Without --records: fill so many whole days before today first, always the same way."
        ),
    ] = 0,
) -> None:
    """Post crimes, calls and stops as London has them: about 2,200, 12,500 and 350 a day.

    Some are posted twice, revised late, reclassified, detected or cancelled, and some versions arrive out of order.
    Without --records it runs until Ctrl-C. What --past-days fills depends on the days alone: a second start fills
    none of them twice. With --records, standard output is one JSON object: the dataset, the days `from` and `to`, the
    events posted (each version is one), events a second, the true counts by measure and area, and the true rates.
    Before anything else Londoners by ethnicity are posted, as the census of 2021 counted them.
    """
    home = Home(load_settings().home)
    client = IngestClient(home.addresses().ingest, home.token())
    if records is None:
        _run_live(client, seed, dataset or LIVE_DATASET, speed, past_days)
    else:
        _run_history(client, seed, dataset, records, days)


def _run_live(client: IngestClient, seed: int, dataset: str, speed: float, past: int) -> None:
    clock = Clock()
    start = clock.now()
    made = Records(reference(), f"{seed}-{start:%Y%m%dT%H%M%S}", dataset)

    async def post() -> None:
        await client.send(_population(dataset))
        for day, items in filled_days(seed, reference(), dataset, _days_to_yesterday(clock, past)):
            await client.send(items)
            _say(f"simulated: {day}, {len(items):,} events")
        await post_live(client, timeline(seed, made, start, speed), clock, _say)

    async def run() -> None:
        task = asyncio.ensure_future(post())
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        async with client:
            await asyncio.wait([task])
        if not task.cancelled():
            task.result()

    asyncio.run(run())
    _say(told(client))


def _run_history(client: IngestClient, seed: int, dataset: str | None, number: int, days: int) -> None:
    span = _days_to_yesterday(Clock(), days)
    run = f"{seed}-{number}-{days}-{span[-1]:%Y%m%d}"
    name = dataset or f"{LIVE_DATASET}-{run}"
    history = make_history(seed, Records(reference(), run, name), number, span)
    items = [*_population(name), *history.items]
    began = time.perf_counter()
    asyncio.run(_post(client, items))
    seconds = time.perf_counter() - began
    report = {"dataset": name, "seed": seed, "records": number, "from": span[0], "to": span[-1]}
    typer.echo(msgspec.json.format(msgspec.json.encode(report | _outcome(client, items, history, seconds))).decode())
    if client.totals.rejections.records:
        _say(told(client))
        raise typer.Exit(1)


def _days_to_yesterday(clock: Clock, days: int) -> list[date]:
    """The hours of today that are still to come cannot be filled."""
    return [clock.today() - timedelta(days=back) for back in range(days, 0, -1)]


def _population(dataset: str) -> list[Item]:
    return [("indicators", msgspec.json.encode(each)) for each in population(dataset)]


async def _post(client: IngestClient, items: list[Item]) -> None:
    with progress("Posting", len(items)) as done:
        async with client:
            await client.send(items, done)


def _outcome(client: IngestClient, items: list[Item], history: History, seconds: float) -> dict[str, Any]:
    return {
        "events": len(items),
        "accepted": client.totals.accepted.total(),
        "rejected": client.totals.rejections.records,
        "seconds": round(seconds, 3),
        "events_per_second": round(len(items) / seconds, 1),
        "counts": history.truth.counts(),
        "rates": history.truth.rates(),
    }


def _say(text: str) -> None:
    typer.echo(text, err=True)
