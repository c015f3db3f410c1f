/// The compiled lists of one direction.
struct DirectionRules: Sendable {
    /// Entries without a queue.
    let matcher: Matcher
    /// Entries with one; nothing where there are none, which is nearly always.
    let queued: QueuedRulesBox?
    /// Whether anything is denied, so that deliveries have to be looked at.
    let denies: Bool

    /// The plain verdict, with the places that the entries have in their lists.
    @inline(__always)
    func plain(_ query: RawSpan, mode: MatchMode) -> RuleVerdict {
        let verdict = matcher.verdict(query, mode: mode)
        guard let queued else { return verdict }
        return queued.placed(verdict)
    }

    /// The verdict on a queue subscription (design, rules on queues): a plain deny denies every queue; an
    /// allow entry with a queue that contains the subscription makes the queue matter.
    func subscribing(_ query: RawSpan, queue: QueueName) -> RuleVerdict {
        let plain = plain(query, mode: .pattern)
        guard let queued, !plain.isDeny else { return plain }
        return queued.rules.verdict(query, queue: queue, mode: .pattern, plain: plain)
    }

    /// The verdict on a delivery: only what denies counts.
    func delivering(_ query: RawSpan, queue: QueueName?) -> RuleVerdict {
        let plain = plain(query, mode: .literal)
        guard let queued, let queue, !plain.isDeny else { return plain }
        let verdict = queued.rules.verdict(query, queue: queue, mode: .literal, plain: plain)
        return verdict.isDeny ? verdict : plain
    }

    /// The bytes held.
    var byteCount: Int {
        matcher.byteCount &+ (queued?.byteCount ?? 0)
    }

    /// Collects entries and compiles them.
    struct Builder {
        let place: PermissionEntry.Place
        private var text = RuleText()
        private var queued: [QueuedRules.Entry] = []
        private var queuedText = RuleText()
        private var allowPlaces: [UInt32] = []
        private var denyPlaces: [UInt32] = []
        private var hasAllowList = false

        init(_ place: PermissionEntry.Place) { self.place = place }

        /// The bytes of pattern text so far.
        var textCount: Int { text.bytes.count &+ queuedText.bytes.count }

        private mutating func add(
            _ pattern: borrowing Span<UInt8>, queue: SubjectPattern?, list: PermissionList, index: Int
        ) {
            if let queue {
                queuedText.append(pattern)
                queued.append(QueuedRules.Entry(list: list, index: index, queue: queue))
                return
            }
            text.append(pattern)
            if list == .allow {
                allowPlaces.append(UInt32(truncatingIfNeeded: index))
            } else {
                denyPlaces.append(UInt32(truncatingIfNeeded: index))
            }
        }

        /// Adds a list of entries; the allow list comes first.
        mutating func add(_ entries: [PermissionEntry]?, as list: PermissionList) {
            guard let entries else { return }
            if list == .allow { hasAllowList = true }
            for (index, entry) in entries.enumerated() {
                add(entry.pattern.bytes.span, queue: entry.queue, list: list, index: index)
            }
        }

        /// Adds a list of texts without making an entry of each.
        mutating func add(_ texts: [String]?, as list: PermissionList) throws(PermissionsError) {
            guard let texts else { return }
            if list == .allow { hasAllowList = true }
            for (index, entry) in texts.enumerated() {
                do {
                    try add(text: entry.utf8Span.span, as: list, index: index)
                } catch {
                    throw .entry(place, list, index: index, error)
                }
            }
        }

        private mutating func add(
            text: borrowing Span<UInt8>, as list: PermissionList, index: Int
        ) throws(SubjectError) {
            var plain = true
            for place in 0..<text.count where text[place] == 0x20 { plain = false }
            if plain {
                _ = try SubjectScan(text, wildcards: .allowed)
                add(text, queue: nil, list: list, index: index)
            } else {
                let entry = try PermissionEntry(utf8: text, in: place)
                add(entry.pattern.bytes.span, queue: entry.queue, list: list, index: index)
            }
        }

        /// Compiles what was added. Without an allow list everything is allowed that `standard` says is.
        consuming func compile(standard: RuleVerdict, seed: TokenTable.Seed? = nil) -> DirectionRules {
            text.finish()
            let compiled = MatcherBuilder.compile(
                text: text, allowCount: allowPlaces.count, standard: hasAllowList ? .none : standard, seed: seed)
            let denies = !denyPlaces.isEmpty || queued.contains { $0.list == .deny }
            if queued.isEmpty {
                return DirectionRules(matcher: compiled, queued: nil, denies: denies)
            }
            queuedText.finish()
            let rules = QueuedRules(queued, text: queuedText, seed: seed)
            return DirectionRules(
                matcher: compiled,
                queued: QueuedRulesBox(rules, allowPlaces: allowPlaces, denyPlaces: denyPlaces), denies: denies)
        }
    }
}
