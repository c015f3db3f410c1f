import NIOCore
import NIOSSL

/// Waits for a client's first byte where it may go on in TLS or in the clear, and takes the one that it chose.
final class FirstByte: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// The first byte of a TLS handshake.
    private static let handshake: UInt8 = 0x16
    private let context: NIOSSLContext

    init(_ context: NIOSSLContext) { self.context = context }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        if buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) == Self.handshake {
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
