"""deploy/proxy/ingest.conf before a running ingest: a certificate says who posts, and nobody posts as another."""

import asyncio
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from shared.clock import Clock
from shared.security import INGEST_SCOPES
from shared.security.issuing import issue
from tests.integration.ingest import Log, crime, running
from tests.parts.certificates import Authority
from tests.parts.ports import free_port

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "proxy" / "ingest.conf"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="needs nginx")


class Proxy:
    """The proxy, its authority, and a token of the source `cad` in its map."""

    def __init__(self, folder, ingest):
        self.folder, self.ingest, self.port = folder, ingest, free_port()
        self.authority, self.server = Authority(folder, "upstreams-ca"), Authority(folder, "server-ca")
        self.cad = self.authority.certificate("cad.met.example")

    def configure(self, revoked=()):
        certificate, key = self.server.certificate("server")
        assert (certificate, key) == (self.folder / "server.crt", self.folder / "server.key")
        self.authority.revoked(*revoked).rename(self.folder / "upstreams-ca.crl")
        token = issue(self.ingest.tokens_file, "cad", INGEST_SCOPES, Clock().now()).token
        subject = "CN=cad.met.example,O=Metropolitan Police"
        (self.folder / "certificates.map").write_text(f'"{subject}" "Bearer {token}";\n')
        text = CONFIGURATION.read_text().replace("/etc/oversight", str(self.folder))
        text = text.replace("listen 8443", f"listen 127.0.0.1:{self.port}")
        text = text.replace("127.0.0.1:8001", f"127.0.0.1:{self.ingest.client.base_url.port}")
        (self.folder / "ingest.conf").write_text(text)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "".join(f"{kind}_temp_path {self.folder}/{kind};\n" for kind in kinds)
        (self.folder / "nginx.conf").write_text(
            f"daemon off; user root; pid {self.folder}/pid; events {{}}\n"
            f"http {{ access_log off; {temporary} include {self.folder}/ingest.conf; }}\n"
        )

    async def post(self, client, path="/v1/crimes", **request):
        context = self.server.trusted(client)
        async with httpx.AsyncClient(verify=context, base_url=f"https://127.0.0.1:{self.port}") as session:
            return await session.post(path, **request)


@contextmanager
def nginx(folder):
    arguments = [NGINX, "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with (folder / "log").open("wb") as lines:
        process = subprocess.Popen(arguments, stderr=lines)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture
async def log(parts):
    async with Log(parts.bootstrap) as log:
        yield log


@pytest.fixture
async def proxy(parts, tmp_path, log):
    folder = tmp_path / "proxy"
    folder.mkdir()
    async with running(parts.bootstrap, tmp_path) as ingest:
        proxy = Proxy(folder, ingest)
        proxy.configure(revoked=[proxy.authority.certificate("old.met.example")[0].stem])
        with nginx(folder) as process:
            await _answers(proxy, process)
            yield proxy


async def _answers(proxy, process):
    while True:
        assert process.poll() is None, (proxy.folder / "log").read_text()
        try:
            await proxy.post(None)
        except httpx.ConnectError:
            await asyncio.sleep(0.05)
        else:
            return


async def test_a_certificate_in_the_map_posts_as_its_source(proxy, log):
    answer = await proxy.post(proxy.cad, json=crime(crime_id="1"))
    assert answer.status_code == 202
    assert [record.key for record in await log.arrived()] == [b"cad/live/1"]


async def test_a_clients_own_token_does_not_make_it_another_source(proxy, log):
    other = issue(proxy.ingest.tokens_file, "btp", INGEST_SCOPES, Clock().now()).token
    answer = await proxy.post(proxy.cad, json=crime(crime_id="1"), headers={"Authorization": f"Bearer {other}"})
    assert answer.status_code == 202
    assert [record.key for record in await log.arrived()] == [b"cad/live/1"]


@pytest.mark.parametrize(
    ("who", "status"), [("nobody", 400), ("another authority's", 400), ("taken back", 400), ("not in the map", 403)]
)
async def test_everybody_else_is_refused_by_the_proxy(proxy, log, tmp_path, who, status):
    client = {
        "nobody": lambda: None,
        "another authority's": lambda: Authority(tmp_path, "another-ca").certificate("cad.met.example"),
        "taken back": lambda: (proxy.folder / "old.met.example.crt", proxy.folder / "old.met.example.key"),
        "not in the map": lambda: proxy.authority.certificate("new.met.example"),
    }[who]()
    token = issue(proxy.ingest.tokens_file, "btp", INGEST_SCOPES, Clock().now()).token
    answer = await proxy.post(client, json=crime(), headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == status
    assert await log.arrived() == []


async def test_what_is_for_the_inside_cannot_be_reached(proxy):
    context = proxy.server.trusted(proxy.cad)
    async with httpx.AsyncClient(verify=context, base_url=f"https://127.0.0.1:{proxy.port}") as session:
        for path in ("/metrics", "/docs", "/readyz"):
            assert (await session.get(path)).status_code == 404
