/// The shape of a model: which keys a template may name.
///
/// Taken from an example with ``init(of:)`` or written by hand.
public indirect enum MustacheSchema: Hashable, Sendable {
    /// Text or a number.
    case text
    /// A flag.
    case flag
    /// A list, all of whose elements have this shape.
    case list(of: MustacheSchema)
    /// Members by name.
    case object([String: MustacheSchema])
    /// Unknown: a template may name anything at and below this place.
    case any

    /// The shape of an example.
    ///
    /// Fill in everything that may be there: `null` and the empty list tell nothing, so anything
    /// goes below them. A list's elements may differ: a key that one of them has is known.
    public init(of example: MustacheValue) {
        switch example {
        case .null: self = .any
        case .bool: self = .flag
        case .integer, .decimal, .string: self = .text
        case .count: self = MustacheCount.schema
        case .list(let elements):
            let shapes = elements.map(MustacheSchema.init(of:))
            self = .list(of: shapes.dropFirst().reduce(shapes.first ?? .any) { $0.union($1) })
        case .object(let members): self = .object(members.mapValues(MustacheSchema.init(of:)))
        }
    }

    private func union(_ other: MustacheSchema) -> MustacheSchema {
        switch (self, other) {
        case (.text, .text), (.flag, .flag): self
        case (.list(let left), .list(let right)): .list(of: left.union(right))
        case (.object(let left), .object(let right)): .object(left.merging(right) { $0.union($1) })
        default: .any
        }
    }
}
