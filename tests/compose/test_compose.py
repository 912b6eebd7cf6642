"""The suite in containers: what each may, what a stopped one looks like, what survives. The story of
tests/e2e runs against the same containers afterwards."""
import json
import signal
import time
from pathlib import Path

import pytest

from composed import PORTS, RUNNING, Composed, run
from http_client import Client
from renhe import wait_until

PROGRAMS = tuple(PORTS)
ONCE = ("secrets", "topics", "identity-migrate", "archive-migrate", "payroll-migrate", "demo")
STOPPED_WITHIN_S = 10


def each(suite):
    return {name: suite.inspect(name) for name in (*RUNNING, *ONCE, "tools")}


def status(pid):
    """/proc/PID/status as a dict."""
    return dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)


# ---- it stands ----

def test_all_are_healthy_and_what_runs_once_has_ended_well(composed):
    found = each(composed)
    assert {name: found[name]["State"]["Health"]["Status"] for name in RUNNING} == dict.fromkeys(RUNNING, "healthy")
    assert {name: found[name]["State"]["ExitCode"] for name in ONCE} == dict.fromkeys(ONCE, 0)
    assert found["tools"]["State"]["Running"]


def test_health_is_asked_of_the_own_binary(composed):
    for name in RUNNING:
        assert composed.inspect(name)["Config"]["Healthcheck"]["Test"] == ["CMD", name, "--health"]


def test_people_of_the_demo_sign_in(composed):
    for role in ("HR", "STORE_MANAGER", "EMPLOYEE"):
        assert composed.sign_in_as(role, "demo").get("/api/v1/me").expect(200).json["person_id"]
    refused = composed.client().post("/api/v1/sessions", {"tenant": "demo", "sign_in_name": "D0001", "password": "x" * 12})
    assert refused.status == 401


# ---- what a container may ----

def test_settings_of_each_container(composed):
    for name, found in each(composed).items():
        host = found["HostConfig"]
        assert host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"] and not host["CapAdd"], name
        assert host["SecurityOpt"] == ["no-new-privileges:true"] and not host["Privileged"], name
        assert 0 < host["Memory"] <= 1 << 30 and 0 < host["PidsLimit"] <= 256, name
        assert found["Config"]["User"] in ("renhe:renhe", "postgres:renhe"), name


def test_the_kernel_says_so_too(composed):
    for name in RUNNING:
        is_so = status(composed.pid(name))
        assert int(is_so["CapEff"], 16) == int(is_so["CapBnd"], 16) == 0 and is_so["NoNewPrivs"] == "1", name
        assert is_so["Uid"].split()[0] == ("10002" if name == "postgres" else "10001"), name


@pytest.mark.parametrize("name", RUNNING)
def test_nothing_is_written_outside_of_the_volumes(composed, name):
    for place in ("/usr/local/bin/x", "/etc/x", "/opt/x", "/var/lib/renhe/secrets/x"):
        tried = composed.exec(name, "bash", "-c", f": >{place}", check=False)
        assert tried.returncode != 0, place
    assert composed.exec(name, "bash", "-c", ": >/tmp/x").returncode == 0, "the look sees what may be written"


def test_only_the_gateway_is_published(composed):
    published = {}
    for name, found in each(composed).items():
        published[name] = [p for ports in (found["HostConfig"]["PortBindings"] or {}).values() for p in ports]
    assert [name for name in published if published[name]] == ["gateway"]
    assert [p["HostIp"] for p in published["gateway"]] == ["127.0.0.1"]


def test_databases_are_reached_by_their_roles_alone(composed):
    """The socket lies in a volume of the services too: their user is no superuser there."""
    def as_user(uid):
        return run("docker", "run", "--rm", "--network", "none", "--user", f"{uid}:10001", "-v", f"{composed.project}_pg:/pg",
                   "--entrypoint", "psql", "renhe-postgres", "-X", "-h", "/pg", "-U", "postgres", "-Atc", "select 1", check=False)
    assert as_user(10002).stdout.strip() == "1"
    refused = as_user(10001)
    assert refused.returncode != 0 and "Peer authentication failed" in refused.stderr


# ---- secrets ----

def secrets_of(composed):
    found = {f.name: f.read_text().strip() for f in Path(composed.place_of("all-secrets"), "secrets").iterdir()}
    found.pop("key_anchor")
    return found


def test_secrets_stand_in_files_and_nowhere_else(composed):
    secrets = secrets_of(composed)
    assert len(secrets) == 5 + 5 * len([p for p in PROGRAMS if p != "gateway"]) and all(len(s) >= 32 for s in secrets.values())
    told = json.dumps(each(composed)) + "".join(composed.log(name) for name in (*RUNNING, *ONCE))
    for name in RUNNING:
        told += Path(f"/proc/{composed.pid(name)}/environ").read_text()
        told += Path(f"/proc/{composed.pid(name)}/cmdline").read_text()
    assert not [name for name, secret in secrets.items() if secret in told]


def test_each_container_has_its_own_secrets_only(composed):
    def files(name, place="/var/lib/renhe/secrets"):
        return set(composed.exec(name, "ls", place).stdout.split())
    common = {"internal_token", "key_anchor", "kafka"}
    service = common | {"pg_app", "pg_relay", "root_key"}
    assert files("gateway") == common
    assert files("archive") == service and files("payroll") == service
    assert files("identity") == service | {"key_anchor_secret"}
    assert files("tools") == {"kcat.conf"}
    for name in PROGRAMS:
        assert "owner" not in json.dumps(composed.inspect(name)["Mounts"]), "who serves does not migrate"


# ---- what stops, and what comes back ----

@pytest.mark.parametrize("name", RUNNING)
def test_a_stopped_one_turns_unhealthy(composed, name, figure):
    wait_until(lambda: composed.health(name) == "healthy", 30, f"{name} to be healthy")
    container = composed.container(name)

    def is_unhealthy():
        return run("docker", "inspect", "-f", "{{.State.Health.Status}}", container).stdout.strip() == "unhealthy"
    since = time.monotonic()
    composed.kill(name, signal.SIGSTOP)
    try:
        wait_until(is_unhealthy, STOPPED_WITHIN_S + 20, f"{name} to be unhealthy")
        took = time.monotonic() - since
    finally:
        composed.kill(name, signal.SIGCONT)
    figure(f"{name}: unhealthy {took:.1f} s after SIGSTOP")
    assert took <= STOPPED_WITHIN_S
    wait_until(lambda: composed.health(name) == "healthy", 40, f"{name} to be healthy again", every=0.3)


@pytest.mark.parametrize("name", RUNNING)
def test_a_killed_one_comes_back(composed, name):
    before = composed.pid(name)
    composed.kill(name)
    wait_until(lambda: composed.pid(name) not in (0, before), 30, f"{name} to start again")
    wait_until(lambda: all(composed.health(n) == "healthy" for n in RUNNING), 90, "all to be healthy", every=0.5)
    composed.sign_in_as("HR", "demo")


def test_a_second_up_changes_nothing(composed):
    before, accounts = {n: composed.container(n) for n in (*RUNNING, "tools")}, composed.accounts
    composed.up()
    assert {n: composed.container(n) for n in (*RUNNING, "tools")} == before
    assert composed.accounts == accounts and composed.inspect("demo")["State"]["ExitCode"] == 0


def test_all_of_it_survives_its_containers(composed):
    accounts, secrets = composed.accounts, secrets_of(composed)
    people = composed.sign_in_as("HR", "demo").get("/api/v1/employees", query={"page_size": 5}).expect(200).json["items"]
    composed.down("--timeout", "20")
    composed.up()
    assert composed.accounts == accounts and secrets_of(composed) == secrets
    again = composed.sign_in_as("HR", "demo").get("/api/v1/employees", query={"page_size": 5}).expect(200).json["items"]
    assert again == people and again


def test_programs_end_by_themselves(composed):
    """SIGTERM drains: exit 0 well before the engine would kill."""
    composed.compose("stop", "gateway", "payroll", "archive", "identity")
    assert {n: composed.inspect(n)["State"]["ExitCode"] for n in PROGRAMS} == dict.fromkeys(PROGRAMS, 0)
    composed.up()


# ---- a real start ----

def test_a_real_start_has_no_demo_and_no_movable_clock():
    real = Composed("renhe-test-real", files=["deploy/production.yml"], number=30)
    try:
        real.compose("up", "--wait", timeout=300)
        assert {n: real.health(n) for n in RUNNING} == dict.fromkeys(RUNNING, "healthy")
        assert real.exec("tools", "ls", "/var/lib/renhe/demo").stdout == ""
        moved = real.renhectl("clock", "advance", "60")
        assert moved.returncode == 3 and "production" in moved.stderr
        code = real.exec("identity", "cat", "/var/lib/renhe/state/identity/operator-activation").stdout.strip()
        door = Client("http://" + real.compose("port", "gateway", "8080").stdout.strip())
        made = door.post("/api/v1/accounts:activate", {"tenant": "platform", "sign_in_name": "operator",
                                                       "activation_code": code, "password": "Wharf-lantern-71"})
        assert made.status == 204
    finally:
        real.stop()


def test_nothing_else_is_left_of_it():
    assert run("docker", "ps", "-aq", "--filter", "label=com.docker.compose.project=renhe-test-real").stdout == ""
