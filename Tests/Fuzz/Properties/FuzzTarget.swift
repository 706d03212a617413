/// One grammar under fuzzing, and what must hold for any bytes whatsoever.
///
/// The program under libFuzzer and the tests that replay the kept files share these: what one calls a finding, the
/// other calls a failure.
struct FuzzTarget: Sendable {
    /// The folder of its files, and the word by which the script calls it.
    let name: String
    /// Longer inputs find nothing that these do not, and take longer.
    let longestInput: Int
    let check: @Sendable ([UInt8]) throws(Violation) -> Void

    static let all: [FuzzTarget] = [
        .requests, .chunks, .targets, .cookies, .forms, .redirects, .templates, .json, .tokens, .documents, .claims,
        .encrypted, .keys, .pairs, .credentials, .cbor, .attestations, .certificates, .assertions,
    ]
}

/// A property that some input breaks.
struct Violation: Error, CustomStringConvertible {
    let description: String

    init(_ property: String, _ details: Any...) {
        description = ([property] + details.map { "\($0)" }).joined(separator: "\n  ")
    }
}

/// Breaks off unless a property holds.
func require(
    _ holds: Bool, _ property: @autoclosure () -> String, _ details: @autoclosure () -> String = ""
) throws(Violation) {
    guard holds else { throw Violation(property(), details()) }
}

/// The same text to the byte; `==` would take canonically equivalent ones for equal.
func isSame(_ left: String?, _ right: String?) -> Bool {
    guard let left, let right else { return left == nil && right == nil }
    return left.utf8.elementsEqual(right.utf8)
}

/// Hexadecimal, as the wire has it in escapes.
func escaped(_ byte: UInt8) -> String {
    let digits = Array("0123456789abcdef")
    return "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
}
