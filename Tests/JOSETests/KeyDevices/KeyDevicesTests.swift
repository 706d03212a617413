import COpenSSL
import Testing

@testable import JOSE

@Suite("Key devices")
struct KeyDevicesTests {
    private func entry(_ library: String, _ reason: Int32, _ words: String, _ data: String = "") -> LibraryError {
        LibraryError(library: library, reason: reason, words: words, data: data)
    }

    private func meaning(_ entries: [LibraryError], pin: Secret? = Secret("1234"), asked: Bool = true) -> KeyDeviceError
    {
        KeyDeviceError(entries, PINQuestion(pin: pin, isAsked: asked))
    }

    @Test func aSchemeThatNobodyKnowsIsNotTried() throws {
        let devices = KeyDevices(pin: Secret("1234"))
        let uri = try KeyURI("nobody:knows")
        #expect(throws: KeyDeviceError.noProvider) { try devices.find(uri) }
        let key = try DeviceKey(uri, publicKey: SigningKey.generate().publicKey)
        #expect(throws: KeyDeviceError.noProvider) { try devices.sign([1], with: key) }
    }

    /// A file that is not there, and a library that drives no device: refused, whether the engine is installed or not.
    ///
    /// And nobody else's keys are touched, whatever registers all engines afterwards, as libcurl does when it starts.
    @Test(arguments: ["/nowhere/module.so", "libcrypto.so.3"])
    func aModuleThatIsNoneIsRefusedAndOtherKeysGoOn(_ module: String) async throws {
        let refusals: Set<String> = ["\(KeyDeviceError.noModule)", "\(KeyDeviceError.noProvider)"]
        try await withThrowingTaskGroup { group in
            for _ in 0..<2 {
                group.addTask { for _ in 0..<50 { try KeyDevicesTests.generateAndSign() } }
            }
            for _ in 0..<20 {
                let devices = KeyDevices(module: module, pin: Secret("1234"), pause: .zero)
                let error = #expect(throws: KeyDeviceError.self) {
                    try devices.find(KeyURI("pkcs11:token=none;object=none"))
                }
                #expect(error.map { refusals.contains("\($0)") } == true)
                ENGINE_register_all_complete()
                #expect(ENGINE_get_pkey_meth_engine(EVP_PKEY_EC) == nil)
                #expect(ENGINE_get_pkey_meth_engine(EVP_PKEY_RSA) == nil)
                try KeyDevicesTests.generateAndSign()
            }
            try await group.waitForAll()
        }
    }

    private static func generateAndSign() throws {
        let key = try SigningKey.generate(.es256)
        let signature = try key.sign([1, 2, 3].span)
        #expect(try key.publicKey.isValid(signature.span, over: [1, 2, 3].span, by: .es256))
    }

    /// The words of libp11 0.4.12 and of tpm2-openssl 1.1.1.
    @Test func theLibrarysWordsHaveAMeaning() {
        let notFound = entry("pkcs11 engine", 101, "object not found")
        #expect(meaning([entry("PKCS#11 module", 0xA0, "PIN incorrect"), notFound]) == .pinRefused)
        #expect(meaning([entry("PKCS#11 module", 0xA4, "PIN locked")]) == .pinRefused)
        #expect(
            meaning([entry("tpm2", 15, "cannot sign", "2446 tpm:session(1):the authorization HMAC check failed")])
                == .pinRefused)
        #expect(meaning([notFound]) == .noKey)
        #expect(meaning([notFound], pin: nil) == .pinMissing)
        #expect(meaning([notFound], pin: nil, asked: false) == .noKey)
        #expect(meaning([entry("tpm2", 12, "cannot load key", "395 tpm:handle(1)")]) == .noKey)
        #expect(meaning([entry("libp11", 1025, "Unable to load PKCS#11 module")]) == .noModule)
        #expect(
            meaning([entry("PKCS#11 module", 130, "Object handle invalid")])
                == .failing("Object handle invalid (PKCS#11 module)"))
        // SoftHSM looks for an engine of OpenSSL, too.
        #expect(
            meaning([entry("DSO support routines", 103, "no file"), entry("PKCS#11 module", 5, "General Error")])
                == .failing("General Error (PKCS#11 module)"))
        // The same number of another part of the library is something else.
        #expect(meaning([entry("rsa routines", 0xA0, "something")]) == .failing("something (rsa routines)"))
    }

    @Test func onlyWhatMayPassIsTriedAgain() {
        let lasting: [KeyDeviceError] = [.noProvider, .noModule, .pinMissing, .pinRefused, .otherKey, .unfit]
        #expect(lasting.allSatisfy { !$0.isTemporary })
        #expect([KeyDeviceError.noKey, .failing("a"), .busy].allSatisfy { $0.isTemporary })
    }
}
