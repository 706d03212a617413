"""What browser tests share: how they begin, with JavaScript and without, each with a provider on which nobody has signed in
yet; and what a visit does again and again."""

import argparse
import re
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Live"))

from callback import Callback
from chromium import Chromium
from provider import Provider, end_on_signals


def run(description, visit, **settings):
    """Calls `visit(provider, browser, callback, folder, scripts)`, with a provider of these settings; the folder keeps
    screenshots, and is None for none."""
    end_on_signals()
    arguments = argparse.ArgumentParser(description=description)
    arguments.add_argument("--screenshots", type=Path, help="the folder that keeps them; a temporary one unless told")
    folder = arguments.parse_args().screenshots
    with tempfile.TemporaryDirectory(prefix="martlet-screenshots-") as temporary, Callback() as callback:
        folder = folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for scripts in (True, False):
            print(f" JavaScript {'on' if scripts else 'off'}")
            with Provider(host="localhost", **settings) as provider, Chromium(scripts) as browser:
                visit(provider, browser, callback, folder if scripts else None, scripts)


class Visit:
    """What the steps of a person in a browser need."""

    def __init__(self, provider, browser, party, folder):
        self.provider = provider
        self.browser = browser
        self.party = party
        self.folder = folder
        self._letters_read = set()

    def open(self, path):
        self.browser.open(self.provider.issuer + path)

    def at_client(self, state):
        # An application on this device is asked for each time (RFC 8252 §8.6).
        self.browser.wait(lambda: self.browser.has("allow") or self.browser.has("callback"), "consent or the client")
        if self.browser.has("allow"):
            self.browser.press("allow")
        self.browser.await_page("callback")
        answer = self.browser.json_of("callback")
        assert answer["state"] == state and answer["code"], answer
        self.provider.confidential(answer["code"])
        self.browser.check_console()

    def sign_out(self):
        self.open("/logout")
        self.browser.await_page("stay")
        self.browser.press("sign-out")
        self.browser.await_page("signed-out")
        self.browser.check_console()

    def check_staying(self):
        """The session outlives the browser."""
        self.open("/account")
        self.browser.await_page("account")
        cookie = self.browser.driver.get_cookie("martlet-session")
        assert cookie["expiry"] > time.time() + 20 * 86_400, cookie["expiry"]

    def read_mail(self, pattern, to=""):
        """The first match in the newest mail to an address that has one and was not read before."""
        found = None

        def look():
            nonlocal found
            self.open("/inbox")
            letters = [letter.text for letter in self.browser.driver.find_elements("class name", "letter")]
            for letter in letters:
                found = re.search(pattern, letter)
                if found and to in letter and letter not in self._letters_read:
                    self._letters_read.add(letter)
                    return True
            return False

        self.browser.wait(look, "the mail")
        return found

    def look(self, name):
        """Checks a page and keeps pictures of it."""
        self.browser.check_layout(name)
        if self.folder:
            self.browser.screenshots(self.folder, name)
        self.browser.check_console()
