"""Each kill point once (F01), against a suite whose programs have them; tests/e2e/test_sanitizers.py runs this."""
import os
import random
import signal
import subprocess
from pathlib import Path

from points import POINTS, Round

SEED = int(os.environ.get("RENHE_SEED", random.SystemRandom().randrange(10**6)))
DATABASE = "killed_migrations"


def test_every_point_once(killable, tmp_path, figure):
    one = Round(killable, SEED, tmp_path)
    wrong = one.run()
    figure(one.tell())
    assert not wrong, wrong[:20]
    assert set(one.back_s) == {(service, point) for service, point, _, _ in POINTS}


def migrate(suite, **more):
    folder = suite.run_dir / "service" / "archive"
    settings = [f"{k}={v}" for k, v in {"RENHE_PG_DATABASE": DATABASE, **more}.items()]
    program = Path(suite.env["RENHE_BIN"]) / "archive"
    return subprocess.run(["env", "-i", "PATH=/usr/bin:/bin", "chpst", "-e", folder / "env", "chpst", "-e", folder / "migrate", "env", *settings,
                           program, "--migrate"], capture_output=True, text=True, timeout=120)


def schema(suite, database):
    rows = suite.psql_all(database, "select room, number, name, sha256 from schema_migration order by room, number")
    columns = suite.psql_all(database, "select table_name, column_name, data_type, is_nullable, column_default from information_schema.columns "
                                       "where table_schema = 'public' order by 1, ordinal_position")
    policies = suite.psql_all(database, "select tablename, policyname, cmd, qual, with_check from pg_policies order by 1, 2")
    return rows, columns, policies


def test_a_killed_migration_goes_on(killable, figure):
    """K12, F46: killed before and behind commits, again and again; the schema is that of one run."""
    draw, kills = random.Random(SEED), 0
    killable.psql_all("postgres", f"drop database if exists {DATABASE}")
    killable.psql_all("postgres", f"create database {DATABASE} owner archive_owner")
    killable.psql_all(DATABASE, "alter schema public owner to archive_owner")
    try:
        while True:
            point = draw.choice(("migration.before_commit", "migration.after_commit"))
            done = migrate(killable, KILLPOINT=f"{point}:{draw.randint(1, 9)}")
            if done.returncode != -signal.SIGKILL:
                break
            kills += 1
        assert done.returncode == 0, done.stderr
        assert kills >= 3
        assert schema(killable, DATABASE) == schema(killable, "archive")
    finally:
        killable.psql_all("postgres", f"drop database if exists {DATABASE} with (force)")
    figure(f"{kills} kills, the same schema (seed {SEED})")
