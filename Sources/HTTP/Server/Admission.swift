internal import Reactor

/// Which requests a loop answers now, which wait, and which it refuses: one for each loop.
///
/// A loop that gets more than it can do would otherwise make everybody wait, for longer and longer, and in the end answer
/// requests that nobody waits for any more. So while it is behind, what comes waits in line; and while the first in line
/// has waited for too long, whoever comes is refused, at once and for next to nothing. There is a line for each lane, and
/// they take turns: a flood in one does not hold the other up. Steps of handshakes have one more, and fewer turns.
///
/// Confined to its loop.
final class Admission {
    private let loop: EventLoop
    private let limits: ServerConfiguration.Overload
    private let turn: UInt64
    private let patience: UInt64
    private var lines = [WaitingLine](repeating: WaitingLine(), count: ServerConfiguration.Lane.allCases.count)
    private var handshakes = WaitingLine()
    private var next = 0
    private var isCalling = false
    /// Requests of each lane that were begun and have no answer yet.
    private var begun = [Int](repeating: 0, count: ServerConfiguration.Lane.allCases.count)
    /// Bytes of requests that were begun or wait.
    private var bytes = 0

    /// Requests that are begun for one step of a handshake.
    ///
    /// What they begin runs before the next ones are called, and the loop looks at its sockets meanwhile.
    private static let batch = 4
    /// Steps of handshakes that wait at most while more connections are taken.
    private static let mostHandshakes = 64

    init(_ limits: ServerConfiguration.Overload, on loop: EventLoop) {
        self.loop = loop
        self.limits = limits
        turn = Deadline.nanoseconds(of: limits.turn)
        patience = Deadline.nanoseconds(of: limits.patience)
    }

    /// What becomes of a request that has come.
    enum Verdict {
        /// It may be begun.
        case begins
        /// It is to wait in the line of its lane.
        case waits
        case refused
    }

    /// Decides about a request; unless it is refused, `leave` follows when it has its answer.
    ///
    /// - Parameters:
    ///   - size: the bytes that it holds.
    ///   - now: the present moment.
    func judge(_ lane: ServerConfiguration.Lane, size: Int, at now: Deadline) -> Verdict {
        guard bytes + size <= limits.bytes else { return .refused }
        if !isBehind(at: now), mayBegin(lane.rawValue) {
            begun[lane.rawValue] += 1
            bytes += size
            return .begins
        }
        guard !isFull(lines[lane.rawValue], at: now) else { return .refused }
        bytes += size
        return .waits
    }

    /// Calls `begin` when it is the turn of a request that is to wait.
    func wait(in lane: ServerConfiguration.Lane, since now: Deadline, _ begin: @escaping () -> Void) {
        lines[lane.rawValue].append(begin, since: now)
        callLater()
    }

    /// Returns when a request may be begun; false if it is refused.
    func enter(_ lane: ServerConfiguration.Lane, size: Int, at now: Deadline) async -> Bool {
        switch judge(lane, size: size, at: now) {
        case .begins: return true
        case .refused: return false
        case .waits:
            await withUnsafeContinuation { continuation in
                wait(in: lane, since: now) { continuation.resume() }
            }
            return true
        }
    }

    /// A request that was let in has its answer.
    func leave(_ lane: ServerConfiguration.Lane, size: Int) {
        bytes -= size
        begun[lane.rawValue] -= 1
        if !lines[lane.rawValue].isEmpty { callLater() }
    }

    /// Returns when there is time for a step of a handshake.
    func takeTurn() async {
        let now = Deadline.now
        guard isBehind(at: now) else { return }
        await withUnsafeContinuation { continuation in
            waitForHandshake(since: now) { continuation.resume() }
        }
    }

    /// Calls `begin` when it is the turn of a step of a handshake.
    func waitForHandshake(since now: Deadline, _ begin: @escaping () -> Void) {
        handshakes.append(begin, since: now)
        callLater()
    }

    /// Whether so many wait that nothing should be spent on a connection which is only likely to ask again.
    var isCrowded: Bool { lines.contains { $0.count >= limits.always } }

    /// Whether more connections that begin with a handshake would only wait.
    var isBusyWithHandshakes: Bool { handshakes.count >= Self.mostHandshakes }

    /// Whether what is new would wait for long, or others wait already.
    private func isBehind(at now: Deadline) -> Bool {
        isCalling || now >= loop.caughtUp.advanced(byNanoseconds: turn)
    }

    /// Whether nobody else should wait in a line.
    ///
    /// A short one takes everybody: it may look old only because the machine had no time for us.
    private func isFull(_ line: WaitingLine, at now: Deadline) -> Bool {
        guard line.count < limits.waiting else { return true }
        guard line.count >= limits.always, let oldest = line.oldest else { return false }
        return oldest.advanced(byNanoseconds: patience) < now
    }

    /// Whether one more of a lane may be at work.
    ///
    /// What is begun waits for others than the loop: a database that cannot keep up would in the end refuse what has
    /// waited and cost much already.
    private func mayBegin(_ lane: Int) -> Bool { begun[lane] < limits.begun }

    private func callLater() {
        guard !isCalling else { return }
        isCalling = true
        callNext()
    }

    /// What the loop is told to call it calls behind the tasks that are ready.
    private func callNext() {
        let here = LoopBound(self, to: loop)
        loop.execute { here.run { $0.call() } }
    }

    private func call() {
        for _ in 0..<Self.batch { takeFirst()?() }
        handshakes.popFirst()?()
        // Behind a lane that is full at work, somebody has to leave first.
        isCalling = !handshakes.isEmpty || lines.indices.contains { !lines[$0].isEmpty && mayBegin($0) }
        if isCalling { callNext() }
    }

    /// The first of the line whose turn it is, or of another if that is empty.
    private func takeFirst() -> (() -> Void)? {
        for _ in lines.indices {
            next = (next + 1) % lines.count
            guard mayBegin(next), let first = lines[next].popFirst() else { continue }
            begun[next] += 1
            return first
        }
        return nil
    }
}

/// Who waits, in the order in which they came.
private struct WaitingLine {
    private var all: [(begin: () -> Void, since: Deadline)] = []
    private var head = 0

    var count: Int { all.count - head }
    var isEmpty: Bool { count == 0 }

    /// Since when the first has waited.
    var oldest: Deadline? { isEmpty ? nil : all[head].since }

    mutating func append(_ begin: @escaping () -> Void, since: Deadline) {
        all.append((begin, since))
    }

    mutating func popFirst() -> (() -> Void)? {
        guard head < all.count else { return nil }
        defer {
            all[head].begin = {}
            head += 1
            if head == all.count {
                all.removeAll(keepingCapacity: head <= 256)
                head = 0
            } else if head >= 256, 2 * head >= all.count {
                all.removeSubrange(..<head)
                head = 0
            }
        }
        return all[head].begin
    }
}
