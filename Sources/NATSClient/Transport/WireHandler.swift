import NATSWire
import NIOCore

/// Carries bytes between a socket and the driver; one a connection.
final class WireHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let driver: ConnectionDriver
    private let attempt: Int
    private var parser: ServerOperationParser
    private var isOver = false

    init(_ driver: ConnectionDriver, attempt: Int) {
        (self.driver, self.attempt) = (driver, attempt)
        parser = ServerOperationParser()
    }

    /// Whether everything that came was handed on. What is left when TLS begins was put there by somebody else.
    var isEmpty: Bool { parser.isEmpty }

    /// Servers add headers of their own to what they kept, so that a message can be somewhat longer than they take.
    func raisePayload(to bytes: Int) { parser.limits.payload = max(parser.limits.payload, bytes + 65_536) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        parser.append(unwrapInboundIn(data).readableBytesView)
        do throws(WireFault) {
            while !isOver, let operation = try parser.next() { driver.received(operation, attempt: attempt) }
        } catch {
            end(.protocolViolation(error))
        }
    }

    func channelInactive(context: ChannelHandlerContext) { end(nil) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        driver.failed(error, attempt: attempt)
        isOver = true
        context.close(promise: nil)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { driver.becameWritable() }
        context.fireChannelWritabilityChanged()
    }

    private func end(_ fault: NATSFault?) {
        guard !isOver else { return }
        isOver = true
        driver.ended(fault, attempt: attempt)
    }
}
