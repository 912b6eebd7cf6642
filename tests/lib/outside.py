#!/usr/bin/python3
"""A host outside, as bad as hosts are: slow, cut off, endless, leading elsewhere, with other people's certificates.

Run as a program by tests/unit/test_outbound.c: outside.py FOLDER. Writes FOLDER/ports (one line each: name port) and
FOLDER/ca.pem, and ends when its stdin does.
"""
import http.server
import ssl
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

SEEN = Counter()      # requests by method and path
STATE = {"flip": 200}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def setup(self):
        super().setup()
        self.before = 0  # requests on this connection

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def drop(self):
        self.close_connection = True

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, rest = self.path.partition("?")
        SEEN[f"{self.command} {path}"] += 1
        self.before += 1
        first = path.split("/")[1].replace("-", "_")
        getattr(self, "on_" + first, self.on_nowhere)(path, rest, body)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_any

    def on_nowhere(self, *_):
        self.answer(404, b"nowhere")

    def on_ok(self, *_):
        self.answer(200, b"good", X_Before=str(self.before - 1), X_Spaces="  a b \t")

    def on_echo(self, path, rest, body):
        """What was asked: the request line, the headers, a blank line, the body."""
        head = f"{self.requestline}\n" + "".join(f"{k.lower()}: {v}\n" for k, v in self.headers.items())
        self.answer(200, head.encode() + b"\n" + body)

    def on_count(self, path, rest, body):
        self.answer(200, str(SEEN[rest.replace("+", " ")]).encode())

    def on_status(self, path, rest, body):
        self.answer(int(path.split("/")[2]), b"said")

    def on_set(self, path, rest, body):
        STATE["flip"] = int(rest)
        self.answer(200)

    def on_flip(self, *_):
        self.answer(STATE["flip"], b"flip")

    def on_slow_head(self, *_):
        time.sleep(2)
        self.answer(200)

    def on_slow_body(self, *_):
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        try:
            for _ in range(20):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.1)
        except OSError:
            pass
        self.drop()

    def on_big(self, path, rest, body):
        self.answer(200, b"b" * int(rest))

    def on_endless(self, *_):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for _ in range(100000):
                self.wfile.write(b"400\r\n" + b"e" * 1024 + b"\r\n")
        except OSError:
            STATE["cut_off"] = True
        self.drop()

    def on_heads(self, *_):
        self.answer(200, **{f"X_{i}": "h" * 1000 for i in range(60)})

    def on_redirect(self, path, rest, body):
        self.answer(302, b"", Location=rest)

    def on_drop(self, *_):
        self.drop()

    def on_drop_once(self, path, rest, body):
        if SEEN[f"{self.command} {path}"] == 1:
            self.drop()
        else:
            self.answer(200, b"again")

    def on_drop_kept(self, *_):
        """The first request of a connection is answered, the second is taken and the connection closed."""
        if self.before > 1:
            self.drop()
        else:
            self.answer(200)

    def on_cut(self, *_):
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"ten bytes.")
        self.drop()

    def on_junk(self, *_):
        self.wfile.write(b"\x00\x01 no answer of HTTP\r\n\r\n")
        self.drop()

    def on_interim(self, *_):
        self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n")
        self.answer(200, b"late", X_Late="1")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # clients that leave


def start(context=None):
    server = Server(("127.0.0.1", 0), Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def certified(folder, name, alternatives, **versions):
    cert, key = folder / f"{name}.crt", folder / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", f"/CN={name}", "-addext", f"subjectAltName={alternatives}", "-out", cert, "-keyout", key],
                   check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context, cert.read_text()


def main():
    folder = Path(sys.argv[1])
    good, good_pem = certified(folder, "good", "DNS:localhost,IP:127.0.0.1")
    other, other_pem = certified(folder, "other", "DNS:other.example")
    stranger, _ = certified(folder, "stranger", "DNS:localhost,IP:127.0.0.1")
    (folder / "ca.pem").write_text(good_pem + other_pem)
    ports = {"plain": start(), "inner": start(), "good": start(good), "other": start(other), "stranger": start(stranger)}
    (folder / "ports.new").write_text("".join(f"{name} {port}\n" for name, port in ports.items()))
    (folder / "ports.new").rename(folder / "ports")
    sys.stdin.read()


if __name__ == "__main__":
    main()
