import Identity
import Testing

@Suite("The cost of password hashes as an operator writes it")
struct Argon2SettingTests {
    @Test(arguments: [
        Argon2Parameters.standard, .floor, .ceiling, Argon2Parameters(memory: .max, passes: .max, lanes: .max),
    ])
    func isReadAsItIsWritten(_ parameters: Argon2Parameters) {
        #expect(Argon2Parameters(setting: "\(parameters)") == parameters)
    }

    @Test(arguments: [
        "", "argon2id:", "argon2id", "argon2d:m=65536,t=3,p=2", "ARGON2ID:m=65536,t=3,p=2", "argon2id:m=65536,t=3",
        "argon2id:m=65536,t=3,p=2,k=1", "argon2id:m=65536,p=2,t=3", "argon2id:m=65536, t=3,p=2",
        "argon2id:m=-1,t=3,p=2", "argon2id:m=0x10,t=3,p=2", "argon2id:m=4294967296,t=3,p=2", "argon2id:m=,t=3,p=2",
        "m=65536,t=3,p=2", " argon2id:m=65536,t=3,p=2",
    ])
    func isNothingElse(_ text: String) {
        #expect(Argon2Parameters(setting: text) == nil)
        #expect(Argon2Parameters(setting: "argon2id:m=65536,t=3,p=2") == .standard)
    }

    @Test(
        arguments: [
            (19 * 1024 - 1, 2, 1), (19 * 1024, 1, 1), (19 * 1024, 2, 0), (1024 * 1024 + 1, 2, 1), (19 * 1024, 65, 1),
            (19 * 1024, 2, 17),
        ] as [(UInt32, UInt32, UInt32)])
    func hasBounds(_ memory: UInt32, _ passes: UInt32, _ lanes: UInt32) {
        #expect(!Argon2Parameters(memory: memory, passes: passes, lanes: lanes).isWithinBounds)
        #expect(Argon2Parameters.floor.isWithinBounds && Argon2Parameters.ceiling.isWithinBounds)
        #expect(Argon2Parameters.standard.isWithinBounds)
    }
}
