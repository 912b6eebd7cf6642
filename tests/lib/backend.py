"""A service behind a gateway that behaves as a test says: answers late, hangs up, or says nothing.

    with Backend() as b, Gateway(suite, RENHE_UPSTREAM_ARCHIVE=b.address) as gateway: ...
"""
import asyncio
import threading

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


class Backend:
    """mode: "answer" after delay_s, `places` at once; "drop": reads a request and hangs up; "silent"."""

    def __init__(self, delay_s=0.0, places=16):
        self.mode, self.delay_s, self.places = "answer", delay_s, places
        self.calls = self.probes = 0
        self.loop = asyncio.new_event_loop()
        self.started = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self.listen())
        self.started.set()
        self.loop.run_forever()

    async def listen(self):
        self.free = asyncio.Semaphore(self.places)
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.address = "127.0.0.1:%d" % self.server.sockets[0].getsockname()[1]

    async def serve(self, reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                probe = head.startswith(b"GET /livez ")
                self.probes += probe
                self.calls += not probe
                if self.mode == "silent":
                    await asyncio.sleep(3600)
                if self.mode == "drop" and not probe:
                    return
                async with self.free:
                    await asyncio.sleep(0 if probe else self.delay_s)
                writer.write(ANSWER)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def __enter__(self):
        self.thread.start()
        assert self.started.wait(5)
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
