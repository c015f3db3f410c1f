import Glibc
import Testing

@testable import Broker

/// Everything comes and goes for a while, and nothing is lost, doubled or left. `CREDENCE_SOAK_MINUTES` says for how long
/// (`.ci/soak` sets it, and then the process's memory is judged too); a few rounds unless it is set.
@Suite struct SoakTests {
    @Test func `however much comes and goes, no message is lost and nothing is left`() async throws {
        let minutes = getenv("CREDENCE_SOAK_MINUTES").flatMap { Double(String(cString: $0)) }
        let soak = try await SoakWorld()
        // All that stays has been there once.
        try await soak.round(0)
        let rest = try await soak.census { $0.sessions == 5 && $0.awaited == 0 && $0.accounts == 3 && $0.alarms < 16 }
        let memory = try Self.memory()
        let begin = ContinuousClock.now
        var rounds = 0
        repeat {
            rounds += 1
            try await soak.round(rounds)
            if let minutes, minutes > 0, rounds % 50 == 0 {
                print(
                    "soak: round \(rounds), \(try Self.memory() >> 20) MiB, \(await soak.broker.census().map { "\($0)" } ?? "")"
                )
            }
        } while minutes.map { begin.duration(to: .now) < .seconds($0 * 60) } ?? (rounds < 2)
        let end = try await soak.census {
            $0.sessions == rest.sessions && $0.accounts == rest.accounts && $0.subscriptions == rest.subscriptions
                && $0.awaited == 0 && $0.waiting == 0 && $0.needed == rest.needed && $0.alarms <= 16
                && $0.routes <= max(rest.routes, $0.accounts * RouteTable.largest)
        }
        let growth = try Self.memory() - memory
        print("soak: \(rounds) rounds, \(soak.account); grown by \(growth >> 10) KiB; \(end)")
        // Beside other tests in the same process, memory says nothing.
        if minutes != nil { #expect(growth < 24 << 20, "the process has grown by \(growth >> 20) MiB") }
        await soak.end()
    }

    /// The memory of this process.
    private static func memory() throws -> Int {
        guard let file = fopen("/proc/self/statm", "r") else { throw SoakWorld.Fault(description: "no /proc") }
        defer { fclose(file) }
        var text = [CChar](repeating: 0, count: 256)
        guard fgets(&text, 256, file) != nil else { throw SoakWorld.Fault(description: "no statm") }
        let fields = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            .split(separator: " ")
        return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
