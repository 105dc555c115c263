import pytest

from services.ingest.bodies import check, is_lines, json_items, lines
from shared.errors import Malformed, TooLarge, UnsupportedMedia

JSON, NDJSON = "application/json", "application/x-ndjson"


def read(body, media=JSON, most=5):
    """The items; were none of them an event, those that are not even JSON would be looked for."""
    found = lines(body, most) if is_lines(media) else json_items(body, most)
    for index in range(len(found)):
        check(found, body, index, of_lines=is_lines(media))
    return [bytes(each) for each in found]


@pytest.mark.parametrize(
    ("body", "media", "found"),
    [
        (b'{"a": 1}', JSON, [b'{"a": 1}']),
        (b' \n{"a": 1}\n ', "", [b'{"a": 1}']),
        (b'[{"a": 1}, 2, "x"]', "Application/JSON; charset=utf-8", [b'{"a": 1}', b"2", b'"x"']),
        (b'{"a": 1}\n{"a": 2}\n', NDJSON, [b'{"a": 1}', b'{"a": 2}']),
        (b'{"a": 1}\r\n\r\n  {"a": 2}', "application/jsonl", [b'{"a": 1}', b'{"a": 2}']),
        (b"[1]\n[2]", "application/ndjson", [b"[1]", b"[2]"]),
    ],
)
def test_a_body_is_one_object_an_array_or_lines(body, media, found):
    assert read(body, media) == found


@pytest.mark.parametrize(
    ("body", "media", "complaint"),
    [
        (b"", JSON, "^the body holds no event$"),
        (b"[]", JSON, "^the body holds no event$"),
        (b" \n\n", NDJSON, "^the body holds no event$"),
        (b"{", JSON, "^the body is not JSON: "),
        (b'{"a": 1} {"a": 2}', JSON, "^the body is not JSON: "),
        (b'[{"a": 1}, nonsense]', JSON, "^the body is not JSON: "),
        (b'[{"a": 1}', JSON, "^the body is not JSON: "),
        (b"\xff", JSON, "^the body is not JSON: "),
        (b"[" * 100_000, JSON, "^the body is not JSON: "),
        (b'{"a":' * 100_000, JSON, "^the body is not JSON: "),
        (b'{"a": 1}\n{"a": 2}\n{"a": \n{"a": 4}', NDJSON, "^line 3 is not JSON: .*; nothing of the body was accepted$"),
        (b'{"a": 1}\n\n{"a"', NDJSON, "^line 3 is not JSON: "),
    ],
    ids=range(12),
)
def test_a_body_that_is_not_whole_is_refused_whole(body, media, complaint):
    with pytest.raises(Malformed, match=complaint):
        read(body, media)


@pytest.mark.parametrize(("body", "media"), [(b"[1,2,3,4,5,6]", JSON), (b"1\n2\n3\n4\n5\n6", NDJSON)])
def test_a_body_of_too_many_events_is_refused_with_the_limit(body, media):
    with pytest.raises(TooLarge, match="holds more than 5 events; send it in smaller requests"):
        read(body, media)


LONG = b'"%b"' % (b"x" * 600_000)


@pytest.mark.parametrize("others", range(5))
def test_a_long_array_is_read_as_a_short_one(others):
    items = [LONG, *[b'{"a": [1, null]}'] * others]
    assert read(b" [%b] " % b" , ".join(items)) == items


@pytest.mark.parametrize("broken", [b"[%b,", b"[%b", b"[%b,]", b"[%b] 1", b"[%b,nonsense]", b"[%b,\xff]"])
def test_a_long_array_that_is_broken_is_refused_as_a_short_one(broken):
    with pytest.raises(Malformed, match=r"^the body is not JSON: "):
        read(broken % LONG)


@pytest.mark.parametrize(("body", "media"), [(b"[%b" % (b"0," * 300_000), JSON), (b"0\n" * 300_000 + b"{", NDJSON)])
def test_of_too_many_events_those_above_the_limit_are_not_read(body, media):
    # It ends in what would be refused as broken.
    with pytest.raises(TooLarge, match="holds more than 5 events"):
        read(body, media)


@pytest.mark.parametrize("media", ["text/plain", "text/csv", "application/xml", "application/cloudevents+json"])
def test_another_content_type_is_refused_with_those_that_are_taken(media):
    with pytest.raises(UnsupportedMedia, match="send application/json or application/x-ndjson"):
        read(b"{}", media)
