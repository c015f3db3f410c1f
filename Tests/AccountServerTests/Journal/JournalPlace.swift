import Foundation
import NKeys
import Testing
import Trust

@testable import AccountServer
@testable import FolderStores

/// A folder for a journal, which goes away with this value, and short ways to fill it and look into it.
final class JournalPlace: Sendable {
    let path: String

    init() throws {
        // In memory where that is to be had: the tests make files last thousands of times.
        let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : NSTemporaryDirectory()
        path = "\(parent)/journal-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The journal of this folder, with segments of this size; the clock stands.
    func open(
        _ pair: KeyPair? = nil, segmentBytes: Int = 1 << 20, segmentSeconds: Int64? = nil,
        calls: any FileCalls = SystemCalls()
    ) async throws(JournalFault) -> JournalFolder {
        try await JournalFolder.open(
            at: path, missing: .made,
            settings: JournalFolder.Settings(
                segmentBytes: segmentBytes, segmentSeconds: segmentSeconds, headInterval: .seconds(3_600)),
            signingWith: pair, clock: { Self.moment(1_800_000_000) }, calls: calls)
    }

    /// Fills the folder: so many entries, one a batch, and the head signed where there is a key.
    @discardableResult
    func fill(_ count: Int, _ pair: KeyPair? = nil, segmentBytes: Int = 1 << 20) async throws -> [JournalEntry] {
        let journal = try await open(pair, segmentBytes: segmentBytes)
        var entries: [JournalEntry] = []
        for number in 0..<count { entries += try await journal.append([Self.draft(number)]) }
        await journal.close()
        return entries
    }

    func survey(_ keys: Set<PublicKey> = []) throws -> JournalSurvey {
        try JournalSurvey.folder(at: path, requiring: keys)
    }

    /// The files of the folder that are no lock, sorted.
    func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).filter { !$0.hasPrefix(".") }.sorted()
    }

    func segments() throws -> [String] { try files().filter { $0.hasSuffix(".jsonl") } }

    func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")))
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(path)/\(name)") }

    /// A copy of the folder.
    func copy() throws -> JournalPlace {
        let copy = try JournalPlace()
        for name in try files() { try copy.write(bytes(name), to: name) }
        return copy
    }

    static func moment(_ seconds: Int64) -> UnixTime { UnixTime(seconds) ?? .zero }

    static func draft(_ number: Int, at seconds: Int64? = nil) -> JournalDraft {
        JournalDraft(
            time: moment(seconds ?? 1_700_000_000 + Int64(number)), caller: "127.0.0.1", account: "ACCOUNT\(number)",
            outcome: number % 3 == 2 ? .refused : .accepted, rules: number % 3 == 2 ? [.tokenExpired] : [],
            token: "header.payload\(number).signature")
    }

    static let first = "journal-00000000000000000001.jsonl"
}

/// The program `JournalCrasher`, which stands beside the test bundle.
enum JournalProgram {
    static let url = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent("JournalCrasher")

    /// Starts it; its output comes through the pipe.
    static func start(_ arguments: String...) throws -> (process: Process, output: FileHandle) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = url
        process.arguments = arguments
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        return (process, pipe.fileHandleForReading)
    }
}
