"""Memory over a long run: a steady mix of everything that clients do, and what the server's memory does meanwhile.

Flat is: a straight line through the last two thirds rises by less than 2 % of what is there.
"""

import argparse
import os
import secrets
import time

from provider import Provider, end_on_signals, free_port, step
from soak_load import Application, Machine, Mix, Person, Stranger, Visitor
from transport import make_certificate

#: Growth over the last two thirds of a run above which memory is not flat, as a share.
TOLERANCE = 0.02
#: As many access tokens as the server remembers at most: with them seen, its largest cache is full.
REMEMBERED_TOKENS = 8192
#: With so many grants the database is larger than SQLite's caches of its pages, 2 MiB for each connection.
GRANTS = 16_000
#: A short run sees less of the allocator's ups and downs; what leaks there shows at the long run's rate as well.
SHORTEST_TOLERANCE = 768 * 1024


def main():
    end_on_signals()
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--minutes", type=float, default=float(os.environ.get("SOAK_MINUTES", 1)))
    arguments.add_argument("--rate", type=int, default=300, help="requests a second, of all kinds together")
    options = arguments.parse_args()
    with Provider("production", access_token_lifetime=300) as provider:
        mix = prepare(provider, options.rate)
        with step(f"{REMEMBERED_TOKENS} tokens are seen, so that what is kept on purpose is there"):
            mix.machine.present(REMEMBERED_TOKENS)
        with step(f"{GRANTS} grants are made, so that the caches of pages are full"):
            mix.application.fill(GRANTS)
        with step(f"{options.minutes:g} minutes of everything at {options.rate} requests a second"), mix:
            samples = watch(provider, mix, options.minutes * 60)
        print("  " + ", ".join(f"{name} {count}" for name, count in sorted(mix.counts().items())))
        with step("no request had an answer that it should not have had"):
            assert not mix.faults, f"{len(mix.faults)} faults: {mix.faults[:5]}"
        with step("memory is flat"):
            judge(samples)
        with step("a clean end"):
            assert provider.stop() == 0


def prepare(provider, rate):
    make_certificate(provider, "login", "ec")
    tls = free_port()
    provider.environment.update({
        "MARTLET_LISTEN": f"127.0.0.1:{provider.port},https://127.0.0.1:{tls}",
        "MARTLET_TLS_CERTIFICATE": str(provider.folder / "login.pem"),
        "MARTLET_TLS_KEY": str(provider.folder / "login.key"),
        "MARTLET_LOOPS": "2",
    })
    password = secrets.token_urlsafe(16)
    provider.add_user("ada@example.com", password)
    application = provider.add_client("application", "--first-party")
    machine = provider.add_client("machine", redirect_uri=None, grants=["client_credentials"], scopes=["bench"])
    # A set of all secrets that were ever seen would grow here, not there.
    provider.confidential = lambda value: value
    provider.start()
    account = ("ada@example.com", password)
    return Mix(
        Machine(provider, machine, share=0.4 * rate),
        Application(provider, application, account, share=0.4 * rate),
        Stranger(provider, share=0.1 * rate),
        Visitor(provider, tls, share=0.1 * rate),
        Person(provider, application, account, share=0.4),
    )


def watch(provider, mix, seconds):
    """Seconds since the beginning, resident memory in KiB, and what of it is no file's.

    Each is the least of many looks: a password hash takes 64 MiB for a moment, which says nothing.
    """
    began = time.monotonic()
    samples = []
    while time.monotonic() < began + seconds:
        looks = []
        end = time.monotonic() + max(1.0, seconds / 90)
        while time.monotonic() < end:
            mix.look_after()
            looks.append(memory(provider.process.pid))
            time.sleep(0.1)
        samples.append((time.monotonic() - began, *(min(sizes) for sizes in zip(*looks))))
        # The log of a long run would fill the disk.
        os.truncate(provider.log_path, 0)
    return samples


def memory(process):
    with open(f"/proc/{process}/status") as status:
        fields = dict(line.split(":", 1) for line in status)
    return [int(fields[name].split()[0]) for name in ("VmRSS", "RssAnon")]


def judge(samples):
    steps = samples[:: max(1, len(samples) // 12)]
    print("MiB by second: " + ", ".join(f"{at:.0f}: {size / 1024:.1f}" for at, size, _ in steps) + " … ", end="")
    samples = samples[len(samples) // 3 :]
    times = [sample[0] for sample in samples]
    told = []
    for name, place in (("resident", 1), ("anonymous", 2)):
        sizes = [sample[place] * 1024 for sample in samples]
        mean, growth = sum(sizes) / len(sizes), slope(times, sizes) * (times[-1] - times[0])
        allowed = max(TOLERANCE * mean, SHORTEST_TOLERANCE if times[-1] < 600 else 0)
        told.append(
            f"{name}: mean {mean / 2**20:.2f} MiB, {min(sizes) / 2**20:.2f} to {max(sizes) / 2**20:.2f}, "
            f"line {growth / 1024:+.0f} KiB ({growth / mean:+.2%}) in {times[-1] - times[0]:.0f} s"
        )
        if name == "resident":
            is_flat = growth <= allowed
    print("; ".join(told) + " … ", end="", flush=True)
    assert is_flat, f"memory grows: {told}"


def slope(times, sizes):
    """Of the straight line with the least squares."""
    middle, mean = sum(times) / len(times), sum(sizes) / len(sizes)
    return sum((t - middle) * (size - mean) for t, size in zip(times, sizes)) / sum((t - middle) ** 2 for t in times)


if __name__ == "__main__":
    started = time.monotonic()
    main()
    print(f"{time.monotonic() - started:.0f} s in all")
