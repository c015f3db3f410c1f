import NKeys

@testable import Trust

/// A few accounts with random imports from one another.
struct CircleWorld: CustomStringConvertible {
    /// The words of subjects; the last is one that no rule names where there are three.
    let words: [String]
    /// How many tokens an account's names are longer than another's.
    let levels: [Int]
    let keys: [PublicKey]
    var accounts: [PlainAccount]

    /// The accounts in the order in which their imports are taken.
    var order: [Int] {
        accounts.indices.sorted {
            (accounts[$0].issuedAt, keys[$0].text) < (accounts[$1].issuedAt, keys[$1].text)
        }
    }

    var description: String {
        accounts.enumerated().map { number, account in
            let imports = account.imports.map { "\($0.kind) \($0.local) <- \($0.exporter):\($0.subject)" }
            let mappings = account.mappings.map { "\($0.source) -> \($0.destinations)" }
            return "\(number) at \(account.issuedAt): \((imports + mappings).joined(separator: "; "))"
        }.joined(separator: "\n")
    }

    init(keys: [PublicKey], using generator: inout SeededGenerator) {
        self.keys = keys
        let isMapping = generator.happens(35)
        words = isMapping ? ["a", "b", "c"] : ["a", "b"]
        levels = keys.map { _ in !isMapping && generator.happens(25) ? 1 : 0 }
        accounts = keys.map { _ in
            PlainAccount(issuedAt: BindingForge.now.seconds - Int64.random(in: 1...3, using: &generator))
        }
        for number in keys.indices {
            if isMapping { accounts[number].mappings = Self.mappings(using: &generator) }
            accounts[number].imports = imports(of: number, using: &generator)
        }
    }

    /// The same world where one account has been signed anew.
    func changing(_ number: Int, using generator: inout SeededGenerator) -> CircleWorld {
        var world = self
        world.accounts[number].issuedAt = BindingForge.now.seconds - Int64.random(in: 1...3, using: &generator)
        world.accounts[number].imports = imports(of: number, using: &generator)
        return world
    }

    func account(_ number: Int, _ forge: BindingForge) throws -> TrustedAccount {
        try forge.account(keys[number], issuedAt: accounts[number].issuedAt, accounts[number].claims(keys))
    }

    // MARK: Random parts

    private func imports(of importer: Int, using generator: inout SeededGenerator) -> [PlainImport] {
        var list: [PlainImport] = []
        let kind = generator.happens(50) ? PlainImport.Kind.stream : .service
        for _ in 0..<Int.random(in: 0...3, using: &generator) {
            let exporter = (importer + Int.random(in: 1..<keys.count, using: &generator)) % keys.count
            let item = item(
                importer, exporter, generator.happens(85) ? kind : kind == .stream ? .service : .stream, &generator)
            // Two services of one exporter whose local subjects overlap refuse the account, and are no matter here.
            let isClear = list.allSatisfy { other in
                other.kind == .stream || item.kind == .stream || other.exporter != exporter
                    || !Self.overlaps(other.local, item.local)
            }
            if isClear { list.append(item) }
        }
        return list
    }

    private func item(
        _ importer: Int, _ exporter: Int, _ kind: PlainImport.Kind, _ generator: inout SeededGenerator
    ) -> PlainImport {
        let subject = Self.pattern(upTo: 3 + levels[exporter], using: &generator)
        let shift = levels[importer] - levels[exporter]
        let isRest = subject.last == ">"
        let text = subject.joined(separator: ".")
        if generator.happens(25), !isRest || shift == 0 {
            return PlainImport(importer: importer, exporter: exporter, kind: kind, subject: text, local: text)
        }
        if generator.happens(30), isRest ? shift == 1 : subject.count < 3 + levels[importer], kind == .stream {
            let prefix = generator.happens(50) ? "a" : "b"
            return PlainImport(
                importer: importer, exporter: exporter, kind: kind, subject: text, local: "\(prefix).\(text)",
                usesTo: true)
        }
        let stars = subject.filter { $0 == "*" }.count
        let longest = 3 + levels[importer]
        var length =
            isRest ? subject.count + shift : Int.random(in: min(max(stars, 1), longest)...longest, using: &generator)
        length = min(max(length, 1), longest)
        guard length >= stars + (isRest ? 1 : 0), !isRest || length == subject.count + shift else {
            let word = generator.happens(50) ? "a" : "b"
            return PlainImport(importer: importer, exporter: exporter, kind: kind, subject: word, local: word)
        }
        var local = (0..<length).map { _ in generator.happens(50) ? "a" : "b" }
        if isRest { local[length - 1] = ">" }
        let places = Array((0..<(isRest ? length - 1 : length)).shuffled(using: &generator).prefix(stars))
        let usesTo = kind == .service && generator.happens(15)
        let usesReferences = !usesTo && generator.happens(70)
        for (number, place) in places.enumerated() { local[place] = usesReferences ? "$\(number + 1)" : "*" }
        return PlainImport(
            importer: importer, exporter: exporter, kind: kind, subject: text, local: local.joined(separator: "."),
            usesTo: usesTo)
    }

    private static func pattern(upTo depth: Int, using generator: inout SeededGenerator) -> [String] {
        var tokens = (0..<Int.random(in: 1...depth, using: &generator)).map { _ in
            generator.happens(45) ? "*" : generator.happens(50) ? "a" : "b"
        }
        if generator.happens(25) { tokens[tokens.count - 1] = ">" }
        return tokens
    }

    private static func mappings(using generator: inout SeededGenerator) -> [PlainMapping] {
        var list: [PlainMapping] = []
        for _ in 0..<Int.random(in: 0...2, using: &generator) {
            let source = pattern(upTo: 3, using: &generator)
            let text = source.joined(separator: ".")
            if list.contains(where: { $0.source == text }) { continue }
            let first = destination(of: source, using: &generator)
            let second = destination(of: source, using: &generator)
            let weights =
                first == second ? [100] : [[100], [40], [60, 40], [30, 30]].randomElement(using: &generator)
            let pairs = zip([first, second], weights ?? [100]).map { (subject: $0, weight: $1) }
            list.append(PlainMapping(source: text, destinations: pairs))
        }
        return list
    }

    private static func destination(of source: [String], using generator: inout SeededGenerator) -> String {
        let stars = source.filter { $0 == "*" }.count
        let isRest = source.last == ">"
        let length = isRest ? source.count : max(stars, Int.random(in: 1...3, using: &generator))
        var tokens = (0..<length).map { _ in generator.happens(50) ? "a" : "b" }
        if isRest { tokens[length - 1] = ">" }
        let places = (0..<(isRest ? length - 1 : length)).shuffled(using: &generator).prefix(stars)
        let drops = generator.happens(15)
        for (number, place) in places.enumerated() where !drops || number > 0 { tokens[place] = "$\(number + 1)" }
        return tokens.joined(separator: ".")
    }

    /// Whether two patterns mean a common subject; a reference is a wildcard.
    static func overlaps(_ one: String, _ other: String) -> Bool {
        var (left, right) = (one.split(separator: ".")[...], other.split(separator: ".")[...])
        while let here = left.popFirst(), let there = right.popFirst() {
            if here == ">" || there == ">" { return true }
            let isWild = [here, there].contains { $0 == "*" || $0.hasPrefix("$") }
            if !isWild, here != there { return false }
            if left.isEmpty != right.isEmpty { return false }
        }
        return left.isEmpty && right.isEmpty
    }
}
