import Mustache

/// A browser by its program and system, which sessions keep as `Firefox on Linux`: the message `device.name`.
struct ShownDevice: Equatable, Sendable {
    /// Nil where it is not known.
    let program: String?
    /// Nil where it is not known.
    let system: String?

    init(_ name: String) {
        let between = " on "
        guard let place = name.firstRange(of: between) else {
            (program, system) = (name.isEmpty || name == "Unknown browser" ? nil : name, nil)
            return
        }
        let first = String(name[..<place.lowerBound])
        program = first == "A browser" ? nil : first
        system = String(name[place.upperBound...])
    }

    var value: MustacheValue { ["program": .init(program), "system": .init(system)] }
}
