"""A reader that runs ahead: the next items are made in a thread while the last ones are used."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from queue import Full, Queue
from typing import TypeVar

T = TypeVar("T")

POLL_SECONDS = 0.2


class _Failure:
    """An exception on its way from the thread to the reader."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


def prefetch(items: Generator[T, None, None], ahead: int) -> Iterator[T]:
    """Yields the items in their order, making at most `ahead` of them before they are asked for.

    What the making raises is raised here; when the reader stops early, the making stops too.
    """
    done = object()
    queue: Queue[object] = Queue(ahead)
    stopped = threading.Event()

    def put(item: object) -> None:
        while not stopped.is_set():
            try:
                queue.put(item, timeout=POLL_SECONDS)
            except Full:
                continue
            return

    def make() -> None:
        try:
            for item in items:
                put(item)
                if stopped.is_set():
                    return
            put(done)
        except BaseException as error:  # noqa: BLE001 (handed on to the reader, whatever it is)
            put(_Failure(error))
        finally:
            items.close()

    thread = threading.Thread(target=make, daemon=True)
    thread.start()
    try:
        while (item := queue.get()) is not done:
            if isinstance(item, _Failure):
                raise item.error
            yield item  # type: ignore[misc]
    finally:
        stopped.set()
        thread.join()
