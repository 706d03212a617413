import JOSE
import JSON
import OAuthTypes
import TokenVerifier

/// What came of verifying a token.
struct TokenVerdict: Sendable {
    let token: DecodedToken
    let demand: TokenDemand
    let rules: TokenRules
    /// Nil for a good one.
    let refusal: TokenRefusal?
    /// What was left open.
    let notes: [String]
    private let now: Timestamp

    init(
        _ token: DecodedToken, _ demand: TokenDemand, _ rules: TokenRules, refusal: TokenRefusal?, notes: [String],
        now: Timestamp = SystemClock().now
    ) {
        self.token = token
        self.demand = demand
        self.rules = rules
        self.refusal = refusal
        self.notes = notes
        self.now = now
    }

    /// The check that failed, what it found, and what to do about it.
    struct Problem: Equatable {
        let check: String
        let found: String
        let advice: String

        init(_ check: String, _ found: String, do advice: String) {
            self.check = check
            self.found = found
            self.advice = advice
        }
    }

    /// How the command ends; nil for a good token.
    var failure: CommandFailure? {
        guard let refusal, let problem else { return nil }
        let status: ExitStatus = if case .keysUnavailable = refusal { .unavailable } else { .failure }
        return CommandFailure(status, "NOT VERIFIED: \(problem.check): \(problem.found)\n\(problem.advice)")
    }

    func print(isJSON: Bool, _ console: Console) {
        if isJSON {
            console.print { writer in
                writer.object { writer in
                    writer.member("verified", refusal == nil)
                    writer.member("check", problem?.check)
                    writer.member("problem", problem?.found)
                    writer.member("advice", problem?.advice)
                    writer.member("notes", notes.isEmpty ? nil : notes)
                    writer.member("header", token.header)
                    writer.member("claims", token.claims)
                }
            }
        } else if refusal == nil {
            console.print(
                (["Verified: \(kind) of \(Console.visible(rules.issuer)) for \(audience)."] + notes + [""])
                    .joined(separator: "\n"))
            console.print(TokenText.of(token, at: now))
        }
    }

    private var kind: String {
        switch demand.kind {
        case .accessToken: "an access token"
        case .idToken: "an ID token"
        }
    }

    private var audience: String { rules.audiences.map(Console.visible).joined(separator: " or ") }

    private func shown(_ claim: String) -> String { token.shown(claim) ?? "missing" }
    private func header(_ name: String) -> String { token.header[name].map(TokenText.value) ?? "missing" }
    private func moment(_ claim: String) -> String {
        TokenText.moment(token.claims?[claim], at: now) ?? shown(claim)
    }

    // MARK: What is wrong

    var problem: Problem? {
        switch refusal {
        case nil: nil
        case .keysUnavailable(let failure): Problem("keys", Self.sentence(failure), do: Self.advice(failure))
        case .invalidToken(let fault): problem(fault)
        case .missingToken, .malformedRequest, .insufficientScope, .insufficientSignIn:
            Problem("form", "there is no token", do: "Give it on standard input.")
        }
    }

    private func problem(_ fault: TokenFault) -> Problem {
        switch fault {
        case .jwt(let error): problem(error)
        case .missingClaim(let claim):
            Problem("claims", "\(claim) is \(shown(claim))", do: "Its issuer makes tokens without what they must have.")
        case .idToken:
            Problem(
                "type", "it is an ID token",
                do: "An ID token is for a client: verify it with --id-token --audience CLIENT.")
        case .boundToken:
            Problem("binding", "it is bound to a key of the client", do: "It needs a proof of that key.")
        case .wrongNonce:
            Problem(
                "nonce", "nonce is \(shown("nonce"))", do: "It answers another request: somebody may have swapped it.")
        case .wrongAuthorizedParty:
            Problem("audience", "azp is \(shown("azp"))", do: "It was issued to another client.")
        case .untrustedAudience:
            Problem("audience", "aud is \(shown("aud"))", do: "It is also for others, who could use it here.")
        case .staleAuthentication:
            Problem("time", "auth_time is \(moment("auth_time"))", do: "Let the person sign in again.")
        }
    }

    private func problem(_ error: JOSEError) -> Problem {
        switch error {
        case .expired:
            Problem(
                "time", "exp is \(moment("exp"))",
                do: "Get a new token. If it is new, compare the clocks: here it is \(now.internetDate).")
        case .notYetValid, .issuedInTheFuture:
            Problem(
                "time", "nbf is \(moment("nbf")), iat is \(moment("iat"))",
                do: "Compare the clocks: here it is \(now.internetDate).")
        case .wrongIssuer:
            Problem(
                "issuer", "iss is \(shown("iss")), and it must be \(Console.visible(rules.issuer))",
                do: "Both must be the same to the last character, also in a slash at the end.")
        case .wrongAudience:
            Problem(
                "audience", "aud is \(shown("aud")), and it must be \(audience)",
                do: "It is for somebody else. If that is who should take it, say so with --audience.")
        case .missingClaim(let claim), .invalidClaim(let claim):
            Problem(
                "claims", "\(claim.rawValue) is \(shown(claim.rawValue))",
                do: "Its issuer makes tokens without what they must have.")
        case .wrongType: wrongType
        case .wrongAlgorithm:
            Problem(
                "algorithm", "alg is \(header("alg"))",
                do: "It is none that is taken, or not the one of the key: the issuer must say the same in both places.")
        case .unknownKey:
            Problem(
                "key", "kid is \(header("kid")), which is not in the issuer's key set",
                do: "Its key is gone, or it comes from another issuer or another installation of this one.")
        case .invalidSignature:
            Problem(
                "signature", "the key \(header("kid")) did not sign this",
                do: "It was changed or cut off on the way, or another key has the same name.")
        case .oversize:
            Problem(
                "form", "it is longer than \(CompactJWS.limit) bytes", do: "No such token would fit into a request.")
        default:
            Problem("form", Self.sentence(error), do: "`martlet token decode` shows what is in it.")
        }
    }

    private var wrongType: Problem {
        let advice =
            switch demand.kind {
            case .accessToken(.rfc9068):
                "An ID token is verified with --id-token, and an access token of an older provider with --plain-jwt."
            case .accessToken(.plainJWT): "It must be JWT or missing; at+jwt is verified without --plain-jwt."
            case .idToken: "It must be JWT or missing; an access token is verified without --id-token."
            }
        return Problem("type", "typ is \(header("typ"))", do: advice)
    }
}
