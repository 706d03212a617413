/// Posts a password again and again into one sign-in page for each connection, refused or not.
///
/// Whoever is signed in begins anew as a browser that nobody knows.
struct SignInFloodWorkload: Workload {
    let depth = 1
    private(set) var signedIn = 0
    /// Answers that the server is busy.
    private(set) var busy = 0
    private var signIn: SignInWorkload
    /// The request that was sent last, while it is a post that was refused.
    private var posts: [UnsafeRawBufferPointer?]
    private var last: [UnsafeRawBufferPointer?]

    init(_ address: AuthorizationAddress, port: UInt16, connections: Int) {
        signIn = SignInWorkload(address, port: port, connections: connections)
        posts = Array(repeating: nil, count: connections)
        last = posts
    }

    mutating func request(for connection: Int) -> UnsafeRawBufferPointer? {
        last[connection] = posts[connection] ?? signIn.request(for: connection)
        return last[connection]
    }

    mutating func take(_ answer: Answer, on connection: Int) -> Verdict {
        if answer.status == 503 {
            guard answer.head.firstIndex(of: "\r\nRetry-After: ") != nil else { return .wrong }
            busy += 1
            posts[connection] = last[connection]
            return .counts
        }
        posts[connection] = nil
        let verdict = signIn.take(answer, on: connection)
        if case .counts = verdict { signedIn += 1 }
        return verdict
    }
}
