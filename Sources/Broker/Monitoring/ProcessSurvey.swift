import Glibc

/// What a process takes of its machine.
public struct ProcessSurvey: Hashable, Sendable {
    /// Bytes of memory that it has in fact.
    public var memory: Int
    /// Nanoseconds that it has computed since it began, all threads.
    public var processorTime: Int64
    /// Processors of the machine.
    public var processors: Int

    /// What a process takes.
    public init(memory: Int, processorTime: Int64, processors: Int) {
        (self.memory, self.processorTime, self.processors) = (memory, processorTime, processors)
    }

    /// What this process takes now.
    public static func current() -> ProcessSurvey {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        func nanoseconds(_ time: timeval) -> Int64 {
            Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_usec) &* 1000
        }
        return ProcessSurvey(
            memory: residentBytes() ?? 0, processorTime: nanoseconds(usage.ru_utime) &+ nanoseconds(usage.ru_stime),
            processors: max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
    }

    /// The second number of `/proc/self/statm`, which counts pages.
    private static func residentBytes() -> Int? {
        let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        return withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { buffer in
            let count = read(file, buffer.baseAddress, buffer.count)
            guard count > 0 else { return nil }
            let fields = String(decoding: buffer[..<count], as: UTF8.self).split(separator: " ")
            guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
            return pages.multipliedReportingOverflow(by: Int(sysconf(Int32(_SC_PAGESIZE)))).partialValue
        }
    }
}
