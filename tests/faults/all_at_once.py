"""kill -9 of all services, broker and database in the same instant, under the workload (F03)."""
import os
import signal
import time

from points import Round
from renhe import SERVICES, wait_until

PROGRAMS = ("gateway", *SERVICES)


class AllAtOnce(Round):
    def run(self):
        names = (*PROGRAMS, "kafka", "postgres")
        with self.load_:
            time.sleep(3)
            began = time.monotonic()
            for pid in [self.suite.pid(n) for n in names]:
                os.kill(pid, signal.SIGKILL)
            for name in PROGRAMS:
                wait_until(lambda: self.ready(name), 60, f"{name} to be ready", every=0.1)
                self.back_s[name] = time.monotonic() - began
            time.sleep(3)
        return self.judge()

    def ready(self, name):
        try:
            self.suite.wait_ready(name)
            return True
        except (OSError, AssertionError):
            return False
