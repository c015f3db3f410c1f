import Foundation
import Testing

/// One file of conformance vectors: read, run case by case, summed up in one line on standard output.
///
/// The folder is `Testdata/vectors`, or the one that the environment variable `CREDENCE_VECTORS` names. A folder
/// may lack files, and may have codes that are not known here; `Testdata/vectors/README.md` describes the format.
///
///     try VectorFile.run("nkeys.json") { vector in
///         vector.mismatch(with: judge(vector))
///     }
struct VectorFile {
    let name: String
    /// Unix seconds that the file was made for; 0 if it does not say.
    let now: Int64
    let cases: [VectorCase]

    /// Runs every case of the file; a file that is absent is skipped without a word. The body returns what is wrong
    /// with a case, or nil; what it throws is a failure of the case as well.
    static func run(_ name: String, _ judge: (VectorCase) throws -> String?) throws {
        guard let file = try VectorFile(name) else { return }
        var failed = 0
        for vector in file.cases {
            var complaint: String?
            do {
                complaint = try judge(vector)
            } catch {
                complaint = "the case could not be run: \(error)"
            }
            guard let complaint else { continue }
            failed += 1
            Issue.record("\(name) \(vector.id): \(complaint)")
        }
        print("\(name): \(file.cases.count) run, \(failed) failed")
        fflush(nil)
    }

    /// Reads the file; nil if it is absent.
    init?(_ name: String) throws {
        let path = VectorFile.folder + "/" + name
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        guard let top = try JSONSerialization.jsonObject(with: data) as? [String: Any],
            let cases = top["cases"] as? [[String: Any]]
        else { throw VectorFault("\(name) is not a file of vectors") }
        self.name = name
        now = (top["now"] as? NSNumber)?.int64Value ?? 0
        self.cases = cases.enumerated().map { VectorCase(fields: $1, file: name, index: $0) }
    }

    /// Whether the vectors are those of this package, and not of a folder named from outside.
    static var isOwn: Bool { ProcessInfo.processInfo.environment["CREDENCE_VECTORS"] ?? "" == "" }

    static var folder: String {
        if let folder = ProcessInfo.processInfo.environment["CREDENCE_VECTORS"], !folder.isEmpty { return folder }
        // Tests/VectorsTests/VectorFile.swift is three below the root of the package.
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return root.path + "/Testdata/vectors"
    }
}

/// A file or a case that is not in the documented format.
struct VectorFault: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// One case: what the file says, by name, and the comparison of what was expected with what came.
struct VectorCase {
    let fields: [String: Any]
    let file: String
    let index: Int

    var id: String { fields["id"] as? String ?? "case \(index)" }
    var operation: String { fields["op"] as? String ?? "" }
    var expectsAcceptance: Bool { fields["expected"] as? String == "accept" }
    /// The code of the one fault that the case has, if it has one.
    var rule: String? { fields["rule"] as? String }
    /// Whether the case carries this mark (`policy`, `legacy`, `stricter`).
    func isMarked(_ name: String) -> Bool { fields[name] as? Bool ?? false }

    /// A field that must be there.
    func string(_ name: String) throws -> String {
        guard let text = fields[name] as? String else { throw VectorFault("no text `\(name)`") }
        return text
    }

    /// The bytes of a field of hex digits.
    func bytes(_ name: String) throws -> [UInt8] {
        let digits = Array(try string(name).utf8)
        guard digits.count % 2 == 0 else { throw VectorFault("`\(name)` is not hex") }
        return try stride(from: 0, to: digits.count, by: 2).map { offset in
            guard let text = String(bytes: digits[offset..<offset + 2], encoding: .ascii),
                let byte = UInt8(text, radix: 16)
            else { throw VectorFault("`\(name)` is not hex") }
            return byte
        }
    }

    /// What is wrong with this outcome, as `expected reject (checksum), got accept`; nil when it is the expected one.
    ///
    /// A refusal must name the case's rule if that is among the known ones; any refusal answers an unknown rule.
    func mismatch(with outcome: VectorOutcome, knowing rules: Set<String> = []) -> String? {
        let expectation = expectsAcceptance ? "accept" : "reject" + (rule.map { " (\($0))" } ?? "")
        switch outcome {
        case .accepted(let place):
            return expectsAcceptance ? nil : "expected \(expectation), got accept" + (place.map { " at \($0)" } ?? "")
        case .refused(let found, let place):
            let isRightRule = rule.map { !rules.contains($0) || found.contains($0) } ?? true
            if !expectsAcceptance && isRightRule { return nil }
            return "expected \(expectation), got reject (\(found.sorted().joined(separator: ", ")))"
                + (place.map { " at \($0)" } ?? "")
        case .wrong(let complaint):
            return complaint
        }
    }
}

/// What became of the input of a case.
enum VectorOutcome {
    /// Accepted, and what came out is what the case says.
    case accepted(at: String? = nil)
    /// Refused for one of these reasons, in the words of the vectors.
    case refused(Set<String>, at: String? = nil)
    /// Accepted, but with another result than the case has.
    case wrong(String)
}
