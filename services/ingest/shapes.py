"""Decoding events, checked just as their models say, in a third of the time. Pure.

What costs most in a record's model is its regular expressions. Here a field with a pattern is decoded without it, and
then looked at in a way that says yes only where the pattern does; where it does not, the model itself decides.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import zip_longest
from operator import attrgetter
from typing import Annotated, Any, get_args

import msgspec
from msgspec.structs import astuple

from shared.events import RECORD_TYPES, Record
from shared.events.fields import Dataset, RecordId

_LENGTHS = msgspec.Meta(min_length=1, max_length=200)
# Each keeps its greatest length: what is looked at is remembered.
_UNPATTERNED = ((RecordId, Annotated[str, _LENGTHS]), (Dataset, Annotated[str, msgspec.Meta(max_length=40)]))
_DATASET = re.compile(next(each.pattern for each in get_args(Dataset)[1:] if each.pattern))


Columns = Mapping[str, Sequence[Any]]
"""The values of events by field: taken out all at once, which is sooner done than field by field."""


class Shape:
    """The events of one topic. Those it decodes are of a subclass of the topic's model that has the same fields."""

    def __init__(self, kind: type[Record]) -> None:
        self._model = msgspec.json.Decoder(kind)
        self._lean: msgspec.json.Decoder[Any] = msgspec.json.Decoder(_without_patterns(kind))
        ids = [field.name for field in msgspec.structs.fields(kind) if field.type == RecordId]
        self._id_name = ids[0] if ids else None
        self._id: Callable[[Any], str] | None = attrgetter(ids[0]) if ids else None

    def decode(self, text: bytes | msgspec.Raw) -> Any:
        """The event; raises what msgspec raises of the model."""
        try:
            event = self._lean.decode(text)
        except msgspec.ValidationError:
            return self._model.decode(text)  # as the model words it
        return event if self._fits(event) else self._model.decode(text)

    def decode_odd(self, text: bytes | msgspec.Raw) -> Any:
        """As `decode`, of what `decode_usual` has not answered."""
        return self._model.decode(text)

    def decode_usual(self, text: bytes | msgspec.Raw) -> Any:
        """The event; None where it is not right, or has to be decoded otherwise to know."""
        try:
            event = self._lean.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        return event if self._fits(event) else None

    def decode_all(self, texts: Sequence[bytes | msgspec.Raw]) -> list[Any]:
        """The events, that still have to be looked at by `odd`; None for each that is not right."""
        decode = self._lean.decode
        try:
            return [decode(text) for text in texts]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return list(map(self.decode_usual, texts))

    def odd(self, columns: Columns) -> Iterable[int]:
        """The places of the events that have to be decoded otherwise to know whether they are right."""
        ids, datasets = columns[self._id_name] if self._id_name else (), columns["dataset"]
        if "".join(ids).isprintable() and all(map(_is_dataset, set(datasets))):
            return ()
        return [
            place
            for place, (record_id, dataset) in enumerate(zip_longest(ids, datasets, fillvalue=""))
            if not (record_id.isprintable() and _is_dataset(dataset))
        ]

    def _fits(self, event: Any) -> bool:
        # What is printable has no control characters.
        return (self._id is None or self._id(event).isprintable()) and _is_dataset(event.dataset)


def columns_of(events: Sequence[Any]) -> Columns:
    """Of one or more events of a shape."""
    return dict(zip(events[0].__struct_fields__, zip(*map(astuple, events), strict=True), strict=True))


def _without_patterns(kind: type[Record]) -> type[Any]:
    def field(each: msgspec.structs.FieldInfo) -> tuple[Any, ...]:
        lean = next((lean for patterned, lean in _UNPATTERNED if each.type == patterned), each.type)
        if each.default_factory is not msgspec.NODEFAULT:
            return each.name, lean, msgspec.field(default_factory=each.default_factory)
        return (each.name, lean) if each.required else (each.name, lean, each.default)

    fields = [field(each) for each in msgspec.structs.fields(kind)]
    # Everything else is inherited. Nothing in an event leads back to it: the garbage collector need not look.
    return msgspec.defstruct(kind.__name__, fields, bases=(kind,), kw_only=True, gc=False)


@lru_cache(maxsize=1000)  # names come from outside
def _is_dataset(text: str) -> bool:
    return bool(_DATASET.search(text))


SHAPES = {topic: Shape(kind) for topic, kind in RECORD_TYPES.items()}
