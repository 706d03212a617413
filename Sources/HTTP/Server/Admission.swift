internal import Reactor

/// Which requests a loop answers now, which wait, and which it refuses: one for each loop.
///
/// A loop that gets more than it can do would otherwise make everybody wait, for longer and longer, and in the end answer
/// requests that nobody waits for any more. So it looks at its sockets at least every millisecond; what it could not begin
/// by then waits in line; and while the first in line has waited for too long, whoever comes is refused, at once and for
/// next to nothing. There is a line for each lane, and they take turns: a flood in one does not hold the other up.
///
/// Confined to its loop.
final class Admission {
    private let loop: EventLoop
    private let limits: ServerConfiguration.Overload
    private let turn: UInt64
    private let patience: UInt64
    private var lines = [WaitingLine](repeating: WaitingLine(), count: ServerConfiguration.Lane.allCases.count)
    private var next = 0
    private var isCalling = false
    /// When the loop last looked at its sockets, and until when requests are let in after that.
    private var look = Deadline.never
    private var end = Deadline.never
    /// Bytes of requests that were begun or wait.
    private var bytes = 0

    /// Requests that are begun at a time between two looks at the clock.
    private static let batch = 4
    /// How many times the time of reading and refusing belongs to answering.
    private static let share: UInt64 = 2
    private static let longestReading: UInt64 = 5_000_000

    init(_ limits: ServerConfiguration.Overload, on loop: EventLoop) {
        self.loop = loop
        self.limits = limits
        turn = Deadline.nanoseconds(of: limits.turn)
        patience = Deadline.nanoseconds(of: limits.patience)
    }

    /// Returns when a request may be begun; false if it is refused.
    ///
    /// Each that may is to be followed by `leave`.
    ///
    /// - Parameters:
    ///   - size: the bytes that it holds.
    ///   - now: the present moment.
    func enter(_ lane: @autoclosure () -> ServerConfiguration.Lane, size: Int, at now: Deadline) async -> Bool {
        guard bytes + size <= limits.bytes else { return false }
        if isCalling || now >= loop.now.advanced(byNanoseconds: turn) {
            let lane = lane().rawValue
            guard !isFull(lines[lane], at: now) else { return false }
            bytes += size
            await withUnsafeContinuation { continuation in
                lines[lane].append(continuation, since: now)
                callLater()
            }
        } else {
            bytes += size
        }
        return true
    }

    /// A request that was let in has its answer.
    func leave(size: Int) { bytes -= size }

    /// Whether nobody else should wait in a line.
    ///
    /// A short one takes everybody: it may look old only because the machine had no time for us.
    private func isFull(_ line: WaitingLine, at now: Deadline) -> Bool {
        guard line.count < limits.waiting else { return true }
        guard line.count >= limits.always, let oldest = line.oldest else { return false }
        return oldest.advanced(byNanoseconds: patience) < now
    }

    /// Whether so many wait that nothing should be spent on a connection which is only likely to ask again.
    var isCrowded: Bool { lines.contains { $0.count >= limits.always } }

    private func callLater() {
        guard !isCalling else { return }
        isCalling = true
        callNext()
    }

    /// What the loop is told to call it calls behind the tasks that are ready, and when nothing else is left behind the
    /// next look at the sockets.
    private func callNext() {
        let here = LoopBound(self, to: loop)
        loop.execute { here.run { $0.call() } }
    }

    /// Lets some in, unless the sockets have to be looked at first.
    private func call() {
        let now = Deadline.now
        if look != loop.now {
            look = loop.now
            // What the look has brought is refused or in line by now. However much that was, most of the time belongs to
            // those who were let in, or else a crowd that asks again at once would keep the loop busy with refusals. A
            // long time says that the machine was busy elsewhere.
            let taken = min(now.nanoseconds - min(look.nanoseconds, now.nanoseconds), Self.longestReading)
            end = now.advanced(byNanoseconds: max(turn, Self.share * taken))
        }
        if now < end {
            for _ in 0..<Self.batch {
                guard let first = takeFirst() else { break }
                first.resume()
            }
        }
        isCalling = lines.contains { !$0.isEmpty }
        if isCalling { callNext() }
    }

    /// The first of the line whose turn it is, or of another if that is empty.
    private func takeFirst() -> UnsafeContinuation<Void, Never>? {
        for _ in lines.indices {
            next = (next + 1) % lines.count
            if let first = lines[next].popFirst() { return first }
        }
        return nil
    }
}

/// Requests in the order in which they came.
private struct WaitingLine {
    private var all: [(continuation: UnsafeContinuation<Void, Never>, since: Deadline)] = []
    private var head = 0

    var count: Int { all.count - head }
    var isEmpty: Bool { count == 0 }

    /// Since when the first has waited.
    var oldest: Deadline? { isEmpty ? nil : all[head].since }

    mutating func append(_ continuation: UnsafeContinuation<Void, Never>, since: Deadline) {
        all.append((continuation, since))
    }

    mutating func popFirst() -> UnsafeContinuation<Void, Never>? {
        guard head < all.count else { return nil }
        defer {
            head += 1
            if head == all.count {
                all.removeAll(keepingCapacity: head <= 256)
                head = 0
            } else if head >= 256, 2 * head >= all.count {
                all.removeSubrange(..<head)
                head = 0
            }
        }
        return all[head].continuation
    }
}
