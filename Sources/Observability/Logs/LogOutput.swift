import Glibc
import Reactor
import Synchronization

/// Where log lines go: a bounded buffer in memory, and one thread that writes it to a descriptor.
///
/// A slow terminal or a full pipe blocks that thread alone. When the buffer is full, lines are dropped and counted, and
/// the count is logged as soon as there is room.
final class LogOutput: Sendable {
    private struct State {
        var pending: [UInt8] = []
        var dropped: Int64 = 0
        /// The thread waits, and nobody has woken it yet.
        var isAsleep = true
        var isClosed = false
    }

    private let state = Mutex(State())
    private let limit: Int
    private let descriptor: Int32
    private let bell = Semaphore()
    private let end = Semaphore()

    /// How long lines gather before they are written: under load one write a pause instead of one a line.
    private static let pause: useconds_t = 2000
    /// Buffers that a burst has blown up beyond this are let go.
    private static let keptCapacity = 64 * 1024

    /// Starts the thread; `limit` is in bytes.
    ///
    /// Where the kernel gives no thread, every line is dropped.
    init(descriptor: Int32, limit: Int) {
        self.descriptor = descriptor
        self.limit = limit
        do {
            try startThread(name: "log") { [self] in run() }
        } catch {
            state.withLock { $0.isClosed = true }
            end.signal()
        }
    }

    /// Takes a line, or drops it when there is no room.
    ///
    /// Never waits for the descriptor.
    func write(_ line: borrowing Span<UInt8>) {
        let mustRing = line.withUnsafeBufferPointer { line in
            state.withLock { state in
                guard !state.isClosed else { return false }
                guard state.pending.count + line.count <= limit else {
                    state.dropped += 1
                    return false
                }
                state.pending.append(contentsOf: line)
                defer { state.isAsleep = false }
                return state.isAsleep
            }
        }
        if mustRing { bell.signal() }
    }

    /// Takes no more lines, and waits until all are written, but not for longer than some seconds.
    func close(waitingSeconds seconds: Int) {
        let isFirst = state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        guard isFirst else { return }
        bell.signal()
        end.wait(seconds: seconds)
    }

    // MARK: The thread

    private func run() {
        var batch: [UInt8] = []
        while true {
            bell.wait()
            var isOver: Bool
            repeat {
                if !state.withLock({ $0.isClosed }) { usleep(Self.pause) }
                let dropped = state.withLock { state in
                    swap(&state.pending, &batch)
                    defer { state.dropped = 0 }
                    return state.dropped
                }
                writeAll(batch)
                if dropped > 0 { writeAll(Self.note(dropped)) }
                batch.removeAll(keepingCapacity: batch.capacity <= Self.keptCapacity)
                isOver = state.withLock { state in
                    state.isAsleep = state.pending.isEmpty && state.dropped == 0
                    return state.isAsleep
                }
            } while !isOver
            if state.withLock({ $0.isClosed && $0.pending.isEmpty }) { break }
        }
        end.signal()
    }

    private static func note(_ dropped: Int64) -> [UInt8] {
        Log.line(.warning, "log.dropped", [.integer("lines", dropped)])
    }

    /// What cannot be written is lost: there is nowhere to say so.
    private func writeAll(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count >= 0 {
                    rest = rest.dropFirst(count)
                } else if errno == EAGAIN {
                    // Somebody who shares the terminal has made it non-blocking.
                    var interest = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&interest, 1, -1)
                } else if errno != EINTR {
                    return
                }
            }
        }
    }
}
