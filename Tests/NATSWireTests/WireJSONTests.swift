import NATSWire
import Testing

@Suite struct WireJSONTests {
    @Test func `values are read, asked and written`() throws {
        let text = #"{"a":[1,-2.5e3,18446744073709551615],"b":{"c":null,"d":true},"e":"q\"\\\u0001 é"}"#
        let json = try WireJSON(parsing: Array(text.utf8))
        #expect(String(decoding: json.utf8, as: UTF8.self) == text)
        #expect(json["a"]?.array?[2].unsigned == .max && json["a"]?.array?[1].integer == nil)
        #expect(json["b"]?["d"]?.bool == true && json["b"]?["x"] == nil && json["a"]?["x"] == nil)
        #expect(json["e"]?.string == "q\"\\\u{1} é")
        let escapes = try WireJSON(parsing: Array(#" "\ud83d\ude00\/\b\f\n\r\tA" "#.utf8))
        #expect(escapes == .string("😀/\u{8}\u{C}\n\r\tA"))
        let made: WireJSON = ["a": 1, "b": ["x", true]]
        #expect(String(decoding: made.utf8, as: UTF8.self) == #"{"a":1,"b":["x",true]}"#)
    }

    @Test(arguments: [
        "", " ", "{", "}", "[1,]", "[1 2]", "{\"a\"}", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "{a:1}", "01", "+1", "1.",
        ".5",
        "1e", "-", "nul", "true false", "\"", "\"\\x\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\n\"",
        "\"\\u00g0\"", "1 }", String(repeating: "[", count: 40) + String(repeating: "]", count: 40),
    ])
    func `what is not one value is refused`(text: String) {
        #expect(throws: WireFault.self) { try WireJSON(parsing: Array(text.utf8)) }
    }

    @Test func `bytes that are no UTF-8 are refused, and what is cut off too`() throws {
        #expect(throws: WireFault.self) { try WireJSON(parsing: [0x22, 0xFF, 0x22]) }
        let text = Array(#"{"a":[1,{"b":"\u00e9"}],"c":false}"#.utf8)
        for count in text.indices { #expect(throws: WireFault.self) { try WireJSON(parsing: Array(text[..<count])) } }
    }

    @Test func `an announcement of the real server is understood, and a wrong type is refused`() throws {
        let text = """
            {"server_id":"ND","server_name":"n","version":"2.15.1","proto":1,"headers":true,"auth_required":true,\
            "max_payload":1048576,"client_id":7,"nonce":"abcdefghijklmno","xkey":"X","connect_urls":["a:1"],"ldm":true}
            """
        let announcement = try ServerAnnouncement(parsing: Array(text.utf8))
        #expect(announcement.nonce == "abcdefghijklmno" && announcement.clusterAddresses == ["a:1"])
        #expect(announcement.hasHeaders && announcement.isLeaving && !announcement.requiresTLS)
        for (member, text) in [
            ("max_payload", "{\"max_payload\":-1}"), ("nonce", "{\"nonce\":1}"), ("ldm", "{\"ldm\":\"yes\"}"),
            ("connect_urls", "{\"connect_urls\":[1]}"),
        ] {
            #expect(throws: WireFault.member(member)) { try ServerAnnouncement(parsing: Array(text.utf8)) }
        }
    }
}
