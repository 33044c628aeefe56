"""A connection to a database that can be cut in the middle, for tests and benchmarks."""

import contextlib
import select
import socket
import threading

CHUNK = 65_536


class Wire:
    """A TCP connection to a database that can be cut after so many messages, and mended."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.target = target
        self.left: int | None = None  # messages to the database until the cut; None: whole
        self._stop = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_after(self, messages: int) -> None:
        self.left = messages

    def mend(self) -> None:
        self.left = None

    def close(self) -> None:
        self._stop.set()
        self._listener.close()

    def _accept(self) -> None:
        while not self._stop.is_set():
            with contextlib.suppress(OSError):  # the listener was closed: the test is over
                client, _ = self._listener.accept()
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with client:
            if self.left == 0:
                return
            with socket.create_connection(self.target) as server:
                while self._carry_once(client, server):
                    pass

    def _carry_once(self, client: socket.socket, server: socket.socket) -> bool:
        ready, _, _ = select.select([client, server], [], [], 0.2)
        for source in ready:
            with contextlib.suppress(ConnectionError):
                data = source.recv(CHUNK)
                if not data:
                    return False
                if source is client and not self._let_through():
                    return False
                (server if source is client else client).sendall(data)
                continue
            return False
        return not self._stop.is_set() and self.left != 0

    def _let_through(self) -> bool:
        if self.left is None:
            return True
        self.left -= 1
        return self.left >= 0
