import JSON
import OAuthTypes
import Stores

/// A page of a client that the signed-out page frames, so that the client drops its own cookies: Front-Channel Logout §2.
public struct LogoutFrame: Sendable, Equatable {
    /// What the frame shows: the registered address, with `iss` and `sid` behind its query where the client needs them.
    public let address: String
    /// Where that is: `scheme://host[:port]`.
    public let origin: String

    /// The frame of a client for a session that has ended; nil where it registered none.
    init?(of client: Client, endOf session: SessionID, _ environment: ServerEnvironment) {
        guard let registered = client.metadata.frontchannelLogoutURI else { return nil }
        origin = registered.origin
        guard client.metadata.frontchannelLogoutSessionRequired == true else {
            address = registered.rawValue
            return
        }
        let issuer = FormParameters.encode(environment.issuer.url)
        let name = FormParameters.encode(environment.sessionNames.name(of: session, at: client.id))
        let joint = registered.rawValue.contains("?") ? "&" : "?"
        address = registered.rawValue + joint + "iss=\(issuer)&sid=\(name)"
    }

    /// The frames of all clients that take part in a session; asked before it ends.
    static func all(of session: Session, _ environment: ServerEnvironment) async throws -> [LogoutFrame] {
        var frames: [LogoutFrame] = []
        let now = environment.clock.now
        for participation in try await environment.storage.participations.living(in: session.id, at: now) {
            guard let client = try await environment.clients.find(participation.clientID),
                let frame = LogoutFrame(of: client, endOf: session.id, environment)
            else { continue }
            frames.append(frame)
        }
        return frames
    }

    /// What the server says of it: §3.
    static func encodeMetadata(to writer: inout JSONWriter) {
        writer.member("frontchannel_logout_supported", true)
        writer.member("frontchannel_logout_session_supported", true)
    }
}
