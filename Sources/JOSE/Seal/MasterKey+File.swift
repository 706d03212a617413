extension MasterKey {
    /// What is wrong with the contents of a master key file, in words for the operator.
    public enum FileError: Error, Sendable, Equatable, CustomStringConvertible {
        /// Neither 32 bytes nor a spelling of them.
        case wrongLength
        /// Text of 32 characters: a password or half a key, nothing of 256 bits.
        case passphrase
        /// The same few bytes over and over.
        case notRandom
        /// More keys than a move from one to another needs.
        case tooMany
        /// The same key twice.
        case repeated

        /// A sentence that says what to do.
        public var description: String {
            switch self {
            case .wrongLength:
                "the master key must be 32 random bytes: raw, as 64 hexadecimal digits, or as base64"
            case .passphrase:
                "the master key has 32 characters of text; 32 random bytes are needed: raw, as 64 hexadecimal "
                    + "digits, or as base64"
            case .notRandom:
                "the master key is no random value; make one with: openssl rand -base64 32"
            case .tooMany:
                "there are more than \(MasterKey.most) master keys; leave out those that seal nothing any more"
            case .repeated: "the same master key stands there twice"
            }
        }
    }

    /// How many keys there may be at once.
    public static let most = 8

    /// Reads the contents of a key file: 32 raw bytes, or text with a key a line.
    ///
    /// A line is 64 hexadecimal digits, or base64 of either alphabet; white space around it is ignored, and a comma ends
    /// it too. The first key seals, the others are its predecessors.
    public init(fileContents: [UInt8]) throws(FileError) {
        if fileContents.count == Self.count {
            // Random bytes are all printable once in 10^12 keys; a passphrase always is, but for the end of its line.
            guard !fileContents.allSatisfy({ (0x20..<0x7F).contains($0) || (0x09...0x0D).contains($0) }) else {
                throw .passphrase
            }
            try self.init(random: fileContents)
            return
        }
        let separators = [UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: ",")]
        let lines = fileContents.split { separators.contains($0) }.map { Self.trimmed($0) }.filter { !$0.isEmpty }
        guard lines.count <= Self.most else { throw .tooMany }
        var keys: [MasterKey] = []
        for line in lines {
            guard let bytes = Self.hexadecimal(line) ?? Self.base64(line) else {
                throw line.count == Self.count ? .passphrase : .wrongLength
            }
            keys.append(try MasterKey(random: bytes))
        }
        guard let first = keys.first else { throw .wrongLength }
        guard Set(keys.map(\.id)).count == keys.count else { throw .repeated }
        self = first.following(Array(keys.dropFirst()))
    }

    private init(random bytes: [UInt8]) throws(FileError) {
        // 32 random bytes hold fewer than 16 different values about never.
        guard Set(bytes).count >= 16 else { throw .notRandom }
        guard let key = MasterKey(Secret(bytes)) else { throw .wrongLength }
        self = key
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
        guard
            let first = bytes.firstIndex(where: { !isSpace($0) }), let last = bytes.lastIndex(where: { !isSpace($0) })
        else { return [] }
        return bytes[first...last]
    }

    private static func hexadecimal(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard text.count == 2 * count else { return nil }
        var bytes: [UInt8] = []
        var half: UInt8?
        for character in text {
            guard let digit = Character(Unicode.Scalar(character)).hexDigitValue.map({ UInt8($0) }) else { return nil }
            if let high = half { bytes.append(high << 4 | digit) }
            half = half == nil ? digit : nil
        }
        return bytes
    }

    private static func base64(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let characters = (text.count == 44 && text.last == UInt8(ascii: "=") ? text.dropLast() : text).map {
            character in
            switch character {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            default: character
            }
        }
        guard let bytes = Base64URL.decode(characters.span), bytes.count == count else { return nil }
        return bytes
    }
}
