import Foundation
import NATSClient
import NATSWire
import NIOCore
import NIOPosix
import RealServers
import Testing

/// Servers that are none: they say the wrong thing, too much, too slowly, or nothing.
@Suite struct HostileServerTests {
    /// Says its first line to whoever connects, in pieces, and the rest once something was said to it.
    private func connect(
        to text: String, piece: Int = .max, closes: Bool = false, waits: Bool = true,
        _ change: (inout ConnectionSettings) -> Void = { _ in }
    ) async throws -> NATSConnection {
        let line = waits ? text.utf8.firstIndex(of: 10) : nil
        let end = line.map { text.utf8.index(after: $0) } ?? text.endIndex
        let (first, rest) = (Array(text.utf8[..<end]), Array(text.utf8[end...]))
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Script(first, rest, piece, closes: closes))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(server.localAddress?.port)
        var settings = ConnectionSettings(servers: [try ServerAddress("127.0.0.1:\(port)")])
        settings.reconnection.rounds = 0
        settings.connectTimeout = .seconds(60)
        change(&settings)
        let result = await Result { try await NATSConnection.connect(settings) }
        try await server.close()
        return try result.get()
    }

    private final class Script: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let first: [UInt8]
        private var rest: [UInt8]
        private let piece: Int
        private let closes: Bool

        init(_ first: [UInt8], _ rest: [UInt8], _ piece: Int, closes: Bool) {
            (self.first, self.rest, self.piece, self.closes) = (first, rest, piece, closes)
        }

        func channelActive(context: ChannelHandlerContext) {
            say(first, context)
            if closes { context.close(promise: nil) }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            say(rest, context)
            rest = []
        }

        private func say(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
            for start in stride(from: 0, to: bytes.count, by: min(piece, max(bytes.count, 1))) {
                let end = start + min(piece, bytes.count - start)
                context.writeAndFlush(NIOAny(ByteBuffer(bytes: bytes[start..<end])), promise: nil)
            }
        }
    }

    @Test(arguments: [
        "HTTP/1.1 400 Bad Request\r\n\r\n", "INFO {\r\n", "INFO []\r\n", "INFO {\"max_payload\":\"big\"}\r\n",
        "PONG\r\n",
        "INFO {} \r\nMSG a b c d e\r\n", "INFO {} \r\nPONG\r\nHELLO\r\n\u{0}\u{1}\r\n",
    ])
    func `what is not the protocol ends the connection`(text: String) async throws {
        do {
            let connection = try await connect(to: text)
            for await event in connection.events() {
                if case .closed(let fault) = event { throw try #require(fault) }
            }
        } catch let fault as NATSFault {
            guard case .protocolViolation = fault else {
                Issue.record("\(text): \(fault)")
                return
            }
        }
    }

    @Test func `a line without an end is not kept`() async throws {
        await #expect(throws: NATSFault.protocolViolation(.controlLineTooLong(limit: 65_536))) {
            try await connect(to: "INFO {\"a\":\"" + String(repeating: "x", count: 200_000))
        }
    }

    @Test func `bytes that come one by one are read`() async throws {
        let connection = try await connect(to: "INFO {\"headers\":true} \r\nPONG\r\n", piece: 1)
        #expect(await connection.announcement().hasHeaders)
    }

    @Test func `a server that says nothing, or stops in the middle, is given up in time`() async throws {
        for text in ["", "INFO {\"a", "INFO {} \r\n"] {
            await #expect(throws: NATSFault.timeout) {
                try await connect(to: text) { $0.connectTimeout = .milliseconds(100) }
            }
        }
        do {
            _ = try await connect(to: "", closes: true)
            Issue.record("connected")
        } catch {
            guard case NATSFault.unreachable = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    @Test(arguments: ["short", "a.b.c.d.e.f.g", "white space in it", String(repeating: "a", count: 200)])
    func `a text that is no nonce is not signed`(nonce: String) async throws {
        let creds = try OperatorWorld().user()
        await #expect(throws: NATSFault.credentials("what the server wants signed is no nonce")) {
            try await connect(to: "INFO {\"nonce\":\"\(nonce)\"} \r\n") { $0.credentials = .fixed(creds) }
        }
        await #expect(throws: NATSFault.credentials("the server asks for none")) {
            try await connect(to: "INFO {} \r\n") { $0.credentials = .fixed(creds) }
        }
    }

    @Test func `what is said in the clear behind the word for TLS is not taken for the server's`() async throws {
        do {
            _ = try await connect(to: "INFO {\"tls_required\":true} \r\nPONG\r\n", waits: false)
            Issue.record("connected")
        } catch NATSFault.tls(_, let reason) {
            #expect(reason == "something was said in the clear after TLS was agreed")
        }
    }

    @Test func `a text of the server cannot begin a new line`() async throws {
        await #expect(throws: NATSFault.server("a\u{3F}b")) { try await connect(to: "-ERR 'a\u{7}b'\r\n") }
    }
}
