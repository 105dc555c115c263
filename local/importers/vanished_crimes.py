"""Crimes of data.police.uk that a later edition of their month and force no longer has: cancelled."""

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from local.importers.elements import Part
from local.importers.known_crimes import KnownCrime
from local.importers.ledger import Ledger
from local.importers.outcomes import crime_of
from local.importers.withdrawals import Vanished, Withdrawals, check_share
from local.posting.items import Item


class VanishedCrimes:
    """What is no longer published of the places that `ledger` was told this import covers."""

    def __init__(self, ledger: Ledger, dataset: str, choice: Vanished) -> None:
        self._ledger, self._dataset, self._choice = ledger, dataset, choice
        self._told = Withdrawals(kept=choice is Vanished.KEEP)

    def parts(self) -> list[Part]:
        """To be read once every street file was; nothing if they are kept."""
        name = "crimes no longer published"
        return [] if self._choice is Vanished.KEEP else [Part(name, "", lambda: self._told.count, self._cancellations)]

    def told(self) -> Withdrawals:
        """All of them, once the import has ended."""
        if self._choice is Vanished.KEEP:
            self._tell(self._ledger.vanished())
        return self._told

    def _tell(self, vanished: Iterable[KnownCrime]) -> None:
        for crime in vanished:
            self._told.add(_name(crime))

    def _cancellations(self) -> Iterator[Item]:
        vanished = self._ledger.vanished()
        known = self._ledger.known_by_place() if vanished else Counter[str]()
        check_share(Counter(f"{each.month} {each.force} {each.area}" for each in vanished), known, self._choice)
        self._ledger.cover()
        self._tell(vanished)
        encode = msgspec.json.Encoder().encode
        for crime in vanished:
            gone = crime
            if not crime.withdrawn:
                # A later publication's revision is higher, so that the crime counts again where it comes back.
                gone = crime._replace(withdrawn=True, revision=crime.revision + 1)
                self._ledger.withdraw(gone)
            yield Item("crimes", encode(crime_of(gone, self._dataset)), f"no longer published: {_name(crime)}")


def _name(crime: KnownCrime) -> str:
    return f"{crime.record} {crime.month} {crime.force} {crime.area} {crime.offence}"
