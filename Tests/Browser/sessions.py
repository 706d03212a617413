"""The end of a session in a browser: frames of clients on the signed-out page, with JavaScript and without, and the frame that
clients watch the session through. Provider and client are two origins of one machine.
"""

import html
import http.server
import json
import secrets
import threading
import urllib.parse

from opening import run


class Client:
    """A client's own server: remembers what it was asked for, and shows it."""

    def __init__(self):
        self.seen = []
        self.pages = {}
        client = self

        class Request(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                client.seen.append(self.path)
                parts = urllib.parse.urlsplit(self.path)
                answer = dict(urllib.parse.parse_qsl(parts.query))
                content = client.pages.get(
                    parts.path, f'<title>Client</title><pre id="callback">{html.escape(json.dumps(answer))}</pre>')
                body = ("<!DOCTYPE html>" + content).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Request)
        # The same site, another origin: on plain http browsers keep cookies from the frames of other sites.
        self.origin = f"http://localhost:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def visits(self, path):
        return [one for one in list(self.seen) if one.split("?")[0] == path]


#: Asks the frame and shows what it says; what to ask stands behind the number sign, once it is loaded and at every press.
WATCH = """<title>Watch</title><iframe id="op" src="ISSUER/check-session"></iframe><p id="said"></p><button id="ask">Ask</button>
<script>
var frame = document.getElementById("op"), said = document.getElementById("said");
var ask = function () { frame.contentWindow.postMessage(decodeURIComponent(location.hash.slice(1)), "ISSUER"); };
window.addEventListener("message", function (event) {
    if (event.source === frame.contentWindow) { said.textContent = event.origin + " " + event.data; }
});
frame.addEventListener("load", ask);
document.getElementById("ask").addEventListener("click", function () { said.textContent = ""; ask(); });
</script>"""


def main():
    run(__doc__, visit, session_management="yes")


def visit(provider, browser, callback, folder, scripts):
    shop, blog = Client(), Client()
    try:
        look(provider, browser, shop, blog, folder, scripts)
    finally:
        shop.close()
        blog.close()


def look(provider, browser, shop, blog, folder, scripts):
    password = secrets.token_urlsafe(16)
    for name, server in (("shop", shop), ("blog", blog)):
        provider.add_client(
            name, "--first-party", "--public", "--post-logout-redirect-uri", server.origin + "/bye",
            "--set", f"frontchannel_logout_uri={server.origin}/out?a=1&b=2",
            "--set", "frontchannel_logout_session_required=true", redirect_uri=server.origin + "/callback",
            scopes=["openid", "email"])
    provider.add_user("ada@example.com", password)
    provider.start()

    state = sign_in(provider, browser, "shop", shop, password)
    sign_in(provider, browser, "blog", blog, None)
    if scripts:
        shop.pages["/watch"] = WATCH.replace("ISSUER", provider.issuer)
        watch(provider, browser, shop, "shop " + state, "unchanged")
        watch(provider, browser, shop, "blog " + state, "changed")
        watch(provider, browser, shop, "shop", "error")
        # Another client's page learns nothing of this one's.
        blog.pages["/watch"] = shop.pages["/watch"]
        watch(provider, browser, blog, "shop " + state, "changed")

    # A person who signs out by themselves: both clients are framed, and the page stays.
    before = {server: len(server.visits("/out")) for server in (shop, blog)}
    browser.open(provider.issuer + "/logout")
    browser.await_page("stay")
    browser.press("sign-out")
    browser.await_page("signed-out")
    for server in (shop, blog):
        browser.wait(lambda: len(server.visits("/out")) == before[server] + 1, "the client is framed")
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(server.visits("/out")[-1]).query))
        assert (query["a"], query["b"], query["iss"]) == ("1", "2", provider.issuer) and query["sid"], query
    sids = {urllib.parse.parse_qs(one.split("?")[1])["sid"][0] for server in (shop, blog) for one in server.visits("/out")}
    assert len(sids) == 2, "two clients know the session by one name"
    browser.check_console()
    if scripts:
        watch(provider, browser, shop, "shop " + state, "changed")

    # A client that signs its person out gets them back by itself, behind the frames of both.
    sign_in(provider, browser, "blog", blog, password)
    token = sign_in(provider, browser, "shop", shop, None, wants_token=True)
    before = {server: len(server.visits("/out")) for server in (shop, blog)}
    browser.open(provider.issuer + "/logout?" + urllib.parse.urlencode({
        "id_token_hint": token, "post_logout_redirect_uri": shop.origin + "/bye", "state": "s1"}))
    browser.wait(lambda: shop.visits("/bye"), "the client gets its person back")
    assert shop.visits("/bye")[-1] == "/bye?state=s1", shop.visits("/bye")
    for server in (shop, blog):
        assert len(server.visits("/out")) == before[server] + 1, server.seen
    assert provider.stop() == 0
    provider.check_log()


def watch(provider, browser, client, message, expected):
    """What the frame says to a page of a client."""
    browser.open(client.origin + "/watch?" + secrets.token_hex(4) + "#" + urllib.parse.quote(message))
    browser.wait(lambda: browser.has("said") and browser.find("said").text, "the frame answers")
    assert browser.find("said").text == f"{provider.issuer} {expected}", (message, browser.find("said").text)


def sign_in(provider, browser, name, client, password, wants_token=False):
    """Signs in at a client; returns `session_state`, or an ID token."""
    from relying_party import RelyingParty

    party = RelyingParty(
        provider, {"client_id": name}, redirect_uri=client.origin + "/callback", scope="openid email")
    address, verifier = party.authorization()
    browser.open(address)
    if password:
        browser.await_page("password")
        browser.sign_in("ada@example.com", password)
    browser.wait(lambda: browser.has("allow") or browser.has("callback"), "consent or the client")
    if browser.has("allow"):
        browser.press("allow")
    browser.await_page("callback")
    answer = browser.json_of("callback")
    provider.confidential(answer["code"])
    assert answer["session_state"].count(".") == 1, answer
    if not wants_token:
        return answer["session_state"]
    return party.tokens(party.redemption(answer["code"], verifier))["id_token"]


if __name__ == "__main__":
    main()
