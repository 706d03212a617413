"""Races over HTTP: one code and one refresh token, each spent by 200 requests at the same moment.

RFC 6749 §4.1.2, RFC 9700 §4.14.2; T-11, T-12.
"""

import collections
import itertools
import secrets

from person import Person
from provider import Provider, end_on_signals, step
from relying_party import RelyingParty

CALLERS = 200
ROUNDS = 30
SCOPES = ["openid", "profile", "email", "offline_access", "shop:read", "shop:write"]


def main():
    end_on_signals()
    with Provider() as provider:
        password = secrets.token_urlsafe(16)
        provider.add_user("ada@example.com", password)
        client = provider.add_client(
            "races", "--first-party", "--set", 'martlet_compatibility=["offline_without_consent"]', scopes=SCOPES)
        provider.start()
        person = Person(provider, "ada@example.com", password)
        shop = RelyingParty(provider, client, scope=" ".join(SCOPES))

        with step("a code that is used a second time: refused, and what it issued is dead"):
            replayed_code(shop, person)
        for round in range(1, ROUNDS + 1):
            with step(f"round {round}: {CALLERS} redemptions of one code, one success, and then its tokens are dead"):
                one_code(shop, person)
            with step(f"round {round}: {CALLERS} different rotations of one refresh token, one branch, a dead family"):
                different_rotations(shop, person)
            with step(f"round {round}: {CALLERS} retries of one rotation, one successor, a living family"):
                identical_rotations(shop, person)
        with step("the log holds no secret"):
            provider.check_log()


def replayed_code(shop, person):
    code, verifier = shop.obtain_code(person)
    tokens = shop.tokens(shop.redemption(code, verifier))
    assert shop.userinfo(tokens["access_token"])[0] == 200
    # Whoever cannot prove to be the client gets nothing from the code, and does no harm with it either.
    shop.refused(shop.redemption(code, verifier[::-1]))
    assert shop.userinfo(tokens["access_token"])[0] == 200
    shop.refused(shop.redemption(code, verifier))
    assert shop.userinfo(tokens["access_token"])[0] == 401
    shop.refused(shop.refresh(tokens["refresh_token"]))


def one_code(shop, person):
    code, verifier = shop.obtain_code(person)
    answers = shop.burst([shop.redemption(code, verifier)] * CALLERS)
    winners = [answer for status, answer in answers if status == 200]
    expect_refusals(answers, CALLERS - 1)
    assert len(winners) == 1, outcome(answers)
    # 199 of them were replays: the code was in two hands.
    assert shop.userinfo(winners[0]["access_token"])[0] == 401
    shop.refused(shop.refresh(winners[0]["refresh_token"]))


def different_rotations(shop, person):
    tokens = shop.sign_in(person)
    # The same scopes in another order are another request, though it asks for the same.
    orders = itertools.islice(itertools.permutations(SCOPES), CALLERS)
    answers = shop.burst([shop.refresh(tokens["refresh_token"], scope=" ".join(order)) for order in orders])
    winners = [answer for status, answer in answers if status == 200]
    expect_refusals(answers, CALLERS - 1)
    assert len(winners) == 1, outcome(answers)
    assert winners[0]["refresh_token"] != tokens["refresh_token"]
    # Nobody can tell which of the 200 is the thief.
    shop.refused(shop.refresh(winners[0]["refresh_token"]))
    shop.refused(shop.refresh(tokens["refresh_token"]))
    assert shop.userinfo(winners[0]["access_token"])[0] == 401


def identical_rotations(shop, person):
    tokens = shop.sign_in(person)
    answers = shop.burst([shop.refresh(tokens["refresh_token"])] * CALLERS)
    assert all(status == 200 for status, _ in answers), outcome(answers)
    successors = {answer["refresh_token"] for _, answer in answers}
    assert len(successors) == 1 and successors != {tokens["refresh_token"]}, f"{len(successors)} successors"
    assert all(shop.userinfo(answer["access_token"])[0] == 200 for _, answer in answers[:: CALLERS // 10])
    shop.tokens(shop.refresh(successors.pop()))
    # The neighbour: now that the successor is spent too, the same request is a replay.
    shop.refused(shop.refresh(tokens["refresh_token"]))


def expect_refusals(answers, count):
    refusals = [answer for status, answer in answers if status == 400 and answer["error"] == "invalid_grant"]
    assert len(refusals) == count, outcome(answers)


def outcome(answers):
    """What came back, counted."""
    return collections.Counter((status, answer.get("error_description")) for status, answer in answers)


if __name__ == "__main__":
    main()
