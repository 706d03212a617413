"""A person with a browser: cookies, pages, links and forms as they are shown, without script."""

import html.parser
import http.cookiejar
import urllib.parse

import requests


class Unavailable(Exception):
    """The provider answers that it cannot do its work now."""

    def __init__(self, response):
        super().__init__(f"{response.status_code} from {urllib.parse.urlsplit(response.url).path}")
        self.status = response.status_code
        self.headers = response.headers


class Page:
    """An answer as a browser shows it. `location` is set where the browser leaves the provider."""

    def __init__(self, response, location=None):
        self.status = response.status_code
        self.url = response.url
        self.headers = response.headers
        self.text = response.text
        self.location = location
        reader = _PageReader()
        reader.feed(self.text)
        self.forms = reader.forms
        self.title = "".join(reader.title).strip()
        self.ids = reader.ids

    @property
    def answer(self):
        """The parameters that the provider sends the client by this redirect."""
        assert self.location, f"no redirect but a page: {self.status} {self.title!r}"
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.location).query, strict_parsing=True))

    def asks_for(self, control):
        """Whether a form of the page has a control of that name."""
        return any(control in form["names"] for form in self.forms)

    def form(self, having):
        """The form that has a control of that name or identifier."""
        found = [form for form in self.forms if having in form["names"] or having in form["ids"]]
        assert len(found) == 1, f"{len(found)} forms with {having} on {self.status} {self.title!r} {self.url}"
        return found[0]


class Person:
    """Somebody with a browser of their own."""

    def __init__(self, provider, email=None, password=None):
        self.provider = provider
        self.email = email
        self.password = password
        self.session = requests.Session()
        self.session.trust_env = False
        # Where the issuer is https, the test stands in for the proxy in front of the server.
        self.session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(secure_protocols=("https", "http")))
        if provider.issuer != provider.address:
            self.session.mount(provider.issuer, _InPlaceOfProxy(provider))

    def at(self, provider):
        """From here on the issuer's name leads to that node of its cluster."""
        self.provider = provider
        self.session.mount(provider.issuer, _InPlaceOfProxy(provider))
        return self

    def open(self, address, **options):
        return self._follow("GET", urllib.parse.urljoin(self.provider.issuer + "/", address), **options)

    def submit(self, page, having, button=None, **fields):
        """Posts the form that has a control of that name or identifier, by a button of it."""
        form = page.form(having)
        content = dict(form["values"])
        if button:
            assert button in form["buttons"], f"no button {button!r}: {sorted(form['buttons'])}"
            content.update(form["buttons"][button])
        content.update(fields)
        action = urllib.parse.urljoin(page.url, form["action"] or page.url)
        return self._follow(
            form["method"].upper(), action, data=content,
            headers={"Origin": _origin(self.provider.issuer), "Sec-Fetch-Site": "same-origin"},
        )

    def sign_in(self, page, password=None):
        return self.submit(page, "password", email=self.email, password=password or self.password)

    def finish(self, page, decision="allow"):
        """Answers every page that the provider shows until the browser goes back to the client."""
        for _ in range(6):
            if page.location:
                return page
            if page.asks_for("password"):
                page = self.sign_in(page)
                assert "error" not in page.ids, f"the sign-in was refused: {page.title!r}"
            elif page.asks_for("decision"):
                page = self.submit(page, "decision", button=decision)
            elif page.asks_for("choice"):
                page = self.submit(page, "choice", button="continue")
            else:
                raise AssertionError(f"nothing to do on {page.status} {page.title!r} {page.url}")
        raise AssertionError("the pages do not end")

    def _follow(self, method, address, **options):
        for _ in range(10):
            response = self.session.request(method, address, allow_redirects=False, timeout=60, **options)
            for cookie in self.session.cookies:
                self.provider.confidential(cookie.value)
            if response.status_code >= 500:
                raise Unavailable(response)
            if response.status_code not in (301, 302, 303, 307, 308):
                page = Page(response)
                self._note(page)
                return page
            assert response.status_code == 303, f"a redirect must be 303, not {response.status_code}"
            target = urllib.parse.urljoin(address, response.headers["Location"])
            if not _is_below(target, self.provider.issuer):
                page = Page(response, location=target)
                self.provider.confidential(dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(target).query)).get("code"))
                return page
            method, address, options = "GET", target, {}
        raise AssertionError("the redirects do not end")

    def _note(self, page):
        """What this page shows and the log must not."""
        for form in page.forms:
            self.provider.confidential(form["values"].get("csrf"))
            self.provider.confidential(form["values"].get("code"))
        path = urllib.parse.urlsplit(page.url).path
        if "/interaction/" in path:
            self.provider.confidential(path.split("/interaction/")[1].split("/")[0])


def _origin(url):
    parts = urllib.parse.urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _is_below(url, issuer):
    return url == issuer or url.startswith((issuer + "/", issuer + "?"))


class _InPlaceOfProxy(requests.adapters.HTTPAdapter):
    """Hands requests for the issuer's https address to the server's own, as a proxy that ends TLS does."""

    def __init__(self, provider):
        super().__init__()
        self.provider = provider

    def send(self, request, **options):
        local = request.copy()
        parts = urllib.parse.urlsplit(request.url)
        local.url = self.provider.address + urllib.parse.urlunsplit(("", "", parts.path, parts.query, ""))
        local.headers["Host"] = parts.netloc
        response = super().send(local, **options)
        response.url, response.request = request.url, request
        return response


class _PageReader(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.forms = []
        self.ids = set()
        self.title = []
        self._form = None
        self._in_title = False

    def handle_starttag(self, tag, pairs):
        attributes = dict(pairs)
        if "id" in attributes:
            self.ids.add(attributes["id"])
        if tag == "title":
            self._in_title = True
        # The choice of a language stands on every page.
        if tag == "form" and not (attributes.get("action") or "").endswith("/language"):
            self._form = {
                "action": attributes.get("action"), "method": attributes.get("method", "get"), "values": {},
                "buttons": {}, "names": set(), "ids": {attributes.get("id")},
            }
            self.forms.append(self._form)
        if self._form is None or tag not in ("input", "button"):
            return
        name = attributes.get("name")
        self._form["ids"].add(attributes.get("id"))
        self._form["names"].add(name)
        if tag == "button":
            self._form["buttons"][attributes.get("id")] = {name: attributes.get("value", "")} if name else {}
        elif name:
            self._form["values"][name] = attributes.get("value", "")

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None
        if tag == "title":
            self._in_title = False

    def handle_data(self, data):
        if self._in_title:
            self.title.append(data)
