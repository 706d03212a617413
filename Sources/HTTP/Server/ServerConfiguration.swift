public import Reactor

/// What a server listens on and how much it takes from one client.
public struct ServerConfiguration: Sendable {
    /// Sizes above which a request is refused.
    public struct Limits: Sendable {
        /// Bytes of the request line: 414 above.
        public var requestLine = 8 * 1024
        /// Bytes of the header block: 431 above.
        public var headerBlock = 16 * 1024
        /// Header fields: 431 above.
        public var headerCount = 100
        /// Bytes of content, unless the route says otherwise: 413 above.
        public var body = 64 * 1024
        /// The limit of a route that takes more or less, in bytes, from the method and the decoded path; see
        /// `Router.bodyLimit`.
        public var bodyOfRoute: (@Sendable (Method, String) -> Int?)?
        /// What a request with too much content is answered, without its content; a line of text where it is nil.
        public var tooLarge: (@Sendable (Request) -> Response)?
        /// Bytes of requests and answers that wait for a slow client, of all connections of a loop together.
        ///
        /// Above, connections that have waited long and hold much are broken off.
        public var held = 32 * 1024 * 1024
        /// Requests answered in one go before other connections of the loop have their turn.
        public var requestsPerTurn = 32

        /// The usual limits.
        public init() {}
    }

    /// How long a client may take.
    ///
    /// Each counts from the start of its phase, so a trickle of bytes does not extend it.
    public struct Timeouts: Sendable {
        /// From the connection to the end of what comes before requests, PROXY header and TLS handshake: closed above.
        public var handshake: Duration = .seconds(10)
        /// From the first byte of a request to the end of its header: 408 above.
        public var header: Duration = .seconds(10)
        /// From the end of the header to the end of the content: 408 above.
        public var body: Duration = .seconds(30)
        /// Without any byte of a next request: the connection closes without an answer.
        public var idle: Duration = .seconds(60)
        /// How long a connection keeps its task after an answer.
        ///
        /// Who asks again within this time costs less; who does not holds nothing but its place in the loop.
        public var task: Duration = .milliseconds(20)
        /// To take one burst of answers: the connection is reset above.
        public var write: Duration = .seconds(30)

        /// The usual times.
        public init() {}
    }

    /// Which requests take turns when there are too many: a flood of one kind does not hold the other up.
    public enum Lane: Int, Sendable, CaseIterable {
        /// What programs ask.
        case machines
        /// What browsers ask for people.
        case people
    }

    /// What a loop does with more requests than it can answer.
    public struct Overload: Sendable {
        /// How far behind a loop may be for a request to be begun as soon as it has come.
        public var turn = Duration.milliseconds(1)
        /// While the first in a line has waited for longer, others are refused.
        public var patience = Duration.milliseconds(100)
        /// Requests of a lane that are at work at a time; others wait in line.
        public var begun = 512
        /// Requests that may wait in a line at most.
        public var waiting = 4096
        /// Requests that may wait in a line however long the first has.
        public var always = 256
        /// Bytes that requests which wait or were begun hold together.
        public var bytes = 64 * 1024 * 1024
        /// The lane of a request, from its method and its decoded path.
        public var lane: @Sendable (Method, String) -> Lane = { _, _ in .machines }
        /// What a refused request is answered: from what is there already, since nobody has time for it.
        public var answer: @Sendable (Request) -> Response = { _ in .busy }

        /// The usual bounds.
        public init() {}
    }

    /// Where to listen.
    public var listeners: [ServerListener]
    /// The proxies whose word on the client counts.
    public var proxies = TrustedProxies()
    /// Sizes.
    public var limits = Limits()
    /// Times.
    public var timeouts = Timeouts()
    /// Too many requests.
    public var overload = Overload()
    /// Open connections of all loops together, each of which has an equal share.
    ///
    /// Above, the one that has been idle longest makes room for the new one.
    public var maxConnections = 20_000

    /// Connections of one loop whose PROXY header and TLS handshake are not over.
    ///
    /// Above, the one that has taken longest makes room for the new one.
    public var maxHandshakes = 1024

    /// A server with these listeners and the usual limits.
    public init(listeners: [ServerListener]) {
        self.listeners = listeners
    }

    /// A server of plain HTTP on these addresses, with the usual limits.
    public init(addresses: [SocketAddress]) {
        self.init(listeners: addresses.map { ServerListener(.ip($0)) })
    }
}
