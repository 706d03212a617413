import AuthorizationServer
import Federation
import HTTP
import OAuthTypes
import Stores

/// What becomes of people who are under way to or from a connector that is taken out of use meanwhile: the page that
/// they come from says so, and has the other ways.
extension FederationRoutes {
    /// The button of a page that is older than that.
    func leaveInteractionInVain(
        _ request: Request, _ visitor: Visitor, _ connector: ConnectorID
    ) async throws -> Response {
        // Where it leads back to is known only of an interaction of this browser.
        let id = request.parameter("id") ?? ""
        switch try await interactions.interactions.pending(id, from: visitor.browser) {
        case .over(let end): return interactions.over(end, request)
        case .open(_): return gone(connector, .interaction(id), request)
        }
    }

    /// Back from there: nothing of the answer is used, and it still counts where the connector comes back in time.
    func comeBackTooLate(_ request: Request, _ visitor: Visitor, _ connector: ConnectorID) -> Response {
        guard let form = try? request.queryParameters(),
            let purpose = parts.federation.purpose(
                of: Upstream.Answer(form), from: connector, in: visitor.browserDigest
            ).flatMap(FederationPurpose.init)
        else { return answers.miss(.notFound, of: request) }
        return gone(connector, purpose, request)
    }

    /// The same by the page of a provider, which posts without our cookies: on to where they are.
    func moveTooLate(_ request: Request, _ connector: ConnectorID) -> Response {
        guard ConnectorID(word: connector.rawValue) != nil, request.hasForm,
            let state = try? FormParameters(decoding: request.body)[Parameter("state")]
        else { return answers.miss(.notFound, of: request) }
        return answers.redirect(to: Upstream.callbackPath(connector) + "?state=" + FormParameters.encode(state))
    }

    func gone(_ connector: ConnectorID, _ purpose: FederationPurpose, _ request: Request) -> Response {
        answers.trouble(.off, at: connector, shownOn: purpose.page, request)
    }
}
