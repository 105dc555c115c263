"""Everything that notify keeps: the directory of contacts and silences, and the ledger of notifications."""

from services.notify.store.directory import Directory
from services.notify.store.ledger import Claim, Ledger

__all__ = ["Claim", "Directory", "Ledger"]
