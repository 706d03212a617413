"""PostgreSQL clusters for one test: made, started, killed, copied as a streaming standby and promoted.

`initdb` refuses root, so for root everything runs as the user `postgres`. Run by itself this file proves its own tools.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import urllib.parse
from pathlib import Path

from provider import PATIENCE, end_on_signals, free_port, step, within
from scratch import Scratch, account, die_with_parent
from tcp_proxy import Proxy

DATABASE = "martlet"
#: The owner of the database, who is no superuser: the server must not need one.
ROLE = "martlet"

#: Small, and quick to start and to notice a dead peer. No machine loses its power here: the kernel keeps what a killed
#: process wrote, so flushing it to the disk would cost minutes and prove nothing.
SETTINGS = {
    "fsync": "off",
    "listen_addresses": "'127.0.0.1'", "max_connections": "100", "shared_buffers": "'16MB'", "max_wal_size": "'128MB'",
    "min_wal_size": "'32MB'", "max_wal_senders": "4", "wal_retrieve_retry_interval": "'200ms'",
    "wal_receiver_status_interval": "'1s'", "log_line_prefix": "'%m [%p] %a '", "timezone": "'UTC'",
    # In the cluster's folder: what a killed cluster has in /dev/shm would stay there.
    "dynamic_shared_memory_type": "mmap",
}


class Cluster:
    """A cluster of its own folder, port and socket; not started."""

    def __init__(self, **settings):
        self.owner = account("postgres") if os.geteuid() == 0 else None
        self.scratch = Scratch(prefix="martlet-pg-", owner=self.owner)
        self.folder = self.scratch.folder
        self.data = self.folder / "data"
        self.log_path = self.folder / "log"
        self.port = free_port()
        self.settings = {**SETTINGS, **settings, "port": self.port, "unix_socket_directories": f"'{self.folder}'"}
        self.process = None
        self._segments = set()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if self.process and self.process.poll() is None:
            self._leave()
        if kind and self.log_path.exists():
            print(f"\nthe end of PostgreSQL's log:\n{self.log()[-3000:]}", file=sys.stderr)
        for segment in self._segments:  # what a killed postmaster could not give back
            subprocess.run(["ipcrm", "-m", segment], capture_output=True)
        self.scratch.close()

    # Making.

    def create(self, on=None):
        """An empty database of an ordinary role, if wished on a disk of its own; the cluster runs."""
        self._program(
            "initdb", "--pgdata", self.data, "--username", "postgres", "--auth", "trust", "--encoding", "UTF8",
            "--locale", "C", "--no-sync", "--wal-segsize", "1",
        )
        self._configure()
        self.start()
        self.query(f"CREATE ROLE {ROLE} LOGIN", database="postgres")
        if on:
            self.query(f"CREATE TABLESPACE small LOCATION '{on.path}'", database="postgres")
        place = "TABLESPACE small" if on else ""
        self.query(f"CREATE DATABASE {DATABASE} OWNER {ROLE} {place}", database="postgres")
        return self

    def copy(self, primary, through=None):
        """Becomes a standby of a running primary, fed by streaming, if wished through a proxy; it runs."""
        self._program(
            "pg_basebackup", "--pgdata", self.data, "--dbname", primary.connection(user="postgres"), "--checkpoint",
            "fast", "--wal-method", "stream", "--no-sync",
        )
        feed = through.port if through else primary.port
        self.settings["primary_conninfo"] = f"'host=127.0.0.1 port={feed} user=postgres application_name=standby'"
        self._configure()
        self._write(self.data / "standby.signal", "")
        self.start()
        streaming = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"
        within(PATIENCE, lambda: primary.query(streaming) == "1", "the standby streams")
        return self

    def require_standby(self):
        """From now on a commit is acknowledged when a standby has it on its disk too."""
        self.query("ALTER SYSTEM SET synchronous_standby_names = '*'")
        self.query("SELECT pg_reload_conf()")
        state = "SELECT sync_state FROM pg_stat_replication"
        within(PATIENCE, lambda: self.query(state) == "sync", "the standby is synchronous")

    def promote(self):
        """The standby becomes a primary of its own."""
        assert self.query("SELECT pg_promote(true, 120)") == "t"

    def wait_for_standby(self):
        """Returns when what is committed by now has reached the standby's disk."""
        now = self.query("SELECT pg_current_wal_lsn()")
        reached = f"SELECT bool_and(flush_lsn >= '{now}') FROM pg_stat_replication"
        within(PATIENCE, lambda: self.query(reached) == "t", "the standby has caught up")

    # Running.

    def start(self):
        """Returns when it takes connections."""
        log = open(self.log_path, "ab")
        self.process = subprocess.Popen(
            [programs() / "postgres", "-D", self.data], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            cwd=self.folder, env=_ENVIRONMENT, preexec_fn=die_with_parent(signal.SIGQUIT), **self.as_owner(),
        )
        log.close()
        within(PATIENCE, self._is_ready, "PostgreSQL takes connections")
        return self

    def stop(self):
        """A fast shutdown: transactions are ended, everything is written."""
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(timeout=PATIENCE) == 0, self.log()[-2000:]

    def kill(self):
        """SIGKILL for the postmaster and all of its processes at once, as when the machine goes."""
        self._segments |= {line.split()[1] for line in self._lock_file()[6:7]}
        self.process.send_signal(signal.SIGSTOP)  # it starts no more of them
        victims = children(self.process.pid)
        for victim in (self.process.pid, *victims):
            _send(victim, signal.SIGKILL)
        self.process.wait()
        within(PATIENCE, lambda: not any(map(_runs, victims)), "all processes of PostgreSQL are gone")

    def pause(self):
        """All of its processes stand still, as on a machine that hangs."""
        for process in (self.process.pid, *children(self.process.pid)):
            _send(process, signal.SIGSTOP)

    def resume(self):
        for process in (*children(self.process.pid), self.process.pid):
            _send(process, signal.SIGCONT)

    def _leave(self):
        """An immediate shutdown, which gives shared memory back as a kill does not."""
        self.process.send_signal(signal.SIGQUIT)
        self.resume()
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.kill()

    def _is_ready(self):
        assert self.process.poll() is None, f"PostgreSQL ended with {self.process.returncode}:\n{self.log()[-2000:]}"
        lines = self._lock_file()
        return len(lines) > 7 and lines[0] == str(self.process.pid) and lines[7].strip() in ("ready", "standby")

    def _lock_file(self):
        with contextlib.suppress(FileNotFoundError):
            return (self.data / "postmaster.pid").read_text().splitlines()
        return []

    # Asking.

    def connection(self, user=ROLE, database=DATABASE):
        """For PostgreSQL's own programs, by the socket."""
        return f"host={self.folder} port={self.port} user={user} dbname={database}"

    def url(self, **options):
        """For the server, by the socket."""
        return url(options, host=str(self.folder), port=self.port)

    def query(self, text, user="postgres", database=DATABASE):
        """What psql prints without ornament."""
        asked = self.ask(text, user, database, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            said, complaint = asked.communicate(timeout=PATIENCE)
        finally:
            asked.kill()
        assert asked.returncode == 0, f"{text}: {complaint}"
        return said.strip()

    def ask(self, text, user="postgres", database=DATABASE, **options):
        """The same without waiting for the answer."""
        return _psql(self.connection(user, database), text, **options)

    def end_connections(self):
        """Ends every connection to the database, as an administrator may."""
        return int(self.query(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid()"
        ))

    def check(self):
        """No table or index is damaged (pg_amcheck)."""
        self.query("CREATE EXTENSION IF NOT EXISTS amcheck")
        # The processes of a program that checks in parallel hold locks of no interest here: one job.
        self._program(
            "pg_amcheck", "--host", self.folder, "--port", self.port, "--username", "postgres", "--heapallindexed",
            DATABASE,
        )

    def log(self):
        return self.log_path.read_text(errors="replace")

    # Details.

    def _configure(self):
        text = "".join(f"{name} = {value}\n" for name, value in self.settings.items())
        self._write(self.data / "postgresql.conf", text)

    def _write(self, path, text):
        path.write_text(text)
        if self.owner:
            os.chown(path, *self.owner)

    def _program(self, name, *arguments):
        done = subprocess.run(
            [str(programs() / name), *map(str, arguments)], cwd=self.folder, env=_ENVIRONMENT, text=True,
            capture_output=True, timeout=300, **self.as_owner(),
        )
        assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"

    def as_owner(self):
        if not self.owner:
            return {}
        return {"user": self.owner[0], "group": self.owner[1], "extra_groups": []}


_ENVIRONMENT = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C"}


def _psql(connection, text, **options):
    command = [programs() / "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", connection, "-c", text]
    return subprocess.Popen(command, env=_ENVIRONMENT, text=True, preexec_fn=die_with_parent(), **options)


def programs():
    """The folder of the newest PostgreSQL's programs; Debian keeps those of the server out of the PATH."""
    versions = [folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if (folder / "initdb").exists()]
    if versions:
        return max(versions, key=lambda folder: float(folder.parent.name))
    found = shutil.which("initdb")
    assert found, "PostgreSQL's server is missing: apt-get install postgresql"
    return Path(found).resolve().parent


def url(options, *, host="127.0.0.1", port):
    """A database address for the server: one host, or several of the local address by their ports."""
    ports = [port] if isinstance(port, int) else list(port)
    if host.startswith("/"):
        where, options = "", {"host": host, "port": ports[0], **options}
    else:
        where = ",".join(f"{host}:{port}" for port in ports)
    query = urllib.parse.urlencode(options)
    return f"postgresql://{ROLE}@{where}/{DATABASE}" + (f"?{query}" if query else "")


def children(process):
    """The processes that one has started, with theirs."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                # "pid (name) state parent …", and a name may hold anything.
                if entry.joinpath("stat").read_text().rpartition(")")[2].split()[1] == str(process):
                    found += [int(entry.name), *children(int(entry.name))]
    return found


def _send(process, number):
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, number)


def _runs(process):
    """Whether it does anything still: what nobody has waited for yet does not."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


def main():
    end_on_signals()
    with Cluster() as primary, Cluster() as standby:
        with step("a cluster is made and answers by socket and port"):
            primary.create()
            primary.query("CREATE TABLE words (word text)", user=ROLE)
            assert primary.query("SELECT count(*) FROM words", user=ROLE) == "0"
        with step("kill -9 of all its processes; a start recovers what was committed"):
            primary.query("INSERT INTO words VALUES ('kept')")
            primary.kill()
            primary.start()
            assert primary.query("SELECT word FROM words") == "kept"
            primary.check()
        with Proxy(primary.port, free_port()) as link:
            with step("a proxy forwards, is cut, swallows, and delivers late"):
                through_proxy(link)
            with step("a standby follows, synchronously; without it nothing is acknowledged"):
                standby.copy(primary, through=link)
                primary.require_standby()
                primary.query("INSERT INTO words VALUES ('copied')")
                assert standby.query("SELECT count(*) FROM words") == "2"
                assert standby.query("SELECT pg_is_in_recovery()") == "t"
                link.black_hole()
                alone = primary.ask("INSERT INTO words VALUES ('alone')", stdout=subprocess.DEVNULL)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    raise AssertionError(f"acknowledged without the standby: {alone.wait(timeout=1)}")
                alone.kill()
                alone.wait()
                assert standby.query("SELECT count(*) FROM words") == "2"
        with step("the primary dies, the standby is promoted and takes writes"):
            primary.kill()
            standby.promote()
            standby.query("INSERT INTO words VALUES ('new')", user=ROLE)
            assert standby.query("SELECT count(*) FROM words") == "3"
            standby.stop()


def through_proxy(link):
    def asked():
        nothing = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return _psql(f"host=127.0.0.1 port={link.port} user={ROLE} dbname={DATABASE}", "SELECT 1", **nothing)

    assert asked().wait(timeout=PATIENCE) == 0
    link.cut()
    assert asked().wait(timeout=PATIENCE) != 0
    link.black_hole()
    waiting = asked()
    with contextlib.suppress(subprocess.TimeoutExpired):
        raise AssertionError(f"a black hole answers: {waiting.wait(timeout=1)}")
    link.open()
    assert waiting.wait(timeout=PATIENCE) == 0 and asked().wait(timeout=PATIENCE) == 0


if __name__ == "__main__":
    main()
