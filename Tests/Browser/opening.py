"""How every browser test begins: with JavaScript and without, each with a provider on which nobody has signed in yet."""

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Live"))

from callback import Callback
from chromium import Chromium
from provider import Provider, end_on_signals


def run(description, visit):
    """Calls `visit(provider, browser, callback, folder, scripts)`; the folder keeps screenshots, and is None for none."""
    end_on_signals()
    arguments = argparse.ArgumentParser(description=description)
    arguments.add_argument("--screenshots", type=Path, help="the folder that keeps them; a temporary one unless told")
    folder = arguments.parse_args().screenshots
    with tempfile.TemporaryDirectory(prefix="martlet-screenshots-") as temporary, Callback() as callback:
        folder = folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for scripts in (True, False):
            print(f" JavaScript {'on' if scripts else 'off'}")
            with Provider(host="localhost") as provider, Chromium(scripts) as browser:
                visit(provider, browser, callback, folder if scripts else None, scripts)
