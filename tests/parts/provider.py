"""An identity provider on 127.0.0.1: its discovery document, its public keys, and JWTs that it signs."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

AUDIENCE = "oversight"


class Provider:
    """Signs as `issuer`. `asked` lists the paths that were fetched; with `fails` every one answers 500.

    While `answers` is not set it keeps whoever asks waiting. `published` is added to every key that is shown.
    """

    def __init__(self) -> None:
        self.keys: dict[str, Any] = {}
        self.asked: list[str] = []
        self.fails = False
        self.answers = Event()
        self.answers.set()
        self.published: dict[str, str] = {}
        self.issuer = ""
        self.rotate("first")

    def rotate(self, key_id: str) -> None:
        """Sign with a new key from now on, and publish no other."""
        self.keys = {key_id: ec.generate_private_key(ec.SECP256R1())}

    def add_rsa(self, key_id: str) -> None:
        self.keys[key_id] = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def token(
        self,
        *,
        key_id: str | None = None,
        header: dict[str, Any] | None = None,
        algorithm: str | None = None,
        **claims: Any,
    ) -> str:
        """A JWT of `met` for every crime; a claim that is None is left out."""
        key_id = key_id or next(iter(self.keys))
        key = self.keys[key_id]
        algorithm = algorithm or ("ES256" if isinstance(key, ec.EllipticCurvePrivateKey) else "RS256")
        now = datetime.now(UTC)
        right = {"iss": self.issuer, "aud": AUDIENCE, "sub": "met", "scope": "openid ingest:crimes"}
        body = {**right, "iat": now, "exp": now + timedelta(minutes=10), **claims}
        body = {name: value for name, value in body.items() if value is not None}
        return jwt.encode(body, key, algorithm, headers={"kid": key_id, **(header or {})})

    def answer(self, path: str) -> dict[str, Any] | None:
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys"}
        if path == "/keys":
            return {"keys": [_public(key_id, key) | self.published for key_id, key in self.keys.items()]}
        return None


def _public(key_id: str, key: Any) -> dict[str, Any]:
    algorithm = ECAlgorithm if isinstance(key, ec.EllipticCurvePrivateKey) else RSAAlgorithm
    return {**algorithm.to_jwk(key.public_key(), as_dict=True), "kid": key_id, "use": "sig"}


@contextmanager
def identity_provider() -> Iterator[Provider]:
    """A provider that answers on a free port of this machine."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            document = provider.answer(self.path)
            provider.answers.wait()
            self.send_response(500 if provider.fails else 200 if document else 404)
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        provider.answers.set()
        server.shutdown()
        server.server_close()
        thread.join()
