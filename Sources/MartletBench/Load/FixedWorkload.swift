/// The same request again and again, sent from one place in memory.
struct FixedWorkload: Workload {
    let depth: Int
    private let requests: [UnsafeRawBufferPointer]
    private let expectation: Expectation
    private var next = 0

    /// A good answer.
    enum Expectation {
        case exactly(status: Int, body: [UInt8])
        case begins(status: Int, body: [UInt8])
    }

    /// Takes turns among requests, all of which bring the same kind of answer.
    ///
    /// The memory is kept as long as the program runs.
    init(_ requests: [[UInt8]], depth: Int = 1, expecting expectation: Expectation) {
        self.depth = depth
        self.expectation = expectation
        self.requests = requests.map { request in
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: request.count * depth, alignment: 16)
            memory.copyBytes(from: (0..<depth).flatMap { _ in request })
            return UnsafeRawBufferPointer(memory)
        }
    }

    mutating func request(for connection: Int) -> UnsafeRawBufferPointer? {
        next = next + 1 < requests.count ? next + 1 : 0
        return requests[next]
    }

    func take(_ answer: Answer, on connection: Int) -> Verdict {
        switch expectation {
        case .exactly(let status, let body):
            answer.status == status && answer.body.count == body.count && answer.body.begins(with: body)
                ? .counts : .wrong
        case .begins(let status, let body):
            answer.status == status && answer.body.begins(with: body) ? .counts : .wrong
        }
    }
}
