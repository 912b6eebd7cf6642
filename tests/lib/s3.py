#!/usr/bin/python3
"""An S3-compatible store in memory that trusts nobody: it computes every signature (AWS Signature Version 4) anew from
the bytes of the request, and can be slow, out of order, or gone.

In a test: with Store() as store. As a program, for tests/unit/test_blob*.c: s3.py FOLDER writes FOLDER/ports and ends
when its stdin does; it takes orders at its second port (Handler.simulate).
"""
import hashlib
import hmac
import http.server
import sys
import threading
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote
from xml.sax.saxutils import escape

ACCESS_KEY, SECRET_KEY, REGION, BUCKET = "AKIDRENHETESTS", "s3cr3t/of+the=tests", "cn-north-1", "people-files"
EMPTY = hashlib.sha256(b"").hexdigest()


# ---- the signature, from the documents of "Authenticating Requests (AWS Signature Version 4)" ----

def canonical_request(method, target, headers, signed, payload_hash):
    path, _, query = target.partition("?")
    path = "/".join(quote(unquote(part), safe="-_.~") for part in path.split("/"))
    pairs = sorted((quote(k, safe="-_.~"), quote(v, safe="-_.~")) for k, v in parse_qsl(query, keep_blank_values=True))
    lines = [f"{name}:{' '.join(headers[name].split())}" for name in signed]
    return "\n".join([method, path, "&".join(f"{k}={v}" for k, v in pairs), *lines, "", ";".join(signed), payload_hash])


def signature(secret, date, region, request):
    def mac(key, text):
        return hmac.new(key, text.encode(), hashlib.sha256).digest()
    key = mac(mac(mac(mac(b"AWS4" + secret.encode(), date[:8]), region), "s3"), "aws4_request")
    text = "\n".join(["AWS4-HMAC-SHA256", date, f"{date[:8]}/{region}/s3/aws4_request",
                      hashlib.sha256(request.encode()).hexdigest()])
    return mac(key, text).hex()


class Refused(Exception):
    def __init__(self, status, code):
        super().__init__(code)
        self.status, self.code = status, code


def judge(method, target, headers, body):
    """Raises Refused where the store would."""
    kind, _, rest = headers.get("authorization", "").partition(" ")
    if kind != "AWS4-HMAC-SHA256":
        raise Refused(403, "AccessDenied")
    given = dict(part.strip().split("=", 1) for part in rest.split(","))
    access, date, region, service, last = given["Credential"].split("/")
    signed = given["SignedHeaders"].split(";")
    if access != ACCESS_KEY:
        raise Refused(403, "InvalidAccessKeyId")
    if (region, service, last) != (REGION, "s3", "aws4_request") or signed != sorted(signed):
        raise Refused(400, "AuthorizationHeaderMalformed")
    if any(name not in headers for name in signed) or any(
            name not in signed for name in headers if name == "host" or name.startswith("x-amz-")):
        raise Refused(403, "AccessDenied")
    stamp = headers["x-amz-date"]
    then = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    if stamp[:8] != date or abs(datetime.now(timezone.utc) - then) > timedelta(minutes=15):
        raise Refused(403, "RequestTimeTooSkewed")
    claimed = headers["x-amz-content-sha256"]
    if claimed != hashlib.sha256(body).hexdigest():  # UNSIGNED-PAYLOAD too: what is stored must have been signed
        raise Refused(400, "XAmzContentSHA256Mismatch")
    due = signature(SECRET_KEY, stamp, region, canonical_request(method, target, headers, signed, claimed))
    if not hmac.compare_digest(due, given["Signature"]):
        raise Refused(403, "SignatureDoesNotMatch")


# ---- the store ----

class Store:
    """objects: key -> (bytes, last modified). mode: good, late (a second), slow, error, slow-down, drop (after the body), denied,
    unread (503 to whoever reads)."""

    def __init__(self, page=1000):
        self.objects, self.mode, self.asked, self.page = {}, "good", [], page
        self.lock = threading.Lock()
        store = self

        class Bound(Handler):
            of = store
        # The second one is for orders to the simulator: a client that leaves the first one alone still reaches it.
        self.servers = [Server(("127.0.0.1", 0), Bound) for _ in range(2)]
        self.port, self.control = (s.server_address[1] for s in self.servers)
        self.url = f"http://127.0.0.1:{self.port}/{BUCKET}"

    def __enter__(self):
        for server in self.servers:
            threading.Thread(target=server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        for server in self.servers:
            server.shutdown()
            server.server_close()

    def settings(self):
        return {"RENHE_BLOB_S3_URL": self.url, "RENHE_BLOB_S3_REGION": REGION, "RENHE_BLOB_S3_ACCESS_KEY": ACCESS_KEY,
                "RENHE_BLOB_S3_SECRET_KEY": SECRET_KEY, "RENHE_OUTBOUND_INNER": f"127.0.0.1:{self.port}"}

    def listing(self, query):
        prefix, after = query.get("prefix", ""), query.get("continuation-token", "")
        keys = sorted(k for k in self.objects if k.startswith(prefix) and k > unquote(after))
        page, more = keys[:self.page], len(keys) > self.page
        rows = "".join(f"<Contents><Key>{escape(k)}</Key><LastModified>"
                       f"{datetime.fromtimestamp(self.objects[k][1], timezone.utc):%Y-%m-%dT%H:%M:%S}.000Z</LastModified>"
                       f"<Size>{len(self.objects[k][0])}</Size></Contents>" for k in page)
        token = f"<NextContinuationToken>{escape(quote(page[-1], safe=''))}</NextContinuationToken>" if more else ""
        return (f'<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
                f"<Name>{BUCKET}</Name><IsTruncated>{str(more).lower()}</IsTruncated>{token}{rows}</ListBucketResult>").encode()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # clients that leave


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    of = None

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", kind="application/xml"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, status, code):
        self.answer(status, f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>no</Message></Error>'.encode())

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.startswith("/_sim/"):
            return self.simulate(body, *self.path.split("/")[2:])
        self.of.asked.append((self.command, self.path))
        try:
            self.misbehave()
            judge(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            self.serve(body)
        except Refused as e:
            self.refuse(e.status, e.code)
        return None

    do_GET = do_PUT = do_DELETE = do_POST = handle_any

    def misbehave(self):
        mode = self.of.mode
        if mode in ("late", "slow"):
            time.sleep(1 if mode == "late" else 3)
        elif mode == "error":
            raise Refused(500, "InternalError")
        elif mode == "slow-down" or (mode == "unread" and self.command == "GET"):
            raise Refused(503, "SlowDown")
        elif mode == "denied":
            raise Refused(403, "AccessDenied")

    def serve(self, body):
        path, _, query = self.path.partition("?")
        bucket, _, key = unquote(path)[1:].partition("/")
        if bucket != BUCKET:
            raise Refused(404, "NoSuchBucket")
        with self.of.lock:
            if not key:
                self.answer(200, self.of.listing(dict(parse_qsl(query))))
            elif self.command == "PUT":
                self.of.objects[key] = body, time.time()
                if self.of.mode == "drop":
                    self.close_connection = True
                else:
                    self.answer(200)
            elif self.command == "DELETE":
                self.of.objects.pop(key, None)
                self.answer(204)
            elif key not in self.of.objects:
                raise Refused(404, "NoSuchKey")
            else:
                self.answer(200, self.of.objects[key][0], "application/octet-stream")

    def simulate(self, body, what, *rest):
        """mode/MODE, page/N, age/KEY (by two hours), keys, asked; bytes/KEY, put/KEY with a body, and drop/KEY, unsigned"""
        store, arg, said = self.of, "/".join(rest), b""
        with store.lock:
            if what == "mode":
                store.mode = arg
            elif what == "page":
                store.page = int(arg)
            elif what == "age":
                store.objects[arg] = store.objects[arg][0], store.objects[arg][1] - 7200
            elif what == "put":
                store.objects[arg] = body, time.time()
            elif what == "drop":
                del store.objects[arg]
            elif what == "bytes":
                said = store.objects[arg][0]
            elif what == "keys":
                said = "\n".join(sorted(store.objects)).encode()
            elif what == "asked":
                said = str(len(store.asked)).encode()
        self.answer(200, said, "text/plain")


def main():
    folder = Path(sys.argv[1])
    with Store() as store:
        (folder / "ports.new").write_text(f"s3 {store.port}\ncontrol {store.control}\n")
        (folder / "ports.new").rename(folder / "ports")
        sys.stdin.read()


if __name__ == "__main__":
    main()
