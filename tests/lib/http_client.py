"""A small HTTP client for tests: JSON in and out, and raw bytes over a socket."""
import http.client
import json
import socket
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit


@dataclass
class Answer:
    status: int
    headers: dict = field(default_factory=dict)  # names in lower case; repeated ones joined by ", "
    body: bytes = b""

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """`code` of a problem, or None."""
        if self.headers.get("content-type", "").startswith("application/problem+json"):
            return self.json.get("code")
        return None

    @property
    def etag(self):
        return self.headers.get("etag")

    def expect(self, *statuses):
        """Itself, where the status is one of these; the whole answer in the message otherwise."""
        text = self.body[:2000].decode("utf-8", "replace")
        assert self.status in statuses, f"status {self.status}, not {statuses}: {text}"
        return self


class Client:
    """Talks to one address; `token` is sent as bearer where it is set."""

    def __init__(self, url, token=None, timeout=20, headers=None):
        self.url = url
        self.host = urlsplit(url).hostname
        self.port = urlsplit(url).port
        self.token = token
        self.refresh_token = None
        self.timeout = timeout
        self.headers = dict(headers or {})
        self.waits = False  # where the gateway's limit is not what is tested: asks again when it says

    def request(self, method, path, body=None, headers=None, query=None, key=None, etag=None):
        """body: anything JSON can hold, or bytes as they are. key: Idempotency-Key. etag: If-Match."""
        sent = dict(self.headers)
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        if key is not None:
            sent["Idempotency-Key"] = key
        if etag is not None:
            sent["If-Match"] = etag
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body, ensure_ascii=False).encode()
            kind = "merge-patch+json" if method == "PATCH" else "json"
            sent["Content-Type"] = f"application/{kind}"
        sent.update(headers or {})
        if query:
            path += "?" + urlencode(query)
        answer = self._exchange(method, path, body, sent)
        for _ in range(100):
            if answer.status != 429 or not self.waits:
                break
            time.sleep(int(answer.headers["retry-after"]))
            answer = self._exchange(method, path, body, sent)
        return answer

    def _exchange(self, method, path, body, headers):
        conn = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
        try:
            conn.request(method, path, body=body, headers=headers)
            got = conn.getresponse()
            names = {name.lower() for name, _ in got.getheaders()}
            joined = {name: got.getheader(name) for name in names}
            return Answer(got.status, joined, got.read())
        finally:
            conn.close()

    def get(self, path, **kw):
        return self.request("GET", path, **kw)

    def post(self, path, body=None, **kw):
        return self.request("POST", path, body, **kw)

    def patch(self, path, body=None, **kw):
        return self.request("PATCH", path, body, **kw)

    def put(self, path, body=None, **kw):
        return self.request("PUT", path, body, **kw)

    def delete(self, path, **kw):
        return self.request("DELETE", path, **kw)

    def raw(self, *pieces, wait=2.0):
        """Sends bytes as they are, piece by piece, and returns all that comes back until the other
        side closes or nothing comes for `wait` seconds."""
        with socket.create_connection((self.host, self.port), timeout=self.timeout) as s:
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                for piece in pieces:
                    s.sendall(piece)
            except (BrokenPipeError, ConnectionResetError):
                pass  # refused early; what was answered before is still to be read
            return self._read_all(s, wait)

    @staticmethod
    def _read_all(s, wait):
        got = b""
        s.settimeout(wait)
        try:
            while chunk := s.recv(65536):
                got += chunk
        except (socket.timeout, ConnectionResetError):
            pass
        return got

    def sign_in(self, tenant, name, password):
        """A client of the same address with that account's token."""
        body = {"tenant": tenant, "sign_in_name": name, "password": password}
        tokens = self.post("/api/v1/sessions", body).expect(201).json
        signed = Client(self.url, tokens["access_token"], self.timeout, self.headers)
        signed.refresh_token = tokens.get("refresh_token")
        return signed


class KeptClient(Client):
    """One connection for many requests, for one thread. A connection that the other side gave up between
    two requests is made anew; one that breaks within a request is the test's to judge."""

    _conn = None

    def _exchange(self, method, path, body, headers):
        if self._conn is None:
            self._conn = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
        try:
            self._conn.request(method, path, body=body, headers=headers)
            got = self._conn.getresponse()
            names = {name.lower() for name, _ in got.getheaders()}
            return Answer(got.status, {name: got.getheader(name) for name in names}, got.read())
        except Exception:
            self._conn.close()
            self._conn = None
            raise
