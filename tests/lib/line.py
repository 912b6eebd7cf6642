"""A TCP line of our own between two parties, that does what a bad network does to them, without rights and without touching
anybody else's packets: what shall be lost is dropped by a socket filter of the kernel, so that the other side's TCP sees no
acknowledgement, sends again and gives up as it would on a wire.

    with Line("/run/pg/.s.PGSQL.5432") as line:     # or Line(("127.0.0.1", 9092))
        line.delay_s, line.jitter_s = 0.2, 0.05     # each way
        line.lose(0.3)                              # of the packets that its client sends, acknowledgements included
        line.vanish()                               # nothing either way, no FIN, no RST; new SYNs aren't heard
        line.mute()                                 # requests pass, answers don't
        line.heal()                                 # all of that is over
        line.cut()                                  # RST to every connection of now
"""
import asyncio
import ctypes
import random
import socket
import struct
import threading

SO_ATTACH_FILTER, SO_DETACH_FILTER = 26, 27
RANDOM = 0xFFFFF000 + 56  # SKF_AD_OFF + SKF_AD_RANDOM: a number drawn for each packet
LOAD, AT_LEAST, RETURN, WHOLE = 0x20, 0x35, 0x06, 0xFFFFFFFF
NOTHING = ((RETURN, 0, 0, 0),)
CHUNK = 65536


def losing(share):
    return ((LOAD, 0, 0, RANDOM), (AT_LEAST, 0, 1, int(2**32 * share)), (RETURN, 0, 0, WHOLE), (RETURN, 0, 0, 0))


def attach(sock, program):
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *op) for op in program))
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HL", len(program), ctypes.addressof(code)))


def detach(sock):
    try:
        sock.setsockopt(socket.SOL_SOCKET, SO_DETACH_FILTER, 0)
    except OSError:
        pass  # it had none, or is closed


class Pair:
    """One connection: the client's socket, ours to the server, and the task that serves both."""

    def __init__(self, client, server, task):
        self.client, self.server, self.task, self.reset = client, server, task, False
        self.last = None  # which way something last went

    def close(self):
        for s in (self.client, self.server):
            if self.reset and s.family == socket.AF_INET:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            s.close()


class Line:
    def __init__(self, to, seed=None):
        self.to, self.random = to, random.Random(seed)
        self.delay_s = self.jitter_s = 0
        self.pairs, self.filter = set(), None
        self.taken = self.turns = 0  # connections; requests after an answer, over all of them
        self.open = {}               # direction -> whether it passes

    # ---- life ----

    def __enter__(self):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(256)
        self.listener.setblocking(False)
        self.port = self.listener.getsockname()[1]
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)

    def _run(self):
        self.open = {"there": asyncio.Event(), "back": asyncio.Event()}
        for passes in self.open.values():
            passes.set()
        self.loop.create_task(self._accept())
        self.loop.run_forever()
        everything = asyncio.all_tasks(self.loop)
        for task in everything:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*everything, return_exceptions=True))
        self.listener.close()
        self.loop.close()

    def _on_loop(self, act):
        """Done when it returns: the state of the line belongs to its thread."""
        done = threading.Event()
        self.loop.call_soon_threadsafe(lambda: (act(), done.set()))
        assert done.wait(10)

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    # ---- what may go wrong ----

    def lose(self, share):
        self._on_loop(lambda: self._filter(losing(share)))

    def vanish(self):
        self._on_loop(lambda: (self._filter(NOTHING), self.open["there"].clear(), self.open["back"].clear()))

    def mute(self):
        self._on_loop(self.open["back"].clear)

    def heal(self):
        self.delay_s = self.jitter_s = 0
        self._on_loop(lambda: (self._filter(None), self.open["there"].set(), self.open["back"].set()))

    def cut(self):
        self._on_loop(lambda: [self._reset(pair) for pair in self.pairs])

    @staticmethod
    def _reset(pair):
        pair.reset = True
        pair.task.cancel()

    def _filter(self, program):
        self.filter = program
        for s in (self.listener, *(p.client for p in self.pairs)):
            if program:
                attach(s, program)
            else:
                detach(s)

    # ---- what passes ----

    async def _accept(self):
        while True:
            client, _ = await self.loop.sock_accept(self.listener)
            self.loop.create_task(self._serve(client))

    async def _serve(self, client):
        unix = isinstance(self.to, str)
        server = socket.socket(socket.AF_UNIX if unix else socket.AF_INET)
        for s in (client, server):
            s.setblocking(False)
            if s.family == socket.AF_INET:
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        pair, ways = Pair(client, server, asyncio.current_task()), []
        self.pairs.add(pair)
        self.taken += 1
        try:
            await self.loop.sock_connect(server, self.to)
            ways = [self.loop.create_task(self._way(*way)) for way in ((client, server, "there", pair), (server, client, "back", pair))]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait(ways, timeout=1)
        except OSError:
            pass
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            self.pairs.discard(pair)
            pair.close()

    async def _way(self, source, sink, name, pair):
        queue = asyncio.Queue()
        writer = self.loop.create_task(self._write(queue, sink, name))
        try:
            await self._read(source, queue, name, pair)
            await writer
        finally:
            writer.cancel()

    async def _read(self, source, queue, name, pair):
        try:
            while data := await self.loop.sock_recv(source, CHUNK):
                self.turns += name == "there" and pair.last != "there"
                pair.last = name
                queue.put_nowait((self.loop.time() + max(0, self.delay_s + self.random.uniform(-1, 1) * self.jitter_s), data))
        except OSError:
            pass
        queue.put_nowait((self.loop.time() + self.delay_s, None))

    async def _write(self, queue, sink, name):
        """In their order: what overtakes on a wire waits in TCP."""
        while True:
            due, data = await queue.get()
            await asyncio.sleep(max(0, due - self.loop.time()))
            await self.open[name].wait()
            if data is None:
                return
            try:
                await self.loop.sock_sendall(sink, data)
            except OSError:
                return
