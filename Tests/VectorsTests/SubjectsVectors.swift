import Foundation
import Subjects
import Testing

/// `subjects.json`: validity, pairs, transforms, renamings and weights.
@Suite struct SubjectsVectors {
    @Test func `every case of subjects.json`() throws {
        try VectorFile.run("subjects.json") { vector in
            let one = vector.fields
            switch vector.operation {
            case "valid": try Self.valid(one)
            case "permission_subject": try Self.entry(one)
            case "pair": try Self.pair(one)
            case "transform": try Self.transform(one)
            case "reverse": try Self.reverse(one)
            case "renaming": try Self.renaming(one)
            case "weights": try Self.weights(one)
            default: return "unknown op"
            }
            return nil
        }
    }

    private static func valid(_ one: [String: Any]) throws {
        let bytes = Array((one["subject"] as? String ?? "").utf8)
        try same((try? SubjectPattern(utf8: bytes.span)) != nil, one["expected"] as? String == "accept", "pattern")
        try same((try? Subject(utf8: bytes.span)) != nil, one["expected_publish"] as? String == "accept", "literal")
    }

    private static func entry(_ one: [String: Any]) throws {
        let text = one["subject"] as? String ?? ""
        let expected = one["expected"] as? [String: String] ?? [:]
        try same((try? PermissionEntry(text, in: .publish)) != nil, expected["publish"] == "accept", "publish")
        let entry = try? PermissionEntry(text, in: .subscribe)
        try same(entry != nil, expected["subscribe"] == "accept", "subscribe")
        if let entry, let split = one["server_split"] as? [String: Any] {
            try same(entry.pattern.text, split["subject"] as? String ?? "", "subject part")
            try same(entry.queue?.text ?? "", split["queue"] as? String ?? "", "queue part")
        }
    }

    private static func pair(_ one: [String: Any]) throws {
        let left = try? SubjectPattern(one["a"] as? String ?? "")
        let right = try? SubjectPattern(one["b"] as? String ?? "")
        let expected = one["expected"] as? [String: Bool] ?? [:]
        guard let left, let right else {
            try same(expected.values.contains(true), false, "a pattern that is not valid has no relations")
            return
        }
        try same(right.contains(left), expected["a_subset_of_b"] ?? false, "a in b")
        try same(left.contains(right), expected["b_subset_of_a"] ?? false, "b in a")
        try same(left.overlaps(right), expected["overlap"] ?? false, "overlap")
        try same(right.overlaps(left), expected["overlap"] ?? false, "overlap, turned round")
        try same(left.intersection(right) != nil, expected["overlap"] ?? false, "intersection")
    }

    private static func transform(_ one: [String: Any]) throws {
        let accept = one["expected"] as? String == "accept"
        let sourceText = one["src"] as? String ?? ""
        let destination = one["dest"] as? String ?? ""
        // No destination: no transform. No source: everything.
        if destination.isEmpty { return try same(accept, true, "empty destination") }
        let source = sourceText.isEmpty ? .all : try? SubjectPattern(sourceText)
        let use: MappingTransform.Use = one["strict"] as? Bool == true ? .strict : .transform
        let transform = source.flatMap { try? MappingTransform(from: $0, to: destination, for: use) }
        try same(transform != nil, accept, "verdict")
        if let source, use == .transform, (one["policy"] as? Bool) != true {
            let mapping = try? MappingTransform(from: source, to: destination, for: .accountMapping)
            try same(mapping != nil, one["server_validate_mapping"] as? String == "accept", "as an account mapping")
        }
        guard let transform else { return }
        for sample in one["samples"] as? [[String: Any]] ?? [] { try check(transform, sample) }
    }

    private static func check(_ transform: MappingTransform, _ sample: [String: Any]) throws {
        var generator = SystemRandomNumberGenerator()
        let input = sample["in"] as? String ?? ""
        let output = transform.render(try Subject(input), using: &generator)
        if sample["error"] != nil {
            try same(output, nil, "no match for \(input)")
        } else if let hex = sample["out_hex"] as? String {
            try same(output?.map { String($0, radix: 16) }.joined(), hex, "bytes for \(input)")
        } else if sample["random"] as? Bool == true {
            try same(output != nil, true, "a random output for \(input)")
        } else {
            try same(output.map { String(decoding: $0, as: UTF8.self) }, sample["out"] as? String, "for \(input)")
        }
    }

    private static func reverse(_ one: [String: Any]) throws {
        let source = try SubjectPattern(one["src"] as? String ?? "")
        let transform = try MappingTransform(from: source, to: one["dest"] as? String ?? "", for: .strict)
        let back = transform.reversed
        let expected = one["reverse"] as? [String: String] ?? [:]
        try same(back?.source.text, expected["src"], "source of the reverse")
        try same(back?.destination, expected["dest"], "destination of the reverse")
        guard let back else { return }
        for sample in one["samples"] as? [[String: Any]] ?? [] { try check(back, sample) }
    }

    private static func renaming(_ one: [String: Any]) throws {
        let source = try SubjectPattern(one["subject"] as? String ?? "")
        let transform = try? SubjectTransform(from: source, localSubject: one["local_subject"] as? String ?? "")
        try same(transform != nil, one["expected"] as? String == "accept", "verdict")
        if let transform { try same(transform.localPattern.text, one["to_subject"] as? String ?? "", "plain form") }
    }

    private static func weights(_ one: [String: Any]) throws {
        let destinations = (one["dests"] as? [[String: Any]] ?? []).map {
            WeightedMapping.Destination(
                subject: $0["subject"] as? String ?? "", weight: UInt8(clamping: $0["weight"] as? Int ?? 0),
                cluster: $0["cluster"] as? String ?? "")
        }
        let source = try? SubjectPattern(one["src"] as? String ?? "")
        let mapping = source.flatMap { try? WeightedMapping(source: $0, destinations: destinations) }
        try same(mapping != nil, one["expected"] as? String == "accept", "verdict")
        guard let mapping else { return }
        let expected = (one["effective"] as? [[String: Any]] ?? []).map {
            "\($0["dest"] as? String ?? "") \($0["weight"] as? Int ?? 0)"
        }
        try same(
            mapping.effective().map { "\($0.destination) \($0.weight)" }.sorted(), expected.sorted(), "effective")
    }
}

/// Throws what differs, in words.
func same<Value: Equatable>(_ got: Value, _ expected: Value, _ what: String) throws {
    if got != expected { throw VectorFault("\(what): expected \(expected), got \(got)") }
}
