internal import COpenSSL

/// Whether two byte strings are the same, in time that depends on their lengths only.
public func constantTimeEquals(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    guard !left.isEmpty else { return true }
    return left.withUnsafeBytes { left in
        right.withUnsafeBytes { right in CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0 }
    }
}

/// Whether two byte strings are the same, in time that depends on their lengths only.
public func constantTimeEquals(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    constantTimeEquals(left.span, right.span)
}

/// Whether two texts have the same UTF-8, in time that depends on their lengths only.
public func constantTimeEquals(_ left: String, _ right: String) -> Bool {
    constantTimeEquals(left.utf8.span, right.utf8.span)
}
