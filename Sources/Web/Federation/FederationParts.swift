public import Federation
public import Identity
import OAuthTypes
import Stores

extension Site {
    /// What it takes to sign people in by connectors.
    public struct FederationParts: Sendable {
        /// The connectors.
        public let federation: Federation
        /// Who may make an account.
        public let signUpMode: SignUpMode
        /// Who compares passwords beside us; nil where nobody does.
        public let directories: (any PasswordAuthority)?
        let rates: ConnectorRates

        /// The parts; so much may come back from connectors.
        public init(
            _ federation: Federation, signUpMode: SignUpMode, directories: (any PasswordAuthority)? = nil,
            rates: RequestRates = RequestRates()
        ) {
            self.directories = directories
            self.federation = federation
            self.signUpMode = signUpMode
            self.rates = ConnectorRates(rates)
        }
    }
}

extension ProvenIdentity {
    /// A person at a connector, with what its operator allows and how accounts are made here.
    init(_ identity: UpstreamIdentity, at upstream: Upstream, _ mode: SignUpMode) {
        let policy = upstream.settings.policy
        self.init(
            connector: identity.connector, connectorName: upstream.connector.name, subject: identity.subject,
            email: identity.email, isEmailVerified: identity.isEmailVerified, name: identity.name,
            methods: identity.methods, hasSecondFactor: identity.hasSecondFactor, provenAt: identity.provenAt,
            groups: identity.groups, details: identity.details,
            rules: Rules(
                // An address that is not theirs says nothing of where they belong.
                isAdmitted: policy.admits(address: identity.isEmailVerified ? identity.email?.rawValue : nil),
                mayCreate: mode == .open && policy.mayCreate ?? true, mayLink: policy.mayLink ?? true,
                bringsName: policy.profile == .provider, isOpenToAnybody: policy.domains == nil))
    }
}

/// Why a page is shown again after somebody came back from a connector: a closed list of words in addresses.
enum ConnectorTrouble: String, Sendable, CaseIterable {
    /// Nobody signs in by it any more.
    case off
    case declined, unavailable, misconfigured, failed, expired
    case stale, unasked, weak, domain, address, account, limited, link, closed, taken, kept, own

    init(_ fault: UpstreamFault) {
        switch fault {
        case .declined: self = .declined
        case .unavailable: self = .unavailable
        case .misconfigured: self = .misconfigured
        case .foreignAnswer(.expiredState), .foreignAnswer(.replayedState), .foreignAnswer(.refusedCode):
            self = .expired
        case .foreignAnswer, .untrusted: self = .failed
        }
    }

    init(_ refusal: LinkedAccounts.Refusal) {
        switch refusal {
        case .foreignDomain: self = .domain
        case .noVerifiedAddress: self = .address
        case .noAccount, .notAccepted: self = .account
        case .mayNotLink: self = .link
        case .closed: self = .closed
        case .limited: self = .limited
        }
    }
}
