"""A TLS client whose every step a test decides, with the face of a socket: sendall, recv, shutdown, fileno.
And certificates for it, made by the openssl program."""
import select
import socket
import ssl
import subprocess
import time


def make_certificate(folder, name="localhost", days=30, curve=True):
    """(cert, key) files of a self-signed certificate."""
    cert, key = folder / f"{name}.crt", folder / f"{name}.key"
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"] if curve else ["-newkey", "rsa:2048"]
    subprocess.run(["openssl", "req", "-x509", *kind, "-nodes", "-days", str(days), "-subj", f"/CN={name}",
                    "-addext", f"subjectAltName=DNS:{name},DNS:localhost,IP:127.0.0.1", "-out", cert, "-keyout", key],
                   check=True, capture_output=True)
    key.chmod(0o600)
    return cert, key


def trusting(cert, **more):
    """A context that takes that certificate and no other."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cert)
    for name, value in more.items():
        setattr(context, name, value)
    return context


class TlsSocket:
    def __init__(self, address, context, session=None, shake=True):
        self.sock = socket.create_connection(address, timeout=5)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.got, self.ended = b"", False
        self.inward, self.outward = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.inward, self.outward, server_hostname="localhost", session=session)
        if shake:
            self.step(self.tls.do_handshake)

    def flush(self):
        data = self.outward.read()
        if data:
            self.sock.sendall(data)

    def step(self, act):
        """Runs it to its end, moving bytes as it asks."""
        while True:
            try:
                result = act()
                self.flush()
                return result
            except ssl.SSLWantReadError:
                self.flush()
                got = self.sock.recv(65536)
                if not got:
                    self.inward.write_eof()
                self.inward.write(got)

    def sendall(self, data):
        for at in range(0, len(data), 16384):
            self.tls.write(data[at:at + 16384])
            self.flush()

    def recv(self, n):
        """Up to n bytes, also of what readable() has opened already; b"" at the end."""
        if not self.got and not self.ended:
            try:
                self.got = self.step(lambda: self.tls.read(n))
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                self.ended = True
        first, self.got = self.got[:n], self.got[n:]
        return first

    def readable(self, seconds):
        """Something of the application, or an end. A record of TLS's own is neither."""
        end = time.monotonic() + seconds
        while not self.got and not self.ended:
            try:
                self.got = self.tls.read(65536)
                self.ended = not self.got
            except ssl.SSLWantReadError:
                if not select.select([self.sock], [], [], max(end - time.monotonic(), 0))[0]:
                    return False
                data = self.sock.recv(65536)
                self.inward.write(data) if data else self.inward.write_eof()
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                self.ended = True
        return True

    def shutdown(self, how):
        """close_notify, while what the other side sends can still be read."""
        assert how == socket.SHUT_WR
        try:
            self.tls.unwrap()
        except ssl.SSLWantReadError:
            pass
        self.flush()

    def settimeout(self, seconds):
        self.sock.settimeout(seconds)

    def setsockopt(self, *args):
        self.sock.setsockopt(*args)

    def fileno(self):
        return self.sock.fileno()

    def close(self):
        self.sock.close()
