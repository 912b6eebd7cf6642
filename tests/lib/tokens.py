"""Tokens as an attacker would make them, and as the installation itself could: with a signing key of
our own that the suite's anchor has signed, any claims can be put under a good signature.

    forge = Forge(suite)                     # a key of ours becomes one of the installation's
    forge.token({"exp": ...}, like=good)     # the good token's claims with some changed
"""
import base64
import hashlib
import hmac
import json
import os
import secrets
import subprocess
import tempfile
import time
from pathlib import Path

import events
from renhe import wait_until

# DER of an Ed25519 private key (RFC 8410) up to the seed.
ED25519_HEAD = bytes.fromhex("302e020100300506032b657004220420")


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def parts(token):
    """Header, claims, signature."""
    head, body, signature = token.split(".")
    return json.loads(unb64(head)), json.loads(unb64(body)), unb64(signature)


def packed(value):
    """JSON text as it is, or of a value."""
    return b64((value if isinstance(value, str) else json.dumps(value)).encode())


def openssl(*args, data=b""):
    done = subprocess.run(["openssl", *args], input=data, capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout


def rsa_key():
    private = openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
    return private, openssl("pkey", "-pubout", data=private)


def signed_by_file(key, data, *args):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "key")
        file.write_bytes(key)
        file.chmod(0o600)
        return openssl(*(a.replace("KEY", str(file)) for a in args), data=data)


def rs256(private, data):
    return signed_by_file(private, data, "dgst", "-sha256", "-sign", "KEY")


def hs256(secret, data):
    return hmac.new(secret, data, hashlib.sha256).digest()


def ed25519(seed, data):
    with tempfile.NamedTemporaryFile() as text:
        text.write(data)
        text.flush()
        der = ED25519_HEAD + seed
        return signed_by_file(der, b"", "pkeyutl", "-sign", "-inkey", "KEY", "-keyform", "DER", "-rawin", "-in", text.name)


def token(header, claims, sign):
    text = f"{packed(header)}.{packed(claims)}"
    return f"{text}.{b64(sign(text.encode()))}"


class Forge:
    """A signing key that the anchor of the suite vouches for, told on the topic of keys."""

    def __init__(self, suite, ends_in_s=3600):
        self.suite = suite
        self.kid = "test-" + secrets.token_hex(6)
        self.private, self.public = rsa_key()
        self.not_after = int(time.time()) + ends_in_s
        self.publish()

    def record(self):
        seed = unb64((self.suite.run_dir / "secrets" / "key_anchor_secret").read_text().strip())[:32]
        pem = self.public.decode()
        text = f"{self.kid}\nRS256\n{self.not_after}\n{pem}"
        return {"kid": self.kid, "alg": "RS256", "public_pem": pem, "not_after": str(self.not_after),
                "signature": b64(ed25519(seed, text.encode()))}

    def publish(self):
        value = events.encode("renhe.identity.SigningKey", self.record())
        secret = (self.suite.run_dir / "kafka" / "secrets" / "identity").read_text().strip()
        settings = {"bootstrap.servers": self.suite.env["RENHE_KAFKA"], "security.protocol": "SASL_PLAINTEXT",
                    "sasl.mechanisms": "PLAIN", "sasl.username": "identity", "sasl.password": secret}
        headers = {"ce_specversion": "1.0", "ce_id": "01900000-0000-7000-8000-" + secrets.token_hex(6),
                   "ce_source": "/renhe/identity", "ce_type": "renhe.identity.key.v1", "ce_subject": self.kid,
                   "ce_time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "content-type": "application/protobuf",
                   "ce_tenant": "01900000-0000-7000-8000-000000000000"}
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "value")
            Path(file).write_bytes(value)
            done = subprocess.run(
                ["kcat", *(a for k, v in settings.items() for a in ("-X", f"{k}={v}")), "-P", "-t", "renhe.identity.key.v1",
                 "-p", "0", "-k", self.kid, *(a for k, v in headers.items() for a in ("-H", f"{k}={v}")), file],
                capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr

    def token(self, changes=None, like=None, header=None, without=(), private=None):
        """Well signed, with the claims of another token but for the changes. header: changes or a whole text."""
        claims = {**parts(like)[1], **(changes or {})}
        for name in without:
            claims.pop(name)
        head = header if isinstance(header, str) else {"alg": "RS256", "typ": "JWT", "kid": self.kid, **(header or {})}
        return token(head, claims, lambda text: rs256(private or self.private, text))

    def text_token(self, claims_text):
        """Well signed, with the claims as text."""
        return token({"alg": "RS256", "typ": "JWT", "kid": self.kid}, claims_text, lambda t: rs256(self.private, t))

    def wait_known(self, clients, like):
        """clients: (client, path), or a function that asks with a token."""
        good = self.token(like=like)
        for one in clients:
            ask = one if callable(one) else lambda t, c=one: c[0].get(c[1], headers={"Authorization": f"Bearer {t}"})
            wait_until(lambda: ask(good).status == 200, 20, "everybody to know the key")
