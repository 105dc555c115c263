"""docs/measures.md says what the catalogue declares, no more and no less."""

import pytest

from shared.reference import DIRECTORY, reference
from shared.reference.document import DOCUMENT, document
from shared.reference.families import MEASURES, TERMS
from shared.reference.loading import measure_files
from shared.reference.sheets import read_sheet

SHEETS = [read_sheet(path) for path in measure_files(DIRECTORY)]


def test_the_committed_document_is_what_is_generated():
    written = DOCUMENT.read_text(encoding="utf-8")
    assert written == document(reference(), SHEETS), "run `make docs`, and commit docs/measures.md"


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_every_declaration_stands_in_the_document_with_its_title_definition_and_caveats(sheet):
    written = document(reference(), [sheet])
    assert f"## {sheet.topic}" in written
    for entry in sheet.entries:
        said = [entry.fields["definition"], entry.fields["title"], *entry.fields.get("caveats", [])]
        assert all(text in written for text in [f"| `{entry.fields['id']}` |", *said])


def test_the_terms_of_every_family_stand_at_the_end():
    terms = document(reference(), SHEETS).partition("## Terms")[2]
    asked = {entry.fields["for"] for sheet in SHEETS for entry in sheet.entries if entry.is_family} - {MEASURES}
    for vocabulary in asked:
        assert all(f"`{term.id}`" in terms for term in TERMS[vocabulary](reference()))
