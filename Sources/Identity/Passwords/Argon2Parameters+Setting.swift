/// The parameters as an operator writes them: `argon2id:m=65536,t=3,p=2`, memory in KiB.
extension Argon2Parameters: CustomStringConvertible {
    /// The least that protects people: 19 MiB, 2 passes, 1 lane (ASVS 11.4.2 and appendix C).
    public static let floor = Argon2Parameters(memory: 19 * 1024, passes: 2, lanes: 1)
    /// The most that is taken: 1 GiB, 64 passes, 16 lanes.
    ///
    /// A slip of the pen must not stop every sign-in.
    public static let ceiling = Argon2Parameters(memory: 1024 * 1024, passes: 64, lanes: 16)

    /// What comes before the numbers.
    private static let prefix = "argon2id:"

    /// Reads the three numbers in this order and nothing else; nil for anything else.
    ///
    /// Bounds are not looked at: see `isWithinBounds`.
    public init?(setting text: String) {
        guard text.hasPrefix(Self.prefix) else { return nil }
        let pairs = text.dropFirst(Self.prefix.count).split(separator: ",", omittingEmptySubsequences: false)
        guard pairs.count == 3, let memory = Self.number("m=", pairs[0]), let passes = Self.number("t=", pairs[1]),
            let lanes = Self.number("p=", pairs[2])
        else { return nil }
        self.init(memory: memory, passes: passes, lanes: lanes)
    }

    private static func number(_ name: String, _ text: Substring) -> UInt32? {
        guard text.hasPrefix(name) else { return nil }
        let digits = text.dropFirst(name.count)
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return UInt32(digits)
    }

    /// Whether each number is at least that of `floor` and at most that of `ceiling`.
    public var isWithinBounds: Bool {
        (Self.floor.memory...Self.ceiling.memory).contains(memory)
            && (Self.floor.passes...Self.ceiling.passes).contains(passes)
            && (Self.floor.lanes...Self.ceiling.lanes).contains(lanes)
    }

    /// As `init(setting:)` reads it.
    public var description: String { "\(Self.prefix)m=\(memory),t=\(passes),p=\(lanes)" }
}
