"""A TCP proxy between two parties that a test can cut, black-hole and restore; a process of its own."""

import asyncio
import contextlib
import signal
import socket
import struct
import subprocess
import sys

from scratch import die_with_parent


class Proxy:
    """Starts open. The three states are what networks do to people:

    - open: everything is forwarded;
    - cut: connections are reset and new ones refused, as by a machine whose service has ended;
    - black hole: connections stay and new ones are accepted, but nothing comes through, as behind a dead link. What was
      sent meanwhile arrives when the link is restored, as TCP has it.
    """

    def __init__(self, target_port, port):
        self.port = port
        self.process = subprocess.Popen(
            [sys.executable, __file__, str(port), str(target_port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, preexec_fn=die_with_parent(),
        )
        self._expect("open")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def open(self):
        self._tell("open")

    def cut(self):
        self._tell("cut")

    def black_hole(self):
        self._tell("hole")

    def retarget(self, port):
        """New connections go there."""
        self._tell(f"target {port}")

    def _tell(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        self._expect(word)

    def _expect(self, word):
        said = self.process.stdout.readline().strip()
        assert said == word, f"the proxy says {said!r} instead of {word!r}"


class _Relay:
    """The side of the process."""

    def __init__(self, port, target_port):
        self.port = port
        self.target_port = target_port
        self.listener = None
        self.flowing = asyncio.Event()
        self.flowing.set()
        self.transports = set()

    async def obey(self):
        await self.command("open")
        lines = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        while line := await lines.readline():
            await self.command(line.decode().strip())

    async def command(self, word):
        name, *value = word.split()
        if name == "target":
            self.target_port = int(value[0])
        elif name == "cut":
            if self.listener:
                self.listener.close()
                self.listener = None
            for transport in list(self.transports):
                self.reset(transport)
            self.flowing.set()
        else:
            if not self.listener:
                self.listener = await asyncio.start_server(self.serve, "127.0.0.1", self.port, backlog=512)
            (self.flowing.set if name == "open" else self.flowing.clear)()
        print(word, flush=True)

    async def serve(self, reader, writer):
        self.transports.add(writer.transport)
        far_writer = None
        try:
            await self.flowing.wait()
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target_port)
            self.transports.add(far_writer.transport)
            await asyncio.gather(self.pump(reader, far_writer), self.pump(far_reader, writer))
        except (OSError, EOFError):
            pass
        finally:
            for end in filter(None, (writer, far_writer)):
                self.transports.discard(end.transport)
                end.transport.abort()

    async def pump(self, reader, writer):
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while data := await reader.read(65536):
            await self.flowing.wait()
            writer.write(data)
            await writer.drain()
        await self.flowing.wait()
        with contextlib.suppress(OSError):
            writer.write_eof()

    @staticmethod
    def reset(transport):
        with contextlib.suppress(OSError):
            linger = struct.pack("ii", 1, 0)
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        transport.abort()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(_Relay(int(sys.argv[1]), int(sys.argv[2])).obey())
