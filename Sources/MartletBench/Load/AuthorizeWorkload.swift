/// Asks for codes with the session of somebody who has signed in; each is issued without a page.
struct AuthorizeWorkload: Workload {
    let depth = 1
    private(set) var codes = TokenTable()
    private let request: UnsafeRawBufferPointer
    private var remaining: Int

    /// Asks for so many.
    init(_ address: AuthorizationAddress, session: String, count: Int, port: UInt16) {
        remaining = count
        let bytes = RequestText.get(address.target, port: port, [session])
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
        memory.copyBytes(from: bytes)
        request = UnsafeRawBufferPointer(memory)
    }

    mutating func request(for connection: Int) -> UnsafeRawBufferPointer? {
        guard remaining > 0 else { return nil }
        remaining -= 1
        return request
    }

    mutating func take(_ answer: Answer, on connection: Int) -> Verdict {
        guard answer.status == 303, let code = answer.head.value(after: "?code=", until: UInt8(ascii: "&")),
            codes.append(code)
        else { return .wrong }
        return .counts
    }
}
