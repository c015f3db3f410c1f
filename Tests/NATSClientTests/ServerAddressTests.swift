import NATSClient
import Testing

@Suite struct ServerAddressTests {
    @Test(arguments: [
        ("nats://a", "nats://a:4222"), ("a.example:1", "nats://a.example:1"), ("tls://a:65535/", "tls://a:65535"),
        ("[::1]:5", "nats://[::1]:5"), ("NATS://127.0.0.1", "nats://127.0.0.1:4222"),
    ])
    func `an address is read in its forms`(text: String, form: String) throws {
        #expect(try ServerAddress(text).description == form)
    }

    @Test(arguments: [
        "", "nats://", "http://a", "a:0", "a:65536", "a:+1", "a:", "::1", "[::1", "[::1]x", "a b", "a\r\n:1", "a/b",
        "nats://user:secret@a:1",
    ])
    func `what is no address is refused, and not repeated`(text: String) {
        do throws(NATSFault) {
            _ = try ServerAddress(text)
            Issue.record("\(text) was taken")
        } catch {
            #expect(!error.description.contains("secret"))
        }
    }
}
