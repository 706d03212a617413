import JOSE
import JSON
import OAuthTypes
import Stores
import TokenVerifier

extension Upstream {
    /// What an ID token proves beyond who the person is.
    struct Evidence: Sendable {
        var methods: [String] = []
        var context: String?
        /// `sid`: what the provider calls its session (Back-Channel Logout §2.1).
        var session: String?
        /// When the person was asked there; nil where nothing is said of it.
        var provenAt: Timestamp?
        /// Whether they were to be asked again, and by what the provider says were not.
        var isStale = false
    }

    /// How far clocks may differ.
    static let leeway = Duration.seconds(60)

    /// Who the person is by an ID token: OpenID Connect Core §3.1.3.7, §3.1.3.8; what it lacks is asked for (§5.3).
    func profile(
        by tokens: Tokens, _ state: SignInState, _ metadata: UpstreamMetadata
    ) async throws(UpstreamFault) -> (Profile, Evidence) {
        guard let idToken = tokens.idToken else { throw .untrusted(.noIDToken) }
        guard let address = metadata.keySetAddress else { throw .misconfigured(.malformedDiscovery) }
        var rules = TokenRules(issuer: try issuer.expected(of: idToken), audience: settings.clientID ?? "")
        rules.leeway = Upstream.leeway
        let verifier = IDTokenVerifier(rules, keys: keys(at: address), clock: parts.verifierClock)
        let token: VerifiedIDToken
        do throws(TokenRefusal) {
            token = try await verifier.verify(
                idToken, nonce: settings.repeatsNonce == false ? .absentOr(state.nonce) : .exactly(state.nonce))
        } catch {
            throw UpstreamFault(error)
        }
        guard token.goes(withAccessToken: tokens.accessToken) != false else { throw .untrusted(.wrongAccessTokenHash) }
        for (name, value) in settings.requiredClaims ?? [:] {
            guard token[name]?.string?.utf8.elementsEqual(value.utf8) == true else { throw .untrusted(.otherTenant) }
        }
        // Who was to be asked again was asked after they were sent, where the provider says when that was.
        let isStale =
            state.isFresh
            && token.authenticatedAt.map { $0 < state.issuedAt.seconds - Upstream.leeway.components.seconds } ?? false
        var provenAt = token.authenticatedAt.map { Timestamp(seconds: min(max($0, 0), parts.clock.now.seconds)) }
        // Asked again within what clocks may differ by: that was after they were sent.
        if state.isFresh, !isStale { provenAt = provenAt.map { max($0, state.issuedAt) } }
        var profile = Profile(token.claims.members, settings.claims)
        profile.subject = settings.claims.subject == nil ? token.subject : profile.subject
        let lacksGroups = settings.claims.groups != nil && profile.groups == nil
        if profile.email == nil || lacksGroups, let endpoint = metadata.userInfoEndpoint {
            let object = try await object(calling: endpoint, with: tokens.accessToken)
            // §5.3.2: or the answer is about somebody else.
            guard object["sub"]?.string?.utf8.elementsEqual(token.subject.utf8) == true else {
                throw .untrusted(.otherSubject)
            }
            profile.fill(from: Profile(object, settings.claims))
        }
        profile.subject = profile.subject.map { issuer.subject($0, in: token.claims) }
        return (
            profile,
            Evidence(
                methods: token.authenticationMethods, context: token.authenticationContext,
                session: token["sid"]?.string.flatMap { (1...512).contains($0.utf8.count) ? $0 : nil },
                provenAt: provenAt, isStale: isStale)
        )
    }

    /// What of it counts, by the policy of the connector.
    func decide(_ profile: Profile, _ evidence: Evidence) throws(UpstreamFault) -> UpstreamIdentity {
        guard let subject = profile.subject, (1...512).contains(subject.utf8.count), !subject.utf8.contains(0) else {
            throw .untrusted(.noSubject)
        }
        let email = profile.email.flatMap { Email($0) }
        let isVerified =
            switch settings.policy.emailTrust ?? .stated {
            case .stated: profile.isEmailVerified ?? false
            case .always: true
            case .never: false
            }
        let isSecond = evidence.methods.contains("mfa") || isSecondFactor(evidence.context)
        let counts =
            switch settings.policy.secondFactorTrust ?? .never {
            case .never: false
            case .stated: isSecond
            case .always: true
            }
        let groups =
            settings.claims.groups == nil ? nil : settings.policy.groups(named: profile.groups ?? [], of: connector.id)
        var methods = evidence.methods.compactMap(AuthenticationMethod.init(rawValue:))
        // What is not believed is not passed on to clients either. Nor is a key there, which may be any: here that word
        // means a passkey of this site, which nobody can be lured out of.
        methods.removeAll { $0 == .proofOfPossession || !counts && $0 != .password }
        if counts, !methods.contains(.multipleFactors) { methods.append(.multipleFactors) }
        var seen: Set<AuthenticationMethod> = []
        return UpstreamIdentity(
            connector: connector.id, subject: subject, email: email, isEmailVerified: email != nil && isVerified,
            name: profile.name.flatMap(Upstream.fit(name:)),
            methods: methods.filter { seen.insert($0).inserted }, hasSecondFactor: counts,
            providerSession: evidence.session, groups: groups, details: profile.details, provenAt: evidence.provenAt,
            isStale: evidence.isStale)
    }

    private func isSecondFactor(_ context: String?) -> Bool {
        guard let context else { return false }
        return settings.policy.secondFactorContexts?.contains(context) ?? false
    }

    /// A name that an account may have: without control characters, cut where it is too long.
    private static func fit(name: String) -> String? {
        let scalars = name.unicodeScalars.filter { $0.properties.generalCategory != .control }.prefix(200)
        let text = String(String.UnicodeScalarView(scalars))
        return text.isEmpty ? nil : text
    }
}

extension UpstreamFault {
    /// What a refusal of an ID token means.
    init(_ refusal: TokenRefusal) {
        switch refusal {
        case .keysUnavailable(.cancelled): self = .unavailable(.cancelled)
        case .keysUnavailable(.timedOut): self = .unavailable(.timedOut)
        case .keysUnavailable(.oversize): self = .unavailable(.answerTooLarge)
        case .keysUnavailable(.unsafeAddress): self = .misconfigured(.unsafeAddress)
        case .keysUnavailable: self = .unavailable(.noKeys)
        case .invalidToken(let fault): self = .untrusted(Reason(fault))
        default: self = .untrusted(.malformedToken)
        }
    }
}

extension UpstreamFault.Reason {
    init(_ fault: TokenFault) {
        self =
            switch fault {
            case .jwt(.wrongAlgorithm): .wrongAlgorithm
            case .jwt(.invalidSignature): .wrongSignature
            case .jwt(.unknownKey): .unknownKey
            case .jwt(.wrongIssuer): .wrongTokenIssuer
            case .jwt(.wrongAudience), .untrustedAudience, .wrongAuthorizedParty: .wrongAudience
            case .jwt(.expired), .jwt(.notYetValid), .jwt(.issuedInTheFuture): .expiredToken
            case .wrongNonce: .wrongNonce
            case .staleAuthentication: .staleAuthentication
            default: .malformedToken
            }
    }
}
