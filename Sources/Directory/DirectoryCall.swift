import Glibc
public import Reactor

/// One conversation with a directory: when it has to be over, and how it is broken off from another thread.
///
/// The library waits without a limit at some places, such as for the answer to a handshake: there nothing but an end of
/// the connection wakes it.
public final class DirectoryCall: Sendable {
    private struct State {
        /// A copy of the socket of our own, so that its number cannot be another's by the time it is used; -1 for none.
        var descriptor: Int32 = -1
        var isCut = false
    }

    /// When it has to be over.
    public let deadline: Deadline
    private let state = Locked(State())

    /// A conversation that lasts until then at most.
    public init(until deadline: Deadline) { self.deadline = deadline }

    deinit { letGo() }

    /// Takes a socket that ends with the conversation; false where that was broken off, or there is no room for a copy.
    func hold(_ descriptor: Int32) -> Bool {
        letGo()
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { return false }
        let isHeld = state.withLock { state in
            guard !state.isCut else { return false }
            state.descriptor = copy
            return true
        }
        if !isHeld { close(copy) }
        return isHeld
    }

    /// Forgets the socket.
    func letGo() {
        let copy = state.withLock { state in
            defer { state.descriptor = -1 }
            return state.descriptor
        }
        if copy >= 0 { close(copy) }
    }

    /// Breaks it off: whoever reads or writes goes on at once and finds the connection at its end.
    func cut() {
        state.withLock { state in
            state.isCut = true
            if state.descriptor >= 0 { shutdown(state.descriptor, Int32(SHUT_RDWR)) }
        }
    }

    /// Whether it was broken off.
    public var isCut: Bool { state.withLock { $0.isCut } }

    /// What is left of the time, in milliseconds; 0 where it is over.
    var millisecondsLeft: Int { DirectoryCall.milliseconds(until: deadline) }

    static func milliseconds(until deadline: Deadline) -> Int {
        let now = Deadline.now
        guard now < deadline else { return 0 }
        return Int(clamping: (deadline.nanoseconds - now.nanoseconds) / 1_000_000 + 1)
    }
}
