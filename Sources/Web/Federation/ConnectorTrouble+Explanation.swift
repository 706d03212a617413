import AuthorizationServer
import Federation
import HTTP
import Stores

extension Explanation {
    /// Explains why nobody was signed in, or nothing was linked, by a connector; `fault` is the provider's part in it.
    init(of trouble: ConnectorTrouble, _ fault: UpstreamFault?, at connector: ConnectorID) {
        let reason = fault?.reason
        // One that is not there is called whatever somebody wrote into the address.
        let place = trouble == .off ? "at a connector: " : "at connector \(connector): "
        self.init(
            code: reason?.rawValue ?? trouble.rawValue, check: place + trouble.check,
            section: reason?.section ?? trouble.section, advice: reason?.remedy ?? trouble.advice)
    }
}

extension ConnectorTrouble {
    /// Which check failed.
    fileprivate var check: String {
        switch self {
        case .off: "it is disabled or gone"
        case .declined: "the person, or the provider for them, did not agree"
        case .unavailable: "the provider does not answer"
        case .misconfigured: "the provider refuses us"
        case .failed: "the answer cannot be believed"
        case .expired: "the answer came too late, or twice"
        case .stale: "the page needs a fresh proof, and the provider did not ask the person again"
        case .unasked: "the provider did not ask the person who was to be linked"
        case .weak: "the client asks for more than the provider says that the person proved"
        case .domain: "the person's verified address is of no domain that it admits"
        case .address: "no verified address of the person came with the answer"
        case .account: "there is no account for the person, and none is made"
        case .limited: "too many new accounts came by it from the same network"
        case .link: "it may not be linked to this account"
        case .closed: "the account is closed"
        case .taken: "who the person is there opens another account"
        case .kept: "it is the last way into the account"
        case .own: "what was typed is the directory's password, and the account's own was asked for"
        }
    }

    /// Where the rule stands.
    fileprivate var section: String {
        switch self {
        case .declined: "RFC 6749 §4.1.2.1"
        case .unavailable, .misconfigured, .failed, .expired: "RFC 6749 §4.1.2"
        case .stale, .unasked: "OpenID Connect Core §3.1.2.1"
        case .weak: "OpenID Connect Core §5.5.1.1"
        case .address: "OpenID Connect Core §5.1, §5.7"
        case .limited: "RFC 6585 §4"
        case .off, .domain, .account, .link, .closed, .taken, .kept, .own: "README, Signing in with others"
        }
    }

    /// What would have been right; empty where that is the person's choice.
    fileprivate var advice: String {
        switch self {
        case .declined: ""
        case .off: "martlet connector list shows its state; martlet connector enable brings it back"
        case .unavailable, .misconfigured, .failed, .expired: "martlet connector test walks the handshake"
        case .stale: "the provider must honour max_age or prompt=login; a password or passkey here does as well"
        case .unasked: "the person signs out at the provider and connects it once more"
        case .weak: "second_factor and second_factor_acr in the connector's settings say when its second factor counts"
        case .domain: "domains in the connector's settings names those that come in"
        case .address: "email_verified in the connector's settings says whether its addresses count as verified"
        case .account:
            "accounts are made where MARTLET_SIGN_UP is open and may_create is not false; or invite the person"
        case .limited: "the limit is MARTLET_CONNECTOR_ACCOUNTS_PER_ADDRESS"
        case .link: "may_link in the connector's settings is false"
        case .closed: "martlet user enable opens it again"
        case .taken: "martlet user links shows whose it is; it must be unlinked there first"
        case .kept: "the account needs a password or a passkey before"
        case .own: "the person has to type the password of the account here once"
        }
    }
}

extension PageAnswers {
    /// Back to a page that says what went wrong with a connector and what to do; the support code of this request, of which
    /// the log knows, travels with it.
    func trouble(
        _ trouble: ConnectorTrouble, at connector: ConnectorID, _ fault: UpstreamFault? = nil, shownOn page: String,
        _ request: Request
    ) -> Response {
        explanations.note(Explanation(of: trouble, fault, at: connector), for: request)
        return redirect(
            to: page + (page.contains("?") ? "&" : "?") + ConnectorButtons.query(trouble, connector, request.id))
    }
}
