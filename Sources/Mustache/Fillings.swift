/// What the blocks of a template are filled with while it is rendered or checked (spec: inheritance).
///
/// A child's filling wins over its parent's, and a filling is shown with the fillings known where it was written: a block
/// inside of it cannot be filled by itself, so filling blocks always ends.
struct Fillings {
    struct Frame {
        /// The template that holds the parent tag.
        let template: String
        let fillings: [Filling]
        /// The frame that was in force at the parent tag.
        let outer: Int?
    }

    struct Match {
        let filling: Filling
        let frame: Int
    }

    private(set) var frames: [Frame] = []

    /// The frame in force.
    var current: Int?

    /// Enters a parent; what it returns goes to ``leave(_:)``.
    mutating func enter(_ inclusion: Inclusion, in template: String) -> Int? {
        let outer = current
        if !inclusion.fillings.isEmpty {
            frames.append(Frame(template: template, fillings: inclusion.fillings, outer: outer))
            current = frames.count - 1
        }
        return outer
    }

    mutating func leave(_ outer: Int?) {
        if current != outer { frames.removeLast() }
        current = outer
    }

    /// The blocks that are filled at the moment.
    var names: Set<String> {
        var names: Set<String> = []
        var next = current
        while let frame = next {
            names.formUnion(frames[frame].fillings.map(\.name))
            next = frames[frame].outer
        }
        return names
    }

    /// All fillings for a block, the one to show last.
    func matches(for name: String) -> [Match] {
        var matches: [Match] = []
        var next = current
        while let frame = next {
            if let filling = frames[frame].fillings.first(where: { $0.name == name }) {
                matches.append(Match(filling: filling, frame: frame))
            }
            next = frames[frame].outer
        }
        return matches
    }
}
