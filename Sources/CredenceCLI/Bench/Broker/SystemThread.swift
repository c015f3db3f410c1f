import Glibc
import Synchronization

/// A thread of the system, for work that waits in calls of the system. Tasks would wait on the few threads that all tasks
/// share.
final class SystemThread<Value: Sendable>: Sendable {
    private let slot: Slot
    private let thread: pthread_t

    /// What came of the work.
    private final class Slot: Sendable {
        let outcome = Mutex<Result<Value, LoadFault>?>(nil)
    }

    /// Starts it.
    init(_ body: @escaping @Sendable () throws(LoadFault) -> Value) throws(LoadFault) {
        let slot = Slot()
        let work = ThreadWork {
            let outcome = Result { () throws(LoadFault) in try body() }
            slot.outcome.withLock { $0 = outcome }
        }
        var thread = pthread_t()
        let context = Unmanaged.passRetained(work)
        let number = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<ThreadWork>.fromOpaque(context).takeRetainedValue().body() }
                return nil
            }, context.toOpaque())
        guard number == 0 else {
            context.release()
            throw .system("a thread cannot be started: \(Files.text(of: number))")
        }
        (self.slot, self.thread) = (slot, thread)
    }

    /// How far it is.
    enum State { case running, done, failed }

    /// How far it is now.
    var state: State {
        switch slot.outcome.withLock({ $0 }) {
        case nil: .running
        case .success: .done
        case .failure: .failed
        }
    }

    /// Waits for its end; once.
    func join() throws(LoadFault) -> Value {
        pthread_join(thread, nil)
        guard let outcome = slot.outcome.withLock({ $0 }) else { throw .system("a thread did not run") }
        return try outcome.get()
    }
}

/// What a thread runs, whatever comes of it: the system's call takes no generic function.
private final class ThreadWork: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
