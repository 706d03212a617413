/// What a client shows of itself: RFC 7591 §2.
public struct ClientCard: Equatable, Sendable {
    /// Its picture, from our own origin.
    public let logoURL: String?
    /// What it does with what it learns, at its own site.
    public let policyURL: String?
    /// Its terms, at its own site.
    public let termsURL: String?

    /// What there is of it.
    public init(logoURL: String? = nil, policyURL: String? = nil, termsURL: String? = nil) {
        self.logoURL = logoURL
        self.policyURL = policyURL
        self.termsURL = termsURL
    }
}
