internal import COpenSSL

/// Answers libcrypto when a device asks for its PIN, and remembers that it did.
struct PINQuestion {
    let pin: Secret?
    var isAsked = false

    /// What libcrypto asks through; without one of ours it would ask at the terminal.
    ///
    /// Never freed. Unchecked: the pointer never changes, nor what it points at.
    nonisolated(unsafe) static let method = UI_UTIL_wrap_read_pem_callback({ PINQuestion.answer($0, $1, $3) }, 0)

    private static func answer(
        _ target: UnsafeMutablePointer<CChar>?, _ room: Int32, _ argument: UnsafeMutableRawPointer?
    ) -> Int32 {
        guard let target, let question = argument?.assumingMemoryBound(to: PINQuestion.self) else { return -1 }
        // Once: whoever asks again has refused the first answer, and each costs one of a few tries.
        guard !question.pointee.isAsked else { return -1 }
        question.pointee.isAsked = true
        guard let pin = question.pointee.pin, pin.count < Int(room) else { return -1 }
        pin.withBytes { bytes in
            for index in bytes.indices { target[index] = CChar(bitPattern: bytes[index]) }
        }
        return Int32(pin.count)
    }
}
