"""The client of the browser tests: a small server that browsers come back to."""

import html
import http.server
import json
import secrets
import threading
import urllib.parse


class Callback:
    """The client's own server: shows what the browser brought along."""

    def __init__(self):
        pages = self.pages = {}

        class Request(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                parts = urllib.parse.urlsplit(self.path)
                self.show(parts.path, parts.query)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.show(self.path, body.decode())

            def show(self, path, query):
                content, policy = pages.get(path, (None, None))
                if content is None and path == "/callback":
                    answer = {"method": self.command, **dict(urllib.parse.parse_qsl(query))}
                    content = f'<title>Client</title><pre id="callback">{html.escape(json.dumps(answer))}</pre>'
                content = ("<!DOCTYPE html>" + content).encode() if content else b""
                self.send_response(200 if content else 204)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(content)))
                if policy:
                    self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Request)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        self.address = self.origin + "/callback"

    def page(self, content, policy=None):
        """Serves a page of the test's own and returns its address."""
        path = "/" + secrets.token_hex(4)
        self.pages[path] = (content, policy)
        return self.origin + path

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
