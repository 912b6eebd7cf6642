"""What an Idempotency-Key promises to callers who can't know what became of their request: one effect,
whatever is repeated, in parallel or after a crash between the commit and the answer."""
import collections
import http.client
import random
import signal
import threading
import time
import zlib

import pytest

from hires import PATH, hires
from http_client import KeptClient
from renhe import wait_until

SEED = random.SystemRandom().randrange(10**6)
PARALLEL = 100


@pytest.fixture
def hr(own_suite):
    return own_suite.sign_in_as("HR", "demo")


@pytest.fixture
def hire(hr, request):
    """A hire of its own for each test."""
    prefix = f"I{SEED:06}{zlib.crc32(request.node.name.encode()) % 1000:03}"
    return hires(hr, 1, SEED, prefix)[0]


def standing(suite, number):
    return int(suite.psql_all("archive", f"select count(*) from employee where employee_number = '{number}'")[0][0])


def post(hr, hire, **kw):
    return hr.post(PATH, kw.pop("body", hire.body), key=kw.pop("key", hire.key), **kw)


# ---- in parallel ----

def at_once(hr, count, send):
    """What send(client) returned for each of so many clients that all start together."""
    gate, answers = threading.Barrier(count), []

    def work():
        client = KeptClient(hr.url, hr.token, timeout=60)
        client.get("/api/v1/me").expect(200)  # the connection stands
        gate.wait()
        answers.append(send(client))
    threads = [threading.Thread(target=work) for _ in range(count)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(answers) == count
    return answers


def test_a_hundred_at_once_have_one_effect(own_suite, hr, hire, figure):
    answers = at_once(hr, PARALLEL, lambda client: post(client, hire))
    made = [a for a in answers if a.status == 201]
    others = [a for a in answers if a.status != 201]
    assert {(a.status, a.code) for a in others} <= {(409, "IDEMPOTENCY_IN_PROGRESS")}
    assert sum("idempotency-replayed" not in a.headers for a in made) == 1
    assert len({a.body for a in made}) == 1
    assert standing(own_suite, hire.number) == 1
    figure(f"{PARALLEL} at once: {len(made)} times 201 with one body, {len(others)} times 409 (seed {SEED})")


def test_a_hundred_keys_for_one_number_have_one_effect(own_suite, hr, hire):
    """The counterpart: with other keys it is the unique number that refuses the others."""
    keys = iter([f"{hire.key}-{i}" for i in range(PARALLEL)])
    answers = at_once(hr, PARALLEL, lambda client: post(client, hire, key=next(keys)))
    found = collections.Counter((a.status, a.code) for a in answers)
    assert found.pop((201, None)) == 1
    assert set(found) <= {(409, "EMPLOYEE_NUMBER_TAKEN"), (409, "ID_NUMBER_TAKEN")}, found
    assert standing(own_suite, hire.number) == 1


# ---- with another body, by another account ----

def test_another_body_under_the_key_is_refused(own_suite, hr, hire):
    post(hr, hire).expect(201)
    other = {**hire.body, "employee_number": hire.number + "X"}
    refused = post(hr, hire, body=other).expect(422)
    assert refused.code == "IDEMPOTENCY_KEY_REUSED" and "idempotency-replayed" not in refused.headers
    assert standing(own_suite, hire.number + "X") == 0
    assert post(hr, hire).expect(201).headers["idempotency-replayed"] == "true"


def test_a_refusal_is_not_stored(own_suite, hr, hire):
    post(hr, hire, body={**hire.body, "hire_date": "2025-02-30"}).expect(400, 422)
    assert "idempotency-replayed" not in post(hr, hire).expect(201).headers
    assert standing(own_suite, hire.number) == 1


def test_a_key_is_its_owners(own_suite, hr, hire):
    """Another company's HR uses the same key: another request, and none of the stored answer."""
    made = post(hr, hire).expect(201)
    stranger = own_suite.sign_in_as("HR", "second")
    theirs = post(stranger, hires(stranger, 1, SEED, "J" + hire.number[1:10])[0], key=hire.key).expect(201)
    assert "idempotency-replayed" not in theirs.headers and theirs.json["id"] != made.json["id"]


# ---- killed around the commit ----

HOLD = """
create function test_hold() returns trigger language plpgsql as $$
begin perform pg_sleep(2); return null; end $$;
create constraint trigger test_hold after insert on idempotency deferrable initially deferred
for each row when (new.key = '{key}') execute function test_hold()"""
RELEASE = "drop trigger if exists test_hold on idempotency; drop function if exists test_hold()"
AT_COMMIT = """select pid from pg_stat_activity where datname = 'archive' and usename = 'archive_app'
and wait_event = 'PgSleep'"""


@pytest.fixture
def held(own_suite, hire):
    """The commit of this hire takes 2 s: its constraints are checked only then."""
    own_suite.psql_all("archive", HOLD.format(key=hire.key))
    yield
    own_suite.psql_all("archive", RELEASE)


class Asking(threading.Thread):
    def __init__(self, hr, hire):
        super().__init__(daemon=True)
        self.hr, self.hire, self.answer = hr, hire, None
        self.start()

    def run(self):
        try:
            self.answer = post(self.hr, self.hire)
        except (OSError, http.client.HTTPException):
            pass  # cut off: the caller knows nothing


def committing(suite):
    """pid of the backend that is at the commit."""
    return wait_until(lambda: suite.psql_all("archive", AT_COMMIT), 10, "the commit", every=0.02)[0][0]


def stored(suite, hire):
    return suite.psql_all("archive", f"select status from idempotency where key = '{hire.key}'")


def repeat(hr, hire):
    """As a caller would: until the answer is no passing trouble."""
    def once():
        try:
            answer = post(hr, hire)
        except (OSError, http.client.HTTPException):
            return None
        return answer if answer.status not in (409, 502, 503, 504) else None
    return wait_until(once, 60, "an answer", every=0.1)


def test_killed_between_commit_and_answer(own_suite, hr, hire, held, figure):
    """The answer is lost with the process; the repeat has it from the store."""
    first = Asking(hr, hire)
    committing(own_suite)
    own_suite.kill("archive", signal.SIGSTOP)
    wait_until(lambda: stored(own_suite, hire), 30, "the commit to be done")
    start = time.monotonic()
    own_suite.kill("archive")
    answer = repeat(hr, hire).expect(201)
    assert answer.headers.get("idempotency-replayed") == "true"
    figure(f"killed between commit and answer: the stored answer {time.monotonic() - start:.1f} s after the kill")
    first.join(60)
    assert first.answer is None or first.answer.status in (502, 503, 504) or first.answer.body == answer.body
    assert standing(own_suite, hire.number) == 1


def test_killed_before_the_commit(own_suite, hr, hire, held):
    """The counterpart: nothing was done, so nothing is stored, and the repeat does it."""
    first = Asking(hr, hire)
    backend = committing(own_suite)
    own_suite.kill("archive", signal.SIGSTOP)
    own_suite.psql_all("archive", f"select pg_terminate_backend({backend})")
    own_suite.psql_all("archive", RELEASE)
    assert not stored(own_suite, hire) and standing(own_suite, hire.number) == 0
    own_suite.kill("archive")
    answer = repeat(hr, hire).expect(201)
    first.join(60)
    ours = [a for a in (answer, first.answer) if a and a.status == 201 and "idempotency-replayed" not in a.headers]
    assert len(ours) == 1, "exactly one of the two did it"  # the gateway may have repeated the first
    assert standing(own_suite, hire.number) == 1
