import AuthorizationServer
import Federation
import HTTP
import OAuthTypes
import Pages
import Stores

/// The connectors as pages show them, which of them somebody is sent to without being asked, and what went wrong with
/// one.
struct ConnectorButtons: Sendable {
    let parts: Site.FederationParts
    let root: String

    /// A button for each connector, that leads to `path` and its identifier; `query` is what follows.
    ///
    /// The one that was used last in this browser comes first.
    func buttons(
        _ path: String, _ query: String = "", for client: ClientID? = nil, last: String? = nil
    ) async throws -> [ConnectorButton] {
        let buttons = try await upstreams(for: client).map { upstream in
            let id = upstream.connector.id.rawValue
            return ConnectorButton(
                id: id, name: upstream.connector.name, preset: upstream.connector.preset,
                url: root + path + id + query, isResting: upstream.isResting, isLast: id == last)
        }
        return buttons.filter(\.isLast) + buttons.filter { !$0.isLast }
    }

    /// What a client's people may choose from; everything where no client asks.
    private func upstreams(for client: ClientID?) async throws -> [Upstream] {
        let all = try await parts.federation.upstreams()
        guard let client else { return all }
        return all.filter { $0.settings.policy.serves(client: client.rawValue) }
    }

    /// Where a client's request sends people without asking them; nil where they are asked, or nobody answers there.
    ///
    /// What the client says of this request comes first, then whose address it names, then what is set for the client.
    func home(of pending: PendingRequest, _ path: String) async throws -> String? {
        let hint = pending.request.home
        let address = pending.request.loginHint.flatMap { Email($0) }
        let rules: [(Upstream) -> Bool] = [
            { $0.connector.id.rawValue == hint.connector },
            { upstream in hint.domain.map { upstream.settings.policy.isHome(ofDomain: $0) } ?? false },
            { upstream in address.map { upstream.settings.policy.isHome(of: $0.rawValue) } ?? false },
            { $0.settings.policy.isHome(ofClient: pending.client.id.rawValue) },
        ]
        let upstreams = try await upstreams(for: pending.client.id).filter { !$0.isResting }
        for rule in rules {
            if let home = upstreams.first(where: rule) { return path + home.connector.id.rawValue }
        }
        return nil
    }

    /// Where the owner of a typed address is sent, which goes along; nil where their password is asked for.
    func home(
        of typed: String, _ path: String, _ query: String = "", in browser: TokenDigest, for client: ClientID? = nil
    ) async throws -> String? {
        guard let email = Email(typed) else { return nil }
        let home = try await upstreams(for: client).first {
            $0.settings.policy.isHome(of: email.rawValue) && !$0.isResting
        }
        guard let home else { return nil }
        let hint = parts.federation.sealed(hint: email, in: browser).map { (query.isEmpty ? "?" : "&") + "hint=" + $0 }
        return path + home.connector.id.rawValue + query + (hint ?? "")
    }

    /// Whether the address is asked for first, since it may say where its owner is at home.
    func asksAddressFirst(for client: ClientID? = nil) async throws -> Bool {
        try await upstreams(for: client).contains { $0.settings.policy.homeDomains?.isEmpty == false }
    }

    /// What a page was asked to say of a connector; nil where it was not, or there is no such connector.
    func problem(of request: Request) async throws -> ConnectorProblem? {
        let asked = try? request.queryParameters()
        if asked?[Parameter("problem")] == ConnectorTrouble.off.rawValue, let id = asked?[Parameter("with")] {
            // Said of none that is there, and so without a name.
            let isThere = try await parts.federation.connectors().contains { $0.id.rawValue == id }
            return isThere
                ? nil
                : ConnectorProblem(ConnectorTrouble.off.rawValue, name: "", supportCode: supportCode(in: asked))
        }
        guard let form = try? request.queryParameters(),
            let trouble = form[Parameter("problem")].flatMap({ ConnectorTrouble(rawValue: $0) }),
            let id = form[Parameter("with")],
            let connector = try await parts.federation.connectors().first(where: { $0.id.rawValue == id })
        else { return nil }
        return ConnectorProblem(trouble.rawValue, name: connector.name, supportCode: supportCode(in: form))
    }

    /// What follows the path of a page that is to say what went wrong, and under which code the log knows more.
    static func query(_ trouble: ConnectorTrouble, _ id: ConnectorID, _ support: RequestID) -> String {
        "problem=\(trouble.rawValue)&with=\(FormParameters.encode(id.rawValue))&support=\(support)"
    }

    /// The code of the request that was refused, where it reads like one of ours or of a proxy's: an address that somebody
    /// made up must not have the page say something else.
    private func supportCode(in form: FormParameters?) -> String? {
        guard let text = form?[Parameter("support")] else { return nil }
        let isOurs =
            text.utf8.count == 13 && text.utf8.allSatisfy(Array("abcdefghijklmnopqrstuvwxyz234567".utf8).contains)
        let isHexadecimal =
            (8...64).contains(text.utf8.count) && text.utf8.allSatisfy(Array("0123456789abcdefABCDEF-".utf8).contains)
        return isOurs || isHexadecimal ? text : nil
    }
}
