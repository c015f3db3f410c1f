import Glibc

/// The process of a server on this machine: what it has computed, and what memory it has.
struct ServerProcess: Sendable {
    let identifier: Int32

    /// A process that is there and may be looked at.
    init(_ identifier: Int32) throws(CommandFailure) {
        self.identifier = identifier
        guard processorSeconds() != nil, residentBytes() != nil else {
            throw CommandFailure(
                .noInput, "there is no process \(identifier) that this user may look at",
                hint: "--server-pid takes the number of the server's process on this machine")
        }
    }

    /// Processor time of all its threads, in the system's units, which are hundredths of a second; nil when it is gone.
    func processorSeconds() -> Double? {
        guard let text = Self.text("/proc/\(identifier)/stat"), let name = text.lastIndex(of: ")") else { return nil }
        // Behind the name, which may hold anything: state, and user and system time as the 12th and 13th field.
        let fields = text[text.index(after: name)...].split(separator: " ")
        guard fields.count > 12, let user = UInt64(fields[11]), let system = UInt64(fields[12]) else { return nil }
        return Double(user &+ system) / Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
    }

    /// Bytes of memory that it has in fact; nil when it is gone.
    func residentBytes() -> Int? {
        bytes(of: "Rss:", in: "smaps_rollup") ?? bytes(of: "VmRSS:", in: "status")
    }

    private func bytes(of name: String, in file: String) -> Int? {
        guard let text = Self.text("/proc/\(identifier)/\(file)") else { return nil }
        for line in text.split(separator: "\n") where line.hasPrefix(name) {
            let fields = line.split(separator: " ")
            guard fields.count == 3, fields[2] == "kB", let kilobytes = Int(fields[1]) else { return nil }
            return kilobytes.multipliedReportingOverflow(by: 1024).partialValue
        }
        return nil
    }

    private static func text(_ path: String) -> String? {
        guard let bytes = try? Files.read(path, limit: 65_536) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Processor time of this process, all threads.
    static func ownSeconds() -> Double {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
}
