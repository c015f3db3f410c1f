/// Which names may be names of IANA zones, by their spelling alone.
///
/// The name becomes a path below the zone folder, and it comes from a token: what is not spelled like a zone never
/// reaches the file system.
enum ZoneName {
    /// True for names such as `Europe/Berlin` or `Etc/GMT+5`: parts of letters, digits, `_`, `+`, `-` that begin
    /// with a letter, joined by `/`; and not one of the names that the zone folder holds beside the zones.
    static func isWellFormed(_ name: String) -> Bool {
        let bytes = name.utf8
        guard bytes.count <= ZoneLimits.nameBytes, !notZones.contains(name) else { return false }
        guard !beside.contains(where: name.hasPrefix) else { return false }
        var atStartOfPart = true
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"):
                atStartOfPart = false
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "-"):
                guard !atStartOfPart else { return false }
            case UInt8(ascii: "/"):
                guard !atStartOfPart else { return false }
                atStartOfPart = true
            default:
                return false
            }
        }
        return !atStartOfPart
    }

    /// Names that stand for whatever this machine is set to.
    private static let notZones: Set<String> = ["Local", "local", "localtime", "posixrules"]

    /// Second copies of every zone: without, and with leap seconds.
    private static let beside = ["posix/", "right/"]
}
