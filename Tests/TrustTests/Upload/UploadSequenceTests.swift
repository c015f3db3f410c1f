import Foundation
import NKeys
import Subjects
import Testing

@testable import Trust

/// Random sequences of uploads: one judge that remembers answers as judging everything from nothing does.
@Suite struct UploadSequenceTests {
    /// What happened in the sequences, so that none of it is missed.
    struct Counts {
        var uploads = 0
        var accepted = 0
        var deferred = 0
        var starts = 0
        var stops = 0
        var takenBack = 0
        var unreadable = 0
        var codes: [String: Int] = [:]
    }

    @Test func `random sequences of uploads are answered as from nothing`() throws {
        let environment = ProcessInfo.processInfo.environment
        let first = environment["CREDENCE_FIRST"].flatMap(UInt64.init) ?? 0
        let seed = environment["CREDENCE_SEED"].flatMap(UInt64.init) ?? 7
        let count = environment["CREDENCE_SEQUENCES"].flatMap(UInt64.init) ?? 60
        var counts = Counts()
        for number in first..<first + count {
            var sequence = try UploadSequence(seed: seed &* 1_000_000 &+ number, number)
            for step in 0..<40 {
                let faults = try sequence.step(&counts)
                try #require(faults == [], "seed \(seed), sequence \(number), step \(step)")
            }
        }
        if environment["CREDENCE_SEQUENCES"] != nil { print("seed \(seed), \(count) sequences: \(counts)") }
        // The short form may pass the rare ones by.
        let rare = count < 300 ? [] : ["B-revoked", "B-export-choice", "B-exporter"]
        let codes = ["U-path", "U-signer", "U-stale", "U-binding", "U-dependents", "B-cycle", "T-signature"]
        for code in codes + rare {
            #expect(counts.codes[code, default: 0] > 0, "nothing was refused by \(code)")
        }
        #expect(counts.accepted * 5 > counts.uploads, "of few uploads that are accepted little is learnt")
        #expect(min(counts.deferred, counts.starts, counts.stops, counts.takenBack, counts.unreadable) > 0)
    }
}

/// One sequence.
struct UploadSequence {
    private static let subjects = ["a", "b", "a.b", "a.*", "*.b", "a.>", "*"]
    private static let literals = ["a", "b", "a.b", "a.a", "b.b"]
    private var random: SeededGenerator
    private var world: UploadWorld
    private var judge: UploadJudge
    private let oracle: UploadOracle
    private let answers: CountingResolver.Answer
    /// Signatures that may have been checked by now.
    private var allowance = 0

    init(seed: UInt64, _ number: UInt64) throws {
        random = SeededGenerator(seed: seed)
        world = try UploadWorld(accounts: Int.random(in: 5...7, using: &random))
        judge = UploadJudge(
            chain: world.chain, unknownExporters: number % 2 == 0 ? .refused : .deferred,
            brokenDependents: number % 6 < 4 ? .named : .refused, cachedAccounts: Int(number / 2 % 5))
        oracle = UploadOracle(
            chain: world.chain, unknownExporters: judge.unknownExporters, brokenDependents: judge.brokenDependents)
        answers = number % 3 == 0 ? .keptTexts : .tokens
    }

    private func resolver(failing: Set<PublicKey> = []) -> CountingResolver {
        CountingResolver(world.stored.mapValues(\.text), answers, failing: failing)
    }

    private mutating func some<T>(_ list: [T]) -> T? { list.randomElement(using: &random) }

    /// Does something; says what stood differently.
    mutating func step(_ counts: inout UploadSequenceTests.Counts) throws -> [String] {
        let account = Int.random(in: world.pairs.indices, using: &random)
        switch Int.random(in: 0..<20, using: &random) {
        case 0: return try delete(world.key(account))
        case 1, 2:
            let isBack = random.happens(15)
            world.now = world.now.advanced(by: Int64.random(in: isBack ? -40 ... -1 : 1...40, using: &random))
            return []
        case 3: return try changeElsewhere(account)
        default: return try upload(account, &counts)
        }
    }

    private mutating func upload(_ account: Int, _ counts: inout UploadSequenceTests.Counts) throws -> [String] {
        let candidate = try candidate(account)
        var path = candidate.subject.text
        if random.happens(3) { path = some([world.key((account + 1) % 5).text, "", path.lowercased()]) ?? "" }
        let expected = oracle.answer(candidate, at: path, world)
        let failing: Set<PublicKey> = random.happens(8) ? Set(some(world.pairs).map { [$0.publicKey] } ?? []) : []
        let resolver = resolver(failing: failing)
        let verdict = world.judge(candidate, at: path, by: &judge, resolver: resolver)
        let answer = UploadOracle.Answer(verdict)
        counts.uploads += 1
        for code in Set(verdict.failures.map(\.rule.code)) { counts.codes[code, default: 0] += 1 }

        var faults: [String] = []
        if resolver.loads.contains(where: failing.contains) {
            counts.unreadable += 1
            if verdict.isAccepted
                || !verdict.failures.contains(where: { $0.rule == .uploadBinding && $0.place == .whole })
            {
                faults.append("an account could not be read: \(answer)")
            }
        } else if answer != expected {
            faults.append("\(answer), from nothing \(expected)")
        }
        if verdict.proof.map({ $0.account.text != candidate.text }) == true { faults.append("another token") }
        if let proof = verdict.proof, proof.isStoredAlready != (world.stored[candidate.subject]?.text == candidate.text)
        {
            faults.append("stored already: \(proof.isStoredAlready)")
        }
        faults += countSignatures(candidate, resolver)
        guard verdict.isAccepted else { return faults }
        counts.accepted += 1
        counts.deferred += answer.deferred.count
        counts.starts += answer.dependents.count { $0.hasSuffix("starts") }
        counts.stops += answer.dependents.count { $0.hasSuffix("stops") }
        if random.happens(20) {
            counts.takenBack += 1
            let resolver = self.resolver()
            judge.takeBack(candidate.subject, resolver: resolver, at: world.now)
            return faults + countSignatures(nil, resolver)
        }
        world.store(candidate)
        return faults
    }

    /// No more signatures were checked than an upload brings, and what had to be loaded.
    private mutating func countSignatures(_ candidate: UploadWorld.Candidate?, _ resolver: CountingResolver) -> [String]
    {
        if let candidate { allowance += 1 + candidate.activations.count }
        for key in resolver.loads {
            guard let stored = world.stored[key] else { continue }
            allowance += (answers == .tokens ? 1 : 0) + stored.activations.count
        }
        return judge.counters.signatures > allowance ? ["a signature was checked twice"] : []
    }

    private mutating func delete(_ key: PublicKey) throws -> [String] {
        let expected = oracle.dependents(ofDeleting: key, world)
        let found = try judge.dependents(
            ofDeleting: key, importers: world.importers(of: key), resolver: resolver(), at: world.now
        ).map { "\($0.account) \($0.index) \($0.change)" }
        if random.happens(70) {
            world.delete(key)
            let resolver = resolver()
            judge.reload(key, resolver: resolver, at: world.now)
        }
        allowance += 100
        return expected == found ? [] : ["deleting: \(found), from nothing \(expected)"]
    }

    /// Another than the judge stores a token, whatever it is.
    private mutating func changeElsewhere(_ account: Int) throws -> [String] {
        let candidate = try candidate(account)
        // Who vouches for texts keeps none that are forged.
        if candidate.isForged, answers == .keptTexts { return [] }
        world.store(candidate)
        judge.reload(world.key(account), resolver: resolver(), at: world.now)
        allowance += 100
        return []
    }

    // MARK: Tokens

    private mutating func candidate(_ account: Int) throws -> UploadWorld.Candidate {
        let stored = world.stored[world.key(account)]
        var issuedAt = (stored?.issuedAt ?? UploadWorld.start.seconds - 10_000) + .random(in: 1...30, using: &random)
        if let deleted = world.deleted[world.key(account)], random.happens(80) { issuedAt = deleted.seconds + 1 }
        let plan = try stored.map { try changed($0.plan, account) } ?? fresh(account)
        switch Int.random(in: 0..<25, using: &random) {
        case 0: return try world.sign(account, plan, issuedAt: issuedAt, by: world.foreignOperator)
        case 1: return try world.forged(world.sign(account, plan, issuedAt: issuedAt))
        case 2: return try world.sign(account, plan, issuedAt: (stored?.issuedAt ?? issuedAt) - 1)
        case 3: return try world.sign(account, plan, issuedAt: stored?.issuedAt ?? issuedAt)
        case 4: if let stored { return stored }
        case 5: return try world.sign(account, plan, issuedAt: world.now.seconds + 61)
        default: break
        }
        return try world.sign(account, plan, issuedAt: issuedAt)
    }

    private mutating func fresh(_ account: Int) throws -> UploadWorld.Plan {
        var plan = UploadWorld.Plan()
        plan.exports = random.happens(55) ? [UploadWorld.Export(subject: ">")] : []
        for _ in 0..<Int.random(in: 0...2, using: &random) { addExport(to: &plan) }
        for _ in 0..<Int.random(in: 0...3, using: &random) { plan.imports.append(try `import`(account)) }
        if random.happens(20) { plan.mappings = [mapping()] }
        if random.happens(15) { plan.expires = world.now.seconds + .random(in: -5...80, using: &random) }
        plan.listsSigner = random.happens(80)
        return plan
    }

    /// One more export, mostly none that another contains.
    private mutating func addExport(to plan: inout UploadWorld.Plan) {
        let kind = random.happens(60) ? "service" : "stream"
        let taken = plan.exports.filter { $0.kind == kind }.map(\.subject)
        let free = Self.subjects.filter { text in
            !taken.contains { Self.contains($0, text) || Self.contains(text, $0) }
        }
        guard let subject = some(random.happens(95) ? free : Self.subjects) else { return }
        plan.exports.append(UploadWorld.Export(subject: subject, kind: kind, tokenRequired: random.happens(35)))
    }

    private static func contains(_ pattern: String, _ text: String) -> Bool {
        (try? SubjectPattern(pattern).contains(SubjectPattern(text))) ?? false
    }

    private mutating func mapping() -> String {
        let list = ["\"a\":[{\"subject\":\"b\"}]", "\"*.b\":[{\"subject\":\"a.$1\",\"weight\":50}]"]
        return some(list) ?? list[0]
    }

    /// A token that is signed again, with something changed or nothing.
    private mutating func changed(_ old: UploadWorld.Plan, _ account: Int) throws -> UploadWorld.Plan {
        var plan = old
        switch Int.random(in: 0..<16, using: &random) {
        case 0: return try fresh(account)
        case 1: if !plan.exports.isEmpty { plan.exports.removeLast() }
        case 2: addExport(to: &plan)
        case 3, 14:
            guard let place = plan.exports.indices.randomElement(using: &random) else { break }
            let revoked = random.happens(50) ? "*" : some(world.pairs)?.publicKey.text ?? "*"
            plan.exports[place].revocations = random.happens(30) ? [] : ["\"\(revoked)\":1799995000"]
        case 4:
            guard let place = plan.exports.indices.randomElement(using: &random) else { break }
            plan.exports[place].tokenRequired.toggle()
        case 5, 6: plan.imports.append(try `import`(account))
        case 7: if let place = plan.imports.indices.randomElement(using: &random) { plan.imports.remove(at: place) }
        case 8:
            guard let place = plan.imports.indices.randomElement(using: &random) else { break }
            plan.imports[place] = try `import`(account)
        case 9: plan.listsSigner.toggle()
        case 10: plan.mappings = plan.mappings.isEmpty ? [mapping()] : []
        case 11: plan.expires = random.happens(50) ? nil : world.now.seconds + .random(in: -2...80, using: &random)
        case 12: plan.imports.reverse()
        default: plan.remark = some(["one", "two", "three"]) ?? ""
        }
        return plan
    }

    /// Mostly an import of something that is exported, with a token where one is asked for.
    private mutating func `import`(_ account: Int) throws -> UploadWorld.Import {
        var exporter = Int.random(in: world.pairs.indices, using: &random)
        if exporter == account { exporter = (exporter + 1) % world.pairs.count }
        let exports = world.stored[world.key(exporter)]?.plan.exports ?? []
        var (kind, subject, needsToken) = ("service", some(Self.literals) ?? "a", random.happens(20))
        if random.happens(85), let export = some(exports) {
            (kind, needsToken) = (export.kind, export.tokenRequired != random.happens(10))
            let inside = (Self.subjects + Self.literals + Self.literals).filter { Self.contains(export.subject, $0) }
            subject = some(inside) ?? export.subject
        }
        var item = UploadWorld.Import(exporter: world.key(exporter), subject: subject, kind: kind)
        if needsToken {
            let now = world.now.seconds
            let times: [[String: String]] = [
                [:], [:], ["exp": "\(now + .random(in: -10...60, using: &random))"],
                ["nbf": "\(now + .random(in: -60...20, using: &random))"],
            ]
            let importer = random.happens(5) ? (account + 1) % world.pairs.count : account
            item.token = try world.activation(
                from: exporter, for: importer, subject, kind: kind, bySigner: random.happens(30),
                claims: some(times) ?? [:])
        }
        if !subject.contains("*"), !subject.contains(">"), random.happens(25) { item.local = some(Self.literals) }
        return item
    }
}
