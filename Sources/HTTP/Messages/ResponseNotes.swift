/// What the logs learn about a request from those who answered it; nothing of it is sent.
public struct ResponseNotes: Sendable, Hashable {
    /// The place of the route in `Router.patterns`; 0 if none took the request.
    public var route: UInt16 = 0
    /// What came of it, in numbers that the program chooses; 0 if it is not said.
    public var outcome: UInt8 = 0
    /// Whose request it was: an identifier that was found to be right, never what a stranger sent.
    public var client: String?
    /// Nobody looked at the request, because there were too many.
    public var isRefusedForLoad = false

    /// Nothing yet.
    public init() {}
}
