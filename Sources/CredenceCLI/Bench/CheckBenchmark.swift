import Subjects

/// Times permission checks on one workload: `allow` and `deny` patterns, and subjects to publish on.
///
/// One pass checks every subject once, in order; its time divided by their number is one sample of the time of
/// a check. A pass is short enough that most are undisturbed, so the median of many passes is steady.
enum CheckBenchmark {
    /// What was measured. Times are in nanoseconds a check unless they say otherwise.
    struct Result: Sendable {
        /// Checks done in all.
        var operations: Int
        var checks: Spread
        /// Look-ups of the whole subject in a hash table, in turn with the checks; nil where they were not asked for.
        var lookups: Spread?
        /// How many of the subjects are allowed, in one pass.
        var allowed: Int
        /// How long compiling the lists took, the best of a few.
        var buildMilliseconds: Double
        /// The bytes that the compiled lists hold.
        var bytes: Int
    }

    /// What the checks are timed in turn with.
    enum Beside {
        case nothing
        case hashTable
    }

    /// Passes of one kind before the other has its turn: enough that the caches are warm for most.
    private static let turn = 32

    /// Compiles the lists and checks the subjects for about `seconds`. `now` is a clock in nanoseconds.
    ///
    /// - Throws: `PermissionsError` or `SubjectError` for the first entry or subject that is not valid.
    static func run(
        allow: [String], deny: [String], subjects: [String], seconds: Double, beside: Beside = .nothing,
        now: () -> UInt64
    ) throws -> Result {
        var buildNanoseconds = UInt64.max
        var compiled: Permissions?
        let builds = allow.count + deny.count > 50_000 ? 1 : allow.count + deny.count > 200 ? 3 : 200
        for _ in 0..<builds {
            let start = now()
            compiled = try Permissions(
                publishAllow: allow, publishDeny: deny, subscribeAllow: nil, subscribeDeny: [])
            buildNanoseconds = min(buildNanoseconds, now() - start)
        }
        let permissions = try compiled ?? Permissions()
        var list = SubjectList()
        for text in subjects { list.append(try Subject(text)) }

        let table = beside == .hashTable ? LookupTable(subjects) : nil
        let allowed = pass(permissions, list)
        var checks: [Double] = []
        var lookups: [Double] = []
        func sample(_ samples: inout [Double], _ expected: Int, _ pass: () -> Int) {
            let start = now()
            let count = pass()
            let end = now()
            precondition(count == expected, "passes over one list differ")
            samples.append(Double(end - start) / Double(max(1, list.count)))
        }
        let begin = now()
        let limit = UInt64(max(0.01, seconds) * 1e9)
        repeat {
            for _ in 0..<turn { sample(&checks, allowed) { pass(permissions, list) } }
            if let table {
                for _ in 0..<turn { sample(&lookups, list.count) { table.pass() } }
            }
        } while now() - begin < limit && checks.count < 1_000_000
        return Result(
            operations: checks.count * list.count, checks: Spread(checks),
            lookups: lookups.isEmpty ? nil : Spread(lookups), allowed: allowed,
            buildMilliseconds: Double(buildNanoseconds) / 1e6, bytes: permissions.byteCount)
    }

    /// Checks every subject once.
    @inline(never)
    private static func pass(_ permissions: Permissions, _ subjects: SubjectList) -> Int {
        var allowed = 0
        for index in 0..<subjects.count {
            if let decision = permissions.decide(publish: subjects, at: index), decision.isAllowed { allowed += 1 }
        }
        return allowed
    }
}
