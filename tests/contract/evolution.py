"""What a later JSON Schema refuses or forgets of what an earlier one let through. Within a version: nothing.

It knows the words that our schemas are made of, and says so where it meets another.
"""

from typing import Any

Schema = dict[str, Any]
EXPLAINS = {"$schema", "$id", "title", "description", "examples", "$defs"}
AT_LEAST = {"minimum": -1, "exclusiveMinimum": -1, "minLength": -1, "minItems": -1, "minProperties": -1}
AT_MOST = {"maximum": 1, "exclusiveMaximum": 1, "maxLength": 1, "maxItems": 1, "maxProperties": 1}
BOUNDS = AT_LEAST | AT_MOST
SAME = ("pattern", "format")
PARTS = {"properties", "required", "additionalProperties", "propertyNames", "items"}
KNOWN = EXPLAINS | BOUNDS.keys() | PARTS | {*SAME, "type", "enum", "const", "anyOf", "default", "$ref"}


def breaks(old: Schema, new: Schema) -> list[str]:
    """Every way in which `new` is not `old` with additions, each with the place where it stands."""
    return _Comparison(old, new).schemas(old, new, "")


class _Comparison:
    def __init__(self, old: Schema, new: Schema) -> None:
        self._old, self._new = old, new

    def schemas(self, old: Schema, new: Schema, place: str) -> list[str]:
        before, after = _resolve(old, self._old), _resolve(new, self._new)
        if strange := (before.keys() | after.keys()) - KNOWN:
            return [f"{place}: compares no {', '.join(sorted(strange))}"]
        return [*_default(old, new, place), *self._alternatives(before, after, place)]

    def _alternatives(self, old: Schema, new: Schema, place: str) -> list[str]:
        """Each alternative of the old must be let through by one of the new."""
        found = []
        for option in old.get("anyOf", [old]):
            complaints = [self._one(option, other, place) for other in new.get("anyOf", [new])]
            if all(complaints):
                found += min(complaints, key=len)
        return found

    def _one(self, old: Schema, new: Schema, place: str) -> list[str]:
        old, new = _resolve(old, self._old), _resolve(new, self._new)
        return [
            *_type(old, new, place),
            *_values(old, new, place),
            *_bounds(old, new, place),
            *self._fields(old, new, place),
            *self._contents(old, new, place),
        ]

    def _fields(self, old: Schema, new: Schema, place: str) -> list[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        newly = set(new.get("required", [])) - set(old.get("required", []))
        found = [f"{_join(place, name)}: removed" for name in before if name not in after]
        found += [f"{_join(place, name)}: newly required" for name in sorted(newly)]
        for name in before.keys() & after.keys():
            found += self.schemas(before[name], after[name], _join(place, name))
        return found

    def _contents(self, old: Schema, new: Schema, place: str) -> list[str]:
        """What an array or a map holds; `additionalProperties: false` closes an object."""
        found = []
        for word in ("items", "additionalProperties", "propertyNames"):
            before, after = old.get(word, True), new.get(word, True)
            if before is False or after is True:
                continue
            if before is True or after is False:
                found.append(f"{place}: {word} newly restricted")
            else:
                found += self.schemas(before, after, f"{place}[]")
        return found


def _resolve(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema


def _join(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _default(old: Schema, new: Schema, place: str) -> list[str]:
    """Defaults are left out of what is published: another one would give what stands in the log another meaning."""
    absent = object()
    before, after = old.get("default", absent), new.get("default", absent)
    is_same = before is absent or (type(before), before) == (type(after), after)
    return [] if is_same else [f"{place}: default was {before!r}"]


def _type(old: Schema, new: Schema, place: str) -> list[str]:
    before, after = old.get("type"), new.get("type")
    if "enum" in old or "const" in old or after in {None, before} or (before, after) == ("integer", "number"):
        return []
    return [f"{place}: type was {before or 'any'}"]


def _values(old: Schema, new: Schema, place: str) -> list[str]:
    if "enum" not in new and "const" not in new:
        types = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None)}
        wanted = types.get(new.get("type", ""), object)
        return [f"{place}: no longer {value!r}" for value in _listed(old) if not isinstance(value, wanted)]
    if not _listed(old):
        return [f"{place}: only {_listed(new)!r} of what was any"]
    return [f"{place}: no longer {value!r}" for value in _listed(old) if value not in _listed(new)]


def _listed(schema: Schema) -> list[Any]:
    return [*schema.get("enum", []), *([schema["const"]] if "const" in schema else [])]


def _bounds(old: Schema, new: Schema, place: str) -> list[str]:
    found = [f"{place}: {word} was {old.get(word)!r}" for word in SAME if new.get(word) not in {None, old.get(word)}]
    for word, sign in BOUNDS.items():
        if word in new and (word not in old or sign * new[word] < sign * old[word]):
            found.append(f"{place}: {word} was {old.get(word)!r}")
    return found
