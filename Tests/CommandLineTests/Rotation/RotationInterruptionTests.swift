import FailingFiles
import Foundation
import NKeys
import RealServers
import SystemTimeZones
import Testing
import Trust

@testable import CredenceCLI
@testable import FolderStores

/// A rotation that fails or is killed at any call of the file system leaves a store that holds, and the next run finishes
/// it.
@Suite(.timeLimit(.minutes(10)), .onOwnThread) struct RotationInterruptionTests {
    /// What is rotated.
    enum Kind: CaseIterable { case `operator`, account }

    @Test(arguments: Kind.allCases)
    func `a start that is killed at any step is finished by the next run`(kind: Kind) async throws {
        let template = try RotatedStore()
        let calls = FailingCalls()
        try start(kind, in: copy(of: template), calls)
        for step in Self.steps(upTo: calls.count) {
            let folder = try copy(of: template)
            try? start(kind, in: folder, FailingCalls(.stopped(at: step)))
            try await Self.holds(folder, step)
            try start(kind, in: folder, FailingCalls())
            try await expectRotated(kind, folder, step)
        }
    }

    @Test(arguments: Kind.allCases)
    func `a start of which any call fails is finished by the next run`(kind: Kind) async throws {
        let template = try RotatedStore()
        let calls = FailingCalls()
        try start(kind, in: copy(of: template), calls)
        for step in Self.steps(upTo: calls.count) {
            let folder = try copy(of: template)
            try? start(kind, in: folder, FailingCalls(.once(step, errno: ENOSPC)))
            try await Self.holds(folder, step)
            try start(kind, in: folder, FailingCalls())
            try await expectRotated(kind, folder, step)
        }
    }

    @Test(arguments: Kind.allCases)
    func `a finish that is killed at any step is finished by the next run`(kind: Kind) async throws {
        let template = try RotatedStore()
        try start(kind, in: template.folder, FailingCalls())
        let old = try Self.record(template.folder)[0].old
        let calls = FailingCalls()
        try finish(old, in: copy(of: template), calls)
        for step in 1...calls.count {
            let folder = try copy(of: template)
            try? finish(old, in: folder, FailingCalls(.stopped(at: step)))
            try await Self.holds(folder, step)
            if try !Self.record(folder).isEmpty { try finish(old, in: folder, FailingCalls()) }
            #expect(try Self.record(folder).isEmpty, "step \(step)")
            #expect(try !Self.keys(kind, folder).contains(old.text), "step \(step)")
            try await Self.holds(folder, step)
        }
    }

    // MARK: Steps

    /// Every step with `CREDENCE_ALL_STEPS`, else the first sixty, and sixty of the others, anywhere.
    private static func steps(upTo last: Int) -> [Int] {
        if ProcessInfo.processInfo.environment["CREDENCE_ALL_STEPS"] != nil { return Array(1...last) }
        let seed = UInt64.random(in: 0 ... .max)
        print("seed of the steps: \(seed)")
        var random = SplitMix(state: seed)
        let others = last > 60 ? Array((61...last).shuffled(using: &random).prefix(60)) : []
        return Array(1...min(60, last)) + others.sorted()
    }

    private struct SplitMix: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    private func copy(of store: RotatedStore) throws -> TemporaryFolder {
        let folder = TemporaryFolder()
        for name in ["OP", "keys", "creds"] { try folder.copy(store.folder.path(name), to: name) }
        return folder
    }

    private static func rotator(_ folder: TemporaryFolder, _ calls: FailingCalls) throws -> KeyRotator {
        let store = try FolderStore(at: folder.path, operator: "OP", calls: calls)
        let keystore = Keystore(at: folder.path, calls: calls)
        return KeyRotator(workspace: Workspace(store: store, keystore: keystore), choice: nil)
    }

    private func start(_ kind: Kind, in folder: TemporaryFolder, _ calls: FailingCalls) throws {
        let rotator = try Self.rotator(folder, calls)
        _ = try rotator.start(
            nil, of: kind == .operator ? .operator : .account, account: kind == .operator ? nil : "A", overlap: .none)
    }

    private func finish(_ key: PublicKey, in folder: TemporaryFolder, _ calls: FailingCalls) throws {
        let outcome = try Self.rotator(folder, calls).finish(key, when: .whenSafe)
        try #require(!outcome.report.isRefused)
    }

    // MARK: What must be so

    private static func record(_ folder: TemporaryFolder) throws -> [Rotation] {
        try RotationRecord(of: FolderStore(at: folder.path)).rotations
    }

    private static func keys(_ kind: Kind, _ folder: TemporaryFolder) throws -> [String] {
        try StoredClaims(folder.text(kind == .operator ? "OP/OP.jwt" : "OP/accounts/A/A.jwt")).signingKeys
    }

    /// Everything in the store is accepted, and so are the tokens in creds.
    private static func holds(_ folder: TemporaryFolder, _ step: Int) async throws {
        let store = try FolderStore(at: folder.path)
        let judge = StoreJudge(policy: .strict, at: WallClock.now().advanced(by: 60), workers: Workers(count: 1))
        let report = await judge.judge(
            try store.accounts(), isResolver: false,
            operator: TrustedOperator(
                try store.operatorToken(), name: "OP", verifier: judge.verifier, now: judge.now),
            progress: ProgressBar(label: "", total: 0))
        #expect(report.isAccepted, "step \(step): \(report)")
        let workspace = Workspace(store: store, keystore: Keystore(at: folder.path))
        let `operator` = try workspace.operatorToken()
        let account = try workspace.trustedAccount("A", under: `operator`)
        let creds = try #require(try workspace.keystore.creds(user: "user1", account: "A", operator: "OP"))
        let token = String(decoding: creds.token, as: UTF8.self)
        let verdict = workspace.chain(under: `operator`).user(token, of: account, at: judge.now)
        #expect(verdict.isAccepted, "step \(step): \(verdict.failures)")
    }

    private func expectRotated(_ kind: Kind, _ folder: TemporaryFolder, _ step: Int) async throws {
        try await Self.holds(folder, step)
        let rotations = try Self.record(folder)
        let rotation = try #require(rotations.first, "step \(step)")
        #expect(rotations.count == 1, "step \(step)")
        #expect(try Set(Self.keys(kind, folder)) == [rotation.old.text, rotation.new.text], "step \(step)")
        let report = try RotationReport(
            rotation, in: Workspace(store: try FolderStore(at: folder.path), keystore: Keystore(at: folder.path)),
            configurations: [])
        #expect(report.isFinishable && report.findings.ended.isEmpty, "step \(step): \(report.lines)")
        // No seed is kept of which nobody knows what it is for.
        let keystore = Keystore(at: folder.path)
        let named = try Set(
            ["OP/OP.jwt", "OP/accounts/A/A.jwt", "OP/accounts/B/B.jwt", "OP/accounts/SYS/SYS.jwt"].flatMap { path in
                let claims = try StoredClaims(folder.text(path))
                return [claims.payload["sub"] as? String ?? ""] + claims.signingKeys
            })
        let seeds = try keystore.keys().keys.filter { $0.role != .user }.map(\.text)
        #expect(Set(seeds).subtracting(named).isEmpty, "step \(step)")
    }
}
