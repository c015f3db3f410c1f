/// B-cycle read aloud, one message at a time; it shares no code with what it judges.
///
/// A way is a sequence of imports, and of what each account's mappings choose: a destination, what weights leave as it
/// is, or nothing where none applies. It closes a circle when there is a subject
/// that it can set out from and come back on. Said of messages: one message comes back, by the way, on the very subject
/// on which another sets out by the same way. So two messages are sent along together, and the way closes a circle when
/// the first arrives where the second began.
///
/// This is exact for the worlds of `CircleWorld`. Ways need no bound: pairs of messages are followed until no new pair
/// comes, and there are finitely many. Of subjects, these do for all:
/// - A word that no rule of the world names is like every other such word: putting one in place of all of them changes
///   no step, since a step asks only whether a word is a named one. So `c` stands for all.
/// - A pattern has at most 3 tokens (4 where the account's names have a prefix). What lies beyond is never looked at,
///   only handed on by `>` to `>`, which here keeps the length but for the prefix. So of longer subjects one length
///   does, with one word at its end.
struct CircleOracle {
    /// One step of a message out of an account: an import, and what the exporter's mappings make of it.
    private struct Step {
        let place: Place
        let exporter: Int
        /// For each subject it takes, by number, those that it may become.
        let becomes: [[Int]]
    }

    /// Two messages that have come to an account by one way.
    private struct Pair {
        let account: Int
        let first: Int
        let second: Int
        let isThroughNew: Bool

        func number(_ count: Int) -> Int { ((account * count + first) * count + second) * 2 + (isThroughNew ? 1 : 0) }
    }

    /// An import by its importer and its place in the importer's token.
    struct Place: Hashable {
        let account: Int
        let index: Int
    }

    private let world: CircleWorld
    private let literals: [[String]]
    private let numbers: [[String]: Int]

    init(_ world: CircleWorld) {
        self.world = world
        var all: [[String]] = []
        let depth = 3 + (world.levels.max() ?? 0)
        var last: [[String]] = [[]]
        for _ in 1...depth {
            last = last.flatMap { words in world.words.map { words + [$0] } }
            all += last
        }
        all += last.map { $0 + ["a"] }
        literals = all
        numbers = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1, $0) })
    }

    /// The imports that are out: in order of `iat`, key and place, those that close a circle with the ones before them
    /// that do not.
    func out() -> Set<Place> {
        var out: Set<Place> = []
        for kind in PlainImport.Kind.allCases {
            var taken: [Step] = []
            for account in world.order {
                for (index, item) in world.accounts[account].imports.enumerated() where item.kind == kind {
                    let steps = steps(item, Place(account: account, index: index))
                    if closes(steps, with: taken) {
                        out.insert(Place(account: account, index: index))
                    } else {
                        taken += steps
                    }
                }
            }
        }
        return out
    }

    /// Whether a way through one of `new` closes a circle.
    private func closes(_ new: [Step], with taken: [Step]) -> Bool {
        guard let place = new.first?.place, reaches(new, taken) else { return false }
        var leaving: [Int: [Step]] = [:]
        for step in new + taken { leaving[step.place.account, default: []].append(step) }
        for (account, steps) in leaving {
            let starts = literals.indices.filter { literal in steps.contains { !$0.becomes[literal].isEmpty } }
            for second in starts {
                var open = starts.map { Pair(account: account, first: $0, second: second, isThroughNew: false) }
                var seen = [Bool](repeating: false, count: 2 * world.accounts.count * literals.count * literals.count)
                while let pair = open.popLast() {
                    for step in leaving[pair.account] ?? [] {
                        for first in step.becomes[pair.first] {
                            for other in step.becomes[pair.second] {
                                let next = Pair(
                                    account: step.exporter, first: first, second: other,
                                    isThroughNew: pair.isThroughNew || step.place == place)
                                if next.isThroughNew, next.account == account, first == second { return true }
                                let number = next.number(literals.count)
                                if !seen[number] { open.append(next) }
                                seen[number] = true
                            }
                        }
                    }
                }
            }
        }
        return false
    }

    /// Whether the accounts alone allow a way back; it only saves time.
    private func reaches(_ new: [Step], _ taken: [Step]) -> Bool {
        var met = Set(new.map(\.exporter))
        for _ in world.accounts { met.formUnion(taken.filter { met.contains($0.place.account) }.map(\.exporter)) }
        return new.contains { met.contains($0.place.account) }
    }

    // MARK: What one message does

    /// One step for each destination that the exporter's mappings may choose.
    private func steps(_ item: PlainImport, _ place: Place) -> [Step] {
        let mappings = item.kind == .service ? world.accounts[item.exporter].mappings : []
        let (local, subject) = (Self.tokens(item.local), Self.tokens(item.subject))
        let arriving = literals.map { Self.rename($0, from: local, to: subject).flatMap { numbers[$0] } }
        func step(_ choose: ([String]) -> [Int]) -> Step {
            let becomes = arriving.map { number in number.map { choose(literals[$0]) } ?? [] }
            return Step(place: place, exporter: item.exporter, becomes: becomes)
        }
        let sources = mappings.map { Self.tokens($0.source) }
        func first(_ literal: [String]) -> Int? { sources.firstIndex { Self.captures($0, literal) != nil } }
        var steps: [Step] = []
        for (number, mapping) in mappings.enumerated() {
            for destination in mapping.destinations {
                steps.append(
                    step { first($0) == number ? apply(sources[number], Self.tokens(destination.subject), $0) : [] })
            }
            // What the weights leave as it is; where the source itself is listed, the rest is dropped.
            let isLeft = mapping.destinations.reduce(0) { $0 + $1.weight } < 100
            let isListed = mapping.destinations.contains { $0.subject == mapping.source }
            if isLeft, !isListed { steps.append(step { first($0) == number ? same($0) : [] }) }
        }
        steps.append(step { first($0) == nil ? same($0) : [] })
        return steps
    }

    private func same(_ literal: [String]) -> [Int] { numbers[literal].map { [$0] } ?? [] }

    /// What a destination makes of a subject. One that does not use each wildcard once computes: then whatever it might
    /// give counts.
    private func apply(_ source: [String], _ destination: [String], _ literal: [String]) -> [Int] {
        let uses = destination.filter { $0.hasPrefix("$") }.sorted()
        if uses == (0..<source.filter { $0 == "*" }.count).map({ "$\($0 + 1)" }) {
            return Self.rename(literal, from: source, to: destination).map(same) ?? []
        }
        let image = destination.map { $0.hasPrefix("$") ? "*" : $0 }
        return literals.indices.filter { Self.captures(image, literals[$0]) != nil }
    }

    private static func tokens(_ text: String) -> [String] { text.split(separator: ".").map(String.init) }

    /// The words that the `*`s of a pattern stand for, and those that a `>` does; nil when it does not match. A
    /// reference stands for a word as `*` does.
    private static func captures(_ tokens: [String], _ words: [String]) -> (stars: [String], rest: [String])? {
        var stars: [String] = []
        for (place, token) in tokens.enumerated() {
            if token == ">" { return words.count > place ? (stars, Array(words[place...])) : nil }
            guard place < words.count else { return nil }
            if token == "*" || token.hasPrefix("$") {
                stars.append(words[place])
            } else if token != words[place] {
                return nil
            }
        }
        return words.count == tokens.count ? (stars, []) : nil
    }

    /// The other name of a subject; `$n` on one side stands for the n-th `*` of the other.
    private static func rename(_ words: [String], from: [String], to: [String]) -> [String]? {
        guard let (stars, rest) = captures(from, words) else { return nil }
        // Both sides name their wildcards by the numbers of the side without references.
        func references(_ tokens: [String]) -> [Int] {
            var count = 0
            return tokens.compactMap { token in
                if token == "*" { count += 1 }
                return token == "*" ? count : token.hasPrefix("$") ? Int(token.dropFirst()) : nil
            }
        }
        let values = Dictionary(uniqueKeysWithValues: zip(references(from), stars))
        var names = references(to).makeIterator()
        var result: [String] = []
        for token in to {
            if token == ">" {
                result += rest
            } else if token == "*" || token.hasPrefix("$") {
                guard let name = names.next(), let value = values[name] else { return nil }
                result.append(value)
            } else {
                result.append(token)
            }
        }
        return result
    }
}
