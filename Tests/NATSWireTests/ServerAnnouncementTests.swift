import NATSWire
import Testing

@Suite struct ServerAnnouncementTests {
    private static var full: ServerAnnouncement {
        var info = ServerAnnouncement()
        (info.serverID, info.serverName, info.version, info.nonce) = ("NID", "a \"b\"\r\n\u{7F}", "1.2", "n-_")
        (info.payloadLimit, info.hasHeaders, info.asksForCredentials) = (50, true, true)
        (info.requiresTLS, info.offersTLS, info.isLeaving, info.isSystemAccount) = (true, true, true, true)
        (info.clusterAddresses, info.account) = (["a:1", "b:2"], "ACC")
        (info.host, info.port, info.clientID, info.clientAddress, info.sealingKey) = ("h", 4222, .max, "::1", "X")
        return info
    }

    @Test func `what is written is read back`() throws {
        let text = Self.full.utf8
        #expect(text.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
        let read = try ServerAnnouncement(parsing: text)
        let full = Self.full
        #expect(read.serverID == full.serverID && read.serverName == full.serverName && read.version == full.version)
        #expect(read.nonce == full.nonce && read.payloadLimit == 50 && read.hasHeaders && read.asksForCredentials)
        #expect(read.requiresTLS && read.offersTLS && read.isLeaving && read.clusterAddresses == ["a:1", "b:2"])
        #expect(read.account == "ACC")
        let json = try WireJSON(parsing: text)
        #expect(
            json["client_id"]?.unsigned == .max && json["client_ip"]?.string == "::1" && json["xkey"]?.string == "X")
        #expect(json["acc_is_sys"]?.bool == true && json["connect_info"]?.bool == true && json["proto"]?.integer == 1)
        #expect(json["port"]?.integer == 4222 && json["host"]?.string == "h")
    }

    @Test func `what does not hold is left out`() throws {
        let json = try WireJSON(parsing: ServerAnnouncement().utf8)
        for name in [
            "auth_required", "tls_required", "tls_available", "nonce", "connect_urls", "ldm", "xkey", "connect_info",
            "remote_account", "acc_is_sys", "client_id", "client_ip",
        ] {
            #expect(json[name] == nil, "\(name)")
        }
    }
}
