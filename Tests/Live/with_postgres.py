"""Runs a command beside a PostgreSQL of its own, which `MARTLET_TEST_POSTGRESQL` names to it: with_postgres.py COMMAND …"""

import os
import subprocess
import sys

from postgres import ROLE, Cluster, url
from provider import end_on_signals
from scratch import die_with_parent


def main():
    end_on_signals()
    # Each test has connections of its own, and many tests run at once.
    with Cluster(max_connections=1200) as cluster:
        cluster.create()
        # One test makes a role that has too few rights, and takes it away.
        cluster.query(f"ALTER ROLE {ROLE} SUPERUSER")
        environment = {**os.environ, "MARTLET_TEST_POSTGRESQL": url({}, port=cluster.port)}
        command = subprocess.Popen(sys.argv[1:], env=environment, preexec_fn=die_with_parent())
        try:
            return command.wait()
        except BaseException:
            command.terminate()
            command.wait()
            raise


if __name__ == "__main__":
    sys.exit(main())
