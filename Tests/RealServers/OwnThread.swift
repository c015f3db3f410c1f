import Foundation
import Testing

/// Runs tests on threads of their own. A test that waits for processes and sockets holds its thread meanwhile; were that
/// one of the few that all concurrent work shares, the tests beside it would stand still, and run into their limits.
public struct OwnThread: SuiteTrait, TestTrait, TestScoping {
    /// What the threads have that are a test's own.
    fileprivate static let mark = "credence.test"

    /// Every test of a suite that has it.
    public var isRecursive: Bool { true }

    /// Runs a test where it may hold its thread.
    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(ThreadForEach.shared) { try await function() }
    }
}

extension Trait where Self == OwnThread {
    /// The test holds its thread while it waits.
    public static var onOwnThread: Self { OwnThread() }
}

/// A thread for each piece of work between two suspensions.
private final class ThreadForEach: TaskExecutor {
    static let shared = ThreadForEach()

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let thread = Thread { [self] in
            Thread.current.threadDictionary[OwnThread.mark] = true
            job.runSynchronously(on: asUnownedTaskExecutor())
        }
        thread.stackSize = 8 << 20
        thread.start()
    }
}

@Suite(.onOwnThread) struct OwnThreadTests {
    init() { #expect(isOwn()) }

    @Test func `a test that holds its thread has one of its own`() {
        #expect(isOwn())
    }

    @Test(arguments: 0..<3) func `so it has after a suspension`(_: Int) async {
        await Task.yield()
        #expect(isOwn())
    }
}

private func isOwn() -> Bool { Thread.current.threadDictionary[OwnThread.mark] != nil }
