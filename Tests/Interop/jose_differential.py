"""Other implementations of JOSE and WebAuthn against ours, in both directions: joserfc, cryptography and fido2.

What they make, Martlet reads, and the reverse; what is changed on the way, Martlet refuses. Keys, contents and changes are
drawn from a seed that is printed first: `jose_differential.py SEED` runs the same cases once more.
"""

import random
import secrets
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Live"))

import jose_encryption
import jose_passkeys
import jose_signatures
from jose_peer import Peer
from provider import end_on_signals, step

#: Each a module with STEPS: (what it shows, function of peer and random source that returns how many cases it ran).
SUITES = [jose_signatures, jose_encryption, jose_passkeys]


def main():
    end_on_signals()
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else secrets.randbelow(1 << 32)
    print(f"  seed {seed}", flush=True)
    cases = 0
    with Peer() as peer:
        for suite in SUITES:
            for name, run in suite.STEPS:
                # Each from the seed alone, so that one step draws the same whatever the others do.
                source = random.Random(f"{seed} {name}")
                with step(name):
                    cases += run(peer, source)
    print(f"  {cases} cases agree", flush=True)


if __name__ == "__main__":
    main()
