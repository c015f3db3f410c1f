import Foundation
import Synchronization

/// What a process says on a pipe, read to its end by a thread.
final class ProcessLog: Sendable {
    private struct State {
        var text = ""
        var isOver = false
    }

    private let state = Mutex(State())
    private let changed = NSCondition()

    init(_ handle: FileHandle) {
        Thread.detachNewThread { [self] in
            while true {
                let bytes = handle.availableData
                if bytes.isEmpty { break }
                change { $0.text += String(decoding: bytes, as: UTF8.self) }
            }
            change { $0.isOver = true }
        }
    }

    private func change(_ body: (inout State) -> Void) {
        changed.lock()
        state.withLock { body(&$0) }
        changed.broadcast()
        changed.unlock()
    }

    /// Everything that was said so far.
    var text: String { state.withLock(\.text) }

    /// Waits until something that `find` looks for was said, and hands it over; nil when the process ends without, or
    /// when it takes longer. The limit is a guard against hanging.
    func wait<R>(seconds: Double = 60, for find: (String) -> R?) -> R? {
        let limit = Date(timeIntervalSinceNow: seconds)
        changed.lock()
        defer { changed.unlock() }
        while true {
            let (text, isOver) = state.withLock { ($0.text, $0.isOver) }
            if let found = find(text) { return found }
            if isOver || !changed.wait(until: limit) { return nil }
        }
    }

    /// Waits until the process has closed the pipe, which it does at its end.
    func waitForEnd(seconds: Double = 60) -> Bool {
        wait(seconds: seconds) { _ in state.withLock(\.isOver) ? true : nil } ?? false
    }
}
