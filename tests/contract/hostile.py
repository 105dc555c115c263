"""Bodies that are sent to do harm, and requests that are not even bodies; each with the statuses that are right."""

import gzip
import json
import zlib

RIGHT = {"crime_id": "1", "status": "recorded", "recorded_on": "2017-06-01", "area": "Camden", "offence": "Rape"}


def crime(**changes):
    return json.dumps(RIGHT | changes).encode()


def raw(member, text):
    """A right crime, one member of which has this very text."""
    others = json.dumps({name: value for name, value in RIGHT.items() if name != member})
    return others[:-1].encode() + b', "' + member.encode() + b'": ' + text + b"}"


DEEP = 200_000
JSON_BODIES = {
    "arrays without end": b"[" * DEEP,
    "deep arrays": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "a deep field": raw("flags", b"[" * DEEP + b"]" * DEEP),
    "a deep unknown field": raw("x", b'{"a":' * 1000 + b"1" + b"}" * 1000),
    "a huge integer": raw("revision", b"9" * 100_000),
    "an integer beyond 64 bits": raw("revision", b"9223372036854775808"),
    "a huge exponent": raw("revision", b"1e999999999"),
    "a huge fraction": raw("revision", b"0." + b"1" * 100_000),
    "minus zero": raw("revision", b"-0"),
    "NaN": raw("revision", b"NaN"),
    "Infinity": raw("revision", b"-Infinity"),
    "a leading zero": raw("revision", b"01"),
    "hexadecimal": raw("revision", b"0x10"),
    "the same member twice": raw("area", b'"Camden", "area": "Barnet"'),
    "the same member twice, once escaped": raw("area", b'"Camden", "\\u0061rea": "Barnet"'),
    "a lone high surrogate": raw("crime_id", b'"\\ud800"'),
    "a lone low surrogate": raw("crime_id", b'"\\udc00x"'),
    "surrogates the wrong way round": raw("crime_id", b'"\\udc00\\ud800"'),
    "a surrogate in UTF-8": raw("crime_id", b'"\xed\xa0\x80"'),
    "an overlong slash": raw("crime_id", b'"\xc0\xaf"'),
    "UTF-8 cut off": raw("crime_id", b'"\xe2\x82"'),
    "beyond Unicode": raw("crime_id", b'"\xf5\x80\x80\x80"'),
    "an escaped NUL": raw("crime_id", b'"a\\u0000b"'),
    "a NUL": raw("crime_id", b'"a\x00b"'),
    "NULs alone": b"\x00" * 100_000,
    "NULs after it": crime() + b"\x00" * 1000,
    "a control character": raw("crime_id", b'"a\x1fb"'),
    "a line feed in an id": crime(crime_id="a\n"),
    "a path in a dataset": crime(dataset="../../etc"),
    "two values": crime() + crime(),
    "a comment": b"/* crime */" + crime(),
    "a trailing comma": crime()[:-1] + b",}",
    "single quotes": b"{'crime_id': '1'}",
    "a byte order mark": b"\xef\xbb\xbf" + crime(),
    "UTF-16": crime().decode().encode("utf-16"),
    "UTF-32": crime().decode().encode("utf-32"),
    "a long string": crime(area="x" * 4_000_000),
    "many flags": crime(flags=["x"] * 500_000),
    "many members": b"{" + b",".join(b'"%d":1' % each for each in range(300_000)) + b"}",
    "many empty events": b"[" + b"{}," * 4_999 + b"{}]",
    "too many events": b"[" + b"1," * 1_000_000 + b"1]",
    "one byte too many": b" " * (5 * 1024 * 1024 + 1),
    "spaces": b" " * (5 * 1024 * 1024),
    "null": b"null",
    "a text": b'"crime"',
    "nothing": b"",
    "an empty array": b"[]",
    "not JSON at all": bytes(range(256)) * 100,
}
BOMB = gzip.compress(b"[" + b" " * 50_000_000 + b"]")
PACKED = {
    "a gzip bomb": ("gzip", BOMB),
    "a gzip bomb in a gzip bomb": ("gzip, gzip", gzip.compress(BOMB)),
    "deflate": ("deflate", zlib.compress(crime())),
    "gzip that is right": ("gzip", gzip.compress(crime())),
    "brotli": ("br", crime()),
    "zstd": ("zstd", crime()),
    "what nobody knows": ("x-none", crime()),
}
LINES = {
    "lines of rubbish": b"\x00\xff\n" * 100_000,
    "empty lines": b"\n" * 1_000_000,
    "too many lines": b"1\n" * 1_000_000,
    "a deep line": crime() + b"\n" + b"[" * DEEP,
    "a line with a member twice": raw("area", b'"Camden", "area": "Barnet"') + b"\n",
}
EVENT = {"specversion": "1.0", "id": "1", "source": "/sources/met", "type": "oversight.crime.v1"}
EVENTS = {
    "a deep envelope": b'{"specversion": "1.0", "x": ' + b"[" * DEEP,
    "deep data": json.dumps(EVENT).encode()[:-1] + b', "data": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    "data that is not base64": json.dumps(EVENT | {"data_base64": "\u0000=="}).encode(),
    "NaN as data": json.dumps(EVENT | {"data": float("nan")}).encode(),
    "a lone surrogate as id": json.dumps(EVENT | {"id": "\ud800", "data": RIGHT}).encode(),
    "an attribute twice": json.dumps(EVENT | {"data": RIGHT}).encode()[:-1] + b', "id": "2"}',
    "an attribute twice, once escaped": json.dumps(EVENT | {"data": RIGHT}).encode()[:-1] + b', "\\u0069d": "2"}',
    "data twice": json.dumps(EVENT | {"data": {}}).encode()[:-1] + b', "data": ' + crime() + b"}",
    "an object as type": json.dumps(EVENT | {"type": {}, "data": RIGHT}).encode(),
}
