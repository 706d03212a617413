/// A call at a moment, set anew as often as one likes; confined to its loop.
package final class Alarm {
    private final class Entry: LoopEntry {
        var moment = Deadline.never
        var call: (() -> Void)?

        override func timerFired(at now: UInt64, on loop: EventLoop) {
            guard moment.nanoseconds <= now else { return loop.arm(self, at: moment) }
            moment = .never
            call?()
        }
    }

    private let loop: EventLoop
    private let entry = Entry()

    /// Not set yet.
    package init(on loop: EventLoop, _ body: @escaping () -> Void) {
        precondition(loop.isCurrent, "an alarm belongs to the thread of its loop")
        self.loop = loop
        entry.call = body
        loop.entries.insert(entry)
    }

    /// When the call will be; `.never` while the alarm is not set.
    package var moment: Deadline {
        get { entry.moment }
        set {
            entry.moment = newValue
            if newValue != .never { loop.arm(entry, at: newValue) }
        }
    }

    /// Ends the alarm for good.
    package func release() {
        entry.call = nil
        loop.entries.remove(entry.token)
    }
}

@available(*, unavailable)
extension Alarm: Sendable {}
