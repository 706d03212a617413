/// Signs in again and again, each time as a browser that nobody knows; the post that checks the password counts.
struct SignInWorkload: Workload {
    let depth = 1
    private let address: AuthorizationAddress
    private let port: UInt16
    private var browsers: [SignIn]
    /// What each connection sends next.
    private var requests: [UnsafeMutableRawBufferPointer?]

    init(_ address: AuthorizationAddress, port: UInt16, connections: Int) {
        self.address = address
        self.port = port
        browsers = Array(repeating: SignIn(port: port), count: connections)
        requests = Array(repeating: nil, count: connections)
    }

    mutating func request(for connection: Int) -> UnsafeRawBufferPointer? {
        if requests[connection] == nil {
            browsers[connection] = SignIn(port: port)
            set(browsers[connection].start(address), for: connection)
        }
        return requests[connection].map { UnsafeRawBufferPointer($0) }
    }

    mutating func take(_ answer: Answer, on connection: Int) -> Verdict {
        let answer = Reply(copying: answer)
        if SignIn.isDone(answer) {
            set(nil, for: connection)
            return .counts
        }
        guard let next = browsers[connection].page(after: answer) ?? browsers[connection].post(into: answer) else {
            return .wrong
        }
        set(next, for: connection)
        return .leadsOn
    }

    private mutating func set(_ request: [UInt8]?, for connection: Int) {
        requests[connection]?.deallocate()
        requests[connection] = request.map { request in
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: request.count, alignment: 16)
            memory.copyBytes(from: request)
            return memory
        }
    }
}
