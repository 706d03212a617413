"""Request smuggling: nothing that Martlet takes may be read differently by nginx or HAProxy. T: request smuggling.

Every case of the corpus goes, with a last request behind it, to Martlet, to nginx and to HAProxy as servers of their own,
and through both of them to Martlet. Paths hold the number of the case, so the logs tell who read what:

- beside: of one stream all read the same requests in the same order, until one of them refuses or closes;
- behind: Martlet answers exactly the requests that the proxy passed on, each answer to the request it belongs to.
"""

import asyncio
import re
import sys
import urllib.request
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Live"))

import corpus
from provider import PATIENCE, Provider, end_on_signals, step, within
from proxies import HAProxy, Nginx

LAST = b"GET /@last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
MINE = re.compile(r"c(\d+)x(\d+)-(first|hidden|last)")

#: Connections at a time, and how long one may say nothing until it counts as waiting for more.
CONNECTIONS = 150
QUIET = 0.7
#: The same for the next looks at a case that seems to differ: then nothing else of ours runs.
QUIET_AGAIN = (3.0, 15.0)

#: Statuses by which a server says that it could not read a request.
UNREADABLE = {0, 400, 408, 411, 413, 414, 431, 494, 501, 505}


def stream(case, run):
    """The bytes of a case, with the paths and the length filled in."""
    def filled(text):
        return re.sub(rb"@(first|hidden|last)", rb"c%dx%d-\1" % (case.number, run), text)
    length = len(filled(corpus.HIDDEN))
    data = filled(case.bytes + LAST)
    # The length of the hidden request, and the same with an empty chunked content before it.
    return data.replace(b"%LENGTH%", b"%d" % length).replace(b"%TOTAL%", b"%d" % (length + 5))


class Read(NamedTuple):
    """A request as a server read it: the method, which one of the case it is, and its path if that was decoded."""

    method: str
    which: str
    path: str | None


class Case:
    def __init__(self, number, name, data):
        self.number, self.name, self.bytes = number, name, data


async def send(port, data, quiet):
    """Sends a stream and reads until the other side closes; true if it still waits instead."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        while True:
            try:
                if not await asyncio.wait_for(reader.read(65536), quiet):
                    return False
            except asyncio.TimeoutError:
                return True
    except OSError:
        return False
    finally:
        writer.close()


class Run:
    """One pass of cases over all roads; its number is in the paths, so that its records stand out in the logs."""

    def __init__(self, number, cases, roads, quiet, connections):
        self.number, self.cases, self.roads = number, cases, roads
        self.quiet, self.slots = quiet, asyncio.Semaphore(connections)
        self.waits = {}

    async def all(self):
        await asyncio.gather(*(self.one(case, road) for case in self.cases for road in self.roads))

    async def one(self, case, road):
        async with self.slots:
            self.waits[case.number, road] = await send(self.roads[road], stream(case, self.number), self.quiet)

    def mine(self, text):
        found = MINE.search(text or "")
        return int(found[1]) if found and int(found[2]) == self.number else None


def read_by_martlet(run, records):
    """For each case the method and the path of each request that Martlet took, in order."""
    taken = defaultdict(list)
    for record in records:
        number = run.mine(record.get("path"))
        if number is not None:
            taken[number].append(Read(record["method"], MINE.search(record["path"])[3], record["path"]))
    return taken


def read_by_server(run, records, port):
    taken = defaultdict(list)
    for record in records:
        number = run.mine(record["target"])
        if number is not None and record["port"] == port and record["status"] not in UNREADABLE:
            taken[number].append(Read(record["method"], MINE.search(record["target"])[3], record["path"]))
    return taken


def differs(martlet, martlet_waits, other, other_waits):
    """Why two readings of a stream cannot both be right; nothing if one only stopped sooner."""
    for mine, theirs in zip(martlet, other):
        if mine[:2] != theirs[:2]:
            return f"Martlet reads {mine}, the other {theirs}"
    if len(martlet) > len(other) and other_waits:
        return f"Martlet reads {martlet[len(other)]}, the other takes that for content and waits for more"
    if len(other) > len(martlet) and martlet_waits:
        return f"the other reads {other[len(martlet)]}, Martlet takes that for content and waits for more"
    return None


def path_differs(martlet, other):
    """Whether a path was decoded to something else; only nginx logs what it decoded."""
    for mine, theirs in zip(martlet, other):
        if mine.path != theirs.path:
            return f"Martlet reads the path {mine.path!r}, the other {theirs.path!r}"
    return None


class Comparison:
    def __init__(self, provider, nginx, haproxy):
        self.provider, self.nginx, self.haproxy = provider, nginx, haproxy
        self.beside = {"martlet": provider.port, "nginx": nginx.alone, "haproxy": haproxy.alone}
        self.behind = {"nginx, buffering": nginx.buffered, "nginx, streaming": nginx.unbuffered,
                       "haproxy, passing on": haproxy.proxy}
        self.runs = 0
        self.statistics = defaultdict(int)

    def run(self, cases, roads, quiet, connections=CONNECTIONS):
        self.runs += 1
        run = Run(self.runs, cases, roads, quiet, connections)
        asyncio.run(run.all())
        return run

    def settle(self):
        """Waits until all logs are written: each server logs in order, so a last request shows it."""
        self.runs += 1
        mark = f"c0x{self.runs}-last"
        for port in {**self.beside, **self.behind}.values():
            with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/health?{mark}", headers={
                    "Connection": "close"}), timeout=60) as answer:
                answer.read()
        count = lambda log: sum(mark in (record["target"] or "") for record in log.records())
        within(PATIENCE, lambda: count(self.nginx) == 3 and count(self.haproxy) == 2, "the proxies write their logs")
        health = lambda: sum(record.get("path") == "/health" for record in self.provider.log_records())
        self.health = getattr(self, "health", 0)
        within(PATIENCE, lambda: health() >= self.health + 4, "Martlet writes its log")
        self.health = health()

    def beside_each_other(self, cases, quiet, connections=CONNECTIONS):
        run = self.run(cases, self.beside, quiet, connections)
        self.settle()
        martlet = read_by_martlet(run, self.provider.log_records())
        findings = {}
        for name, log in (("nginx", self.nginx), ("haproxy", self.haproxy)):
            other = read_by_server(run, log.records(), self.beside[name])
            for case in cases:
                mine, theirs = martlet[case.number], other[case.number]
                self.statistics[f"{name}: both read on"] += bool(mine and theirs)
                self.statistics[f"{name}: Martlet alone refuses"] += bool(theirs and not mine)
                self.statistics[f"{name}: it alone refuses"] += bool(mine and not theirs)
                why = differs(mine, run.waits[case.number, "martlet"], theirs, run.waits[case.number, name])
                if not why and name == "nginx":
                    why = path_differs(mine, theirs)
                if why:
                    findings[case.number, name] = why
        return findings

    def behind_a_proxy(self, cases, quiet, connections=CONNECTIONS):
        findings = {}
        for road, port in self.behind.items():
            before = len(self.provider.log_records())
            run = self.run(cases, {road: port}, quiet, connections)
            self.settle()
            log = self.nginx if road.startswith("nginx") else self.haproxy
            passed = {record["id"]: record for record in log.records() if record["port"] == port and record["id"]}
            for record in self.provider.log_records()[before:]:
                number = run.mine(record.get("path"))
                if number is None:
                    continue
                self.statistics[f"{road}: requests behind it"] += 1
                asked = passed.get(record["request_id"])
                if asked is None:
                    findings[number, road] = f"Martlet answers {record['path']}, which nobody passed on"
                elif asked["method"] != record["method"] or MINE.search(asked["target"])[0] not in record["path"]:
                    findings[number, road] = f"Martlet answers {record['path']} to {asked['target']}"
        return findings


def confirmed(compare, cases, findings):
    """What still differs when nothing else runs and there is time."""
    for quiet in QUIET_AGAIN:
        suspects = [case for case in cases if any(number == case.number for number, _ in findings)]
        findings = compare(suspects, quiet, connections=3) if suspects else {}
    return findings


def report(cases, findings):
    names = {case.number: case for case in cases}
    for (number, road), why in sorted(findings.items()):
        print(f"\n    {names[number].name}\n      {names[number].bytes[:300]!r}\n      {road}: {why}")
    assert not findings, f"{len(findings)} readings differ"


def main():
    end_on_signals()
    cases = [Case(number, name, data) for number, (name, data) in enumerate(corpus.cases(), 1)]
    assert len(cases) > 1500, "most of the corpus is missing"
    with Provider() as provider:
        provider.start()
        with Nginx(provider.folder, provider.port) as nginx, HAProxy(provider.folder, provider.port) as haproxy:
            comparison = Comparison(provider, nginx, haproxy)
            with step(f"beside nginx and HAProxy: {len(cases)} streams, the same requests"):
                findings = comparison.beside_each_other(cases, QUIET)
                report(cases, confirmed(comparison.beside_each_other, cases, findings))
            with step("behind nginx and HAProxy: only what they passed on, each answer where it belongs"):
                findings = comparison.behind_a_proxy(cases, QUIET)
                report(cases, confirmed(comparison.behind_a_proxy, cases, findings))
            for what, count in sorted(comparison.statistics.items()):
                print(f"    {what}: {count}")
                assert count > 200 or "refuses" in what, "so few that the comparison is worth nothing"
            assert provider.process.poll() is None, "the server ended"


if __name__ == "__main__":
    main()
