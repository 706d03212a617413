/// First in, first out, without moving what waits.
struct Fifo<Element> {
    private var elements: [Element?] = []
    private var head = 0

    var count: Int { elements.count - head }
    var isEmpty: Bool { count == 0 }
    var first: Element? { isEmpty ? nil : elements[head] }

    mutating func append(_ element: Element) {
        elements.append(element)
    }

    mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        let element = elements[head]
        elements[head] = nil
        head += 1
        if head == elements.count {
            elements.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 64, 2 * head >= elements.count {
            elements.removeSubrange(..<head)
            head = 0
        }
        return element
    }

    /// The first ones, as many as there are.
    func prefix(_ count: Int) -> [Element] {
        elements[head...].prefix(count).compactMap(\.self)
    }

    /// Takes everything, in order.
    mutating func takeAll() -> [Element] {
        defer {
            elements = []
            head = 0
        }
        return elements[head...].compactMap(\.self)
    }
}
