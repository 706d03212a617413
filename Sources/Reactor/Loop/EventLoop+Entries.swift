internal import CLinux
internal import Glibc

/// What entries ask of their loop.
extension EventLoop {
    /// Makes sure that `entry` is called no later than `deadline`.
    ///
    /// Nearly free if it is armed for an earlier time: it will then be called early, look at its own deadline and arm
    /// itself again.
    func arm(_ entry: LoopEntry, at deadline: Deadline) {
        let time = deadline.nanoseconds
        guard time < entry.armedAt else { return }
        entry.armedAt = time
        timers.push(TimerHeap.Element(time: time, token: entry.token))
        if timers.count > 1024 + 4 * entries.count {
            timers.sweep { entries[$0.token]?.armedAt == $0.time }
        }
    }

    /// Adds a descriptor to the set that the kernel reports on.
    func watch(_ descriptor: Int32, for events: UInt32, token: LoopToken) throws(SystemError) {
        var event = epoll_event()
        event.events = events
        event.data.u64 = token.raw
        guard epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event) == 0 else { throw SystemError("epoll_ctl") }
    }

    /// Changes what the kernel reports of a descriptor in the set.
    func watchAgain(_ descriptor: Int32, for events: UInt32, token: LoopToken) {
        var event = epoll_event()
        event.events = events
        event.data.u64 = token.raw
        epoll_ctl(poll, EPOLL_CTL_MOD, descriptor, &event)
    }

    /// Takes a descriptor out of the set.
    ///
    /// Needed only if its file stays open elsewhere.
    func unwatch(_ descriptor: Int32) {
        epoll_ctl(poll, EPOLL_CTL_DEL, descriptor, nil)
    }
}
