import Glibc
import NKeys

/// Files with seeds, read into locked memory: no byte of them comes into ordinary memory.
enum SecretFile {
    /// The content of a file below a folder.
    static func read(
        _ file: String, in folder: String, limit: Int, calls: any FileCalls
    ) throws(StoreFault) -> SecretBytes {
        let descriptor: Int32
        do {
            descriptor = try calls.open(
                "\(folder)/\(file)", in: AT_FDCWD, flags: O_RDONLY | O_NONBLOCK | O_NOCTTY, mode: 0)
        } catch {
            throw StoreFault(error, at: file)
        }
        defer { calls.close(descriptor) }
        let content: SecretBytes?
        do {
            content = try SecretBytes(capacity: limit + 1) { (buffer) throws(SystemError) in
                var count = 0
                while count < buffer.count {
                    let got = try calls.read(
                        descriptor, into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
                    if got == 0 { break }
                    count += got
                }
                return count
            }
        } catch {
            throw StoreFault(error, at: file)
        }
        guard let content else { throw StoreFault(path: file, kind: .malformedFile(.memory)) }
        guard content.count <= limit else { throw StoreFault(path: file, kind: .tooLarge(limit: limit)) }
        return content
    }
}
