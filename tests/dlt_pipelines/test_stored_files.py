"""Files in a folder or an object store: which are found, what is told of them, and that none is read as a whole."""

from __future__ import annotations

import gzip
import hashlib
import os
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import fsspec
import pytest

from dlt_pipelines.stored_files import UNDATED, StoredFile, files_below, files_matching

THEN = datetime(2026, 11, 6, 12, 30, tzinfo=UTC)
# By sha256sum.
SHA256_OF_ONE = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
MIB = 1 << 20


@pytest.fixture
def store() -> Iterator[str]:
    """An object store: two files in two folders."""
    address = "memory:///stored-files-test"
    filesystem = fsspec.filesystem("memory")
    filesystem.pipe("/stored-files-test/a.jsonl", b"one")
    filesystem.pipe("/stored-files-test/old/b.jsonl", b"two")
    yield address
    filesystem.rm("/stored-files-test", recursive=True)


def named(files: list[StoredFile] | None) -> list[str]:
    assert files is not None
    return [file.name for file in files]


def test_a_local_file_tells_its_name_path_size_digest_and_time(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("one")
    os.utime(path, (THEN.timestamp(), THEN.timestamp()))
    for found in (files_matching(str(tmp_path / "*.jsonl")), files_below(str(tmp_path), "*.jsonl")):
        assert found is not None
        (file,) = found
        assert (file.name, file.address, file.size, file.modified) == ("a.jsonl", str(path), 3, THEN)
        assert file.sha256() == SHA256_OF_ONE


def test_a_file_of_an_object_store_tells_the_same(store: str) -> None:
    for found in (files_matching(f"{store}/*.jsonl"), files_below(store, "*.jsonl")):
        assert found is not None
        (file,) = found
        assert (file.name, file.address, file.size) == ("a.jsonl", f"{store}/a.jsonl", 3)
        assert file.sha256() == SHA256_OF_ONE
        assert fsspec.open(file.address).open().read() == b"one"
        assert file.modified.utcoffset() is not None


def test_names_are_paths_below_the_folder_that_is_searched_and_in_order(store: str, tmp_path: Path) -> None:
    for name in ("b.jsonl", "a/late/c.jsonl", "a/b.jsonl"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "folder.jsonl").mkdir()
    everything = ["a/b.jsonl", "a/late/c.jsonl", "b.jsonl"]
    assert named(files_matching(f"{tmp_path}/**/*.jsonl")) == everything
    assert named(files_below(str(tmp_path), "**/*.jsonl")) == everything
    assert named(files_below(f"{tmp_path}/", "a/*.jsonl")) == ["a/b.jsonl"]
    assert named(files_matching(f"{store}/**/*.jsonl")) == ["a.jsonl", "old/b.jsonl"]
    assert named(files_below(store, "**/*.jsonl")) == ["a.jsonl", "old/b.jsonl"]


def test_a_folder_that_is_missing_is_not_an_empty_one(tmp_path: Path) -> None:
    assert files_below(str(tmp_path), "*.jsonl") == []
    assert files_below(str(tmp_path / "elsewhere"), "*.jsonl") is None
    assert files_matching(str(tmp_path / "elsewhere" / "*.jsonl")) == []
    assert files_matching(str(tmp_path / "a.jsonl")) == []


def test_a_renamed_file_is_known_by_its_content_also_packed(tmp_path: Path) -> None:
    (tmp_path / "spans.jsonl").write_bytes(b"one")
    (tmp_path / "spans.1.jsonl.gz").write_bytes(gzip.compress(b"one", mtime=0))
    (tmp_path / "spans.2.jsonl").write_bytes(b"one")
    digests = [file.sha256() for file in files_matching(str(tmp_path / "*"), unpack=True)]
    assert digests == [SHA256_OF_ONE] * 3
    packed, *others = [file.sha256() for file in files_matching(str(tmp_path / "*"))]
    assert packed == hashlib.sha256(gzip.compress(b"one", mtime=0)).hexdigest()
    assert others == [SHA256_OF_ONE] * 2


def test_a_copy_holds_the_content_and_tells_its_digest(store: str, tmp_path: Path) -> None:
    (file,) = files_matching(f"{store}/a.jsonl")
    assert file.copy_to(tmp_path / "copy") == SHA256_OF_ONE
    assert (tmp_path / "copy").read_bytes() == b"one"


@pytest.mark.parametrize(
    "use",
    [
        StoredFile.sha256,
        lambda file: file.copy_to(Path(file.path).with_name("copy")),
    ],
    ids=["hashed", "copied"],
)
@pytest.mark.parametrize("unpack", [False, True])
def test_a_file_is_never_in_memory_as_a_whole(tmp_path: Path, use: Callable[[StoredFile], str], unpack: bool) -> None:
    path = tmp_path / ("big.gz" if unpack else "big")
    with gzip.open(path, "wb", compresslevel=1) if unpack else path.open("wb") as big:
        for _ in range(64):
            big.write(bytes(MIB))
    (file,) = files_matching(str(path), unpack=unpack)
    tracemalloc.start()
    digest = use(file)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # head -c 67108864 /dev/zero | sha256sum
    assert digest == "3b6a07d0d404fab4e23b6d34bc6696a6a312dd92821332385e5af7c01c421351"
    assert peak < 8 * MIB


def test_a_place_that_does_not_tell_the_time_is_undated() -> None:
    silent = fsspec.AbstractFileSystem()
    assert StoredFile("a.jsonl", "a.jsonl", silent).modified == UNDATED
