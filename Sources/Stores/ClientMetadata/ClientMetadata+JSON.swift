public import JSON

extension ClientMetadata {
    /// A member that cannot be registered, and why.
    public struct Refusal: Error, Sendable, Equatable, CustomStringConvertible {
        /// The member, as the specification spells it; never a text that somebody sent.
        public let member: String
        /// What is wrong with it, in words that follow "it".
        public let reason: StaticString

        /// A refusal of a member of a known name.
        public init(_ member: String, _ reason: StaticString) {
            self.member = member
            self.reason = reason
        }

        /// One sentence for the developer of the relying party, within the characters of RFC 6749 §5.2.
        public var description: String { "\(member): it \(reason)" }

        /// Whether member and words are the same.
        public static func == (left: Self, right: Self) -> Bool {
            left.member == right.member && left.reason.description == right.reason.description
        }
    }

    /// Reads the members that are known; others are nobody's business here (RFC 7591 §2).
    ///
    /// Null stands for a member that is not there.
    public init(_ document: JSONObject) throws(Refusal) {
        self.init()
        for member in document where !member.value.isNull {
            let parts = member.name.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
            guard let base = parts.first, let known = ClientMetadata.member(named: String(base)),
                parts.count == 1 || known.isLocalized
            else { continue }
            var tag: String?
            if parts.count > 1 {
                guard Localized<String>.isTag(parts[1]) else {
                    throw Refusal(known.name, "has a language tag that is none")
                }
                tag = String(parts[1])
            }
            do throws(MetadataFault) {
                try known.read(member.value, tag, &self)
            } catch {
                throw Refusal(known.name, error.reason)
            }
        }
    }

    /// Writes the members that are there, in one order.
    public func encodeMembers(to writer: inout JSONWriter) {
        for member in MetadataMember.all {
            for (tag, value) in member.write(self) {
                writer.member(named: tag.map { member.name + "#" + $0 } ?? member.name, value)
            }
        }
    }

    /// The name of every member there can be, without language tags.
    public static var memberNames: [String] { MetadataMember.all.map(\.name) }

    private static let byName = Dictionary(uniqueKeysWithValues: MetadataMember.all.map { ($0.name, $0) })

    private static func member(named name: String) -> MetadataMember? { byName[name] }
}

extension ClientMetadata: JSONEncodable {
    /// Writes an object of the members that are there; `{}` for none.
    public func encode(to writer: inout JSONWriter) {
        writer.object { encodeMembers(to: &$0) }
    }
}
