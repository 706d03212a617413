"""Martlet's side of the comparison: the program JOSEPeer, which answers one question a line."""

import base64
import json
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("JOSE_PEER", ROOT / ".build/debug/JOSEPeer"))


class Peer:
    def __enter__(self):
        self.process = subprocess.Popen(
            [PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(60)

    def ask(self, do, **members):
        """The answer, which may be a refusal: {"refused": why}."""
        question = json.dumps({"do": do} | members)
        try:
            self.process.stdin.write(question + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise AssertionError(f"JOSEPeer died of {question}")
        answer = json.loads(line)
        if "broken" in answer:
            raise AssertionError(f"JOSEPeer cannot answer {question}: {answer['broken']}")
        return answer

    def expect(self, do, **members):
        """The answer, which is no refusal."""
        answer = self.ask(do, **members)
        if "refused" in answer:
            raise AssertionError(f"Martlet refuses with {answer['refused']}: {json.dumps({'do': do} | members)}")
        return answer

    def refusal(self, do, **members):
        """Why it is refused, which it must be."""
        answer = self.ask(do, **members)
        if "refused" not in answer:
            raise AssertionError(f"Martlet takes {json.dumps({'do': do} | members)}: {answer}")
        return answer["refused"]


def encoded(data):
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
