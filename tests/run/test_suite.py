"""scripts/up, down and status against real processes."""
import os
import pwd
import shlex
import signal
import socket
import stat
import subprocess
import time
from pathlib import Path

import pytest
from renhe import CHECKOUT, PORTS, SERVICES, Client, Suite, clean_environment, free_base, is_free, wait_until

PROCESSES = ("postgres", "kafka", *SERVICES, "gateway")
PROGRAMS = PROCESSES[2:]


@pytest.fixture(scope="module")
def own():
    """A suite that these tests may hurt."""
    started = Suite.start("--empty")
    yield started
    started.stop()


def environment_of(pid):
    text = Path(f"/proc/{pid}/environ").read_bytes().decode()
    return dict(pair.split("=", 1) for pair in text.split("\0") if pair)


def table(suite):
    done = suite.script("status", check=False)
    return done.returncode, {line.split()[0]: line for line in done.stdout.splitlines()[1:]}


def all_pids(suite):
    return {name: suite.pid(name) for name in PROCESSES}


# ---- what stands ----

def test_status_shows_every_process(own):
    code, rows = table(own)
    assert code == 0 and set(rows) == set(PROCESSES)
    for name, row in rows.items():
        assert row.endswith(" ok") and f" {own.pid(name)} " in row and " MiB" in row


def test_second_up_changes_nothing(own):
    before = all_pids(own)
    own.up("--no-build", "--empty")
    assert all_pids(own) == before


def test_up_says_where_it_is(own):
    said = own.up("--no-build", "--empty").stdout
    assert own.env["RENHE_URL"] in said and "scripts/status" in said and "scripts/down" in said


def test_readiness_and_version(own):
    for name in PROGRAMS:
        assert own.ready(name)
        variable = "RENHE_MANAGEMENT_URL" if name == "gateway" else f"RENHE_{name.upper()}_MANAGEMENT_URL"
        version = Client(own.env[variable]).get("/version").expect(200).json
        assert version["service"] == name and version["version"]


def test_nothing_listens_beyond_loopback(own):
    """And PostgreSQL on no port at all."""
    ports = {own.base + offset for offset in (*range(0, 50),)}
    seen = set()
    for file in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(file).read_text().splitlines()[1:]:
            address, port = line.split()[1].rsplit(":", 1)
            if line.split()[3] == "0A" and int(port, 16) in ports:
                seen.add(int(port, 16))
                # Java listens by IPv6 sockets: ::ffff:127.0.0.1
                assert address.endswith("0100007F"), line
    assert seen == {own.base + o for o in PORTS}


# ---- who may what ----

def test_no_process_is_roots(own):
    if os.getuid() != 0:
        pytest.fail("these tests are for root, as CI is")
    for name in PROCESSES:
        user = pwd.getpwuid(os.stat(f"/proc/{own.pid(name)}").st_uid).pw_name
        assert user == ("postgres" if name == "postgres" else "renhe")


def test_secrets_are_closed(own):
    for folder in ("secrets", "kafka/secrets"):
        files = list((own.run_dir / folder).iterdir())
        assert files
        for f in files:
            assert stat.S_IMODE(f.stat().st_mode) == 0o600, f
    assert stat.S_IMODE((own.run_dir / "kcat.conf").stat().st_mode) == 0o600
    assert stat.S_IMODE((own.run_dir / "secrets").stat().st_mode) == 0o700


def test_no_secret_in_logs_arguments_or_environments(own):
    secrets = [f.read_text().strip() for d in ("secrets", "kafka/secrets")
               for f in (own.run_dir / d).iterdir() if f.name != "key_anchor"]
    places = [f.read_text(errors="replace") for f in (own.run_dir / "log").rglob("*") if f.is_file()]
    for name in PROCESSES:
        places.append(Path(f"/proc/{own.pid(name)}/cmdline").read_text())
        places.append(Path(f"/proc/{own.pid(name)}/environ").read_text())
    for secret in secrets:
        assert len(secret) >= 32
        assert not [p for p in places if secret in p]


def test_each_program_has_its_own_settings_only(own):
    for name in PROGRAMS:
        env = environment_of(own.pid(name))
        settings = {k for k in env if k.startswith("RENHE_")}
        assert set(env) - settings <= {"PATH", "LANG"}
        assert not {k for k in settings if "OWNER" in k}
        assert ("RENHE_KEY_ANCHOR_SECRET_FILE" in settings) == (name == "identity")
        assert ("RENHE_PG_HOST" in settings) == (name != "gateway")
        assert ("RENHE_UPSTREAM_IDENTITY" in settings) == (name == "gateway")
        assert not [k for k in settings if k.endswith(("PASSWORD", "TOKEN", "ROOT_KEY"))]


def test_roles_are_no_superusers_and_meet_no_other_database(own):
    rows = own.psql("identity", "select rolname from pg_roles where rolsuper or rolbypassrls order by 1")
    assert rows == [["postgres"]]
    foreign = own.env["RENHE_PG_IDENTITY"].replace("/identity?", "/archive?")
    done = subprocess.run(["psql", "-X", foreign, "-c", "select 1"], capture_output=True, text=True)
    assert done.returncode != 0 and "permission denied" in done.stderr


def test_wrong_password_is_refused(own):
    uri = own.env["RENHE_PG_IDENTITY"]
    password = uri.split(":")[2].split("@")[0]
    done = subprocess.run(["psql", "-X", uri.replace(password, "0" * 48), "-c", "select 1"],
                          capture_output=True, text=True)
    assert done.returncode != 0 and "authentication failed" in done.stderr


def test_commits_are_durable(own):
    for setting in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
        assert own.psql("archive", f"show {setting}") == [["on"]]


def test_observer_reads_and_may_not_write(own):
    topic = "renhe.identity.account.v1"
    own.events(topic)
    done = subprocess.run(["kcat", "-F", own.env["RENHE_KCAT_CONFIG"], "-P", "-t", topic,
                           "-X", "message.timeout.ms=5000"], input=b"x", capture_output=True, timeout=30)
    assert done.returncode != 0 and b"authorization failed" in done.stderr.lower()


# ---- what dies comes back ----

@pytest.mark.parametrize("name", PROCESSES)
def test_killed_process_comes_back(own, name):
    before = own.pid(name)
    own.kill(name, signal.SIGKILL)
    wait_until(lambda: own.pid(name) not in (0, before), 20, f"{name} to start again")
    wait_until(lambda: table(own)[0] == 0, 60, "all to be green", every=0.5)


def test_status_fails_while_something_is_down_and_up_mends_it(own):
    own.control("down", "archive")
    code, rows = table(own)
    assert code == 1 and rows["archive"].endswith(" down")
    own.up("--no-build", "--empty")
    assert table(own)[0] == 0


def test_postgres_stops_fast_with_clients_connected(own):
    client = subprocess.Popen(["psql", "-X", "-q", own.env["RENHE_PG_ARCHIVE"], "-c", "select pg_sleep(60)"],
                              stderr=subprocess.PIPE)
    wait_until(lambda: own.psql("archive", "select 1 from pg_stat_activity where query like '%pg_sleep(60)%' "
                                "and pid <> pg_backend_pid()"), 10, "the client to be in")
    own.control("down", "postgres", wait=15)
    assert client.wait(10) != 0
    own.up("--no-build", "--empty")


# ---- side by side, and gone ----

def test_two_suites_side_by_side_then_one_gone():
    first, second = Suite.start("--empty"), Suite.start("--empty")
    try:
        assert table(first)[0] == 0 and table(second)[0] == 0
        assert not set(all_pids(first).values()) & set(all_pids(second).values())
        pids = all_pids(first)
        first.down()
        assert not [p for p in pids.values() if Path(f"/proc/{p}").exists()]
        assert not [o for o in (0, 1, 10, 11, 20, 21, 30, 31) if not is_free(first.base + o)]
        assert table(second)[0] == 0
        # Its state is kept: the same secrets and data after the next start.
        secret = (first.run_dir / "secrets/internal_token").read_text()
        first.up("--no-build", "--empty")
        assert (first.run_dir / "secrets/internal_token").read_text() == secret
        first.down("--purge")
        assert not first.run_dir.exists()
    finally:
        first.stop()
        second.stop()


def test_down_twice_is_harmless(tmp_path):
    done = Suite(tmp_path / "run").down()
    assert done.returncode == 0


def test_down_after_the_supervisor_was_killed():
    suite = Suite.start("--empty")
    try:
        pids = all_pids(suite)
        os.kill(int((suite.run_dir / "runsvdir.pid").read_text().split()[0]), signal.SIGKILL)
        suite.down()
        assert not [p for p in pids.values() if Path(f"/proc/{p}").exists()]
    finally:
        suite.stop()


# ---- refusals ----

def refused(name, *args, run_dir, **env):
    env = clean_environment(RENHE_RUN_DIR=str(run_dir), **env)
    done = subprocess.run([CHECKOUT / "scripts" / name, *args], env=env, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=120)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("base", ["80", "65001", "x", "080", "8080 "])
def test_up_refuses_a_bad_base(tmp_path, base):
    code, said = refused("up", "--no-build", run_dir=tmp_path / "run", RENHE_PORT_BASE=base)
    assert code == 1 and "RENHE_PORT_BASE" in said


def test_up_refuses_a_port_in_use(own):
    base = free_base()
    folder = own.run_dir.parent / "second"
    with socket.create_server(("127.0.0.1", base + 20)):
        code, said = refused("up", "--no-build", "--empty", run_dir=folder, RENHE_PORT_BASE=str(base))
    assert code == 1 and f"port {base + 20} is in use" in said


def test_up_refuses_other_ports_for_a_running_suite(own):
    code, said = refused("up", "--no-build", "--empty", run_dir=own.run_dir, RENHE_PORT_BASE=str(own.base + 100))
    assert code == 1 and f"port {own.base}" in said
    assert table(own)[0] == 0


@pytest.mark.parametrize("name,args", [("up", ["--emty"]), ("down", ["--all"]), ("test", ["unti"])])
def test_wrong_use(tmp_path, name, args):
    code, said = refused(name, *args, run_dir=tmp_path)
    assert code == 64 and f"scripts/{name}" in said


def test_status_without_a_suite(tmp_path):
    code, said = refused("status", run_dir=tmp_path / "run")
    assert code == 1 and "no suite" in said


def test_accounts_of_an_empty_suite(own):
    code, said = refused("status", "--accounts", run_dir=own.run_dir)
    assert code == 1 and "no demo accounts" in said


def test_up_shows_the_log_of_what_does_not_start(own):
    """A program that refuses its settings: up fails, and says why."""
    setting = own.run_dir / "bin/gateway"
    built = CHECKOUT / "build/bin"
    fake = own.run_dir.parent / "checkout"
    fake.mkdir()
    for part in ("scripts", "deploy", "proto"):
        (fake / part).symlink_to(CHECKOUT / part)
    (fake / "build/bin").mkdir(parents=True)
    (fake / "build/gen").symlink_to(CHECKOUT / "build/gen")
    for program in built.iterdir():
        if program.is_file() and program.name != "gateway":
            (fake / "build/bin" / program.name).symlink_to(program)
    gateway = fake / "build/bin/gateway"
    gateway.write_text("#!/bin/sh\necho 'no such colour: blue' >&2\nexit 78\n")
    gateway.chmod(0o755)
    env = clean_environment(RENHE_RUN_DIR=str(own.run_dir))
    done = subprocess.run(["bash", "-c", f"cd {shlex.quote(str(fake))} && scripts/up --no-build --empty"],
                          env=env, capture_output=True, text=True, timeout=200)
    assert done.returncode == 1
    assert "gateway is not ready" in done.stderr and "no such colour: blue" in done.stderr
    # It is waiting out its back-off now; neither up nor down wait with it.
    start = time.monotonic()
    own.up("--no-build", "--empty")
    assert time.monotonic() - start < 15
    assert setting.read_bytes() == (built / "gateway").read_bytes() and table(own)[0] == 0
