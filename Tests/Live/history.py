"""What was asked of the provider and what it answered, and whether that can have happened: a checker of histories.

An operation is acknowledged (the answer said yes), refused (it said no), or of unknown outcome (no answer, or one that
promises nothing: it may have happened, then or later). The promises:

- once: a code is redeemed at most once, a refresh token rotated by at most one request; whoever repeats that request
  within the grace gets the same successor, and nobody else;
- kept: what was acknowledged is there: tokens, codes and sessions work until something may have ended them;
- ended: what ended stays so: nothing of a revoked family and no session that was signed out works ever again;
- onwards: no refresh token is given out that belongs before the one it was given for.

A family is what comes of one code. Run by itself this file proves that the checker sees each kind of violation.
"""

import collections
import dataclasses
import itertools
import threading

ACKNOWLEDGED, REFUSED, UNKNOWN = "acknowledged", "refused", "unknown"

#: The kinds of operations. The subject is what is spent or used, the result what comes of it.
ISSUE = "issue"  # a code; the result is the code
REDEEM = "redeem"  # of a code; the result is a refresh token
ROTATE = "rotate"  # of a refresh token; the result is its successor
USE = "use"  # of an access token of the family
SIGN_IN = "sign-in"  # the result is a session
LOOK = "look"  # at a session: acknowledged while the browser is signed in
SIGN_OUT = "sign-out"  # of a session


@dataclasses.dataclass(frozen=True)
class Operation:
    kind: str
    subject: str
    outcome: str
    invoked: float
    completed: float
    family: str = ""
    session: str = ""
    #: What makes two requests the same request.
    request: str = ""
    result: str = ""
    node: str = ""

    def precedes(self, other):
        """Whether it was over when the other began."""
        return self.completed <= other.invoked

    def may_affect(self, other):
        """Whether it began before the other was over."""
        return self.invoked < other.completed


@dataclasses.dataclass(frozen=True)
class Violation:
    promise: str
    words: str
    #: The acknowledged operation that did not hold.
    broken: Operation
    #: The one that shows it.
    shown_by: Operation

    def __str__(self):
        return f"{self.promise}: {self.words}\n  {self.broken}\n  {self.shown_by}"


class History:
    """Collects operations from any thread; `check` is for afterwards."""

    def __init__(self, grace):
        self.grace = grace
        self.operations = []
        self._lock = threading.Lock()

    def add(self, operation):
        with self._lock:
            self.operations.append(operation)

    def count(self, kind=None, outcome=None, since=0.0):
        chosen = [o for o in list(self.operations) if kind in (None, o.kind) and outcome in (None, o.outcome)]
        return sum(operation.completed >= since for operation in chosen)

    def first_write_after(self, moment):
        """When the first write that began after a moment was acknowledged, or None.

        A retry of what was tried before that writes nothing: it may be answered by reading.
        """
        operations = list(self.operations)
        earlier = {operation.subject for operation in operations if operation.invoked < moment}
        writes = [
            operation.completed for operation in operations
            if operation.kind in (REDEEM, ROTATE) and operation.outcome == ACKNOWLEDGED and operation.invoked >= moment
            and operation.subject not in earlier
        ]
        return min(writes, default=None)

    def slowest(self, since, until):
        """The longest that a request to the token or UserInfo endpoint took that was answered, somehow, then."""
        requests = [o for o in list(self.operations) if o.kind in (REDEEM, ROTATE, USE)]
        return max((o.completed - o.invoked for o in requests if since <= o.completed <= until), default=0.0)

    def summary(self):
        counts = collections.Counter((operation.kind, operation.outcome) for operation in self.operations)
        return ", ".join(f"{counts[kind, ACKNOWLEDGED]} {kind}" for kind in (SIGN_IN, REDEEM, ROTATE, SIGN_OUT)) + (
            f", {sum(n for (_, outcome), n in counts.items() if outcome == UNKNOWN)} of unknown outcome"
        )

    def check(self, at_risk=None):
        """All violations, and how many acknowledged operations were lost that may be.

        `at_risk` is a span of time: what was acknowledged in it may be lost, and nothing else.
        """
        violations = []
        families = collections.defaultdict(list)
        for operation in sorted(self.operations, key=lambda operation: operation.invoked):
            if operation.family:
                families[operation.family].append(operation)
        ends = collections.defaultdict(list)
        for operation in self.operations:
            if operation.kind == SIGN_OUT:
                ends[operation.session].append(operation)
        for family in families.values():
            violations += _Family(family, ends[family[0].session], self.grace).violations()
        violations += _sessions(self.operations, ends)
        if not at_risk:
            return violations, 0
        since, until = at_risk
        lost = {id(v.broken) for v in violations if since <= v.broken.completed and v.broken.invoked <= until}
        return [violation for violation in violations if id(violation.broken) not in lost], len(lost)


class _Family:
    """The operations of one family, by the time of their beginning."""

    def __init__(self, operations, sign_outs, grace):
        self.operations = operations
        self.grace = grace
        self.by_subject = collections.defaultdict(list)
        #: The acknowledged operation that gave a token or code out first.
        self.origin = {}
        for operation in operations:
            self.by_subject[operation.kind, operation.subject].append(operation)
        for operation in sorted(operations, key=lambda operation: operation.completed):
            if operation.outcome == ACKNOWLEDGED and operation.result:
                self.origin.setdefault(operation.result, operation)
        #: What may have ended the family, and what certainly has.
        self.perhaps_ended = list(sign_outs)
        self.ended = [operation for operation in sign_outs if operation.outcome == ACKNOWLEDGED]
        for operation in operations:
            if self.may_be_replay(operation):
                self.perhaps_ended.append(operation)
                if operation.outcome == REFUSED and self.is_replay(operation):
                    self.ended.append(operation)

    def violations(self):
        yield from self.spent_twice()
        for operation in self.operations:
            if operation.outcome == ACKNOWLEDGED:
                yield from self.after_the_end(operation)
            elif operation.outcome == REFUSED:
                yield from self.lost(operation)

    # Replays.

    def others(self, operation, kind=None, subject=None):
        found = self.by_subject[kind or operation.kind, operation.subject if subject is None else subject]
        return [other for other in found if other is not operation]

    def successors(self, operation):
        return {other.result for other in self.by_subject[ROTATE, operation.subject] if other.result}

    def may_be_replay(self, operation):
        """Whether what it spends may be spent already, so that it ends the family."""
        if operation.kind == REDEEM:
            return any(other.may_affect(operation) for other in self.others(operation))
        if operation.kind != ROTATE:
            return False
        for other in self.others(operation):
            is_retry = other.request == operation.request and operation.completed - other.invoked < self.grace
            if other.may_affect(operation) and not is_retry:
                return True
        return any(
            later.may_affect(operation)
            for token in self.successors(operation) for later in self.by_subject[ROTATE, token]
        )

    def is_replay(self, operation):
        """Whether what it spends is spent for certain, and no retry can be meant."""
        spent = [o for o in self.others(operation) if o.outcome == ACKNOWLEDGED and o.precedes(operation)]
        if operation.kind == REDEEM:
            return bool(spent)
        if any(other.request != operation.request for other in spent):
            return True
        return any(
            later.outcome == ACKNOWLEDGED and later.precedes(operation)
            for token in self.successors(operation) for later in self.by_subject[ROTATE, token]
        )

    # The promises.

    def spent_twice(self):
        for (kind, _), operations in self.by_subject.items():
            done = sorted(
                (operation for operation in operations if operation.outcome == ACKNOWLEDGED),
                key=lambda operation: operation.completed,
            )
            if kind == REDEEM:
                for again in done[1:]:
                    yield Violation("once", "a code was redeemed twice", done[0], again)
            if kind == ROTATE:
                for again in done[1:]:
                    if again.request != done[0].request:
                        yield Violation("once", "two requests rotated one refresh token", done[0], again)
                    elif again.result != done[0].result:
                        yield Violation("once", "a retry got another successor", done[0], again)
                yield from self.spent_behind(done)
                yield from self.backwards(done)

    def spent_behind(self, done):
        """A token whose successor is spent is no longer good for a retry either."""
        for operation, token in itertools.product(done, sorted({operation.result for operation in done})):
            for later in self.by_subject[ROTATE, token]:
                if later.outcome == ACKNOWLEDGED and later.precedes(operation):
                    yield Violation("once", "a token worked though its successor was spent", later, operation)
                    break

    def backwards(self, done):
        """The successor of a token was not there before that token."""
        for operation in done:
            before, origin = self.origin.get(operation.subject), self.origin[operation.result]
            if before and origin.subject != operation.subject and origin.precedes(operation):
                yield Violation("onwards", "an earlier token was given out again", before, operation)

    def after_the_end(self, operation):
        if operation.kind in (REDEEM, ROTATE, USE):
            for end in self.ended:
                if end is not operation and end.precedes(operation):
                    yield Violation("ended", "something works that was revoked", end, operation)
                    return

    def lost(self, operation):
        if operation.kind not in (REDEEM, ROTATE, USE):
            return
        # A replay is among them itself.
        if any(end.may_affect(operation) for end in self.perhaps_ended):
            return
        origin = self.origin.get(operation.subject)
        if origin and origin.precedes(operation):
            yield Violation("kept", f"what was given out is refused: {operation.kind}", origin, operation)


def _sessions(operations, ends):
    begun = {
        operation.result: operation for operation in operations
        if operation.kind == SIGN_IN and operation.outcome == ACKNOWLEDGED
    }
    for look in operations:
        if look.kind == SIGN_IN and look.outcome == REFUSED:
            yield Violation("kept", "a sign-in was forgotten on the way", look, look)
        if look.kind != LOOK:
            continue
        done = [end for end in ends[look.subject] if end.outcome == ACKNOWLEDGED and end.precedes(look)]
        if look.outcome == ACKNOWLEDGED and done:
            yield Violation("ended", "a session works that was signed out", done[0], look)
        sign_in = begun.get(look.subject)
        if look.outcome == REFUSED and sign_in and sign_in.precedes(look):
            if not any(end.may_affect(look) for end in ends[look.subject]):
                yield Violation("kept", "a session is gone", sign_in, look)


# The proof of the checker.

TRUE = """
    sign-in  .   s    ok
    issue    s   c    ok
    look     s   .    ok
    redeem   c   t0   ok
    use      t0  .    ok
    rotate   t0  t1   ok
    rotate   t1  .    unknown
    rotate   t1  t2   ok
    rotate   t2  t3   ok
    rotate   t2  t3   ok
    rotate   t3  t4   ok
"""

#: What is added to the true history, and the promise that it breaks, or nothing.
FALSE = {
    "a code redeemed twice": ("redeem c u0 ok", "once"),
    "a second request rotates": ("rotate t4 t5 ok; rotate t4 t5 ok other", "once"),
    "a retry with another successor": ("rotate t4 t5 ok; rotate t4 u5 ok", "once"),
    "a spent token works": ("rotate t4 t5 ok; rotate t2 t3 ok", "once"),
    "a lost rotation": ("rotate t4 . no", "kept"),
    "a lost rotation behind a retry": ("rotate t4 . unknown; rotate t4 . no", "kept"),
    "a lost code": ("issue s d ok . d; redeem d . no . d", "kept"),
    "a lost session": ("look s . no", "kept"),
    "a forgotten sign-in": ("sign-in . . no", "kept"),
    "a lost access token": ("use t0 . no", "kept"),
    "an earlier token again": ("rotate t4 t2 ok", "onwards"),
    "a reuse that did not revoke": ("rotate t1 . no; rotate t4 t5 ok", "ended"),
    "another request's reuse that did not revoke": ("rotate t4 t5 ok; rotate t4 . no other; rotate t5 t6 ok", "ended"),
    "a replayed code that did not revoke": ("redeem c . no; use t0 . ok", "ended"),
    "a session after its sign-out": ("sign-out s . ok; look s . ok", "ended"),
    "a family after its sign-out": ("sign-out s . ok; rotate t4 t5 ok", "ended"),
    "nothing": ("rotate t4 t5 ok", None),
    "a reuse that revoked": ("rotate t1 . no; rotate t4 . no; use t0 . no; redeem c . no", None),
    "a replayed code that revoked": ("redeem c . no; rotate t4 . no", None),
    "a sign-out that worked": ("sign-out s . ok; rotate t4 . no; look s . no", None),
    "a sign-out of unknown outcome that worked": ("sign-out s . unknown; rotate t4 . no; look s . no", None),
    "a sign-out of unknown outcome that did not": ("sign-out s . unknown; rotate t4 t5 ok; look s . ok", None),
    "a redemption of unknown outcome that happened": (
        "issue s d ok . d; redeem d . unknown . d; redeem d . no . d; redeem d . no . d", None),
    "a redemption of unknown outcome that did not happen": (
        "issue s d ok . d; redeem d . unknown . d; redeem d v0 ok . d", None),
}


def prove_checker():
    """Each promise broken in a history of its own, and each time the checker says which; true histories pass."""
    for name, (lines, promise) in FALSE.items():
        history = _told(TRUE + lines.replace(";", "\n"))
        violations, _ = history.check()
        found = {violation.promise for violation in violations}
        assert promise in found if promise else not found, f"{name}: {found or 'nothing'} instead of {promise}"
    # A loss is forgiven in the span of time that was named, and not outside it.
    history = _told(TRUE + "rotate t4 . no")
    last = [operation for operation in history.operations if operation.result == "t4"][0]
    assert history.check(at_risk=(last.invoked, last.completed)) == ([], 1)
    assert len(history.check(at_risk=(last.invoked - 2, last.invoked - 1))[0]) == 1
    # Overlapping requests may come in any order.
    history = _told(TRUE + "rotate t4 t5 ok")
    history.add(dataclasses.replace(history.operations[-1], outcome=REFUSED, request="other", result=""))
    assert history.check()[0] == [], "a race has one winner, and its loser ends the family"


def _told(text):
    """A history in lines of kind, subject, result, outcome, and if need be request and family; a dot is nothing."""
    history = History(grace=1000)
    outcomes = {"ok": ACKNOWLEDGED, "no": REFUSED, "unknown": UNKNOWN}
    for number, line in enumerate(filter(None, map(str.split, text.splitlines()))):
        kind, subject, result, outcome, request, family = (word.strip(".") for word in [*line, ".", "."][:6])
        history.add(Operation(
            kind=kind, subject=subject, result=result, outcome=outcomes[outcome], request=request, session="s",
            invoked=2.0 * number, completed=2.0 * number + 1,
            family="" if kind in (SIGN_IN, LOOK, SIGN_OUT) else family or "f",
        ))
    return history


if __name__ == "__main__":
    prove_checker()
    print(f"  {len(FALSE)} histories judged as they should be")
