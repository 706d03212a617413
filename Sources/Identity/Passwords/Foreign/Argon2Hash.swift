internal import CArgon2

/// A hash of Argon2 at parameters of other people's choice: RFC 9106.
public struct Argon2Hash: Sendable, Equatable {
    /// Which of the three.
    public enum Variant: String, Sendable {
        /// Argon2d.
        case d = "argon2d"
        /// Argon2i.
        case i = "argon2i"
        /// Argon2id.
        case id = "argon2id"
    }

    /// Which of the three.
    public let variant: Variant
    /// 19 is the one of the RFC, 16 the one before.
    let version: UInt32
    let parameters: Argon2Parameters
    let salt: [UInt8]
    let tag: [UInt8]

    /// Memory in KiB times passes, at most: about a second.
    static let workLimit: UInt64 = 1 << 21
    /// Lanes, at most.
    static let laneLimit: UInt32 = 16

    /// A hash by its parts; memory in KiB.
    public init(
        _ variant: Variant, version: UInt32, memory: UInt32, passes: UInt32, lanes: UInt32, salt: [UInt8], tag: [UInt8]
    ) throws(ForeignHash.Refusal) {
        guard version == 19 || version == 16, passes > 0, lanes > 0, memory / 8 >= lanes else { throw .malformed }
        guard UInt64(memory) * UInt64(passes) <= Argon2Hash.workLimit, lanes <= Argon2Hash.laneLimit,
            memory <= ForeignHash.memoryLimit / 1024
        else { throw .tooCostly }
        try ForeignHash.check(salt: salt, tag: tag)
        // What the library asks for.
        guard salt.count >= 8 else { throw .unfitLength }
        self.variant = variant
        self.version = version
        parameters = Argon2Parameters(memory: memory, passes: passes, lanes: lanes)
        self.salt = salt
        self.tag = tag
    }

    /// What follows `$argon2id$`; without a version it is the one before the RFC.
    init(_ variant: Variant, _ parts: [String]) throws(ForeignHash.Refusal) {
        var parts = parts
        var version: UInt32 = 16
        if let first = parts.first, first.hasPrefix("v=") {
            version = try HashText.number(String(first.dropFirst(2)))
            parts.removeFirst()
        }
        guard parts.count == 3 else { throw .malformed }
        let numbers = try HashText.numbers(parts[0], ["m", "t", "p"])
        guard let memory = numbers["m"], let passes = numbers["t"], let lanes = numbers["p"] else { throw .malformed }
        try self.init(
            variant, version: version, memory: memory, passes: passes, lanes: lanes,
            salt: try HashText.decode(parts[1]), tag: try HashText.decode(parts[2]))
    }

    var encoded: String {
        let cost = "m=\(parameters.memory),t=\(parameters.passes),p=\(parameters.lanes)"
        return "$\(variant.rawValue)$v=\(version)$\(cost)$\(HashText.encode(salt))$\(HashText.encode(tag))"
    }

    func matches(_ password: [UInt8]) throws -> Bool {
        let type =
            switch variant {
            case .d: Argon2_d
            case .i: Argon2_i
            case .id: Argon2_id
            }
        let code = argon2_verify(encoded, password, password.count, type)
        switch code {
        case ARGON2_OK.rawValue: return true
        case ARGON2_VERIFY_MISMATCH.rawValue: return false
        default: throw PasswordHasher.Failure(code: code)
        }
    }
}
