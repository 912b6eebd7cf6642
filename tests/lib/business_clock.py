"""The business clock of a suite: what it says, and moving it forward with renhectl."""
import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

ZONE = timezone(timedelta(hours=8))  # Asia/Shanghai has had no summer time since 1991


def now(suite):
    shift = int(Path(suite.env["RENHE_CLOCK_FILE"]).read_text() or 0)
    return datetime.now(timezone.utc).astimezone(ZONE) + timedelta(seconds=shift)


def today(suite, plus=0):
    return (now(suite).date() + timedelta(days=plus)).isoformat()


def midnight(day):
    """The instant at which a day begins in the zone of the company."""
    return datetime.fromisoformat(day).replace(tzinfo=ZONE)


def move(suite, *args):
    done = suite.renhectl("clock", *args, "-o", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def set_to(suite, instant):
    return move(suite, "set", instant.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"))
