extension Zone {
    /// The zone that a file in the TZif format describes (RFC 9636, section 3), or nil when the file is not wholly
    /// well formed.
    ///
    /// Versions 1 to 4. Beyond the RFC's rules a file is refused that counts leap seconds (its times are then not
    /// seconds since 1970 as everybody counts them), that has bytes left over, or that is cut short anywhere.
    init?(zoneFile bytes: [UInt8]) {
        var reader = ZoneFileReader(bytes)
        guard let old = reader.header() else { return nil }
        if old.version == 1 {
            guard let zone = reader.zone(old, timeBytes: 4, rule: nil), reader.isAtEnd else { return nil }
            self = zone
            return
        }
        // From version 2 on the first block repeats what 32 bits can hold, for old readers.
        guard reader.skip(old.blockBytes(timeBytes: 4)), let header = reader.header(), header.version == old.version
        else { return nil }
        var ahead = reader
        guard ahead.skip(header.blockBytes(timeBytes: 8)), let footer = ahead.footer() else { return nil }
        var rule: FooterRule?
        if !footer.isEmpty {
            guard let parsed = FooterRule(footer, extended: header.version >= 3) else { return nil }
            rule = parsed
        }
        guard let zone = reader.zone(header, timeBytes: 8, rule: rule) else { return nil }
        self = zone
    }
}

/// The counts at the head of a block of a zone file.
private struct ZoneFileHeader {
    var version: Int
    var universalIndicators: Int
    var standardIndicators: Int
    var leapSeconds: Int
    var changes: Int
    var types: Int
    var nameBytes: Int

    /// How many bytes follow the header; counts have 32 bits, so that this cannot overflow.
    func blockBytes(timeBytes: Int) -> Int {
        changes * (timeBytes + 1) + types * 6 + nameBytes + leapSeconds * (timeBytes + 4) + standardIndicators
            + universalIndicators
    }
}

/// Reads a zone file front to back; every step fails rather than reading past the end.
private struct ZoneFileReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func skip(_ count: Int) -> Bool {
        guard count >= 0, count <= bytes.count - position else { return false }
        position += count
        return true
    }

    mutating func header() -> ZoneFileHeader? {
        guard bytes.count - position >= 44, bytes[position...].starts(with: "TZif".utf8) else { return nil }
        let version: Int
        switch bytes[position + 4] {
        case 0: version = 1
        case UInt8(ascii: "2")...UInt8(ascii: "4"): version = Int(bytes[position + 4] - UInt8(ascii: "0"))
        default: return nil
        }
        position += 20
        return ZoneFileHeader(
            version: version, universalIndicators: integer(4), standardIndicators: integer(4), leapSeconds: integer(4),
            changes: integer(4), types: integer(4), nameBytes: integer(4))
    }

    /// The text between the two line feeds that end the file.
    mutating func footer() -> ArraySlice<UInt8>? {
        guard bytes.count - position >= 2, bytes[position] == UInt8(ascii: "\n"), bytes.last == UInt8(ascii: "\n")
        else { return nil }
        let footer = bytes[position + 1..<bytes.count - 1]
        guard footer.count <= ZoneLimits.footerBytes else { return nil }
        position = bytes.count
        return footer
    }

    mutating func zone(_ header: ZoneFileHeader, timeBytes: Int, rule: FooterRule?) -> Zone? {
        guard header.blockBytes(timeBytes: timeBytes) <= bytes.count - position else { return nil }
        // A type is named by one byte; the indicators are one for each type, or none at all.
        guard (1...256).contains(header.types), header.nameBytes >= 1, header.leapSeconds == 0,
            [0, header.types].contains(header.standardIndicators),
            [0, header.types].contains(header.universalIndicators)
        else { return nil }

        let changes = (0..<header.changes).map { _ in Int64(truncatingIfNeeded: signed(timeBytes)) }
        let typesOfChanges = (0..<header.changes).map { _ in integer(1) }
        guard typesOfChanges.allSatisfy({ $0 < header.types }) else { return nil }

        let names = position + header.types * 6
        var offsets: [Int32] = []
        for _ in 0..<header.types {
            let offset = signed(4)
            let isDaylight = integer(1)
            let name = integer(1)
            // Section 3.2: more than -25 hours and less than 26 hours.
            guard (-89_999...93_599).contains(offset), isDaylight <= 1, name < header.nameBytes,
                bytes[names + name..<names + header.nameBytes].contains(0)
            else { return nil }
            offsets.append(Int32(truncatingIfNeeded: offset))
        }
        position = names + header.nameBytes
        for _ in 0..<header.standardIndicators + header.universalIndicators {
            guard integer(1) <= 1 else { return nil }
        }
        return Zone(first: offsets[0], changes: changes, offsets: typesOfChanges.map { offsets[$0] }, rule: rule)
    }

    /// An unsigned integer of at most four bytes; the caller has checked that they are there.
    private mutating func integer(_ count: Int) -> Int {
        var value = 0
        for byte in bytes[position..<position + count] { value = value << 8 | Int(byte) }
        position += count
        return value
    }

    /// A two's complement integer of at most eight bytes; the caller has checked that they are there.
    private mutating func signed(_ count: Int) -> Int {
        var value = Int(Int8(bitPattern: bytes[position]))
        for byte in bytes[position + 1..<position + count] { value = value << 8 | Int(byte) }
        position += count
        return value
    }
}
