import Identity
import JSON
import Testing

@testable import Martlet

@Suite("The capacity card")
struct SizingCardTests {
    private func card(
        hash: Duration = .milliseconds(231), memory: Int64 = 4 << 30, others: Double? = 0.05, loops: Int = 2
    ) -> SizingCard {
        func measured(_ count: Int, _ processor: Duration) -> Measurement {
            Measurement(count: count, elapsed: .seconds(10), processorTime: processor)
        }
        return SizingCard(
            host: SizingCard.Host(
                cores: 2, loops: loops, memory: memory, busyWithOthers: others, folder: "/var/lib/martlet"),
            hash: HashCalibration.Outcome(
                parameters: Argon2Parameters(memory: 64 * 1024, passes: 6, lanes: 2), duration: hash,
                target: .milliseconds(250)),
            hashThreads: 3,
            measurements: [
                .signIn: measured(40, .seconds(20)), .codeFlow: measured(100_000, .seconds(20)),
                .refresh: measured(200_000, .seconds(18)), .verification: measured(400_000, .seconds(20)),
            ],
            connection: ConnectionCost(bytes: 2048, request: .microseconds(10)),
            memory: SizingCard.Memory(base: 32 << 20, connections: 20_000),
            usage: .workingDay
        )
    }

    // MARK: Arithmetic

    @Test func aRequestHasItsPriceBesideTheWork() {
        let card = card()
        // 200 µs of processors and 100 µs of the clock, and two requests of 10 µs on two loops.
        #expect(abs(card.price(.codeFlow).core - 220e-6) < 1e-12)
        #expect(abs(card.price(.codeFlow).node - 110e-6) < 1e-12)
        #expect(abs(card.price(.refresh).perCore - 10_000) < 1e-6)
        #expect(abs(card.price(.refresh).node - 55e-6) < 1e-12)
        #expect(abs(card.price(.verification).perCore - 20_000) < 1e-6)
        #expect(abs(card.price(.verification).perNode - 40_000) < 1e-6)
        #expect(abs(card.price(.signIn).core - 500_040e-6) < 1e-9)
        #expect(abs(self.card(loops: 1).price(.codeFlow).node - 120e-6) < 1e-12)
    }

    @Test func nothingMeasuredIsNoRate() {
        #expect(SizingCard.Price(node: 0, core: 0).perNode == 0)
        #expect(SizingCard.Price(node: 0.5, core: 0.25).perNode == 2)
        #expect(SizingCard.Price(node: 0.5, core: 0.25).perCore == 4)
        #expect(Measurement(count: 0, elapsed: .seconds(1), processorTime: .zero).secondsEach == 1)
    }

    @Test func theCeilingHoldsEveryHashAndEveryConnection() {
        #expect(card().ceiling == (32 << 20) + 3 * (64 << 20) + 20_000 * 2048)
    }

    @Test func usersAreWhatTheBusiestHourAllows() {
        let usage = UsageAssumption(
            perDay: [.signIn: 2, .refresh: 10], busiestHour: 0.25, utilization: 0.5)
        // A user needs 2 × 0.3 s + 10 × 0.03 s = 0.9 s a day, a quarter of it in 3,600 s, of which 1,800 may be used.
        let users = usage.users { $0 == .signIn ? 0.3 : 0.03 }
        #expect(abs(users - 8000) < 1e-6)
        #expect(usage.users { _ in 0 } == 0)
    }

    @Test func theCardRoundsUsersDown() {
        // 1 × 0.25002 s + 4 × 110 µs + 32 × 55 µs = 0.25222 s a day: 35,683 users.
        #expect(card().users == 35_000)
    }

    @Test(
        arguments: [
            (nil, 2, 1 << 40, 1), (nil, 8, 1 << 40, 4), (nil, 1, 1 << 40, 1), (nil, 8, 256 << 20, 2),
            (nil, 8, 1 << 20, 1),
            (nil, 256, 1 << 40, 64), (7, 2, 1 << 20, 7),
        ] as [(Int?, Int, Int64, Int)])
    func hashThreadsFillTheCoresAndHalfOfTheMemory(_ set: Int?, _ cores: Int, _ memory: Int64, _ threads: Int) {
        let parameters = Argon2Parameters(memory: 64 * 1024, passes: 3, lanes: 2)
        #expect(SizingCard.hashThreads(parameters, set: set, cores: cores, memory: memory) == threads)
    }

    // MARK: For people

    @Test func peopleReadEveryFigure() {
        #expect(
            card().text == """
                Martlet \(Version.text), 2 cores, 4.0 GiB of memory, SQLite in /var/lib/martlet

                                     PER CORE  PER NODE
                sign-ins             2.0/s     4.0/s
                code flows           4,550/s   9,090/s
                refreshes            10,000/s  18,200/s
                token verifications  20,000/s  40,000/s

                At most 263 MiB of memory: 32.0 MiB, 3 × 64.0 MiB for password hashes,
                20,000 × 2.0 KiB for connections (without TLS).

                A password hash takes 231 ms, and may take 250 ms, with:
                    MARTLET_PASSWORD_HASH=argon2id:m=65536,t=6,p=2
                    MARTLET_PASSWORD_WORKERS=3

                One node is enough for 35,000 users, if each types 1 password, opens 4 more applications and
                needs 32 refreshes a day, 20 % of that in the busiest hour, when the node is to be 50 % busy.
                """)
    }

    @Test func whatIsSetIsWhatTheServerTakes() throws {
        let settings = Settings(
            environment: card().settings.map { (name: $0.setting.rawValue, value: $0.value) })
        let configuration = try ServeConfiguration(settings, hasIPv6: true)
        #expect(configuration.common.passwordHash == card().hash.parameters)
        #expect(configuration.passwordWorkers == 3)
    }

    @Test func whatSpoilsTheFiguresIsSaid() {
        #expect(card().warnings.isEmpty)
        #expect(card(hash: .milliseconds(251)).warnings.count == 1)
        #expect(card(memory: 256 << 20).warnings.count == 1)
        #expect(card(others: 0.3).warnings == ["other programs kept 0.3 cores busy; measure again when they rest"])
        #expect(card(others: nil).warnings.isEmpty)
        #expect(card(others: 0.3).text.contains("\n\nNote: other programs kept 0.3 cores busy"))
    }

    // MARK: For programs

    @Test func programsReadEveryFigure() throws {
        var writer = JSONWriter()
        card().write(&writer)
        let value = try JSONValue(parsing: writer.bytes)
        #expect(value["per_second"]?["sign_ins"]?["node"]?.number.map { $0 > 3.99 && $0 < 4 } == true)
        #expect(value["per_second"]?["code_flows"]?["core"]?.number.map { $0 > 4545 && $0 < 4546 } == true)
        #expect(value["per_second"]?["refreshes"]?["node"] != nil)
        #expect(value["per_second"]?["verifications"]?["core"] != nil)
        #expect(value["memory"]?["ceiling_bytes"]?.integer == card().ceiling)
        #expect(value["memory"]?["hash_bytes"]?.integer == 64 << 20)
        #expect(value["memory"]?["connections"]?.integer == 20_000)
        #expect(value["password_hash"]?["threads"]?.integer == 3)
        #expect(value["password_hash"]?["in_time"] == .bool(true))
        #expect(value["settings"]?["MARTLET_PASSWORD_HASH"]?.string == "argon2id:m=65536,t=6,p=2")
        #expect(value["settings"]?["MARTLET_PASSWORD_WORKERS"]?.string == "3")
        #expect(value["users"]?["count"]?.integer == 35_000)
        #expect(value["users"]?["refreshes_per_day"]?.number == 32)
        #expect(value["host"]?["cores"]?.integer == 2)
        #expect(value["warnings"] == .array([]))
    }
}
