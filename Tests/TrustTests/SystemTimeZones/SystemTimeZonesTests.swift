import Foundation
import Testing

@testable import SystemTimeZones

@Suite("System time zones")
struct SystemTimeZonesTests {
    @Test("a zone file gives the offsets that another reader of the same file gives", arguments: ZoneSample.all)
    func offsets(sample: ZoneSample) throws {
        let folder = try ZoneFolder()
        try folder.write(sample.bytes, as: sample.name)
        let zones = SystemZones(directory: folder.path)
        #expect(sample.expected.count > 10)
        for (time, offset) in sample.expected {
            #expect(zones.secondsFromUTC(zone: sample.name, at: time) == offset, "\(sample.name) at \(time)")
        }
    }

    @Test("a zone file that is cut short anywhere, or continued, is no zone", arguments: ZoneSample.all)
    func truncation(sample: ZoneSample) throws {
        #expect(Zone(zoneFile: sample.bytes) != nil)
        let bytes = sample.bytes
        for count in bytes.indices {
            #expect(Zone(zoneFile: Array(bytes.prefix(count))) == nil, "\(sample.name), \(count) bytes")
        }
        #expect(Zone(zoneFile: bytes + [0x0A]) == nil)
    }

    @Test("a zone file with any byte changed gives a zone or none, and never stops the program")
    func changedBytes() throws {
        let times = [Int64.min, -1, 0, 1_800_000_000, 1 << 40, Int64.max]
        for sample in ZoneSample.all where ["Europe/Berlin", "Etc/GMT+5", "Pacific/Apia"].contains(sample.name) {
            let whole = sample.bytes
            for index in whole.indices {
                for byte in [0, 0x7F, 0xFF, whole[index] ^ 1] as [UInt8] {
                    var bytes = whole
                    bytes[index] = byte
                    guard let zone = Zone(zoneFile: bytes) else { continue }
                    for time in times { _ = zone.secondsFromUTC(at: time) }
                }
            }
        }
    }

    @Test(
        "a name that is no name of an IANA zone is refused, even where a file of that name is a zone",
        arguments: [
            "", "Local", "local", "localtime", "posixrules", "posix/Berlin", "right/Berlin", "/Berlin", "Europe/",
            "Europe//Berlin", "./Berlin", "../Berlin", "Europe/../Berlin", "zone.tab", "Europe Berlin", "Berlin\0",
            "Bérlin", "1Berlin", "-Berlin", "Europe/-", String(repeating: "A", count: 65),
        ])
    func refusedNames(name: String) throws {
        let folder = try ZoneFolder()
        for path in ["Berlin", "Local", "localtime", "posixrules", "posix/Berlin", "right/Berlin", "Europe/Berlin"] {
            try folder.write(ZoneSample.all[0].bytes, as: path)
        }
        let zones = SystemZones(directory: folder.path)
        #expect(zones.secondsFromUTC(zone: "Europe/Berlin", at: 0) == 3_600)
        #expect(zones.secondsFromUTC(zone: name, at: 0) == nil)
    }

    @Test("UTC is a zone where there is no zone data, and nothing else is")
    func withoutZoneData() throws {
        let zones = SystemZones(directory: try ZoneFolder().path + "/nowhere")
        #expect(zones.secondsFromUTC(zone: "UTC", at: 1_800_000_000) == 0)
        #expect(zones.secondsFromUTC(zone: "Europe/Berlin", at: 1_800_000_000) == nil)
    }

    @Test("folders, empty files and files of unreasonable size are no zones")
    func notZoneFiles() throws {
        let folder = try ZoneFolder()
        try folder.write(ZoneSample.all[0].bytes, as: "Europe/Berlin")
        try folder.write([], as: "Empty")
        try folder.write([UInt8](repeating: 0, count: ZoneLimits.fileBytes + 1), as: "Large")
        let zones = SystemZones(directory: folder.path)
        for name in ["Europe", "Empty", "Large"] {
            #expect(zones.secondsFromUTC(zone: name, at: 0) == nil, "\(name)")
        }
    }

    @Test("a zone is read once")
    func readOnce() throws {
        let folder = try ZoneFolder()
        try folder.write(ZoneSample.all[0].bytes, as: "Europe/Berlin")
        let zones = SystemZones(directory: folder.path)
        #expect(zones.secondsFromUTC(zone: "Europe/Berlin", at: 0) == 3_600)
        try folder.write([], as: "Europe/Berlin")
        #expect(zones.secondsFromUTC(zone: "Europe/Berlin", at: 0) == 3_600)
        #expect(SystemZones(directory: folder.path).secondsFromUTC(zone: "Europe/Berlin", at: 0) == nil)
    }

    @Test("a file of version 1 has no rule: its last offset stays")
    func versionOne() throws {
        var bytes: [UInt8] = Array("TZif".utf8) + [UInt8](repeating: 0, count: 16)
        bytes += [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 4]
        bytes += [0xFF, 0xFF, 0xFF, 0xFF, 1]
        bytes += [0, 0, 0, 0, 0, 0, 0, 0, 0x0E, 0x10, 1, 0] + Array("XXX\0".utf8)
        let zone = try #require(Zone(zoneFile: bytes))
        #expect([-2, -1, Int64.max].map(zone.secondsFromUTC) == [0, 3_600, 3_600])
        bytes[24 + 7] = 1
        #expect(Zone(zoneFile: bytes) == nil, "leap seconds")
    }

    @Test("the zone data of this machine is read, when there is one")
    func thisMachine() {
        let zones = SystemZones()
        guard zones.secondsFromUTC(zone: "Europe/Berlin", at: 0) != nil else { return }
        #expect(zones.secondsFromUTC(zone: "Europe/Berlin", at: 1_700_000_000) == 3_600)
        #expect(zones.secondsFromUTC(zone: "America/New_York", at: 1_690_000_000) == -14_400)
        #expect(zones.secondsFromUTC(zone: "Asia/Tokyo", at: 1_690_000_000) == 32_400)
    }
}

/// A folder of zone files that goes away with this value.
private final class ZoneFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "zones-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func write(_ bytes: [UInt8], as name: String) throws {
        let file = URL(fileURLWithPath: path).appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
    }
}

extension ZoneSample: CustomTestStringConvertible {
    var bytes: [UInt8] { Data(base64Encoded: file).map { Array($0) } ?? [] }

    var expected: [(time: Int64, offset: Int)] {
        offsets.split(separator: " ").compactMap { pair in
            let parts = pair.split(separator: ":")
            guard parts.count == 2, let time = Int64(parts[0]), let offset = Int(parts[1]) else { return nil }
            return (time, offset)
        }
    }

    var testDescription: String { name }
}
