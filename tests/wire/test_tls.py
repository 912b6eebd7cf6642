"""The HTTP front under TLS: the same bytes mean the same, old and weak TLS is refused (O01), handshakes have
their deadline, and a new certificate takes over without a failed request (F39)."""
import hashlib
import os
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time

import pytest

import play
from test_wire import Echo, GET, echo_binary, read_answers, read_to_end  # noqa: F401  (echo_binary: a fixture)
from tls_client import TlsSocket, make_certificate, trusting


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def tls(echo_binary, certificate, tmp_path):  # noqa: F811
    """tls(head=2): an http_echo under TLS. Ends clean, with all its memory given back."""
    made = []

    def make(files=certificate, **settings):
        process = Echo.__new__(Echo)
        words = [f"{k}={v}" for k, v in {"cert": files[0], "key": files[1], **settings}.items()]
        process.process = subprocess.Popen([echo_binary, "127.0.0.1:0", str(settings.pop("threads", 2)), *words],
                                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.unix = None
        line = process.process.stdout.readline()
        assert line, process.process.communicate()[1].decode()
        process.address = ("127.0.0.1", int(line))
        process.context = trusting(files[0])
        made.append(process)
        return process
    yield make
    for e in made:
        e.end()


def ask(e, context=None, request=GET):
    s = TlsSocket(e.address, context or e.context)
    s.sendall(request)
    statuses, bodies = read_answers(s, 1)
    s.close()
    return statuses[0], bodies[0]


# ---- the same meaning ----

def test_raw_cases(tls):
    """All byte-exact cases whole; each tenth also in single bytes and in two."""
    e = tls()
    address, cases = (*e.address, e.context), play.all_cases()
    failures, n, _ = play.run(address, "none", 16, cases)
    assert n > 400 and not failures, "\n".join(failures[:40])
    failures, _, played = play.run(address, "some", 16, cases[::10])
    print(f"{n} cases whole, {played} forms of a tenth of them")
    assert not failures, "\n".join(failures[:40])


@pytest.mark.parametrize("size", [0, 1, 8191, 16384, 16385, 60000, 1 << 20, 5000000])
@pytest.mark.parametrize("coding", ["length", "chunked"])
def test_bodies_both_ways(tls, size, coding):
    """What a record holds beyond the room at hand isn't forgotten; /big answers more than one record."""
    e, body = tls(), os.urandom(size)
    head = b"POST /upload HTTP/1.1\r\nHost: a\r\n"
    if coding == "length":
        data = head + b"Content-Length: %d\r\n\r\n" % size + body
    else:
        data = head + b"Transfer-Encoding: chunked\r\n\r\n" + (b"%x\r\n%s\r\n" % (size, body) if size else b"") + b"0\r\n\r\n"
    s = TlsSocket(e.address, e.context)
    for _ in range(2):
        s.sendall(data)
        (status,), (answer,) = read_answers(s, 1, 20)
        assert status == 200 and b'"body_bytes":%d,' % size in answer
        s.sendall(b"GET /big/%d HTTP/1.1\r\nHost: a\r\n\r\n" % size)
        (status,), (answer,) = read_answers(s, 1, 20)
        assert status == 200 and len(answer) == size
    s.close()


def test_pipelined_in_order(tls):
    e = tls()
    s = TlsSocket(e.address, e.context)
    s.sendall(b"".join(b"GET /p/%d HTTP/1.1\r\nHost: a\r\n\r\n" % i for i in range(500)))
    _, bodies = read_answers(s, 500, 20)
    assert all(b'"/p/%d"' % i in body for i, body in enumerate(bodies))
    s.close()


def test_slow_reader_of_a_large_answer(tls):
    e = tls()
    s = TlsSocket(e.address, e.context)
    s.sendall(b"GET /big/50000000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    time.sleep(0.5)
    assert ask(e)[0] == 200  # others have their turn
    got, digest = 0, hashlib.sha256()
    while chunk := s.recv(65536):
        got += len(chunk)
        digest.update(chunk)
    s.close()
    assert 50000000 < got < 50001000


def test_an_end_that_nobody_said_is_none(tls):
    """A body cut off by TCP alone is no body, were it as long as it should be: who cuts may not be the
    caller. One that ends with close_notify is answered."""
    e = tls()
    s = TlsSocket(e.address, e.context)
    s.sendall(GET[:20])
    s.sock.shutdown(socket.SHUT_WR)
    assert read_to_end(s.sock, 5)[0].find(b"HTTP/1.1") < 0
    s.close()
    s = TlsSocket(e.address, e.context)
    s.sendall(GET[:20])
    s.shutdown(socket.SHUT_WR)
    assert s.recv(65536).startswith(b"HTTP/1.1 400")
    s.close()


def test_every_answer_says_https(tls):
    e = tls()
    for request in (GET, b"GET / HTTP/1.1\r\n\r\n", b"OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n"):
        s = TlsSocket(e.address, e.context)
        s.sendall(request)
        assert b"\r\nStrict-Transport-Security: max-age=31536000\r\n" in s.recv(65536)
        s.close()


# ---- which TLS ----

def shakes(e, *options):
    """What openssl s_client says of a handshake with these options; None where it fails."""
    done = subprocess.run(["openssl", "s_client", "-connect", "%s:%d" % e.address, *options], input=b"",
                          capture_output=True, timeout=20)
    text = done.stdout.decode(errors="replace")
    ok = done.returncode == 0 and "Cipher is (NONE)" not in text
    return text if ok else None


@pytest.mark.parametrize("options", [
    ["-tls1"], ["-tls1_1"], ["-tls1", "-cipher", "ALL:@SECLEVEL=0"], ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"],
    *[["-tls1_2", "-cipher", suite + ":@SECLEVEL=0"] for suite in (
        "AES128-GCM-SHA256", "AES128-SHA", "AES256-SHA256", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384",
        "ECDHE-RSA-AES128-SHA", "DHE-RSA-AES128-GCM-SHA256", "aNULL", "eNULL", "PSK", "CAMELLIA", "ARIA")],
    ["-alpn", "h2"], ["-alpn", "h2,spdy/3"], ["-groups", "P-521"],
    ["-sigalgs", "ECDSA+SHA1", "-tls1_2", "-cipher", "ALL:@SECLEVEL=0"]], ids=" ".join)
def test_weak_tls_is_refused(tls, options):
    e = tls()
    assert shakes(e, *options) is None
    assert shakes(e) is not None


@pytest.mark.parametrize("options, said", [
    (["-tls1_3"], "TLSv1.3"), (["-tls1_2"], "ECDHE-ECDSA"), (["-tls1_2", "-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305"], "CHACHA20"),
    (["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384"], "AES256-GCM"), (["-alpn", "h2,http/1.1"], "ALPN protocol: http/1.1"),
    (["-groups", "P-256"], "prime256v1"), (["-groups", "X25519"], "X25519"), ([], "Compression: NONE")], ids=str)
def test_modern_tls_is_taken(tls, options, said):
    assert said in shakes(tls(), *options)


def test_rsa_certificates_too(tls, tmp_path):
    files = make_certificate(tmp_path, curve=False)
    e = tls(files)
    assert ask(e)[0] == 200
    assert "ECDHE-RSA-AES128-GCM-SHA256" in shakes(e, "-tls1_2")


def test_no_renegotiation(tls):
    """Asked for by the client, in TLS 1.2: refused, and the connection serves nobody twice."""
    e = tls()
    done = subprocess.run(["openssl", "s_client", "-tls1_2", "-connect", "%s:%d" % e.address],
                          input=b"R\n", capture_output=True, timeout=20)
    assert b"renegotiation" in (done.stderr + done.stdout).lower()
    assert b"no renegotiation" in done.stderr.lower() or b"handshake failure" in done.stderr.lower()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tickets_until_the_keys_change(tls, version):
    e = tls()
    context = trusting(e_cert(e), maximum_version=version)
    first = TlsSocket(e.address, context)
    first.sendall(GET)
    read_answers(first, 1)
    session = first.tls.session
    again = TlsSocket(e.address, context, session)
    assert session and not first.tls.session_reused and again.tls.session_reused
    assert session.ticket_lifetime_hint <= 3600
    again.sendall(GET)
    assert read_answers(again, 1)[0] == [200]
    e.process.send_signal(signal.SIGHUP)  # a new certificate has new keys
    wait(lambda: not TlsSocket(e.address, context, session).tls.session_reused)


def e_cert(e):
    return next(word[5:] for word in e.process.args if word.startswith("cert="))


def wait(probe, seconds=5):
    end = time.monotonic() + seconds
    while not probe():
        assert time.monotonic() < end
        time.sleep(0.05)


# ---- bounds ----

def closed_after(s, seconds):
    _, after = read_to_end(s, seconds)
    return after


def test_a_handshake_has_its_deadline(tls):
    """Nothing said; a hello that trickles; a whole one without its end: closed at the head's time."""
    e = tls(head=2)
    hello = TlsSocket(e.address, e.context, shake=False)
    try:
        hello.tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    data = hello.outward.read()
    silent, half, whole = [socket.create_connection(e.address) for _ in range(3)]
    half.sendall(data[:50])
    whole.sendall(data)
    trickle = socket.create_connection(e.address)
    stop = threading.Event()

    def drip():
        for i in range(len(data)):
            try:
                trickle.sendall(data[i:i + 1])
            except OSError:
                return
            if stop.wait(0.05):
                return
    thread = threading.Thread(target=drip)
    thread.start()
    begin = time.monotonic()
    for s in (silent, half, whole, trickle):
        assert closed_after(s, 6) is not None
        assert time.monotonic() - begin < 3.5
    stop.set()
    thread.join()
    assert time.monotonic() - begin > 1.5
    assert ask(e)[0] == 200


def test_handshakes_do_not_keep_others_out(tls):
    """With every place taken by callers who never finish, a good one gets in within seconds."""
    e = tls(connections=50, head=60)
    stuck = [socket.create_connection(e.address) for _ in range(120)]
    begin = time.monotonic()
    assert ask(e)[0] == 200
    assert time.monotonic() - begin < 10
    for s in stuck:
        s.close()


def test_garbage_and_resets(tls):
    """In the middle of a handshake and of a record: the server goes on, and keeps no descriptor."""
    e = tls()
    pieces = [b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", os.urandom(300), b"\x16\x03\x01\xff\xff", b"\x16\x03\x01\x00\x05hello",
              b"\x80\x2e\x01\x00\x02", b""]
    for i in range(600):
        s = socket.create_connection(e.address)
        s.sendall(pieces[i % len(pieces)])
        play.reset(s)
    for i in range(100):
        s = TlsSocket(e.address, e.context)
        s.sendall(GET)
        if i % 2:
            s.sock.sendall(os.urandom(100))  # a record that nobody sealed
        play.reset(s.sock)
    assert ask(e)[0] == 200
    before = e.fds()
    wait(lambda: e.fds() <= min(before, 20))


# ---- a new certificate ----

def test_a_new_certificate_takes_over(tls, tmp_path):
    """While others ask all the time, none fails; what can't be read changes nothing (F39)."""
    folder = tmp_path / "live"
    folder.mkdir()
    old, new = make_certificate(tmp_path, "old.example"), make_certificate(tmp_path, "new.example")
    files = (folder / "cert.pem", folder / "key.pem")

    def put(pair):
        for source, target in zip(pair, files):
            shutil.copy(source, target)
            target.chmod(0o600)
    put(old)
    e = tls(files)
    either = trusting(old[0])
    either.load_verify_locations(new[0])
    stop, statuses, errors = threading.Event(), [], []

    def go_on():
        while not stop.is_set():
            try:
                statuses.append(ask(e, either)[0])
            except Exception as error:  # any failure is the finding
                errors.append(error)
    kept = TlsSocket(e.address, either)
    threads = [threading.Thread(target=go_on) for _ in range(4)]
    for t in threads:
        t.start()
    for pair, name in ((new, "new"), (old, "old"), (new, "new")):
        put(pair)
        e.process.send_signal(signal.SIGHUP)
        wait(lambda: subject(e, either) == f"{name}.example")
    files[1].write_bytes(b"no key")
    e.process.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    shutil.copy(old[1], files[1])  # the key of another certificate
    e.process.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    assert subject(e, either) == "new.example"
    stop.set()
    for t in threads:
        t.join()
    kept.sendall(GET)  # open since before
    assert read_answers(kept, 1)[0] == [200]
    assert not errors and set(statuses) == {200} and len(statuses) > 10


def subject(e, context):
    s = TlsSocket(e.address, context)
    found = dict(pair[0] for pair in s.tls.getpeercert()["subject"])["commonName"]
    s.close()
    return found


def test_files_that_can_not_serve(echo_binary, certificate, tmp_path):  # noqa: F811
    """Each stops the start with the file's name, and never with its content."""
    other = make_certificate(tmp_path, "other.example")
    readable = tmp_path / "readable.key"
    shutil.copy(certificate[1], readable)
    readable.chmod(0o644)
    weak = tmp_path / "weak.crt", tmp_path / "weak.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-subj", "/CN=weak", "-out", weak[0],
                    "-keyout", weak[1]], check=True, capture_output=True)
    empty = tmp_path / "empty"
    empty.write_bytes(b"")
    empty.chmod(0o600)
    for cert, key, named in ((certificate[0], other[1], other[1]), (certificate[0], readable, readable),
                             (tmp_path / "none", certificate[1], tmp_path / "none"), (empty, certificate[1], empty),
                             (certificate[0], empty, empty), (*weak, weak[0])):
        done = subprocess.run([echo_binary, "127.0.0.1:0", "0", f"cert={cert}", f"key={key}"], capture_output=True, timeout=20)
        assert done.returncode == 69 and str(named).encode() in done.stderr, (cert, key, done.stderr)
        assert b"PRIVATE" not in done.stderr
