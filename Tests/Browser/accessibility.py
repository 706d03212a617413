"""Every page in every state and every mail, in every language, as Chromium sees it: axe-core, order and sight of the focus,
size of targets, width, weight, with JavaScript and without.

The pages come from a gallery that GalleryTests writes; the ways that lead to them are for the other programs here, which
ask axe-core too.
"""

import argparse
import concurrent.futures
import contextlib
import functools
import http.server
import json
import tempfile
import threading
from pathlib import Path

from chromium import SCHEMES, Chromium

WIDTHS = (320, 768, 1440)
# What differs most, the narrowest first.
MOST = ((320, "dark"), (1440, "light"))
# One a core of the machines that this runs on.
BROWSERS = 2
WEIGHT_LIMIT = 60 * 1024
# As Sources/Web/Answers/SecurityHeaders.swift has it.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'"
)
# Mails bring their own style, and nothing else.
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("gallery", type=Path, help="the folder that GalleryTests wrote")
    arguments.add_argument("--screenshots", type=Path, help="the folder that keeps them; a temporary one unless told")
    arguments.add_argument("--only", default="", help="templates whose name has this in it")
    options = arguments.parse_args()
    pages = [page for page in json.loads((options.gallery / "index.json").read_text()) if options.only in page["template"]]
    assert pages, "the gallery is empty"
    with tempfile.TemporaryDirectory(prefix="martlet-screenshots-") as temporary, Gallery(options.gallery) as gallery:
        folder = options.screenshots or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        failures = []
        for scripts in (True, False):
            visits = list(visits_of(pages, gallery, scripts))
            waiting = iter(visits)
            with concurrent.futures.ThreadPoolExecutor(BROWSERS) as threads:
                for each in [threads.submit(look, waiting, scripts, folder) for _ in range(BROWSERS)]:
                    failures += each.result()
            print(f" {len(visits)} pages, JavaScript {'on' if scripts else 'off'}", flush=True)
        assert not failures, f"{len(failures)} pages are not as they should be"


def visits_of(pages, gallery, scripts):
    seen = set()
    for page in pages:
        # This one leaves at once where scripts run.
        if scripts and page["template"] == "form-post":
            continue
        kind = (page["language"], page["template"])
        is_first = kind not in seen
        seen.add(kind)
        # Without scripts the states of a page differ in nothing that was not seen with them.
        if scripts or is_first:
            yield Visit(gallery, page, is_first, scripts)


# `next` of an iterator over a list is one step to all threads.
def look(waiting, scripts, folder):
    """One browser that takes page after page from those that wait; returns what is wrong."""
    failures = []
    with Chromium(scripts) as browser:
        for visit in waiting:
            try:
                visit.check(browser, folder)
            except AssertionError as error:
                failures.append(str(error))
                print(f" {error}", flush=True)
                browser.driver.get_log("browser")
    return failures


class Gallery:
    """A server of the gallery's files, with the headers that matter."""

    def __init__(self, folder):
        self.folder = folder
        handler = functools.partial(Files, directory=str(folder))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Files(http.server.SimpleHTTPRequestHandler):
    def end_headers(self):
        self.send_header("Content-Security-Policy", MAIL_POLICY if "/mail-" in self.path else POLICY)
        super().end_headers()

    def do_POST(self):
        """Options of a passkey that nobody has."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        # Whoever goes to another page waits for no answer.
        with contextlib.suppress(ConnectionError):
            self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


class Visit:
    """One page in one state."""

    def __init__(self, gallery, page, is_first, scripts):
        (self.gallery, self.page, self.is_first) = (gallery, page, is_first)
        self.name = f"{page['language']} {page['state']}{'' if scripts else ' without JavaScript'}"
        # Other languages have the same elements with other words, whose length matters: see MOST.
        self.is_original = page["language"] == "en"
        # How the focus shows in a mail is for the program that shows the mail.
        self.is_mail = page["template"].startswith("mail-") and page["file"].split("/")[-1].startswith("mail-")

    def looks_at(self, width, scheme):
        """The first of its template is looked at in everything, the others in what differs most."""
        if self.is_first and self.is_original:
            return True
        return (width, scheme) in (MOST if self.is_first or self.is_original else MOST[:1])

    def check(self, browser, folder):
        self.browser = browser
        browser.open(f"{self.gallery.address}/{self.page['file']}")
        assert browser.driver.execute_script("return document.documentElement.lang") == self.page["language"], self.name
        self.check_weight()
        for width in WIDTHS:
            browser.resize(width, 900)
            wide = browser.driver.execute_script("return document.documentElement.scrollWidth") > width
            assert not wide, f"{self.name} scrolls sideways at {width} px"
            for scheme in SCHEMES:
                if not self.looks_at(width, scheme):
                    continue
                browser.scheme(scheme)
                browser.check_axe(f"{self.name} at {width} px, {scheme}")
                if self.is_first and browser.scripts:
                    browser.picture(folder / f"page-{self.page['language']}-{self.page['template']}-{width}-{scheme}.png")
        self.check_targets()
        if (self.is_first or self.is_original) and not self.is_mail:
            self.check_focus()
        if browser.scripts and self.is_original:
            self.check_sending()
        # What waits to be shown is looked at as well.
        browser.driver.execute_script(
            "document.querySelectorAll('body [hidden]:not(input)').forEach(e => { e.hidden = false; });")
        browser.resize(320, 900)
        if self.is_first or self.is_original:
            browser.check_axe(f"{self.name} with everything shown")
        wide = browser.driver.execute_script("return document.documentElement.scrollWidth") > 320
        assert not wide, f"{self.name} with everything shown scrolls sideways"
        browser.restore()
        if "a widget" in self.page["state"]:
            # Its script comes from elsewhere, and is not let in here.
            browser.driver.get_log("browser")
        else:
            browser.check_console()

    def check_weight(self):
        """The page, its style, its script and its icon."""
        html = (self.gallery.folder / self.page["file"]).stat().st_size
        found = self.browser.driver.execute_script(
            """return {scripts: [...document.scripts].map(e => e.getAttribute('src')),
            styles: [...document.querySelectorAll('style, link[rel=stylesheet]')].map(e => e.getAttribute('href')),
            others: [...document.querySelectorAll('link[rel=icon], img')].map(e => e.getAttribute(e.href ? 'href' : 'src'))}"""
        )
        own = [address for address in found["scripts"] if address and address.startswith("/")]
        assert len(own) <= 1 and len(found["styles"]) <= 1, f"{self.name}: {found}"
        files = {address.split("?")[0].lstrip("/") for address in own + found["styles"] + found["others"]}
        weight = html + sum((self.gallery.folder / name).stat().st_size for name in files)
        assert weight <= WEIGHT_LIMIT, f"{self.name} weighs {weight} bytes"

    def check_targets(self):
        """24 px each way (WCAG 2.2, 2.5.8); links inside of a sentence are as high as their line."""
        self.browser.resize(320, 900)
        small = self.browser.driver.execute_script(
            """const inSentence = e => e.tagName === 'A' && getComputedStyle(e).display === 'inline'
                && e.parentNode.textContent.trim() !== e.textContent.trim();
            return [...document.querySelectorAll('a, button, input:not([type=hidden]), summary, select, textarea')]
                .filter(e => e.checkVisibility() && !inSentence(e))
                .map(e => ({box: e.getBoundingClientRect(), html: e.outerHTML.slice(0, 90)}))
                .filter(e => e.box.width < 24 || e.box.height < 24)
                .map(e => `${Math.round(e.box.width)} x ${Math.round(e.box.height)}: ${e.html}`);"""
        )
        assert not small, f"{self.name} has small targets: {small}"

    def check_sending(self):
        """Whoever sends a form is told that it is on its way, cannot send it twice, and can when they come back."""
        found = self.browser.driver.execute_script(
            """const outcomes = [];
            // Behind the page's own: nothing leaves.
            const note = event => { outcomes.at(-1).push(!event.defaultPrevented); event.preventDefault(); };
            window.addEventListener('submit', note);
            const progress = document.getElementById('progress');
            for (const button of document.querySelectorAll('form:not([data-stays]):not(#passkey) button[type=submit]')) {
                if (button.form.querySelector('.challenge')) continue;
                const label = button.textContent;
                outcomes.push([]);
                button.form.noValidate = true;
                button.form.requestSubmit(button);
                const isSaid = progress.textContent === progress.dataset.text
                    && button.getAttribute('aria-disabled') === 'true' && document.activeElement !== null;
                button.form.requestSubmit(button);
                window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}));
                outcomes.at(-1).push(isSaid && progress.textContent === '' && button.textContent === label
                    && !button.hasAttribute('aria-disabled'));
                button.form.requestSubmit(button);
                window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}));
            }
            window.removeEventListener('submit', note);
            return outcomes;"""
        )
        assert all(outcome == [True, False, True, True] for outcome in found), f"{self.name}: sending: {found}"

    def check_focus(self):
        """Tab leads through everything in reading order, and it shows where one is."""
        browser = self.browser
        browser.resize(1440, 900)
        expected = browser.driver.execute_script(
            """window.steps = [...document.querySelectorAll(
                'a[href], button, input:not([type=hidden]), summary, select, textarea, [tabindex]')]
                .filter(e => e.checkVisibility() && !e.disabled && e.tabIndex >= 0);
            document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex');
            return window.steps.length;"""
        )
        steps = browser.tab_through(expected)
        assert len(steps) == expected, f"{self.name}: {expected} Tabs lead to {steps}"
        previous = None
        for step, found in enumerate(steps):
            assert found["index"] == step, f"{self.name}: the {step + 1}. Tab leads to {found}"
            assert found["outline"] != "none" and found["width"] >= 2, f"{self.name}: the focus does not show: {found}"
            if previous:
                below = found["top"] >= previous["bottom"] - 4
                beside = found["bottom"] > previous["top"] and found["left"] >= previous["left"] - 4
                assert below or beside, f"{self.name}: {found} stands before {previous}"
            previous = found


if __name__ == "__main__":
    main()
