import NIOCore
import NIOSSL

/// Lets INFO out in the clear, and waits for the client's first byte: it begins a handshake, or, where that is allowed, goes
/// on in the clear.
final class FirstByte: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// The first byte of a TLS handshake.
    private static let handshake: UInt8 = 0x16
    private let context: NIOSSLContext
    private let clearText: BrokerTLS.ClearText

    init(_ context: NIOSSLContext, clearText: BrokerTLS.ClearText) {
        self.context = context
        self.clearText = clearText
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        let isHandshake = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) == Self.handshake
        // What is no handshake where one is demanded, TLS itself turns away.
        if isHandshake || clearText == .refused {
            let handler = NIOSSLServerHandler(context: self.context)
            do {
                try context.pipeline.syncOperations.addHandler(handler, position: .after(self))
            } catch {
                return context.close(promise: nil)
            }
        }
        context.fireChannelRead(data)
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
}
