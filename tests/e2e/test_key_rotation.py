"""New keys under traffic: for persons, for tenants, for the installation. Nobody is refused, nothing stays
under the older key, and what was sealed before opens as it did."""
import os
import secrets
import threading
import time

import keys
import staff
from http_client import Client, KeptClient
from renhe import wait_until

PEOPLE = 400
CONTRACT_COLUMNS = "person_revision."


class Traffic:
    """HR reads, writes and looks at clear numbers until told to stop."""

    def __init__(self, suite, people):
        account = suite.account("HR", "demo")
        self.url, self.people = suite.env["RENHE_URL"], people
        self.token = suite.sign_in(account["tenant"], account["sign_in_name"], account["password"]).token
        self.stopping, self.counts, self.failed = threading.Event(), {}, []
        self.threads = [threading.Thread(target=self._work, args=(i,)) for i in range(3)]

    def __enter__(self):
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for t in self.threads:
            t.join(60)

    def _note(self, what, answer, *good):
        self.counts[what] = self.counts.get(what, 0) + 1
        if answer.status not in good:
            self.failed.append((what, answer.status, answer.body[:300]))
        return answer

    def _work(self, worker):
        client, turn = KeptClient(self.url, timeout=30), 0
        client.token = self.token
        mine = self.people[worker::3]
        while not self.stopping.is_set():
            person = mine[turn % len(mine)]
            turn += 1
            path = f"/api/v1/employees/{person['id']}"
            got = self._note("read", client.get(path), 200)
            if got.status == 200 and got.json.get("mobile") != person["手机"]:
                self.failed.append(("wrong", person["工号"]))
            if turn % 3 == 0:
                number = f"13{secrets.randbelow(10**9):09}"
                wrote = self._note("write", client.patch(path, {"mobile": number}, etag=got.etag, key=secrets.token_hex(8)), 200)
                person["手机"] = number if wrote.status == 200 else person["手机"]


def loaded(suite, hr, count):
    tag = "K" + secrets.token_hex(2).upper()
    rows = staff.Staff(tag, tag).some(count)
    staff.load(hr, rows)
    listed = {}
    token = None
    while True:
        page = hr.get("/api/v1/employees", query={"page_size": 500, **({"page_token": token} if token else {})}).expect(200).json
        listed.update({e["employee_number"]: e["id"] for e in page["items"]})
        token = page.get("next_page_token")
        if not token:
            return [{**row, "id": listed[row["工号"]]} for row in rows]


def clear_numbers(suite, people):
    """As the one who may see them sees them, a few of them."""
    hr = suite.sign_in_as("HR", "demo")
    return [hr.post(f"/api/v1/employees/{p['id']}:reveal", {"reason": "核对 check"}).expect(200).json["id_number"] for p in people[:5]]


def test_persons_and_tenants(own_suite, figure):
    suite = own_suite
    hr = suite.sign_in_as("HR", "demo")
    people = loaded(suite, hr, PEOPLE)
    before = clear_numbers(suite, people)
    assert before == [p["证件号码"] for p in people[:5]]
    with Traffic(suite, people) as traffic:
        time.sleep(1)
        for level in ("person", "tenant"):
            for service in ("archive", "identity"):
                keys.rotate(suite, service, level)
                assert any(line[1] == "under way already" for line in keys.rotate(suite, service, level))
            for service in ("archive", "identity"):
                keys.wait_done(suite, service)
            assert keys.old(suite, "archive", CONTRACT_COLUMNS) == 0, keys.status(suite, "archive")
        time.sleep(1)
    assert not traffic.failed, traffic.failed[:5]
    assert traffic.counts["write"] > 20 and traffic.counts["read"] > 60, traffic.counts
    for service in ("archive", "identity"):
        assert keys.old(suite, service) == 0, (service, keys.status(suite, service))
    total = sum(t for (_, place), (t, _) in keys.status(suite, "archive").items() if place.startswith(CONTRACT_COLUMNS))
    assert total > 2 * PEOPLE
    assert clear_numbers(suite, people) == before
    # The blind index finds whom it found: the same number again is somebody's.
    row = {**people[0], "工号": people[0]["工号"] + "X"}
    unit = staff.units(hr)["S001"]["id"]
    taken = hr.post("/api/v1/employees", {"employee_number": row["工号"], "name": row["姓名"], "id_type": "RESIDENT_ID",
                                          "id_number": row["证件号码"], "hire_date": "2025-03-01", "org_unit_id": unit,
                                          "employment_type": "FULL_TIME"})
    assert taken.code == "ID_NUMBER_TAKEN", taken.body
    for level, _, made, sealed, seconds in keys.rotations(suite, "archive"):
        figure(f"archive {level}: {made} keys, {sealed} seals in {float(seconds):.1f} s, with {sum(traffic.counts.values())} requests, none failed")


def test_root_key(own_suite, figure):
    """The new one beside the old one at one start; at the next start the old one is gone."""
    suite, service = own_suite, "archive"
    env = suite.run_dir / "service" / service / "env"
    old_file = (env / "RENHE_ROOT_KEY_FILE").read_text().strip()
    new_file = suite.run_dir / "secrets" / "root_key_archive_new"
    made = suite.renhectl("secret", "new-root-key").stdout
    new_file.touch(mode=0o600)
    new_file.write_text(made)
    owner = (suite.run_dir / "secrets" / "root_key_archive").stat()
    os.chown(new_file, owner.st_uid, owner.st_gid)
    hr = suite.sign_in_as("HR", "demo")
    first = hr.get("/api/v1/employees", query={"page_size": 2}).expect(200).json
    (env / "RENHE_ROOT_KEY_FILE").write_text(f"{new_file}\n")
    try:
        (env / "RENHE_ROOT_KEY_SECOND_FILE").write_text(f"{old_file}\n")
        restart(suite, service)
        # A page token of before still opens the next page.
        hr.get("/api/v1/employees", query={"page_size": 2, "page_token": first["next_page_token"]}).expect(200)
        (env / "RENHE_ROOT_KEY_SECOND_FILE").unlink()
        restart(suite, service)
        assert keys.old(suite, service, "tenant_key") == 0
        again = hr.get("/api/v1/employees", query={"page_size": 2}).expect(200).json
        assert [e["id_number"] for e in again["items"]] == [e["id_number"] for e in first["items"]]
        gone = hr.get("/api/v1/employees", query={"page_size": 2, "page_token": first["next_page_token"]})
        assert gone.code == "PAGE_TOKEN_INVALID"
    finally:
        # Back, by the same way, so that the run folder's own settings hold again.
        (env / "RENHE_ROOT_KEY_FILE").write_text(f"{old_file}\n")
        (env / "RENHE_ROOT_KEY_SECOND_FILE").write_text(f"{new_file}\n")
        restart(suite, service)
        (env / "RENHE_ROOT_KEY_SECOND_FILE").unlink()
        restart(suite, service)
    assert "rewrapped" in suite.log(service)


def restart(suite, service):
    pid = suite.pid(service)
    suite.control("restart", service)
    wait_until(lambda: suite.pid(service) not in (0, pid), 20, "a new process", every=0.1)
    suite.wait_ready(service)
    # The gateway's kept connections to the one of before are gone with it.
    client = Client(suite.env["RENHE_URL"])
    wait_until(lambda: client.get("/api/v1/employees").status == 401, 10, "the gateway to reach it again")
