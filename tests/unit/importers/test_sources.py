import shutil
import zipfile

import pytest

from local.errors import LocalError
from local.importers.sources import found, open_rows


def names_of(*arguments):
    with found([str(each) for each in arguments]) as sources:
        return [source.name for source in sources]


def stamps_of(*arguments):
    with found([str(each) for each in arguments]) as sources:
        return [source.stamp for source in sources]


@pytest.fixture
def archive(tmp_path):
    """A zip of two months' files and what else one may hold."""
    path = tmp_path / "2023-05.zip"
    with zipfile.ZipFile(path, "w") as file:
        for month in ("2023-05", "2023-04"):
            file.writestr(f"{month}/{month}-metropolitan-street.csv", f"Month\n{month}\n")
        file.writestr("LICENCE.txt", "open")
        file.writestr("__MACOSX/2023-05/._2023-05-metropolitan-street.csv", "shadow")
    return path


def test_blank_rows_are_left_out_and_lines_keep_their_numbers(tmp_path):
    (tmp_path / "a.csv").write_text("\ufeffa,b\n\n1,2\n,\n3,4\n", encoding="utf-8")
    with open_rows(str(tmp_path / "a.csv")) as rows:
        assert list(rows) == [(1, ["a", "b"]), (3, ["1", "2"]), (5, ["3", "4"])]


@pytest.mark.parametrize("content", [b"a\nCaf\xe9 \x96 Street\n", b"a\nCaf\xe9 \x96 Street\n\xe9"])
def test_a_file_in_windows_encoding_is_read_as_such_though_it_ends_within_a_letter(content, tmp_path):
    (tmp_path / "a.csv").write_bytes(content)
    with open_rows(str(tmp_path / "a.csv")) as rows:
        assert list(rows)[1] == (2, ["Caf\xe9 \u2013 Street"])


def test_the_files_of_a_zip_are_found_in_the_order_of_their_names(archive):
    assert names_of(archive) == [
        f"{archive}!2023-04/2023-04-metropolitan-street.csv",
        f"{archive}!2023-05/2023-05-metropolitan-street.csv",
    ]
    with found([str(archive)]) as sources, sources[1].rows() as rows:
        assert list(rows) == [(1, ["Month"]), (2, ["2023-05"])]


def test_a_folder_is_searched_to_its_depth_and_its_archives_are_opened(archive, tmp_path):
    (tmp_path / "more" / "2022-01").mkdir(parents=True)
    (tmp_path / "more" / "2022-01" / "a.CSV").write_text("a\n")
    (tmp_path / "more" / "notes.md").write_text("no data")
    found_names = names_of(tmp_path)
    assert len(found_names) == 3
    assert f"{tmp_path}/more/2022-01/a.CSV" in found_names


def test_content_is_known_again_wherever_it_lies(archive, tmp_path):
    with zipfile.ZipFile(archive) as file:
        file.extractall(tmp_path / "out")
    stamps = stamps_of(archive)
    assert len(set(stamps)) == 2
    assert stamps_of(tmp_path / "out") == [*stamps, *stamps_of(tmp_path / "out" / "__MACOSX")]


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(LocalError, match=r"absent\.csv: cannot be read"), open_rows(str(tmp_path / "absent.csv")):
        pytest.fail("there is nothing to open")


def test_an_archive_or_folder_without_a_csv_file_is_named(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr("a.txt", "x")
    (tmp_path / "empty").mkdir()
    for name in ("a.zip", "empty"):
        with pytest.raises(LocalError, match=f"{name}: holds no CSV file"):
            names_of(tmp_path / name)


def test_a_damaged_archive_is_told_with_its_member(archive, tmp_path):
    content = bytearray(archive.read_bytes())
    content[content.index(b"Month\n2023-04") + 3] ^= 1
    (tmp_path / "b.zip").write_bytes(content)
    with pytest.raises(LocalError, match=r"b\.zip: the archive cannot be read.*2023-04"):
        names_of(tmp_path / "b.zip")


def test_a_web_address_is_downloaded_for_as_long_as_it_is_read(archive, website):
    shutil.copy(archive, website.folder / "latest.zip")
    with found([f"{website.url}/latest.zip"]) as sources:
        downloaded = sources[0].path
        assert [source.name.partition("!")[2][:7] for source in sources] == ["2023-04", "2023-05"]
        with sources[0].rows() as rows:
            assert len(list(rows)) == 2
    assert not downloaded.exists()
    with pytest.raises(LocalError, match=r"gone\.csv: cannot be downloaded: .*404"):
        names_of(f"{website.url}/gone.csv")


def test_whoever_reads_the_rows_has_the_sources_name_put_before_a_complaint(tmp_path):
    (tmp_path / "a.csv").write_text("a\n")
    with pytest.raises(LocalError, match=r"a\.csv: no such column"), open_rows(str(tmp_path / "a.csv")):
        raise LocalError("no such column")


def test_an_archive_that_cannot_be_unpacked_is_told(tmp_path):
    path = tmp_path / "packed.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.csv", "Month\n" * 1000)
    damaged = bytearray(path.read_bytes())
    start = damaged.index(b"a.csv") + len(b"a.csv")
    damaged[start : start + 8] = b"\xff" * 8
    path.write_bytes(damaged)
    with pytest.raises(LocalError, match=r"packed\.zip: the archive cannot be read"), open_rows(str(path)):
        pass


def test_a_fault_of_whoever_reads_is_not_taken_for_one_of_the_archive(archive):
    with pytest.raises(RuntimeError, match="of my own"), found([str(archive)]) as sources, sources[0].rows():
        raise RuntimeError("of my own")
