import Testing

@testable import Subjects

@Suite struct SubjectSetTests {
    /// `b` literals of one more token than any pattern, with a word that none names: enough to tell sets apart.
    static let patterns = SmallWorld.patterns(["a", "b"], depth: 3)
    static let literals = SmallWorld.sequences(["a", "b", "x"], depth: 4)

    private static func members(_ allow: [String], _ except: [String]) -> Set<String> {
        Set(literals.filter { one in allow.contains { Oracle.matches($0, one) } })
            .subtracting(literals.filter { one in except.contains { Oracle.matches($0, one) } })
    }

    private static func set(_ allow: [String], _ except: [String] = []) throws -> SubjectSet {
        SubjectSet(try allow.map { try SubjectPattern($0) }, except: try except.map { try SubjectPattern($0) })
    }

    private static func check(_ answer: SubjectSet.Answer, _ expected: Bool, _ what: String) -> Subject? {
        switch answer {
        case .none:
            #expect(!expected, "\(what): none found")
            return nil
        case .witness(let subject):
            #expect(expected, "\(what): found \(subject)")
            return subject
        case .exhausted:
            Issue.record("\(what): exhausted")
            return nil
        }
    }

    @Test func `the difference of every pair of patterns`() throws {
        for one in Self.patterns {
            let mine = Self.members([one], [])
            let left = try Self.set([one])
            for other in Self.patterns {
                let theirs = Self.members([other], [])
                let right = try Self.set([other])
                let witness = Self.check(
                    left.subtracting(right), !mine.isSubset(of: theirs), "\(one) less \(other)")
                if let witness {
                    #expect(Oracle.matches(one, witness.text) && !Oracle.matches(other, witness.text))
                }
                let common = Self.check(
                    left.intersection(right), !mine.isDisjoint(with: theirs), "\(one) with \(other)")
                if let common { #expect(Oracle.matches(one, common.text) && Oracle.matches(other, common.text)) }
            }
        }
    }

    @Test func `a witness of random sets is in the one and not in the other, and is there when it exists`() throws {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<400 {
            func some(_ most: Int) -> [String] {
                (0..<Int.random(in: 0...most, using: &generator)).compactMap { _ in
                    Self.patterns.randomElement(using: &generator)
                }
            }
            let lists = (some(4), some(3), some(6), some(3))
            let left = try Self.set(lists.0, lists.1)
            let right = try Self.set(lists.2, lists.3)
            let mine = Self.members(lists.0, lists.1)
            let theirs = Self.members(lists.2, lists.3)
            let witness = Self.check(left.subtracting(right), !mine.isSubset(of: theirs), "\(lists)")
            if let witness { #expect(left.contains(witness) && !right.contains(witness), "\(lists)") }
            let common = Self.check(left.intersection(right), !mine.isDisjoint(with: theirs), "\(lists)")
            if let common { #expect(left.contains(common) && right.contains(common), "\(lists)") }
        }
    }

    @Test func `a pattern may lie in the union of two and in neither`() throws {
        let whole = try Self.set(["a.>"])
        let both = try Self.set(["a.*", "a.*.>"])
        #expect(whole.subtracting(both) == .none)
        let one = try Self.set(["a.*"])
        let proof = try Subject("a.x.x")
        #expect(whole.subtracting(one) == .witness(proof))
    }

    @Test func `running out of budget is an answer of its own`() throws {
        let whole = try Self.set(["a.*", "b.>"])
        let all = try Self.set([">"])
        #expect(whole.subtracting(all, budget: 1) == .exhausted)
        #expect(whole.subtracting(all) == .none)
    }
}
