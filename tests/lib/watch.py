"""Asks with one token at several gateways every few milliseconds, to tell when it stopped working."""
import http.client
import threading
import time

EVERY_S = 0.005


class Watch:
    """with Watch({"gateway 1": client, ...}, "/api/v1/me") as w: end(...); w.until_refused(5)"""

    def __init__(self, clients, path):
        self.answers = {name: [] for name in clients}  # (sent, received, status, body)
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self._ask, args=(name, client, path), daemon=True)
                        for name, client in clients.items()]

    def __enter__(self):
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for t in self.threads:
            t.join(30)

    def _ask(self, name, client, path):
        line = None
        while not self.stopping.is_set():
            sent = time.monotonic()
            try:
                line = line or http.client.HTTPConnection(client.host, client.port, timeout=25)
                line.request("GET", path, headers={"Authorization": f"Bearer {client.token}"})
                answer = line.getresponse()
                status, body = answer.status, answer.read()
            except OSError:
                line, status, body = None, 0, b""  # the gateway is away
            except http.client.HTTPException:
                line, status, body = None, 0, b""
            self.answers[name].append((sent, time.monotonic(), status, body))
            time.sleep(max(0, EVERY_S - (time.monotonic() - sent)))

    def refused_at(self, name):
        """The instant of the first 401; None = not yet."""
        return next((received for _, received, status, _ in list(self.answers[name]) if status == 401), None)

    def worked(self, name):
        return any(status == 200 for _, _, status, _ in self.answers[name])

    def granted_after(self, name, instant):
        """Answers with data to a question that was put after the instant."""
        return [a for a in self.answers[name] if a[0] > instant and 200 <= a[2] < 300]

    def until_refused(self, seconds):
        """Waits until every gateway has refused, at most so long; whether they all have."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not all(self.refused_at(n) for n in self.answers):
            time.sleep(0.01)
        return all(self.refused_at(n) for n in self.answers)
