#if canImport(Glibc) && arch(x86_64)
    import Glibc
    import Testing

    @testable import Subjects

    /// Bytes that the allocator has handed out, by its own figures, those that it keeps for a thread included.
    ///
    /// A thread that has just started has nothing kept, so even an allocation that is freed at once shows there.
    private enum AllocatorFigures {
        /// The C function returns ten words through memory that the caller names first.
        private typealias Query = @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer?

        static func handedOut() -> UInt64? {
            guard let symbol = dlsym(nil, "mallinfo2") else { return nil }
            let query = unsafeBitCast(symbol, to: Query.self)
            return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 10) { words in
                guard let start = words.baseAddress else { return nil }
                _ = query(UnsafeMutableRawPointer(start))
                return words[7]
            }
        }
    }

    /// What a fresh thread does and finds.
    private final class Probe {
        let work: () -> Void
        var difference: Int?

        init(_ work: @escaping () -> Void) { self.work = work }

        func measure() {
            guard let before = AllocatorFigures.handedOut() else { return }
            work()
            guard let after = AllocatorFigures.handedOut() else { return }
            difference = Int(after) - Int(before)
        }

        /// The least of several fresh threads: other tests allocate beside this one.
        static func least(_ work: @escaping () -> Void) -> Int? {
            var least: Int?
            for _ in 0..<40 {
                let probe = Probe(work)
                var thread = pthread_t()
                let state = Unmanaged.passRetained(probe)
                let code = pthread_create(
                    &thread, nil,
                    { raw in
                        guard let raw else { return nil }
                        Unmanaged<Probe>.fromOpaque(raw).takeUnretainedValue().measure()
                        return nil
                    }, state.toOpaque())
                if code == 0 { pthread_join(thread, nil) }
                state.release()
                if let found = probe.difference { least = min(abs(found), least ?? .max) }
            }
            return least
        }
    }

    #if DEBUG
        private let isOptimized = false
    #else
        private let isOptimized = true
    #endif

    @Suite struct AllocationTests {
        /// Unoptimised code allocates for closures and generic buffers, so only a release build is judged.
        @Test(.enabled(if: isOptimized)) func `a decision allocates nothing, whatever form the set has`() throws {
            let control = Probe.least { withExtendedLifetime([1, 2, 3].map { $0 + 1 }) {} }
            if let control { #expect(control > 0, "the figures do not show an allocation that is freed at once") }
            for rules in [
                MatcherFormTests.wide, MatcherFormTests.dense(1_500, tokens: 14), ["a.>", "b.*", "c", "d q.*"],
            ] {
                let permissions = try Permissions(
                    publishAllow: rules.filter { !$0.contains(" ") }, publishDeny: ["w1.x1.y"], subscribeAllow: rules,
                    subscribeDeny: ["w1.>"])
                let subjects = [try Subject("w1.x1.y"), try Subject("a.b.a.b.a.b.a.b.a.b.a.b.z"), try Subject("d")]
                let patterns = [try SubjectPattern("w1.*.z1"), try SubjectPattern("d"), try SubjectPattern("a.>")]
                let queue = try QueueName("q.r")
                let least = Probe.least {
                    for subject in subjects {
                        _ = permissions.decide(publish: subject)
                        _ = permissions.delivers(subject, queue: queue)
                    }
                    for pattern in patterns {
                        _ = permissions.decide(subscribe: pattern)
                        _ = permissions.decide(subscribe: pattern, queue: queue)
                    }
                }
                if let least { #expect(least == 0) }
            }
        }

        @Test(.enabled(if: isOptimized)) func `a match allocates nothing once its memory has grown`() throws {
            var interest = Interest()
            let patterns = SmallWorld.patterns(["a", "b", "a-word-that-is-longer-than-any-slot"], depth: 3)
            for (number, pattern) in patterns.enumerated() {
                interest.insert(SubscriptionID(UInt64(number)), to: try SubjectPattern(pattern))
                interest.insert(SubscriptionID(UInt64(number % 7)), to: try SubjectPattern(pattern))
            }
            let subjects = [
                try Subject("a.b.a"), try Subject("b"), try Subject("c.a-word-that-is-longer-than-any-slot"),
            ]
            var matches = InterestMatches()
            for subject in subjects { interest.match(subject, into: &matches) }
            #expect(matches.plain.count > 3)
            let least = Probe.least { [interest] in
                for subject in subjects { interest.match(subject, into: &matches) }
            }
            if let least { #expect(least == 0) }
        }
    }
#endif
