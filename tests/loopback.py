"""A server on this machine that misbehaves as it is told, and keeps what it has seen."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum


class Manner(StrEnum):
    """How the server treats who calls it."""

    HANG = "hang"  # takes the connection and never says a word
    REFUSE = "refuse"  # nobody listens
    FAIL = "fail"  # answers 500, with JSON that says so
    DRIP = "drip"  # a head, and then a byte now and then without end
    SLOW = "slow"  # a good answer, after a while


WHILE = 0.3  # seconds that a slow answer takes
_FAILED = b'HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nContent-Length: 17\r\n\r\n{"error": "down"}'
_GOOD = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{"price": 12}'
_ENDLESS = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1000000\r\n\r\n"


@dataclass(slots=True)
class Seen:
    """What came in: under `url` the server is found."""

    url: str
    requests: int = 0
    connections: int = 0
    at_once: int = 0  # the most requests that waited for their answer together
    called: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
    waiting: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@contextmanager
def loopback(manner: Manner) -> Iterator[Seen]:
    """The server, until the block ends: then every connection is closed and whoever waits for it goes on."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    seen = Seen(f"http://127.0.0.1:{listener.getsockname()[1]}/")
    held: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            held.append(connection)
            seen.connections += 1
            seen.called.set()
            threading.Thread(target=_serve, args=(connection, manner, seen), daemon=True).start()

    if manner is Manner.REFUSE:
        listener.close()
    else:
        threading.Thread(target=accept, daemon=True).start()
    try:
        yield seen
    finally:
        seen.over.set()
        for one in (listener, *held):
            with suppress(OSError):  # closed by the other side
                one.shutdown(socket.SHUT_RDWR)
            one.close()


def _serve(connection: socket.socket, manner: Manner, seen: Seen) -> None:
    with suppress(OSError):  # the client has left, or the block is over
        while manner is not Manner.HANG and _request(connection):
            with seen.lock:
                seen.requests += 1
                seen.waiting += 1
                seen.at_once = max(seen.at_once, seen.waiting)
            if manner is Manner.SLOW:
                time.sleep(WHILE)
            with seen.lock:
                seen.waiting -= 1
            connection.sendall({Manner.FAIL: _FAILED, Manner.DRIP: _ENDLESS}.get(manner, _GOOD))
            while manner is Manner.DRIP and not seen.over.wait(0.05):
                connection.sendall(b".")

def _request(connection: socket.socket) -> bool:
    """Reads one request with its body; False when the client has left."""
    read = b""
    while b"\r\n\r\n" not in read:
        if not (more := connection.recv(65_536)):
            return False
        read += more
    head, _, body = read.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65_536)
    return True
