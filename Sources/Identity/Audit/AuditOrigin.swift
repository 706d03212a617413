/// Where an event came from.
public struct AuditOrigin: Sendable, Equatable {
    /// What the access log calls the request.
    public let requestID: String?
    /// The peer's address; it tells of a person, and is only kept sealed.
    public let address: String?
    /// The network around it, `/24` or `/48`.
    public let network: String?
    /// What the browser says it is, as it came; it tells of a person too.
    public let userAgent: String?

    /// The origin of a request; `bytes` is the address in network byte order.
    public init(requestID: String?, address: String?, bytes: [UInt8], userAgent: String?) {
        self.requestID = requestID
        self.address = address
        network = BrowserTraits(userAgent: nil, address: bytes).network
        // A browser says who it is in any number of words; nobody reads more than these.
        self.userAgent = userAgent.map { String($0.prefix(400)) }
    }

    /// What may be told without telling of a person.
    init(requestID: String? = nil, network: String? = nil) {
        self.requestID = requestID
        self.network = network
        (address, userAgent) = (nil, nil)
    }

    /// The machine itself: the command line, or the server on its own.
    public static let here = AuditOrigin()
}
