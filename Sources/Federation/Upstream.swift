import HTTP
public import JOSE
public import OAuthTypes
import Reactor
public import Stores
public import TokenVerifier

/// One connector at work: what its operator set, what the provider said of itself, and the provider's keys.
public final class Upstream: Sendable {
    /// As it stands in the store.
    public let connector: Connector
    /// What its operator set, completed by its preset.
    public let settings: ConnectorSettings
    /// What all of them work with.
    let parts: Parts
    let secret: Secret?
    let issuer: UpstreamIssuer
    let circuit = CircuitBreaker()
    /// Of its own, since the endpoints that answer would hide one that never does.
    let keyCircuit = CircuitBreaker()
    let discovery = UpstreamDiscovery()
    private let state = Locked(State())

    /// What connectors work with.
    public struct Parts: Sendable {
        /// Carries requests.
        public let transport: any UpstreamTransport
        /// Seals what travels, and opens secrets.
        public let masterKey: MasterKey
        /// The time.
        public let clock: any TimeSource
        /// The same for the verifier of tokens.
        public let verifierClock: any VerifierClock
        /// Chance.
        public let random: any RandomSource
        /// States that came back.
        public let spent: any SpentChallengeStore
        /// Where our own addresses begin: the issuer.
        public let root: String
        /// How long a provider has for each answer.
        public var patience = Duration.seconds(5)

        /// The parts; `root` is our issuer.
        public init(
            transport: any UpstreamTransport, masterKey: MasterKey, clock: any TimeSource,
            verifierClock: any VerifierClock, random: any RandomSource, spent: any SpentChallengeStore, root: String
        ) {
            self.transport = transport
            self.masterKey = masterKey
            self.clock = clock
            self.verifierClock = verifierClock
            self.random = random
            self.spent = spent
            self.root = root.hasSuffix("/") ? String(root.dropLast()) : root
        }
    }

    private struct State {
        var keys: (address: String, keys: IssuerKeys)?
        /// Whether there was ever a key set: then those at hand do while it cannot be had.
        var hasKeys = false
    }

    /// What the secret of a connector is sealed for.
    public static let secretPurpose: StaticString = "connector secret"

    /// A connector at work; throws what is wrong with its settings.
    public init(_ connector: Connector, _ parts: Parts) throws(SettingsFault) {
        self.connector = connector
        self.parts = parts
        settings = try ConnectorSettings(completing: connector)
        issuer = UpstreamIssuer(settings)
        secret = try Upstream.secret(of: connector, settings, parts.masterKey)
    }

    private static func secret(
        of connector: Connector, _ settings: ConnectorSettings, _ masterKey: MasterKey
    ) throws(SettingsFault) -> Secret? {
        guard settings.authentication != ConnectorSettings.Authentication.none else { return nil }
        guard let sealed = connector.sealedSecret,
            let secret = try? masterKey.open(
                sealed, purpose: secretPurpose, boundTo: Array(connector.id.rawValue.utf8))
        else { throw .noSecret }
        return secret
    }

    /// Where the provider sends people back to: an address of this connector's own, so that no answer can be taken for
    /// another's (RFC 9700 §4.4.2).
    public var redirectURI: String { parts.root + Upstream.callbackPath(connector.id) }

    /// The same below the issuer.
    public static func callbackPath(_ id: ConnectorID) -> String { "/federation/" + id.rawValue + "/callback" }

    /// Whether the provider has not answered lately, so that nobody is sent there for a while.
    public var isResting: Bool {
        let now = parts.clock.now
        return circuit.isOpen(at: now) || keyCircuit.isOpen(at: now) && !state.withLock { $0.hasKeys }
    }

    // MARK: What the provider says of itself

    func metadata() async throws(UpstreamFault) -> UpstreamMetadata {
        if let fixed = UpstreamMetadata(settings), connector.kind == .oauth2 || fixed.keySetAddress != nil {
            return fixed
        }
        let now = parts.clock.now
        return try await discovery.metadata(at: now) { () async throws(UpstreamFault) in
            let document = try await circuit.run(at: now) { () async throws(UpstreamFault) in
                try await call(OutgoingCall(.get, discoveryAddress, limit: 128 * 1024))
            }
            guard document.status == 200 else { throw .misconfigured(.noDiscovery) }
            return try UpstreamMetadata(document: document.body, settings)
        }
    }

    /// Where the provider signs people out, as far as that is known without asking it.
    var knownEndSessionEndpoint: String? { settings.endSessionEndpoint ?? discovery.known?.endSessionEndpoint }

    private var discoveryAddress: String {
        let issuer = settings.issuer ?? ""
        return (issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer) + "/.well-known/openid-configuration"
    }

    func keys(at address: String) -> IssuerKeys {
        state.withLock { state in
            if let known = state.keys, known.address == address { return known.keys }
            let keys = IssuerKeys(at: address, by: UpstreamKeySource(of: self), clock: parts.verifierClock)
            state.keys = (address, keys)
            return keys
        }
    }

    /// Asks for the key set, unless that is known to be in vain: then nobody waits for it.
    func askForKeys(_ request: OutgoingCall) async throws(UpstreamFault) -> UpstreamAnswer {
        let answer = try await keyCircuit.run(at: parts.clock.now) { () async throws(UpstreamFault) in
            try await call(request)
        }
        if answer.status == 200 { state.withLock { $0.hasKeys = true } }
        return answer
    }

    // MARK: Requests

    /// A request of ours.
    struct OutgoingCall: Sendable {
        let method: HTTP.Method
        let address: String
        var headers: Headers = [:]
        var body: [UInt8] = []
        let limit: Int

        init(_ method: HTTP.Method, _ address: String, limit: Int) {
            (self.method, self.address, self.limit) = (method, address, limit)
        }
    }

    /// Asks the provider once.
    func call(_ call: OutgoingCall) async throws(UpstreamFault) -> UpstreamAnswer {
        let own = [
            settings.issuer, settings.authorizationEndpoint, settings.tokenEndpoint, settings.userInfoEndpoint,
            settings.emailsEndpoint, settings.keySetAddress,
        ]
        guard let destination = UpstreamAddress.destination(of: call.address, namedBy: own) else {
            throw .misconfigured(.unsafeAddress)
        }
        var request = OutgoingRequest(
            call.method, call.address, to: destination, by: .after(parts.patience), headers: call.headers,
            body: call.body)
        if request.headers["Accept"] == nil { request.headers.set("Accept", "application/json") }
        request.headers.set("User-Agent", "Martlet")
        request.answerLimit = call.limit
        let answer: UpstreamAnswer
        do {
            answer = try await parts.transport.send(request, of: connector.id)
        } catch {
            throw UpstreamFault.transport(error)
        }
        switch answer.status {
        case 300...399 where answer.status != 304: throw .unavailable(.redirected)
        case 500...599, 429: throw .unavailable(.serverError)
        default: return answer
        }
    }
}

/// Gets the key set of a provider as everything else of it is got: one that does not answer rests as a whole.
struct UpstreamKeySource: KeySetSource {
    private let call: @Sendable (Upstream.OutgoingCall) async throws -> UpstreamAnswer

    /// Of a provider; the keys are a part of it, and may be waited for longer than it is there.
    init(of upstream: Upstream) {
        call = { [weak upstream] request in
            guard let upstream else { throw UpstreamFault.unavailable(.cancelled) }
            return try await upstream.askForKeys(request)
        }
    }

    func document(at address: String, unless validator: String?) async throws(KeySetFailure) -> PublishedDocument {
        var call = Upstream.OutgoingCall(.get, address, limit: 256 * 1024)
        if let validator { call.headers.set("If-None-Match", validator) }
        let answer: UpstreamAnswer
        do {
            answer = try await self.call(call)
        } catch {
            throw switch error as? UpstreamFault {
            case .unavailable(.timedOut): .timedOut
            case .unavailable(.answerTooLarge): .oversize
            case .unavailable(.untrustedCertificate): .untrusted
            case .unavailable(.cancelled): .cancelled
            case .misconfigured: .unsafeAddress
            default: .unreachable
            }
        }
        switch answer.status {
        case 200: return .document(answer.body, lifetime: nil, validator: answer.headers["ETag"])
        case 304 where validator != nil: return .unchanged(lifetime: nil)
        case let status: throw .refused(status: status)
        }
    }
}
