import JOSE
import JSON
import OAuthTypes

/// What a member of the metadata may hold.
protocol MetadataValue: Sendable, Equatable {
    /// Throws with what is wrong, in a few words that follow "it ".
    init(metadata value: JSONValue) throws(MetadataFault)
    var metadata: JSONValue { get }
}

/// Why a value is no value of its member.
struct MetadataFault: Error {
    let reason: StaticString

    init(_ reason: StaticString) { self.reason = reason }
}

extension MetadataValue where Self: RawRepresentable<String> {
    init(metadata value: JSONValue) throws(MetadataFault) {
        guard let text = value.string else { throw MetadataFault("must be a string") }
        guard let word = Self(rawValue: text) else { throw MetadataFault("names something that is not supported") }
        self = word
    }

    var metadata: JSONValue { .string(rawValue) }
}

extension ApplicationType: MetadataValue {}
extension SubjectType: MetadataValue {}
extension AccessTokenFormat: MetadataValue {}
extension RefreshTokenUse: MetadataValue {}
extension ResponseType: MetadataValue {}
extension Compatibility: MetadataValue {}
extension AssertionAlgorithm: MetadataValue {}
extension RequestObjectSigning: MetadataValue {}
extension ClientAuthenticationMethod: MetadataValue {}
extension SignatureAlgorithm: MetadataValue {}
extension ContentEncryption: MetadataValue {}

extension KeyManagementAlgorithm: MetadataValue {
    /// Only those that need no shared key: none is kept that could be read.
    init(metadata value: JSONValue) throws(MetadataFault) {
        switch value.string.flatMap(KeyManagementAlgorithm.init(rawValue:)) {
        case .rsaOAEP: self = .rsaOAEP
        case .rsaOAEP256: self = .rsaOAEP256
        case .ecdhES: self = .ecdhES
        case .ecdhESA128KW: self = .ecdhESA128KW
        case .ecdhESA256KW: self = .ecdhESA256KW
        case .a128KW, .a256KW, .direct, nil: throw MetadataFault("names something that is not supported")
        }
    }
}

extension Bool: MetadataValue {
    init(metadata value: JSONValue) throws(MetadataFault) {
        guard let flag = value.bool else { throw MetadataFault("must be true or false") }
        self = flag
    }

    var metadata: JSONValue { .bool(self) }
}

extension Int64: MetadataValue {
    init(metadata value: JSONValue) throws(MetadataFault) {
        guard let number = value.integer, (0...1_000_000_000).contains(number) else {
            throw MetadataFault("must be a number of seconds, 0 or more")
        }
        self = number
    }

    var metadata: JSONValue { .integer(self) }
}

extension JSONObject: MetadataValue {
    init(metadata value: JSONValue) throws(MetadataFault) {
        guard let object = value.object else { throw MetadataFault("must be an object") }
        self = object
    }

    var metadata: JSONValue { .object(self) }
}

extension WebAddress: MetadataValue {
    init(metadata value: JSONValue) throws(MetadataFault) {
        guard let address = value.string.flatMap({ WebAddress($0) }) else {
            throw MetadataFault("must be an https URL without fragment, user or wildcard")
        }
        self = address
    }

    var metadata: JSONValue { .string(rawValue) }
}

extension RequestObjectAddress: MetadataValue {
    init(metadata value: JSONValue) throws(MetadataFault) {
        guard let address = value.string.flatMap({ RequestObjectAddress($0) }) else {
            throw MetadataFault("must be an https URL without user or wildcard")
        }
        self = address
    }

    var metadata: JSONValue { .string(rawValue) }
}

extension DisplayText: MetadataValue {
    init(metadata value: JSONValue) throws(MetadataFault) {
        guard let text = value.string.flatMap({ DisplayText($0) }) else {
            throw MetadataFault("must be a text of 1 to 200 characters without control characters")
        }
        self = text
    }

    var metadata: JSONValue { .string(rawValue) }
}

extension OpaqueText: MetadataValue {
    init(metadata value: JSONValue) throws(MetadataFault) {
        guard let text = value.string.flatMap({ OpaqueText($0) }) else {
            throw MetadataFault("must be a text of printable ASCII without spaces")
        }
        self = text
    }

    var metadata: JSONValue { .string(rawValue) }
}

/// At most this many in a list: what a client registers is read with every look at it.
let metadataListLimit = 100

extension Array: MetadataValue where Element: MetadataValue & Hashable {
    /// In their order, each once.
    init(metadata value: JSONValue) throws(MetadataFault) {
        guard let values = value.array, values.count <= metadataListLimit else {
            throw MetadataFault("must be a list of at most 100")
        }
        self = []
        for value in values {
            let element = try Element(metadata: value)
            guard !contains(element) else { throw MetadataFault("must not name anything twice") }
            append(element)
        }
    }

    var metadata: JSONValue { .array(map(\.metadata)) }
}

extension Set: MetadataValue where Element: MetadataValue & RawRepresentable<String> {
    init(metadata value: JSONValue) throws(MetadataFault) {
        self = Set(try [Element](metadata: value))
    }

    /// In one order, so that the same set is always the same text.
    var metadata: JSONValue { .array(map(\.rawValue).sorted().map { .string($0) }) }
}
