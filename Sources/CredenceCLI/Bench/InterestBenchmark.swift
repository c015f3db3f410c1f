import Subjects

/// Times what a broker does with its subscriptions: find those of a message, add one, take one away.
///
/// Each pattern gets one plain subscription. A pass is all subjects, or all subscriptions, once and in order; its
/// time divided by their number is one sample. Nothing is cached between matches.
enum InterestBenchmark {
    /// What was measured, in nanoseconds an operation.
    struct Result: Sendable {
        var subscriptions: Int
        var match: Spread
        var insert: Spread
        var remove: Spread
        /// How many subscriptions the subjects reach, in one pass.
        var matched: Int
        /// The bytes that the structure holds once every subscription is in.
        var bytes: Int
    }

    /// Spends about half of `seconds` on matches and half on changes. `now` is a clock in nanoseconds of what this
    /// thread computed, so that what else the machine does is left out, but for the caches that it empties.
    static func run(
        patterns: [SubjectPattern], subjects: [Subject], seconds: Double, now: () -> UInt64
    ) -> Result {
        let limit = UInt64(max(0.01, seconds) * 0.5e9)
        var (insert, remove): ([Double], [Double]) = ([], [])
        var begin = now()
        repeat {
            let start = now()
            var interest = inserted(patterns)
            let middle = now()
            for (number, pattern) in patterns.enumerated() {
                interest.remove(SubscriptionID(UInt64(number)), from: pattern)
            }
            let end = now()
            precondition(interest.count == 0, "subscriptions are left")
            insert.append(Double(middle - start) / Double(max(1, patterns.count)))
            remove.append(Double(end - middle) / Double(max(1, patterns.count)))
        } while now() - begin < limit || insert.count < 3

        let interest = inserted(patterns)
        var matches = InterestMatches()
        let matched = pass(interest, subjects, &matches)
        var match: [Double] = []
        begin = now()
        repeat {
            let start = now()
            let count = pass(interest, subjects, &matches)
            let end = now()
            precondition(count == matched, "matches of one subject differ")
            match.append(Double(end - start) / Double(max(1, subjects.count)))
        } while now() - begin < limit && match.count < 1_000_000
        return Result(
            subscriptions: interest.count, match: Spread(match), insert: Spread(insert), remove: Spread(remove),
            matched: matched, bytes: interest.byteCount)
    }

    private static func inserted(_ patterns: [SubjectPattern]) -> Interest {
        var interest = Interest()
        for (number, pattern) in patterns.enumerated() {
            interest.insert(SubscriptionID(UInt64(number)), to: pattern)
        }
        return interest
    }

    /// Matches every subject once.
    @inline(never)
    private static func pass(_ interest: Interest, _ subjects: [Subject], _ matches: inout InterestMatches) -> Int {
        var matched = 0
        for subject in subjects {
            interest.match(subject, into: &matches)
            matched += matches.plain.count
        }
        return matched
    }
}
