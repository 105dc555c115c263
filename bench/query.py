"""What a table costs, from Redis and over HTTP, however much is stored; bench/README.md explains."""

from collections.abc import Iterable

import numpy as np
import uvloop
from parts.constructed import construct
from parts.cores import SERVICE, pinned
from parts.from_redis import TENTH, WHOLE, from_redis
from parts.over_http import known_answers, over_http
from parts.published import published_table
from parts.ratios import run
from parts.stack import Stack

from local.simulate.mixes import areas
from shared.reference import reference


def benchmark() -> Iterable[str]:
    crimes = construct(published_table(), areas(reference()))
    tenth = crimes.chosen(np.random.default_rng(3).random(len(crimes)) < 0.1)
    stored = {TENTH: tenth, WHOLE: crimes}
    with Stack() as stack:
        kafka, redis = stack.start_broker(), stack.start_redis()
        with pinned(SERVICE):
            yield from uvloop.run(from_redis(kafka, redis, stored))
        metrics = stack.start_metrics(kafka, redis)
        answers = {dataset: known_answers(metrics, dataset, stored[dataset]) for dataset in stored}
        bare = stack.start_bare({path: body for each in answers.values() for path, body in each.items()})
        yield from over_http(bare, metrics, answers)
        stack.check()


if __name__ == "__main__":
    run(benchmark)
