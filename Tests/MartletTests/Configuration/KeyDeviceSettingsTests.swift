import JOSE
import Testing

@testable import Martlet

@Suite("Settings of key devices")
struct KeyDeviceSettingsTests {
    private static let subjects = ["MARTLET_KEY_DEVICE_PIN_FILE"]

    @Test func thePINIsOneLineThatNobodyElseReads() throws {
        let folder = try TemporaryFolder()
        let settings = { (path: String) in ["MARTLET_KEY_DEVICE_PIN_FILE": path] }
        for (number, text) in ["", "\n", "1234\n5678\n", "12\u{7}34\n"].enumerated() {
            let path = try folder.file("wrong\(number)", text, mode: 0o600)
            #expect(GivenSettings.problems(settings(path)).map(\.subject) == Self.subjects)
        }
        let path = try folder.file("right", "12 34\r\n", mode: 0o644)
        #expect(GivenSettings.problems(settings(path)).map(\.subject) == Self.subjects)
        try folder.file("right", "12 34\r\n", mode: 0o400)
        let devices = try GivenSettings.serve(settings(path)).common.keyDevices
        #expect(devices.pin == Secret("12 34") && devices.module == nil)
        #expect(!"\(devices)".contains("12 34"))
        #expect(GivenSettings.problems(settings(folder.path("none"))).map(\.subject) == Self.subjects)
    }

    @Test func theModuleIsThereOrIsLookedForByItsName() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("module.so", "", mode: 0o644)
        for module in [path, "module.so"] {
            #expect(try GivenSettings.serve(["MARTLET_PKCS11_MODULE": module]).common.keyDevices.module == module)
        }
        let problems = GivenSettings.problems(["MARTLET_PKCS11_MODULE": folder.path("none.so")])
        #expect(problems.map(\.subject) == ["MARTLET_PKCS11_MODULE"])
    }
}
