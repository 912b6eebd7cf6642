"""A consumer of sealed topics as another program would be one: libsodium, its own pair, its own keys of persons.

    payroll = Consumer("payroll")
    give_keys(suite, payroll.line)                  # archive's setting, and its restart
    payroll.take(suite, "renhe.archive.identity_private.v1", "renhe.archive.IdentityPrivate")
    payroll.person(key)["id_number"]
"""
import base64
import ctypes
import ctypes.util
import hashlib

import events

SODIUM = ctypes.CDLL(ctypes.util.find_library("sodium") or "libsodium.so.23")
assert SODIUM.sodium_init() >= 0
SEAL_EXTRA, NONCE, KEY, MAC = 48, 24, 32, 16


def base64url(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def random_bytes(n):
    out = ctypes.create_string_buffer(n)
    SODIUM.randombytes_buf(out, ctypes.c_size_t(n))
    return out.raw


class Consumer:
    def __init__(self, name):
        self.name = name
        public, secret = ctypes.create_string_buffer(KEY), ctypes.create_string_buffer(KEY)
        assert SODIUM.crypto_box_keypair(public, secret) == 0
        self.public, self.secret = public.raw, secret.raw
        self.key_id = hashlib.sha256(self.public).hexdigest()[:16]
        # What it keeps: values sealed under a key of the person, and those keys apart from them.
        self.stored, self.person_keys = {}, {}

    @property
    def line(self):
        return f"{self.name} {base64url(self.public)}"

    def unseal(self, sealed):
        """The packed message, or None."""
        out = ctypes.create_string_buffer(max(1, len(sealed) - SEAL_EXTRA))
        done = SODIUM.crypto_box_seal_open(out, sealed, ctypes.c_ulonglong(len(sealed)), self.public, self.secret)
        return out.raw[:len(sealed) - SEAL_EXTRA] if done == 0 else None

    def mine(self, value):
        """The sealed bytes for this consumer's key in a record's value, or None."""
        for one in events.decode("renhe.SealedValue", value).get("envelopes", []):
            if (one["consumer"], one["key_id"]) == (self.name, self.key_id):
                return base64.b64decode(one["sealed"])
        return None

    def open(self, message, value):
        """The message as a dict, or None where it is not for this key."""
        sealed = self.mine(value)
        clear = sealed and self.unseal(sealed)
        return events.decode(message, clear) if clear is not None else None

    # ---- what it keeps ----

    def keep(self, key, clear):
        nonce, person = random_bytes(NONCE), self.person_keys.setdefault(key, random_bytes(KEY))
        out = ctypes.create_string_buffer(len(clear) + MAC)
        assert SODIUM.crypto_secretbox_easy(out, clear, ctypes.c_ulonglong(len(clear)), nonce, person) == 0
        self.stored[key] = nonce + out.raw

    def forget(self, key):
        """The key goes; what was sealed under it may stay in a backup."""
        self.person_keys.pop(key, None)

    def take(self, suite, topic, message):
        """All that stands in the topic now, in order; newer versions replace older ones."""
        seen = {}
        for event in suite.events(topic):
            key = event.key.decode()
            if event.value is None:
                self.forget(key)
                seen.pop(key, None)
                continue
            sealed = self.mine(event.value)
            if sealed is None:
                continue
            clear = self.unseal(sealed)
            version = int(events.decode(message, clear)["version"])
            if version >= seen.get(key, 0):
                seen[key] = version
                self.keep(key, clear)
        self.message = message
        return seen

    def person(self, key):
        """What it knows of one; None once the person's key is gone."""
        if key not in self.person_keys:
            return None
        sealed = self.stored[key]
        out = ctypes.create_string_buffer(len(sealed) - NONCE - MAC)
        done = SODIUM.crypto_secretbox_open_easy(out, sealed[NONCE:], ctypes.c_ulonglong(len(sealed) - NONCE), sealed[:NONCE],
                                                 self.person_keys[key])
        return events.decode(self.message, out.raw) if done == 0 else None


def give_keys(suite, *lines):
    """The setting of archive, and a restart of it."""
    (suite.run_dir / "consumer_keys").write_text("".join(line + "\n" for line in lines))
    restart(suite, "archive")


def restart(suite, name):
    suite.control("restart", name)
    suite.wait_ready(name)
