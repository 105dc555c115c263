"""Publications of a running service: kept over restarts, in the database's own keeping, seen by nobody too early."""

import asyncio
import hashlib
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import product

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from services.metrics.app import create_app
from services.metrics.settings import Settings
from shared.database import Database
from shared.events import CrimeCount
from shared.security import issue_token
from tests.integration.metrics import Metrics, eventually, publishing, unique

DATASET = unique("press")
END = "2017-06-30"
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE")
ACCEPTS = ("application/json", "text/csv", "text/html")
CONDITIONS = (
    {"if-none-match": "*"},
    {"if-match": "*"},
    {"if-modified-since": "Sat, 01 Jan 2000 00:00:00 GMT"},
    {"range": "bytes=0-9"},
)
QUERIES = (
    f"dataset={DATASET}",
    f"table=police-and-crime-plan&end={END}&status=final&area=E12000007",
    "limit=1",
    "offset=1",
    "format=csv",
    "from=2017-01-01&to=2017-12-31",
)
OF_THE_PROCESS = ("/metrics", "/readyz")
"""What they say changes with every request, or by itself."""
SECRET = "Not to be known before its day: robberies are up."
ABSENT = "plan-that-nobody-made"


def robberies(month, count, revision=1):
    known = {"area": "E09000007", "offence": "robbery-of-personal-property", "dataset": DATASET}
    return CrimeCount(month=month, count=count, revision=revision, **known)


@pytest.fixture(scope="module")
def metrics(parts):
    parts.redis.flush()
    with Metrics(parts) as running:
        yield running


@pytest.fixture(scope="module")
def tokens(metrics):
    file = metrics.home / "tokens.json"
    scopes = {"publisher": ["publish"], "upstream": ["ingest:crimes", "actions:read"]}
    return {name: f"Bearer {issue_token(file, name, each)}" for name, each in scopes.items()}


@pytest.fixture(scope="module", autouse=True)
def counted(metrics):
    post(metrics, robberies("2016-06", 40), robberies("2017-06", 50))


def post(metrics, *records):
    async def load():
        async with publishing(metrics.kafka) as publish:
            await publish(records)
        await metrics.caught_up()

    asyncio.run(load())


@pytest.fixture
def publish(metrics, tokens):
    def asked(**fields):
        body = {"table": "police-and-crime-plan", "end": END, "dataset": DATASET, "status": "final"} | fields
        headers = {"authorization": tokens["publisher"]}
        url = f"http://127.0.0.1:{metrics.port}/v1/publications"
        answer = httpx.post(url, json=body, headers=headers, timeout=60, trust_env=False)
        assert answer.status_code == 201, answer.text
        return answer.json()

    return asked


def hash_of(metrics, publication):
    document = metrics.ask(f"/v1/publications/{publication['id']}/document")
    assert document.status_code == 200, document.text
    return f"sha256:{hashlib.sha256(document.content).hexdigest()}"


def test_it_outlives_the_service_and_an_emptied_redis_and_stands_beside_what_came_later(metrics, parts, publish):
    made = publish()
    path = f"/v1/publications/{made['id']}"
    assert metrics.ask(f"{path}/revisions").json()["revised"] == []
    post(metrics, robberies("2017-06", 55, revision=2))
    metrics.stop()
    parts.redis.flush()
    metrics.start()
    if parts.volatile_broker:  # it is the same broker, and its log is whole
        asyncio.run(metrics.caught_up())
    assert hash_of(metrics, made) == made["hash"]

    async def revised():
        found = metrics.ask(f"{path}/revisions").json()["revised"]
        columns = {
            each["column"]: (each["published"], each["today"]) for each in found if each["measure"] == "total-robbery"
        }
        return columns == {"current": (50, 55), "change": (10, 15), "percent_change": (25, 37.5)}

    asyncio.run(eventually(revised))


REFUSED = {
    "sqlite": [
        "UPDATE publications SET status = 'provisional'",
        "UPDATE OR REPLACE publications SET embargo_until = embargo_until",
        "DELETE FROM publications",
        "INSERT OR REPLACE INTO publications SELECT * FROM publications",
    ],
    "postgresql": [
        "UPDATE publications SET status = 'provisional'",
        "UPDATE publications SET embargo_until = embargo_until",
        "DELETE FROM publications",
        "TRUNCATE publications",
        "INSERT INTO publications SELECT * FROM publications ON CONFLICT (id) DO UPDATE SET status = 'provisional'",
    ],
}


def execute(database, *statements):
    with database.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


# As who replays another server's changes, a session passes by triggers that do not say ALWAYS.
BEFORE = {"sqlite": ["SELECT 1"], "postgresql": ["SELECT 1", "SET LOCAL session_replication_role = replica"]}


def test_the_database_itself_refuses_every_change(metrics, publish):
    made = publish()
    with closing(Database(metrics.database_url)) as database:
        dialect = database.engine.dialect.name
        for before, statement in product(BEFORE[dialect], REFUSED[dialect]):
            with pytest.raises(IntegrityError, match="never"):
                execute(database, before, statement)
    assert hash_of(metrics, made) == made["hash"]


def test_under_embargo_it_is_seen_by_no_route_of_the_app_whoever_asks_however(metrics, tokens, publish):
    later = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    with httpx.Client(base_url=f"http://127.0.0.1:{metrics.port}", timeout=60, trust_env=False) as client:
        before = everything(client)
        hidden = publish(embargo_until=later, note=SECRET)
        secrets = (SECRET, hidden["hash"], hidden["hash"].partition(":")[2])
        assert everything(client) == before
        seen = [ask(client, "GET", path, hidden["id"], tokens["publisher"]) for path in routes()]
        assert sum(SECRET in told for _, _, told in seen) >= 2  # whoever publishes sees it, and leaves it in no cache
        for path, method, accept, token in product(routes(), METHODS, ACCEPTS, (None, tokens["upstream"])):
            answer = ask(client, method, path, hidden["id"], token, accept)
            assert not [secret for secret in secrets if secret in repr(answer)], (method, path)
            if "{" not in path:
                assert hidden["id"] not in repr(answer), (method, path)
            elif "publication" in path:
                assert answer == ask(client, method, path, ABSENT, token, accept), (method, path, accept)
        for path, condition in product((each for each in routes() if "{publication_id}" in each), CONDITIONS):
            answer = ask(client, "GET", path, hidden["id"], **condition)
            assert answer == ask(client, "GET", path, ABSENT, **condition)
            assert answer[0] == 404


def everything(client):
    """What anybody is answered by every path that needs no id, and by the lists however they are asked."""
    asked = [path for path in routes() if "{" not in path and path not in OF_THE_PROCESS]
    asked += [f"{path}?{query}" for path in ("/v1/publications", "/v1/releases") for query in QUERIES]
    told = {(path, accept): ask(client, "GET", path, ABSENT, None, accept) for path in asked for accept in ACCEPTS}
    counts = [line for line in client.get("/metrics").text.splitlines() if 'method="POST"' in line]
    return told, counts


def test_no_method_of_any_route_changes_or_removes_one_whoever_asks(metrics, tokens, publish):
    made, body = publish(), {"status": "provisional", "note": "another"}
    found = metrics.ask(f"/v1/publications/{made['id']}/document").content
    with httpx.Client(base_url=f"http://127.0.0.1:{metrics.port}", timeout=60, trust_env=False) as client:
        for path, method in product(routes(), ("POST", "PUT", "PATCH", "DELETE")):
            url = path.replace("{publication_id}", made["id"])
            answer = client.request(
                method, url, json={**body, "id": made["id"]}, headers={"authorization": tokens["publisher"]}
            )
            assert answer.status_code in (404, 405, 409, 422), (method, path, answer.text)
    assert metrics.ask(f"/v1/publications/{made['id']}/document").content == found
    assert hash_of(metrics, made) == made["hash"]


def routes():
    """Every path of the app, documented or not, and of routers within routers."""
    nowhere = {"KAFKA": "127.0.0.1:1", "REDIS_URL": "redis://127.0.0.1:1", "TOKENS_FILE": "/nowhere/tokens.json"}
    nowhere |= {"DATABASE_URL": "sqlite:////nowhere/press"}
    app = create_app(Settings(**{f"OVERSIGHT_{name}": value for name, value in nowhere.items()}))
    found = {*app.openapi()["paths"], *_paths(app.routes)}
    assert {"/v1/publications/{publication_id}/revisions", "/publications/{publication_id}", "/releases"} <= found
    return sorted(found)


def _paths(of):
    for route in of:
        within = getattr(route, "original_router", None)
        if within is not None:
            yield from _paths(within.routes)
        else:
            yield route.path


def ask(client, method, path, publication_id, token=None, accept="*/*", **more):
    """What is answered but for what is the request's own: status, headers, text."""
    url = path.replace("{publication_id}", publication_id).replace("{table_id}", "police-and-crime-plan")
    url = url.replace("{measure_id}", "total-robbery")
    headers = {"accept": accept, **more} | ({"authorization": token} if token else {})
    answer = client.request(method, url, headers=headers)
    request_id = answer.headers.get("x-request-id", "none")
    told = answer.text.replace(request_id, "").replace(publication_id, "ID")
    own = ("x-request-id", "date", "content-length", "etag")
    return answer.status_code, {key: each for key, each in answer.headers.items() if key not in own}, told


def test_it_is_released_the_moment_its_embargo_ends_though_its_absence_was_asked_for_before(metrics, publish):
    soon = publish(embargo_until=(datetime.now(UTC) + timedelta(seconds=3)).isoformat())
    path = f"/v1/publications/{soon['id']}"
    assert metrics.ask(path).status_code == 404
    assert soon["id"] not in metrics.ask("/v1/publications").text

    async def released():
        return metrics.ask(path).status_code == 200

    asyncio.run(eventually(released))
    assert datetime.now(UTC) >= datetime.fromisoformat(soon["embargo_until"])
    assert soon["id"] in metrics.ask("/v1/publications").text
    assert soon["id"] in metrics.ask("/publications").text
    assert hash_of(metrics, soon) == soon["hash"]
