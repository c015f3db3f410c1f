import Logging
import NIOCore
import NIOPosix
import NIOSSL
import NKeys
import NATSWire
import Synchronization
