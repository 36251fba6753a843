"""Files in a folder or an object store: which ones there are, and their content piece by piece, never as a whole."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import fsspec
from fsspec.implementations.local import LocalFileSystem

from dlt_pipelines.errors import ConfigurationError

PIECE_BYTES = 1 << 20
UNDATED = datetime.min.replace(tzinfo=UTC)
WILDCARD = re.compile(r"[*?\[{]")
# What a place raises that is not there or does not let us read. The messages may quote the address.
UNREADABLE = (ImportError, OSError, ValueError)


@dataclass(frozen=True)
class StoredFile:
    """A file that is there: its name (its path below the folder that is searched) and where it lies.

    Its content is what is stored; with `unpack`, what is packed in it, by the name's ending and as far as fsspec knows
    it (.gz, .bz2, .xz, .zip; .zst only with a library of its own). Reading raises what the place or the packing raises.
    """

    name: str
    path: str
    filesystem: Any
    unpack: bool = False

    @property
    def address(self) -> str:
        """The local path, or an address with its protocol. It may hold secrets: show it by `shown_address`."""
        is_local = isinstance(self.filesystem, LocalFileSystem)
        return self.path if is_local else str(self.filesystem.unstrip_protocol(self.path))

    @property
    def size(self) -> int | None:
        """Bytes as stored; None where the place does not tell."""
        size: int | None = self.filesystem.size(self.path)
        return size

    @property
    def modified(self) -> datetime:
        """When it was last changed; UNDATED where the place does not tell."""
        try:
            moment: datetime = self.filesystem.modified(self.path)
        except (NotImplementedError, KeyError):
            return UNDATED
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def opened(self) -> AbstractContextManager[BinaryIO]:
        """The content as a stream, for `with`."""
        packing = "infer" if self.unpack else None
        stream: AbstractContextManager[BinaryIO] = fsspec.core.OpenFile(self.filesystem, self.path, compression=packing)
        return stream

    def pieces(self) -> Iterator[bytes]:
        """The content in pieces of at most PIECE_BYTES."""
        with self.opened() as stream:
            while piece := stream.read(PIECE_BYTES):
                yield piece

    def sha256(self) -> str:
        """The digest of the content, by which a file is known again under another name. Reads all of it."""
        digest = hashlib.sha256()
        for piece in self.pieces():
            digest.update(piece)
        return digest.hexdigest()

    def copy_to(self, path: Path) -> str:
        """Copies the content; returns its digest."""
        digest = hashlib.sha256()
        with path.open("wb") as copy:
            for piece in self.pieces():
                digest.update(piece)
                copy.write(piece)
        return digest.hexdigest()


def files_matching(pattern: str, *, unpack: bool = False) -> list[StoredFile]:
    """The files that a glob matches (a local path, or an address that fsspec knows), in the order of their paths.

    None where one that is named or linked to is not there. Raises one of UNREADABLE.
    """
    found = sorted(fsspec.open_files(pattern, mode="rb"), key=lambda file: str(file.path))
    if not all(file.fs.exists(file.path) for file in found):
        return []
    return [StoredFile(_name(file, pattern), str(file.path), file.fs, unpack) for file in found]


def files_below(bucket_url: str, file_glob: str) -> list[StoredFile] | None:
    """The files below a folder that a glob matches, in the order of their paths; None where there is no such folder.

    Raises one of UNREADABLE.
    """
    filesystem, root = fsspec.core.url_to_fs(bucket_url)
    root = root.rstrip("/")
    if not filesystem.exists(root):
        return None
    paths = sorted(path for path in filesystem.glob(f"{root}/{file_glob}") if filesystem.isfile(path))
    return [StoredFile(path.removeprefix(f"{root}/"), path, filesystem) for path in paths]


@contextmanager
def told_if_unreadable(what: str, remedy: str) -> Iterator[None]:
    """Within it, what is UNREADABLE becomes a ConfigurationError: `what` cannot be read, and why."""
    try:
        yield
    except UNREADABLE as error:
        told = str(error) if isinstance(error, ImportError) else getattr(error, "strerror", None)
        raise ConfigurationError(f"{what} cannot be read: {told or type(error).__name__}", remedy) from None


def _name(file: Any, pattern: str) -> str:
    """A file's path below the folder at which the pattern begins to leave things open, without a query's secrets."""
    path = str(file.path)
    if "://" in path:
        path = path.partition("?")[0]
    fixed = WILDCARD.split(str(file.fs._strip_protocol(pattern)), maxsplit=1)[0]
    folder = fixed.rpartition("/")[0] + "/"
    return path.removeprefix(folder) if path.startswith(folder) else path.rpartition("/")[2]
