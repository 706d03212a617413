"""Chromium as a person uses it, and what it says about the pages: its console, their width, how they look."""

import base64
import contextlib
import functools
import importlib.util
import json
import re
import shutil
import tempfile
from pathlib import Path

from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

WIDTHS = {375: 812, 1280: 800}
SCHEMES = ("light", "dark")
# WCAG 2.2, A and AA, and what axe-core calls good practice.
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


@functools.cache
def axe():
    """axe-core, which comes inside of a Python package; nothing else of that package is used."""
    package = importlib.util.find_spec("axe_playwright_python")
    assert package, "axe-playwright-python is not installed: deploy/test.sh does it"
    return (Path(package.submodule_search_locations[0]) / "axe.min.js").read_text()


class Chromium:
    """One browser with a fresh profile; `scripts=False` is somebody who has JavaScript switched off."""

    def __init__(self, scripts=True):
        self.scripts = scripts
        self.profile = tempfile.mkdtemp(prefix="martlet-chromium-")
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for argument in (
            "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
            f"--user-data-dir={self.profile}", "--window-size=1280,800", "--lang=en-US",
        ):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        if not scripts:
            options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
        service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
        self.driver = webdriver.Chrome(options=options, service=service)
        self.driver.set_page_load_timeout(120)
        self._expected = []

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind:
            with contextlib.suppress(Exception):
                print(f"\nat {self.driver.current_url}: {self.driver.title!r}\n{self.text()[:1500]}")
        with contextlib.suppress(Exception):
            self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)

    # What a person does.

    def open(self, address):
        self.driver.get(address)

    def find(self, identifier):
        return self.driver.find_element(By.ID, identifier)

    def has(self, identifier):
        return bool(self.driver.find_elements(By.ID, identifier))

    def press(self, identifier):
        """Presses a button or follows a link, and waits until the page it was on has gone."""
        element = self.find(identifier)
        element.click()
        self.wait(lambda: is_gone(element), f"{identifier} leads on")

    def type(self, identifier, text):
        element = self.find(identifier)
        element.clear()
        element.send_keys(text)

    def sign_in(self, email, password):
        if self.find("email").get_attribute("readonly") is None:
            self.type("email", email)
        self.type("password", password)
        self.press("submit")

    def await_page(self, identifier):
        """Waits for the page that has such an element."""
        self.wait(lambda: self.has(identifier), f"a page with #{identifier}")
        return self.find(identifier)

    def wait(self, condition, what):
        try:
            # What was found may belong to the page before.
            waiting = WebDriverWait(self.driver, 60, 0.05, [NoSuchElementException, StaleElementReferenceException])
            waiting.until(lambda _: condition())
        except Exception as error:
            raise AssertionError(f"not within 60 s: {what}; at {self.driver.current_url}: {self.text()[:300]}") from error

    def text(self):
        with contextlib.suppress(NoSuchElementException):
            return self.driver.find_element(By.TAG_NAME, "body").text
        return ""

    # What the browser says.

    def expect_status(self, status):
        """The next page comes with that status; Chromium calls this an error in its console, and it is none."""
        self._expected.append(f"status of {status} ")

    def check_console(self):
        """Nothing in the console since the last look: no script error, nothing refused by the content security policy."""
        for entry in self.driver.get_log("browser"):
            known = next((part for part in self._expected if part in entry["message"]), None)
            if entry["source"] == "network" and known:
                self._expected.remove(known)
                continue
            raise AssertionError(f"the console says: {entry}")
        assert not self._expected, f"these were expected and did not come: {self._expected}"

    def check_layout(self, name):
        """No sideways scrolling from a small phone on, one heading, a language, a label for every field."""
        for width in (320, 375, 768, 1280):
            self.resize(width, 640)
            wide = self.driver.execute_script(
                """const width = document.documentElement.clientWidth;
                if (document.documentElement.scrollWidth <= width) return null;
                return [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > width + 1)
                    .slice(0, 5).map(e => e.outerHTML.slice(0, 120));"""
            )
            assert wide is None, f"{name} scrolls sideways at {width} px: {wide}"
        self.restore()
        found = self.driver.execute_script(
            """return {lang: document.documentElement.lang, headings: document.querySelectorAll('h1').length,
            bare: [...document.querySelectorAll('input:not([type=hidden]):not([hidden])')].filter(e => !e.labels.length).length,
            title: document.title}"""
        )
        assert found["lang"] and found["headings"] == 1 and not found["bare"] and found["title"], f"{name}: {found}"
        self.check_axe(name)

    def check_axe(self, name):
        """axe-core finds nothing on the page as it is; it needs the timers of a page with scripts."""
        if not self.scripts:
            return
        self.still()
        if not self.driver.execute_script("return typeof axe === 'object'"):
            self.driver.execute_script(axe())
        found = self.driver.execute_async_script(
            """const [rules, done] = arguments;
            axe.run(document, {runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})
                .then(result => done(result.violations.map(v => `${v.id}: ${v.help}: `
                    + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + ' ' + n.failureSummary).join(' | '))),
                    error => done([String(error)]));""",
            list(RULES),
        )
        assert not found, f"{name}: " + "\n".join(found)

    def screenshots(self, folder, name):
        """How the page looks on a phone and on a desk, by day and by night."""
        for width, height in WIDTHS.items():
            self.resize(width, height)
            for scheme in SCHEMES:
                self.scheme(scheme)
                self.picture(folder / f"{name}-{width}-{scheme}.png")
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
        self.restore()

    def scheme(self, scheme):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def picture(self, file):
        # The colours change by transitions; a picture in the middle of one shows neither.
        self.still()
        picture = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
        file.write_bytes(base64.b64decode(picture["data"]))

    def still(self):
        """Whatever moves is where it is going; what never gets there is waited for."""
        moving = """document.getAnimations().forEach(
            a => a.effect.getComputedTiming().endTime === Infinity || a.finish());
            return document.getAnimations().length;"""
        self.wait(lambda: not self.driver.execute_script(moving), "stillness")

    def tab_through(self, times):
        """What has the focus after each of so many Tabs, by its place in `window.steps`, and how it shows that."""
        self.driver.execute_script(
            """window.focused = [];
            window.note = () => {
                const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
                window.focused.push({index: window.steps.indexOf(e), html: e.outerHTML.slice(0, 90),
                    outline: style.outlineStyle, width: parseFloat(style.outlineWidth), top: box.top + scrollY,
                    bottom: box.bottom + scrollY, left: box.left});
            };
            document.addEventListener('focusin', window.note);"""
        )
        if self.scripts and times:
            ActionChains(self.driver, duration=0).send_keys(Keys.TAB * times).perform()
        # Where scripts are switched off, nobody listens.
        for _ in range(0 if self.scripts else times):
            self.driver.switch_to.active_element.send_keys(Keys.TAB)
            self.driver.execute_script("window.note();")
        return self.driver.execute_script("document.removeEventListener('focusin', window.note); return window.focused;")

    def resize(self, width, height):
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def restore(self):
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    def json_of(self, identifier):
        return json.loads(re.sub(r"\s+", " ", self.find(identifier).get_attribute("textContent")))


def is_gone(element):
    """Whether the page that an element was on has left."""
    try:
        element.is_enabled()
    except Exception:  # noqa: BLE001: stale, or detached in the middle of the navigation
        return True
    return False
