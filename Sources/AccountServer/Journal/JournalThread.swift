import Glibc
import Synchronization

/// A thread of its own, on which an actor runs: its calls to the system wait for the disk, and the threads that all
/// tasks share must not.
final class JournalThread: SerialExecutor {
    private let jobs: Jobs

    /// Starts the thread; nil when the system has none left.
    init?() {
        jobs = Jobs()
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(jobs)
        let status = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Jobs>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, argument.toOpaque())
        guard status == 0 else {
            argument.release()
            return nil
        }
        pthread_detach(thread)
    }

    deinit { jobs.end() }

    func enqueue(_ job: consuming ExecutorJob) {
        jobs.add(UnownedJob(job), of: asUnownedSerialExecutor())
    }

    /// What is to be run, in order. The thread holds this and not the executor, which can therefore go.
    private final class Jobs: Sendable {
        private struct State {
            var waiting: [(job: UnownedJob, executor: UnownedSerialExecutor)] = []
            var isEnded = false
        }

        private let state = Mutex(State())
        /// Counts what was added. The system's semaphore is made to be used by many threads at once.
        private nonisolated(unsafe) let semaphore: UnsafeMutablePointer<sem_t>

        init() {
            semaphore = .allocate(capacity: 1)
            sem_init(semaphore, 0, 0)
        }

        deinit {
            sem_destroy(semaphore)
            semaphore.deallocate()
        }

        func add(_ job: UnownedJob, of executor: UnownedSerialExecutor) {
            state.withLock { $0.waiting.append((job, executor)) }
            sem_post(semaphore)
        }

        func end() {
            state.withLock { $0.isEnded = true }
            sem_post(semaphore)
        }

        func run() {
            while true {
                while sem_wait(semaphore) != 0 {}
                let (jobs, isEnded) = state.withLock { state in
                    defer { state.waiting = [] }
                    return (state.waiting, state.isEnded)
                }
                for (job, executor) in jobs { job.runSynchronously(on: executor) }
                if isEnded, jobs.isEmpty { return }
            }
        }
    }
}
