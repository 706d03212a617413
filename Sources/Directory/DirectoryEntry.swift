/// An entry of a directory, with the attributes that were asked for.
public struct DirectoryEntry: Sendable, Equatable {
    /// Its name.
    public let name: DistinguishedName
    /// Values by lowered name of the attribute.
    let values: [AttributeName: [[UInt8]]]

    /// An entry.
    public init(name: DistinguishedName, values: [AttributeName: [[UInt8]]]) {
        self.name = name
        self.values = values
    }

    /// How much there is of it, in bytes.
    var size: Int { values.values.reduce(name.text.utf8.count) { $1.reduce($0) { $0 + $1.count } } }

    /// The first value of an attribute; nil where there is none.
    func first(_ name: AttributeName) -> [UInt8]? { values[name]?.first { !$0.isEmpty } }

    /// The first value as text; nil where there is none, or it is no text.
    func text(_ name: AttributeName) -> String? { first(name).flatMap { String(validating: $0, as: UTF8.self) } }

    /// Every value that is text.
    func texts(_ name: AttributeName) -> [String] {
        (values[name] ?? []).compactMap { String(validating: $0, as: UTF8.self) }
    }
}
