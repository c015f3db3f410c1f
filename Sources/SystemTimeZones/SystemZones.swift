import Glibc
import Synchronization
import Trust

/// The time zones of this machine, read from its zone files.
///
/// Zone files are in the format of RFC 9636 (TZif); the footer's rule gives the offsets after the last listed
/// change. A zone is read when it is first asked for and kept for the life of this value, so a long-running process
/// sees a new edition of the zone data only through a new value. Copies share what was read, and may be used by any
/// number of threads at once.
///
/// ```swift
/// let zones = SystemZones()
/// zones.secondsFromUTC(zone: "Europe/Berlin", at: 1_750_000_000)  // 7200
/// zones.secondsFromUTC(zone: "Local", at: 0)                      // nil
/// ```
public struct SystemZones: TimeZones {
    private let directory: String
    private let cache = ZoneCache()

    /// Zones of the files under `directory`; nothing is read yet, and a folder that is missing leaves just `UTC`.
    public init(directory: String = "/usr/share/zoneinfo") {
        self.directory = directory
    }

    /// The offset from UTC, in seconds and positive to the east, that holds in a zone at a time in seconds since 1970.
    ///
    /// Nil when the name is no IANA zone here: a name that is spelled otherwise than the zone data spells it, an
    /// alias that depends on the machine (`Local`, `localtime`, `posixrules`), the copies under `posix/` and `right/`,
    /// or a file that is not wholly well formed or counts leap seconds. `UTC` is a zone on every machine; the empty
    /// name is none.
    public func secondsFromUTC(zone name: String, at unixTime: Int64) -> Int? {
        if name == "UTC" { return 0 }
        if let zone = cache.zone(named: name) { return zone.secondsFromUTC(at: unixTime) }
        guard ZoneName.isWellFormed(name),
            let bytes = Self.contents(ofFile: directory + "/" + name),
            let zone = Zone(zoneFile: bytes)
        else { return nil }
        cache.keep(zone, named: name)
        return zone.secondsFromUTC(at: unixTime)
    }

    /// The whole of a zone file, or nil when it cannot be read or is larger than any zone file has reason to be.
    private static func contents(ofFile path: String) -> [UInt8]? {
        // Without O_NONBLOCK, opening a named pipe would wait for a writer.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var isComplete = false
        let bytes = [UInt8](unsafeUninitializedCapacity: ZoneLimits.fileBytes + 1) { buffer, count in
            while count < buffer.count {
                let got = read(file, buffer.baseAddress?.advanced(by: count), buffer.count - count)
                if got > 0 {
                    count += got
                } else if got == 0 {
                    isComplete = true
                    return
                } else if errno != EINTR {
                    return
                }
            }
        }
        return isComplete ? bytes : nil
    }
}

/// What was read so far. Names that are no zones are not kept: they come from tokens, and there is no end of them.
private final class ZoneCache: Sendable {
    private let zones = Mutex<[String: Zone]>([:])

    func zone(named name: String) -> Zone? {
        zones.withLock { $0[name] }
    }

    func keep(_ zone: Zone, named name: String) {
        zones.withLock {
            if $0.count < ZoneLimits.cachedZones { $0[name] = zone }
        }
    }
}

/// The bounds of this module.
enum ZoneLimits {
    /// The largest file of the 2026 zone data has 4 KB.
    static let fileBytes = 65_536
    /// The zone data lists about 600 names.
    static let cachedZones = 2_048
    /// The longest name of the zone data, `America/Argentina/ComodRivadavia`, has 32 bytes.
    static let nameBytes = 64
    /// The longest footer of the zone data has about 30 bytes.
    static let footerBytes = 128
}
