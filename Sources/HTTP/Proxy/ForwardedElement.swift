/// What one proxy says in `Forwarded`: RFC 7239 §4.
struct ForwardedElement: Equatable {
    /// The value of `for`; `nil` if it is missing or no address.
    var node: PeerAddress?
    /// The value of `proto`.
    var proto: String?

    /// Reads one field line; `nil` if any of it is outside the grammar, or an element says something twice.
    static func parse(_ line: String) -> [ForwardedElement]? {
        var reader = Reader(rest: Array(line.utf8)[...])
        var elements: [ForwardedElement] = []
        repeat {
            var element = ForwardedElement()
            var names: [[UInt8]] = []
            repeat {
                reader.skipBlanks()
                guard let name = reader.token(), reader.skip(UInt8(ascii: "=")), let value = reader.value() else {
                    return nil
                }
                let lowercased = name.map(FieldGrammar.lowercased)
                guard !names.contains(lowercased) else { return nil }
                names.append(lowercased)
                let text = String(decoding: value, as: UTF8.self)
                if lowercased.elementsEqual("for".utf8) { element.node = ForwardedNode.parse(text[...]) }
                if lowercased.elementsEqual("proto".utf8) { element.proto = text }
                reader.skipBlanks()
            } while reader.skip(UInt8(ascii: ";"))
            elements.append(element)
        } while reader.skip(UInt8(ascii: ","))
        return reader.rest.isEmpty ? elements : nil
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func skip(_ byte: UInt8) -> Bool {
            guard rest.first == byte else { return false }
            rest.removeFirst()
            return true
        }

        mutating func skipBlanks() {
            while rest.first == 32 || rest.first == 9 { rest.removeFirst() }
        }

        mutating func token() -> ArraySlice<UInt8>? {
            let token = rest.prefix(while: FieldGrammar.isTokenByte)
            rest = rest.dropFirst(token.count)
            return token.isEmpty ? nil : token
        }

        /// A token or a quoted string: RFC 9110 §5.6.4.
        ///
        /// An unquoted IPv6 address is no token, so it ends the reading, as the specification has it.
        mutating func value() -> [UInt8]? {
            guard skip(UInt8(ascii: "\"")) else { return token().map(Array.init) }
            var value: [UInt8] = []
            while let byte = rest.popFirst() {
                switch byte {
                case UInt8(ascii: "\""): return value
                case UInt8(ascii: "\\"):
                    guard let escaped = rest.popFirst() else { return nil }
                    value.append(escaped)
                default: value.append(byte)
                }
            }
            return nil
        }
    }
}
