"""Certificates for tests: an authority, what it signs, and what it takes back."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = timedelta(days=1)


class Authority:
    """Signs certificates of `O=Metropolitan Police` and keeps everything as PEM files in `folder`."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, _named(name)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._serials: dict[str, int] = {}
        builder = _builder(self._name, self._name, self._key.public_key())
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.path = _write(folder / f"{name}.crt", builder.sign(self._key, hashes.SHA256()))

    def certificate(self, name: str) -> tuple[Path, Path]:
        """A certificate of `name` for this machine, and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(_named(name), self._name, key.public_key())
        machine = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        certificate = builder.add_extension(machine, critical=False).sign(self._key, hashes.SHA256())
        self._serials[name] = certificate.serial_number
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        private = self._folder / f"{name}.key"
        private.write_bytes(pem)
        return _write(self._folder / f"{name}.crt", certificate), private

    def revoked(self, *names: str) -> Path:
        """The list of what was taken back."""
        now = datetime.now(UTC)
        builder = x509.CertificateRevocationListBuilder().issuer_name(self._name)
        builder = builder.last_update(now - _DAY).next_update(now + _DAY)
        for name in names:
            entry = x509.RevokedCertificateBuilder().serial_number(self._serials[name]).revocation_date(now - _DAY)
            builder = builder.add_revoked_certificate(entry.build())
        return _write(self._folder / "revoked.crl", builder.sign(self._key, hashes.SHA256()))

    def trusted(self, client: tuple[Path, Path] | None = None) -> ssl.SSLContext:
        """A client's context: it trusts this authority, and shows that certificate."""
        context = ssl.create_default_context(cafile=self.path)
        if client:
            context.load_cert_chain(*client)
        return context


def _named(name: str) -> x509.Name:
    organisation = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Metropolitan Police")
    return x509.Name([organisation, x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    builder = builder.serial_number(x509.random_serial_number())
    return builder.not_valid_before(now - _DAY).not_valid_after(now + _DAY)


def _write(path: Path, made: x509.Certificate | x509.CertificateRevocationList) -> Path:
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return path
