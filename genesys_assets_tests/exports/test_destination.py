from __future__ import annotations

import threading
from pathlib import Path

import pytest

from genesys_assets.exports import Destination, ExportError, destination_of


def test_what_was_written_is_read(destination: Destination) -> None:
    destination.write("a/b.json", b"{}")
    assert destination.read("a/b.json") == b"{}"


def test_what_was_never_written_reads_as_nothing(destination: Destination) -> None:
    assert destination.read("a/b.json") is None


def test_a_file_is_replaced_whole(destination: Destination) -> None:
    destination.write("a.bin", b"x" * 6_000_000)  # more than one part of an upload
    destination.write("a.bin", b"y")
    assert destination.read("a.bin") == b"y"


def test_an_interrupted_write_leaves_the_file_before_it(destination: Destination) -> None:
    destination.write("a.txt", b"whole")
    with pytest.raises(KeyboardInterrupt):
        _interrupted_write(destination)
    assert destination.read("a.txt") == b"whole"


def test_a_reader_sees_the_old_file_while_the_new_one_is_written(destination: Destination) -> None:
    destination.write("a.txt", b"old")
    with destination.replacing("a.txt") as file:
        file.write_bytes(b"ne")
        assert destination.read("a.txt") == b"old"
        file.write_bytes(b"new")
    assert destination.read("a.txt") == b"new"


def test_updates_at_the_same_time_do_not_undo_one_another(destination: Destination) -> None:
    def add_one(content: bytes | None) -> bytes:
        return str(int(content or b"0") + 1).encode()

    threads = [threading.Thread(target=lambda: destination.update("count.txt", add_one)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert destination.read("count.txt") == b"8"


def test_an_update_may_leave_a_file_alone(destination: Destination) -> None:
    destination.write("a.txt", b"here")
    assert destination.update("a.txt", lambda _: None) is False
    assert destination.read("a.txt") == b"here"


def test_no_passing_file_stands_in_a_table_folder(tmp_path: Path) -> None:
    folder = destination_of(str(tmp_path))
    with folder.replacing("t/d/part-0.parquet") as file:
        file.write_bytes(b"")
        assert not (tmp_path / "t").exists()
    assert [path.name for path in (tmp_path / "t").rglob("*") if path.is_file()] == ["part-0.parquet"]
    assert [path for path in (tmp_path / ".writing").iterdir() if path.suffix != ".lock"] == []


def test_what_a_killed_process_left_behind_goes_with_the_next_file_and_what_lives_stays(tmp_path: Path) -> None:
    left, folder = (
        tmp_path / ".writing" / "warehouse-1-dead" / "input-0" / "left.parquet",
        destination_of(str(tmp_path)),
    )
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    with folder.replacing("b.txt") as file:
        file.write_bytes(b"b")
        assert not left.exists()
        folder.write("a.txt", b"")
        folder.sweep()
        assert file.exists()
    assert folder.read("b.txt") == b"b"


def test_a_sweep_of_a_place_without_exports_makes_no_folder(destination: Destination, tmp_path: Path) -> None:
    assert destination.sweep() == 0
    assert not (tmp_path / "exports").exists()


@pytest.mark.parametrize("url", ["{}", "file://{}"])
def test_a_path_and_a_file_url_name_the_same_folder(tmp_path: Path, url: str) -> None:
    destination_of(url.format(tmp_path)).write("a.txt", b"here")
    assert (tmp_path / "a.txt").read_bytes() == b"here"
    assert destination_of(url.format(tmp_path)).address("a.txt") == str(tmp_path / "a.txt")


def test_a_page_in_a_bucket_opens_in_a_browser(s3_url: str, s3_endpoint: str) -> None:
    import boto3  # noqa: PLC0415 - slow to import

    destination_of(s3_url).write("reports/daily/2026-11-20.html", b"<!doctype html>")
    bucket = s3_url.split("/")[2]
    head = boto3.client("s3", endpoint_url=s3_endpoint).head_object(
        Bucket=bucket, Key="contact-centre/reports/daily/2026-11-20.html"
    )
    assert head["ContentType"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("ftp://host/folder", "cannot go to a ftp:// URL"),
        ("s3://id:MARKED-SECRET@bucket", "holds credentials"),
        ("az://container/folder?sig=MARKED-SECRET", "holds credentials"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_printing_its_secret(url: str, told: str) -> None:
    with pytest.raises(ExportError, match=told) as refusal:
        destination_of(url)
    assert "MARKED-SECRET" not in str(refusal.value)


def test_a_bucket_that_does_not_exist_is_named_with_what_to_do(s3_url: str) -> None:
    with pytest.raises(ExportError, match=r"s3://no-such-bucket/x/a\.txt .*check that the bucket") as refusal:
        destination_of("s3://no-such-bucket/x").write("a.txt", b"")
    assert "MARKED-SECRET" not in str(refusal.value)
    assert not refusal.value.transient


def test_a_folder_that_cannot_be_made_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(ExportError, match=r"could not be written or read.*right to write there"):
        destination_of(str(tmp_path / "file")).write("a.txt", b"")


def _interrupted_write(destination: Destination) -> None:
    with destination.replacing("a.txt") as file:
        file.write_bytes(b"ha")
        raise KeyboardInterrupt
