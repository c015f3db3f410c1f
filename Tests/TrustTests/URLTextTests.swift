import Testing

@testable import Trust

/// The parts of URLs that the rules look at.
@Suite struct URLTextTests {
    struct Parts: Sendable, Equatable {
        var scheme = ""
        var host = ""
        var path = ""
        var userInfo: String?
    }

    @Test(arguments: [
        ("https://example.com", Parts(scheme: "https", host: "example.com")),
        ("HTTPS://Example.com:8443/a/b?c=d#e", Parts(scheme: "https", host: "Example.com", path: "/a/b")),
        ("nats://u:p@h:4222", Parts(scheme: "nats", host: "h", userInfo: "u:p")),
        ("nats://u@v@h", Parts(scheme: "nats", host: "h", userInfo: "u@v")),
        ("tls://[::1]:4222/", Parts(scheme: "tls", host: "::1", path: "/")),
        ("nats://10.0.0.1", Parts(scheme: "nats", host: "10.0.0.1")),
        ("nats://h:", Parts(scheme: "nats", host: "h")), ("nats://", Parts(scheme: "nats")),
        ("https:///path", Parts(scheme: "https", path: "/path")), ("mailto:x", Parts(scheme: "mailto", path: "x")),
        ("/a/b", Parts(path: "/a/b")), ("", Parts()), ("//h/p", Parts(host: "h", path: "/p")),
        ("a/b:c", Parts(path: "a/b:c")), ("nats://h?x", Parts(scheme: "nats", host: "h")),
        ("nats://h#@evil", Parts(scheme: "nats", host: "h")), ("x+y-z.1://h", Parts(scheme: "x+y-z.1", host: "h")),
    ])
    func `a URL has these parts`(text: String, parts: Parts) throws {
        let url = try #require(URLText(text))
        #expect(Parts(scheme: url.scheme, host: url.host, path: url.path, userInfo: url.userInfo) == parts)
    }

    @Test(arguments: [
        ":", "://h", ":x", "1a:b", "a b", "nats://h h", "nats://h\n", "\tnats://h", "nats://h\u{7F}", "nats://h:x",
        "nats://h:-1", "nats://h:1:2", "nats://[::1", "nats://[::1]x", "nats://[x]", "nats://[]", "nats://::1",
        "nats://h<",
        "nats://h|", "nats://h\\x", "nats://h`", "nats://h]", "nats://{h}", "-x://h",
    ])
    func `this cannot be a URL`(text: String) {
        #expect(URLText(text) == nil)
    }

    @Test func `no text traps, and parts hold no blanks`() {
        var mutations = Mutations(seed: 61)
        let seeds = ["https://u:p@example.com:80/a?b#c", "nats://[::1%25eth0]:1", "a:b", "//", "[:]@", "x://\u{E9}"]
        for round in 0..<4_000 {
            let bytes = mutations.changed(Array(seeds[round % seeds.count].utf8))
            guard let url = URLText(String(decoding: bytes, as: UTF8.self)) else { continue }
            let parts = url.scheme + url.host + url.path + (url.userInfo ?? "")
            if parts.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7f }) { Issue.record("\(bytes)") }
            if url.scheme != url.scheme.lowercased() { Issue.record("\(bytes)") }
        }
    }
}
