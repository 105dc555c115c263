from datetime import date

import pytest

from services.actions.etags import etag, require_match
from services.actions.identity import action_id, board_id, fingerprint, meeting_id
from services.actions.models import ActionCreate
from shared.errors import PreconditionFailed, PreconditionRequired


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("Performance and Risk Oversight Board", "performance-and-risk-oversight-board"),
        ("  Finance, Change & People ", "finance-change-people"),
        ("Café", "cafe"),
        ("!!!", None),
    ],
)
def test_a_boards_id_is_made_from_its_name(name, made):
    assert board_id(name) == made


def test_ids_that_are_made_stay_within_a_hundred_characters():
    board = board_id("x" * 200)
    meeting = meeting_id(board, date(2023, 6, 30))
    assert max(len(board), len(meeting), len(action_id(meeting, 100_000))) <= 100


def test_an_action_has_a_natural_id_only_with_meeting_and_number():
    assert action_id("m", 1) == "m-1"
    assert action_id("m", None) is None
    assert action_id(None, 1) is None


def test_the_fingerprint_tells_content_apart_and_not_how_it_was_written():
    posted = {"board": "b", "text": "Do it.", "owners": ["MPS"]}
    same = ActionCreate.model_validate(dict(reversed(posted.items())) | {"text": " Do it. ", "paragraph": None})
    other = ActionCreate.model_validate(posted | {"paragraph": "1.2"})
    first = fingerprint(ActionCreate.model_validate(posted))
    assert first == fingerprint(same)
    assert first != fingerprint(other)


@pytest.mark.parametrize("if_match", ['"3"', "*", '"2", "3"'])
def test_if_match_passes_when_it_names_the_version(if_match):
    require_match(if_match, 3)


@pytest.mark.parametrize("if_match", ['"2"', "3", "", 'W/"3"'])
def test_if_match_fails_when_it_names_another_version(if_match):
    with pytest.raises(PreconditionFailed, match=etag(3)):
        require_match(if_match, 3)


def test_if_match_is_required():
    with pytest.raises(PreconditionRequired):
        require_match(None, 3)
