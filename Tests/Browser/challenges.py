"""A person with Chromium shows that they are no robot, with JavaScript and without."""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Live"))

from chromium import Chromium
from provider import Provider, end_on_signals, step


def main():
    end_on_signals()
    for scripts in (True, False):
        print(f" JavaScript {'on' if scripts else 'off'}")
        with Provider(host="localhost", captcha="always") as provider, Chromium(scripts) as browser:
            provider.start()
            browser.open(provider.issuer + "/")
            person = browser.find("demo-email").text, browser.find("demo-password").text
            browser.press("playground")
            browser.await_page("challenge")
            (solve if scripts else wait)(browser, person)
            browser.check_console()
            assert provider.stop() == 0


def solve(browser, person):
    with step("the form goes at once, and is sent when the puzzle is solved"):
        assert browser.find("challenge-working").is_displayed()
        browser.sign_in(*person)
        browser.await_page("allow")


def wait(browser, person):
    with step("the page says how long it takes, and is refused before"):
        assert "wait 20 seconds" in browser.text()
        browser.expect_status(403)
        browser.sign_in(*person)
        browser.await_page("error")
        assert "too soon" in browser.find("error").text
    with step("after the wait the same page is taken"):
        # The server's clock decides: as often as it says so, it was too early.
        for _ in range(60):
            time.sleep(5)
            browser.sign_in(*person)
            browser.wait(lambda: browser.has("allow") or browser.has("error"), "an answer")
            if browser.has("allow"):
                return
            browser.expect_status(403)
        raise AssertionError("the wait has no end")


if __name__ == "__main__":
    main()
