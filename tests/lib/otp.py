"""An authenticator as tests hold it (RFC 6238: SHA-1, six digits, 30 s)."""
import base64
import hmac
import time

STEP_S = 30


def now_step():
    return int(time.time() // STEP_S)


def code(secret, step=None):
    """The code of a time step; of the current one where none is named."""
    counter = (now_step() if step is None else step).to_bytes(8, "big")
    mac = hmac.digest(base64.b32decode(secret + "=" * (-len(secret) % 8)), counter, "sha1")
    return f"{(int.from_bytes(mac[mac[19] & 15:][:4], 'big') & 0x7fffffff) % 10**6:06}"


def not_of(secret, around=3):
    """Six digits that are no code of a step near now."""
    near = {code(secret, now_step() + i) for i in range(-around, around + 1)}
    return next(c for c in ("123456", "654321", "111111", "908172", "000000", "555555", "271828", "314159") if c not in near)


def rest_of_step(seconds):
    """Waits until the current step has so many seconds left, so that a test is not cut in two."""
    left = STEP_S - time.time() % STEP_S
    if left < seconds:
        time.sleep(left + 0.05)
