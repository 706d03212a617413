public import Testing

/// What a test stands for: sections of specifications and numbers of our requirements, so that coverage can be listed.
public struct SpecTrait: TestTrait, SuiteTrait {
    /// References such as `RFC 7636 §4.6` or `A-61`.
    public let references: [String]

    /// A suite's references count for the tests in it.
    public var isRecursive: Bool { true }

    /// The references as the comments that a failure prints.
    public var comments: [Comment] { references.map { Comment(rawValue: "covers \($0)") } }
}

extension Trait where Self == SpecTrait {
    /// Names the sections and requirements that a test covers.
    public static func spec(_ references: String...) -> Self {
        SpecTrait(references: references)
    }
}
