/// Moments at which loop entries want to be called, the earliest first: a binary heap of plain values.
///
/// Nothing is ever removed from the middle. An entry that no longer counts is recognised when it surfaces, and the heap
/// is swept when most of it does not count any more.
struct TimerHeap {
    struct Element {
        let time: UInt64
        let token: LoopToken
    }

    private var elements: [Element] = []

    var count: Int { elements.count }
    var first: UInt64 { elements.first?.time ?? .max }

    mutating func push(_ element: Element) {
        elements.append(element)
        var child = elements.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard elements[child].time < elements[parent].time else { return }
            elements.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the earliest element if its time has come.
    mutating func pop(by now: UInt64) -> Element? {
        guard let earliest = elements.first, earliest.time <= now else { return nil }
        elements.swapAt(0, elements.count - 1)
        elements.removeLast()
        siftDown(from: 0)
        return earliest
    }

    /// Keeps only what still counts.
    mutating func sweep(keeping counts: (Element) -> Bool) {
        elements.removeAll { !counts($0) }
        for index in stride(from: elements.count / 2 - 1, through: 0, by: -1) { siftDown(from: index) }
    }

    private mutating func siftDown(from start: Int) {
        var parent = start
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < elements.count {
                if elements[child].time < elements[least].time { least = child }
            }
            guard least != parent else { return }
            elements.swapAt(parent, least)
            parent = least
        }
    }
}
