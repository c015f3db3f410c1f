import Glibc

/// What a change does while another process changes the same store.
public enum WhenLocked: Sendable, Hashable {
    /// Waits until the other has finished.
    case wait
    /// Fails at once with ``StoreFault/Kind/locked``.
    case fail
}

/// The exclusive lock of a folder, held until the value goes; the system gives it up too when the process ends.
///
/// The lock is on a file of its own, `.credence.lock`, which stays: were it removed, two writers could hold locks on
/// two files of that name. Readers need no lock.
package final class StoreLock {
    package static let fileName = ".credence.lock"

    private let file: Int32
    private let calls: any FileCalls

    package init(_ folder: Folder, _ policy: WhenLocked) throws(StoreFault) {
        calls = folder.calls
        do {
            file = try calls.open(
                Self.fileName, in: folder.descriptor, flags: O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
        } catch {
            throw StoreFault(error, at: Self.fileName)
        }
        do {
            if try calls.lock(file, waits: policy == .wait) { return }
        } catch {
            throw StoreFault(error, at: Self.fileName)
        }
        throw StoreFault(path: Self.fileName, kind: .locked)
    }

    deinit {
        calls.close(file)
    }
}
