"""A new process takes the sockets over while the old one drains: requests at full load, some on kept connections, some on
new ones, plain and under TLS, and not one of them fails.
"""

import contextlib
import http.client
import os
import signal
import socket
import ssl
import sys
import threading
import time

from provider import PATIENCE, Provider, end_on_signals, free_port, step, within
from transport import make_certificate

RESTARTS = 3
#: Seconds under load before the first restart, between two and after the last.
PAUSE = 1.5
#: Seconds between an answer and the next request on the same connection that are too many.
LATE = 2.0
SENDERS = [(kept, secure) for kept in (True, True, False) for secure in (False, True)]


def main():
    end_on_signals()
    with Provider() as provider:
        make_certificate(provider, "login", "ec")
        tls = free_port()
        path = provider.folder / "http.sock"
        provider.environment.update({
            "MARTLET_LISTEN": f"127.0.0.1:{provider.port},https://127.0.0.1:{tls},unix:{path}",
            "MARTLET_TLS_CERTIFICATE": str(provider.folder / "login.pem"),
            "MARTLET_TLS_KEY": str(provider.folder / "login.key"),
            "MARTLET_LOOPS": "2",
        })
        with step("a successor that cannot start leaves everything as it is"):
            provider.start()
            key = provider.folder / "login.key"
            os.rename(key, provider.folder / "away")
            provider.process.send_signal(signal.SIGUSR2)
            within(PATIENCE, lambda: events(provider, "server.restart_failed"), "a line in the log")
            os.rename(provider.folder / "away", key)
            assert status(path) == 200
        with step(f"{RESTARTS} restarts under load"), successors(provider):
            load = Load(provider.port, tls)
            load.start()
            processes = [provider.process.pid]
            for count in range(RESTARTS):
                time.sleep(PAUSE)
                os.kill(processes[-1], signal.SIGUSR2)
                succeeded = within(PATIENCE, lambda: (e := events(provider, "server.succeeded"))[count:] and e, "a successor")
                processes.append(succeeded[count]["process"])
                assert status(path) == 200
            time.sleep(PAUSE)
            within(PATIENCE, lambda: provider.process.poll() is not None, "the first process ends")
            within(PATIENCE, lambda: load.count > 200 and all(count > 5 for count in load.counts), "a load worth its name")
            load.stop()
            assert provider.process.returncode == 0
            assert not load.failures, f"{len(load.failures)} of {load.count} failed: {load.failures[:5]}"
            print(f"{load.count} requests, none failed; ", end="")
            with step("the last one stops like any other"):
                os.kill(processes[-1], signal.SIGTERM)
                within(PATIENCE, lambda: is_gone(processes[-1]), "the last process ends")
                assert not path.exists() and not is_listening(provider.port)
        assert len(events(provider, "server.stopped")) == RESTARTS + 1


class Load:
    """Threads that send one request after the other; a request that is not answered by 200 is a failure."""

    def __init__(self, port, tls):
        self.counts = [0] * len(SENDERS)
        self.failures = []
        self._over = threading.Event()
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self._threads = [
            threading.Thread(target=self._send, args=(index, kept, context if secure else None, tls if secure else port))
            for index, (kept, secure) in enumerate(SENDERS)
        ]

    @property
    def count(self):
        return sum(self.counts)

    def start(self):
        for thread in self._threads:
            thread.start()

    def stop(self):
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _send(self, index, kept, context, port):
        connection, is_reused, answered = None, False, 0.0
        while not self._over.is_set():
            try:
                is_reused = connection is not None
                if connection is None:
                    connection = connect(context, port)
                connection.request("GET", "/jwks", headers={} if kept else {"Connection": "close"})
                answer = connection.getresponse()
                content = answer.read()
                answered = time.monotonic()
                if answer.status != 200 or b'"keys"' not in content:
                    self.failures.append((kept, port, answer.status))
                # The server may say that this was the last one: then, and only then, the next goes over a new one.
                if answer.will_close:
                    connection.close()
                    connection = None
            except (OSError, http.client.HTTPException) as error:
                # The old process waits some seconds for one more request on a kept connection. Who comes later, because
                # this thread had no turn, finds the connection closed: that says nothing of the server.
                is_late = is_reused and time.monotonic() - answered > LATE
                if is_late and not isinstance(error, TimeoutError):
                    connection = None
                    continue
                self.failures.append((kept, context is not None, repr(error)))
                connection = None
            self.counts[index] += 1
            time.sleep(0.002)


def connect(context, port):
    if context:
        return http.client.HTTPSConnection("127.0.0.1", port, timeout=60, context=context)
    return http.client.HTTPConnection("127.0.0.1", port, timeout=60)


def status(path):
    with socket.socket(socket.AF_UNIX) as stream:
        stream.settimeout(60)
        stream.connect(str(path))
        stream.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        return int(stream.recv(12).split()[1])


def events(provider, name):
    return [record for record in provider.log_records() if record["event"] == name]


def is_listening(port):
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=60).close()
        return True
    return False


def is_gone(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    # Nobody waits for it but its parent, which may be slow to do so.
    with contextlib.suppress(OSError), open(f"/proc/{process}/stat") as file:
        return file.read().rsplit(")", 1)[1].split()[0] == "Z"
    return True


@contextlib.contextmanager
def successors(provider):
    """Ends what the servers have started, whatever happens."""
    try:
        yield
    finally:
        if sys.exc_info()[0]:
            for record in events(provider, "server.succeeded"):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(record["process"], signal.SIGKILL)


if __name__ == "__main__":
    started = time.monotonic()
    main()
    print(f"{time.monotonic() - started:.0f} s in all")
