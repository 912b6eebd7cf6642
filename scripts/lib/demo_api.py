"""The public API as the demo's loader uses it: calls that wait where the gateway asks for it, accounts that
are opened once and signed in again after a load that broke midway."""
import base64
import hmac
import http.client
import json
import os
import secrets
import sys
import time
import urllib.parse

TOO_MANY = (429, 503)


class Refused(Exception):
    def __init__(self, what, status, text):
        super().__init__(f"{what}: {status} {text}")
        self.status = status
        try:
            self.code = json.loads(text).get("code")
        except ValueError:
            self.code = None


class Api:
    """One account's view of the suite; signs in again when its token has run out."""

    def __init__(self, base, who=None):
        self.base, self.who, self.token = base, who, None
        self.connection, self.used = None, 0

    def connect(self):
        """A connection that has been idle may be closed by now."""
        if not self.connection or time.monotonic() - self.used > 20:
            where = urllib.parse.urlparse(self.base)
            self.connection = http.client.HTTPConnection(where.hostname, where.port, timeout=60)
        self.used = time.monotonic()
        return self.connection

    def send(self, method, path, data, head):
        if self.token:
            head["Authorization"] = "Bearer " + self.token
        connection = self.connect()
        connection.request(method, path, data, head)
        answer = connection.getresponse()
        return answer.status, answer.read(), int(answer.headers.get("Retry-After") or 1)

    def renew(self):
        """Whether there is a new token."""
        self.token = None
        answer = Api(self.base).post("/api/v1/sessions", self.who) if self.who else {}
        self.token = answer.get("access_token")
        return self.token is not None

    def call(self, method, path, body=None, content_type="application/json", **headers):
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        head = {k.replace("_", "-"): v for k, v in headers.items()}
        if data is not None:
            head["Content-Type"] = content_type
        status, text, wait = self.send(method, path, data, head)
        for _ in range(20):
            if status == 401 and self.token and self.renew():
                wait = 0
            elif status not in TOO_MANY:
                break
            time.sleep(wait)
            status, text, wait = self.send(method, path, data, head)
        if status >= 300:
            raise Refused(f"{method} {path}", status, text.decode(errors="replace"))
        return json.loads(text) if text else None

    def get(self, path, **query):
        return self.call("GET", path + ("?" + urllib.parse.urlencode(query) if query else ""))

    def post(self, path, body=None, **headers):
        return self.call("POST", path, {} if body is None else body, **headers)

    def patch(self, path, body, etag):
        return self.call("PATCH", path, body, If_Match=etag)

    def sign_in(self, tenant, name, password):
        """None where that is refused. Without a token where a second factor is asked for."""
        client = Api(self.base, {"tenant": tenant, "sign_in_name": name, "password": password})
        try:
            client.renew()
        except Refused as e:
            if e.status == 401:
                return None
            raise
        return client

    def ensure(self, path, body):
        """Makes a thing with a code of its own, or finds it."""
        try:
            return self.post(path, body)
        except Refused as e:
            if e.status != 409:
                raise
        return self.get(path, code=body["code"])["items"][0]


class Kept:
    """What a load has done so far, in a file that only its owner reads: a broken one goes on from there."""

    def __init__(self, path):
        self.path = path
        self.all = json.loads(path.read_text()) if path.exists() else {}

    def get(self, name):
        return self.all.get(name)

    def put(self, name, value):
        self.all[name] = value
        write_closed(self.path, self.all)
        return value

    def once(self, name, make):
        return self.all[name] if name in self.all else self.put(name, make())


def write_closed(path, value):
    """At once or not at all, for its owner's eyes."""
    draft = path.with_suffix(".new")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(json.dumps(value, ensure_ascii=False, indent=1) + "\n")
        out.flush()
        os.fsync(out.fileno())
    draft.rename(path)


def open_account(api, kept, tenant, name, code):
    """(client, password) of an account; code() gives an activation code where it was never opened. The
    password is kept before it is used, so that it is known whatever happens in between."""
    key = f"password {tenant}/{name}"
    if kept.get(key) and (client := api.sign_in(tenant, name, kept.get(key))):
        return client, kept.get(key)
    password = kept.put(key, "Renhe-" + secrets.token_urlsafe(9))
    Api(api.base).post("/api/v1/accounts:activate", {"tenant": tenant, "sign_in_name": name,
                                                     "activation_code": code(), "password": password})
    return api.sign_in(tenant, name, password), password


def totp(secret, at=None):
    """The code of an authenticator (RFC 6238: SHA-1, 6 digits, 30 s)."""
    step = int((time.time() if at is None else at) // 30)
    mac = hmac.digest(base64.b32decode(secret + "=" * (-len(secret) % 8)), step.to_bytes(8, "big"), "sha1")
    return f"{(int.from_bytes(mac[mac[19] & 15:][:4], 'big') & 0x7fffffff) % 10**6:06}"


def enrol(client):
    """An authenticator for an account that has none; its secret."""
    secret = client.post("/api/v1/me/totp")["secret"]
    client.post("/api/v1/me/totp:confirm", {"code": totp(secret)})
    return secret


def until(probe, what, seconds=120):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = probe()
        if found:
            return found
        time.sleep(0.1)
    raise SystemExit(f"waited {seconds} s for {what}")


class Progress:
    """One line per step; on a terminal its end moves while it goes on."""

    def __init__(self, out=sys.stderr):
        self.out, self.moving = out, out.isatty()

    def step(self, text):
        self.text, self.start = text, time.monotonic()
        return self

    def __enter__(self):
        if self.moving:
            self.out.write(f"    {self.text} …")
            self.out.flush()
        return self

    def at(self, done, total):
        spent = time.monotonic() - self.start
        if self.moving and total and done and spent > 1:
            self.out.write(f"\r    {self.text} … {100 * done // total} %, {int(done / spent)}/s, "
                           f"{int((total - done) * spent / done)} s \033[K")
            self.out.flush()

    def __exit__(self, kind, *_):
        spent = time.monotonic() - self.start
        state = "ok" if kind is None else "failed"
        self.out.write(f"{chr(13) if self.moving else ''}    {self.text} … {state} ({spent:.1f} s){chr(27) + '[K' if self.moving else ''}\n")
        self.out.flush()
