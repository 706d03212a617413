import JOSE

/// A hash of scrypt: RFC 7914.
public struct ScryptHash: Sendable, Equatable {
    /// The cost as a power of two.
    let costExponent: UInt32
    let blockSize: UInt32
    let parallelization: UInt32
    let salt: [UInt8]
    let tag: [UInt8]

    /// 128 times cost, block size and parallelization, at most, in bytes: about a second.
    static let workLimit: UInt64 = 1 << 29

    /// A hash by its parts; the cost is a power of two, given by its exponent.
    public init(
        costExponent: UInt32, blockSize: UInt32, parallelization: UInt32, salt: [UInt8], tag: [UInt8]
    ) throws(ForeignHash.Refusal) {
        guard costExponent > 0, blockSize > 0, parallelization > 0 else { throw .malformed }
        // Each small enough that nothing below overflows.
        guard costExponent <= 24, blockSize <= 1 << 10, parallelization <= 1 << 10 else { throw .tooCostly }
        let memory = 128 * UInt64(blockSize) << UInt64(costExponent)
        guard memory <= UInt64(ForeignHash.memoryLimit), memory * UInt64(parallelization) <= ScryptHash.workLimit else {
            throw .tooCostly
        }
        try ForeignHash.check(salt: salt, tag: tag)
        self.costExponent = costExponent
        self.blockSize = blockSize
        self.parallelization = parallelization
        self.salt = salt
        self.tag = tag
    }

    /// What follows `$scrypt$`: `ln=15,r=8,p=1`, salt and tag.
    init(_ parts: [String]) throws(ForeignHash.Refusal) {
        guard parts.count == 3 else { throw .malformed }
        let numbers = try HashText.numbers(parts[0], ["ln", "r", "p"])
        guard let exponent = numbers["ln"], let blockSize = numbers["r"], let parallelization = numbers["p"] else {
            throw .malformed
        }
        try self.init(
            costExponent: exponent, blockSize: blockSize, parallelization: parallelization,
            salt: try HashText.decode(parts[1]), tag: try HashText.decode(parts[2]))
    }

    var encoded: String {
        "$scrypt$ln=\(costExponent),r=\(blockSize),p=\(parallelization)"
            + "$\(HashText.encode(salt))$\(HashText.encode(tag))"
    }

    func matches(_ password: [UInt8]) throws -> Bool {
        let computed = try KeyDerivation.scrypt(
            password, salt: salt, cost: 1 << UInt64(costExponent), blockSize: blockSize,
            parallelization: parallelization, count: tag.count)
        return constantTimeEquals(computed, tag)
    }
}
