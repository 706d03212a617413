internal import COpenSSL

/// The parts from which libcrypto builds a key, collected one by one.
///
/// OSSL_PARAM_BLD keeps pointers to names and values: names are static, values are copied here, and wiped in the end.
struct KeyParameters: ~Copyable {
    /// Which half a key is built of.
    enum Half: Sendable {
        case publicOnly, pair

        /// EVP_PKEY_PUBLIC_KEY and EVP_PKEY_KEYPAIR, macros that are not imported.
        fileprivate var selection: Int32 {
            let both =
                OSSL_KEYMGMT_SELECT_DOMAIN_PARAMETERS | OSSL_KEYMGMT_SELECT_OTHER_PARAMETERS
                | OSSL_KEYMGMT_SELECT_PUBLIC_KEY
            return self == .pair ? both | OSSL_KEYMGMT_SELECT_PRIVATE_KEY : both
        }
    }

    private let builder: OpaquePointer
    private var numbers: [OpaquePointer] = []
    private var buffers: [UnsafeMutableBufferPointer<UInt8>] = []
    private var isComplete = true

    init() throws(JOSEError) {
        guard let builder = OSSL_PARAM_BLD_new() else { throw OpenSSLErrors.clear(.libraryFailure) }
        self.builder = builder
    }

    deinit {
        OSSL_PARAM_BLD_free(builder)
        for number in numbers { BN_clear_free(number) }
        for buffer in buffers {
            OPENSSL_cleanse(buffer.baseAddress, buffer.count)
            buffer.deallocate()
        }
    }

    /// Adds a whole number, big-endian.
    mutating func add(_ name: StaticString, number bytes: [UInt8]) {
        guard bytes.count <= Int(Int32.max), let number = BN_bin2bn(bytes, Int32(bytes.count), nil) else {
            isComplete = false
            return
        }
        numbers.append(number)
        isComplete = OSSL_PARAM_BLD_push_BN(builder, Self.pointer(name), number) == 1 && isComplete
    }

    /// Adds bytes.
    mutating func add(_ name: StaticString, octets bytes: [UInt8]) {
        let buffer = keep(bytes)
        isComplete =
            OSSL_PARAM_BLD_push_octet_string(builder, Self.pointer(name), buffer.baseAddress, buffer.count) == 1
            && isComplete
    }

    /// Adds a text.
    mutating func add(_ name: StaticString, text: StaticString) {
        isComplete =
            OSSL_PARAM_BLD_push_utf8_string(
                builder, Self.pointer(name), Self.pointer(text), text.utf8CodeUnitCount) == 1 && isComplete
    }

    /// The key of a type, by libcrypto's name for it; throws `invalidKey` if the parts make none.
    consuming func key(_ type: String, _ half: Half) throws(JOSEError) -> EVPKey {
        guard isComplete, let parameters = OSSL_PARAM_BLD_to_param(builder) else {
            throw OpenSSLErrors.clear(.libraryFailure)
        }
        defer { OSSL_PARAM_free(parameters) }
        let context = try KeyContext(owning: EVP_PKEY_CTX_new_from_name(nil, type, nil))
        guard EVP_PKEY_fromdata_init(context.pointer) == 1 else { throw OpenSSLErrors.clear(.libraryFailure) }
        var key: OpaquePointer?
        guard EVP_PKEY_fromdata(context.pointer, &key, half.selection, parameters) == 1 else {
            throw OpenSSLErrors.clear(.invalidKey)
        }
        return try EVPKey(owning: key, orThrow: .invalidKey)
    }

    private mutating func keep(_ bytes: [UInt8]) -> UnsafeMutableBufferPointer<UInt8> {
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = buffer.initialize(from: bytes)
        buffers.append(buffer)
        return buffer
    }

    private static func pointer(_ text: StaticString) -> UnsafePointer<CChar> {
        UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
    }
}
