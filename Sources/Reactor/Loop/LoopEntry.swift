/// Names an entry of one loop: a slot and the generation of its use, so that a name outlived is never mistaken.
struct LoopToken: Sendable, Hashable {
    let raw: UInt64

    init(raw: UInt64) { self.raw = raw }
    init(slot: Int, generation: UInt32) { raw = UInt64(generation) << 32 | UInt64(UInt32(truncatingIfNeeded: slot)) }

    var slot: Int { Int(raw & 0xffff_ffff) }
    var generation: UInt32 { UInt32(raw >> 32) }
}

/// What a loop calls: a descriptor, a sleeper.
///
/// Confined to the thread of its loop, hence not Sendable.
class LoopEntry {
    fileprivate(set) var token = LoopToken(raw: .max)
    /// When the element of the timer heap that counts will surface; `.max` if none does.
    var armedAt: UInt64 = .max

    /// The kernel reported these `EPOLL…` bits.
    func eventsArrived(_ events: UInt32) {}
    /// The time asked for has come; `armedAt` is already cleared.
    func timerFired(at now: UInt64, on loop: EventLoop) {}
}

/// The entries of a loop by token.
///
/// Looking up a token of the past gives `nil`.
struct LoopEntryTable {
    private struct Slot {
        var entry: LoopEntry?
        var generation: UInt32 = 0
    }

    private var slots: [Slot] = []
    private var free: [Int] = []

    var count: Int { slots.count - free.count }

    mutating func insert(_ entry: LoopEntry) {
        if free.isEmpty {
            free.append(slots.count)
            slots.append(Slot())
        }
        let slot = free.removeLast()
        slots[slot].entry = entry
        entry.token = LoopToken(slot: slot, generation: slots[slot].generation)
    }

    mutating func remove(_ token: LoopToken) {
        guard self[token] != nil else { return }
        slots[token.slot].entry = nil
        slots[token.slot].generation &+= 1
        free.append(token.slot)
    }

    subscript(token: LoopToken) -> LoopEntry? {
        guard token.slot < slots.count, slots[token.slot].generation == token.generation else { return nil }
        return slots[token.slot].entry
    }

    var all: [LoopEntry] { slots.compactMap(\.entry) }
}
