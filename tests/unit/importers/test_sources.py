import pytest

from local.errors import LocalError
from local.importers.sources import open_rows


def test_blank_rows_are_left_out_and_lines_keep_their_numbers(tmp_path):
    (tmp_path / "a.csv").write_text("\ufeffa,b\n\n1,2\n,\n3,4\n", encoding="utf-8")
    with open_rows(str(tmp_path / "a.csv")) as rows:
        assert list(rows) == [(1, ["a", "b"]), (3, ["1", "2"]), (5, ["3", "4"])]


def test_a_file_in_windows_encoding_is_read_as_such(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"a\nCaf\xe9 \x96 Street\n")
    with open_rows(str(tmp_path / "a.csv")) as rows:
        assert list(rows)[1] == (2, ["Caf\xe9 \u2013 Street"])


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(LocalError, match=r"absent\.csv: cannot be read"), open_rows(str(tmp_path / "absent.csv")):
        pytest.fail("there is nothing to open")


def test_whoever_reads_the_rows_has_the_sources_name_put_before_a_complaint(tmp_path):
    (tmp_path / "a.csv").write_text("a\n")
    with pytest.raises(LocalError, match=r"a\.csv: no such column"), open_rows(str(tmp_path / "a.csv")):
        raise LocalError("no such column")
