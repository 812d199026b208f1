"""What is dear to make and asked for again: made once, kept while there is room, the longest unasked goes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import BoundedSemaphore, Lock, Thread
from typing import Generic, TypeVar

T = TypeVar("T")
_AT_ONCE = 2  # in the background: the rest of the machine is for those who ask


class Kept(Generic[T]):
    """Answers by key, up to `most` in weight; who asks for one that is being made waits for it.

    The latest answer is kept even where it alone weighs more. `dropped` is told of each that goes.
    """

    def __init__(
        self, most: float, weight: Callable[[T], float] = lambda _: 1, dropped: Callable[[T], None] = lambda _: None
    ) -> None:
        self._most, self._weight, self._dropped = most, weight, dropped
        self._held: OrderedDict[Hashable, Future[T]] = OrderedDict()
        self._lock, self._turns = Lock(), BoundedSemaphore(_AT_ONCE)

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The answer; what `make` raises, everybody who waits for it gets, and nothing is kept."""
        held, is_new = self._asked(key)
        if is_new:
            self._make(key, held, make)
        return held.result()

    def within(self, wait_s: float, key: Hashable, make: Callable[[], T]) -> T | None:
        """The same, or None where it takes longer; it goes on being made then, for whoever asks later."""
        held, is_new = self._asked(key)
        if is_new:
            Thread(target=self._make_in_turn, args=(key, held, make), daemon=True).start()
        try:
            return held.result(wait_s)
        except TimeoutError:
            return None

    def drop(self, key: Hashable) -> None:
        """Let one go that is made, so that it is made anew."""
        with self._lock:
            held = self._held.get(key)
            if held is None or not held.done():
                return
            del self._held[key]
        self._tell([held])

    def clear(self) -> None:
        """Let all of it go."""
        with self._lock:
            gone, self._held = list(self._held.values()), OrderedDict()
        self._tell(gone)

    def _asked(self, key: Hashable) -> tuple[Future[T], bool]:
        """The answer to come, and whether nobody is making it yet."""
        with self._lock:
            held = self._held.get(key)
            if held is not None:
                self._held.move_to_end(key)
                return held, False
            made = self._held[key] = Future()
            return made, True

    def _make_in_turn(self, key: Hashable, held: Future[T], make: Callable[[], T]) -> None:
        with self._turns:
            self._make(key, held, make)

    def _make(self, key: Hashable, held: Future[T], make: Callable[[], T]) -> None:
        try:
            held.set_result(make())
        except BaseException as why:
            with self._lock:
                self._held.pop(key, None)
            held.set_exception(why)
            return
        self._tell(self._over())

    def _over(self) -> list[Future[T]]:
        """What there is no more room for."""
        with self._lock:
            done = [(key, held) for key, held in self._held.items() if held.done()]
            total, gone = sum(self._weight(held.result()) for _, held in done), []
            for key, held in done[:-1]:
                if total <= self._most:
                    break
                total -= self._weight(held.result())
                gone.append(self._held.pop(key))
            return gone

    def _tell(self, gone: list[Future[T]]) -> None:
        for held in gone:
            if held.done() and held.exception() is None:
                self._dropped(held.result())
