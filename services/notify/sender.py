"""Sending through apprise: the only file that reaches out to mail servers, chats and webhooks."""

import logging
from typing import Protocol

from apprise import Apprise, NotifyFormat

from services.notify.channels import ASSET, Channel, notifier

log = logging.getLogger(__name__)


class Sends(Protocol):
    """Sends one message through one channel; answers whether the channel took it. May block for seconds."""

    def send(self, channel: Channel, subject: str, text: str) -> bool: ...


class AppriseSender:
    """Never raises: what goes wrong in one of apprise's hundred plugins is logged and answers False."""

    def send(self, channel: Channel, subject: str, text: str) -> bool:
        target = notifier(channel.url)
        if target is None:
            log.error("apprise cannot parse the kept %s channel", channel.label)
            return False
        # A fresh sender for each message: apprise's own would wait seconds between two.
        service = Apprise(asset=ASSET)
        service.add(target)
        try:
            return bool(service.notify(title=subject, body=text, body_format=NotifyFormat.TEXT))
        except Exception:
            log.exception("the %s channel failed", channel.label)
            return False
