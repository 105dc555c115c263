"""Where an owner can be reached: apprise's URLs, and e-mail addresses sent through our own SMTP server."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode

from apprise import Apprise, AppriseAsset
from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag

from shared.errors import FieldError, Invalid

SmtpMode = Literal["insecure", "starttls", "ssl"]
# Sends in the caller's thread, hides secrets in its logs, loads no plugin from files.
ASSET = AppriseAsset(async_mode=False, secure_logging=True, app_id="Oversight", app_desc="Oversight", plugin_paths=[])
_ADDRESS = r"^[^\s@<>,;:\"\x00-\x1f]+@[^\s@<>,;:\"\x00-\x1f]+$"


class EmailChannel(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: Literal["email"]
    address: Annotated[str, StringConstraints(pattern=_ADDRESS, max_length=254)]


AppriseUrl = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Spec = Annotated[
    Annotated[AppriseUrl, Tag("url")] | Annotated[EmailChannel, Tag("email")],
    Discriminator(lambda given: "url" if isinstance(given, str) else "email"),
    Field(description="an apprise URL, or {kind: email, address}"),
]


@dataclass(frozen=True, slots=True)
class Smtp:
    """The server that takes our e-mail, and the address that it comes from."""

    host: str
    port: int
    sender: str
    mode: SmtpMode = "insecure"
    user: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to reach an owner: `label` for people and metrics, `key` to tell it from the owner's others."""

    label: str
    url: str

    @property
    def key(self) -> str:
        return f"{self.label}:{hashlib.sha256(self.url.encode()).hexdigest()[:16]}"


def channel(spec: str | dict[str, Any], smtp: Smtp) -> Channel:
    """The channel of a kept contact's entry."""
    if isinstance(spec, dict):
        return Channel("email", _mail_url(spec["address"], smtp))
    return Channel(spec.partition("://")[0].lower(), spec)


def check(specs: Sequence[str | EmailChannel], smtp: Smtp) -> None:
    """Raise Invalid, naming each entry that apprise cannot parse, or would take for another address."""
    faults = [_url_fault(spec) if isinstance(spec, str) else mail_fault(spec.address, smtp) for spec in specs]
    if wrong := [FieldError(f"channels.{index}", fault) for index, fault in enumerate(faults) if fault]:
        raise Invalid("the contact is not valid", errors=wrong)


def _url_fault(url: str) -> str | None:
    return None if notifier(url) else "apprise cannot parse this URL; see its list of services for the form"


def mail_fault(address: str, smtp: Smtp) -> str | None:
    """None when apprise will write from `smtp.sender` to exactly `address`, else what is wrong.

    Its parser takes the letters before an apostrophe for a name: o'brien@met.example would go to brien.
    """
    mail = notifier(_mail_url(address, smtp))
    if mail is None or mail.from_addr[1] != smtp.sender:
        return f"apprise cannot send e-mail from {smtp.sender!r}; it needs a sender such as oversight@example.org"
    if mail.targets != [(False, address)]:
        return f"apprise cannot send e-mail to {address!r}: no apostrophes, and ASCII only"
    return None


def notifier(url: str) -> Any | None:
    """Apprise's sender (a NotifyBase) for `url`, or None if it cannot parse it. Connects to nothing."""
    return Apprise.instantiate(url, asset=ASSET, suppress_exceptions=True)


def masked(spec: str | dict[str, Any]) -> str | dict[str, Any]:
    """As it may be shown. Of an URL no more than its scheme: secrets stand anywhere in it, the host included."""
    return spec if isinstance(spec, dict) else f"{spec.partition('://')[0]}://****"


def _mail_url(address: str, smtp: Smtp) -> str:
    scheme = "mailto" if smtp.mode == "insecure" else "mailtos"
    login = f"{quote(smtp.user, safe='')}:{quote(smtp.password, safe='')}@" if smtp.user else ""
    options = {"mode": smtp.mode, "smtp": smtp.host, "from": smtp.sender, "to": address, "name": "Oversight"}
    return f"{scheme}://{login}{smtp.host}:{smtp.port}?{urlencode({**options, 'format': 'text', 'cto': 5})}"
