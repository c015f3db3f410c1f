import Broker
import NKeys
import Subjects
import Synchronization
import Trust

/// A broker that stands as a test says, and keeps what it was asked for.
final class SurveyedBroker: BrokerSurveying {
    private let standing: BrokerSurvey
    private let asked = Mutex<[SurveyScope]>([])

    init(_ standing: BrokerSurvey) { self.standing = standing }

    /// What was asked for, in order.
    var scopes: [SurveyScope] { asked.withLock { $0 } }

    func survey(of scope: SurveyScope) async -> BrokerSurvey {
        asked.withLock { $0.append(scope) }
        var survey = BrokerSurvey(server: standing.server)
        survey.connections = standing.connections.filter { connection in
            switch scope.connections {
            case .none: return false
            case .one(let number) where connection.number != number: return false
            default: break
            }
            return switch scope.states {
            case .open: connection.end == nil
            case .closed: connection.end != nil
            case .any: true
            }
        }
        if scope.subscriptions == .counted {
            for index in survey.connections.indices { survey.connections[index].subscriptions = [] }
        }
        survey.accounts = standing.accounts.filter { account in
            switch scope.accounts {
            case .none: false
            case .all: true
            case .one(let key): account.key == key
            }
        }
        return survey
    }
}

extension SurveyedBroker {
    static let systemKey = "ABWWUECFFHG6IKNXOKYFQYUHL7O26QLZ77BNWQQMU5KNI5BW2LZ5322U"
    static let appKey = "ABKFDSPXMPAIN2MTTA5QLPUINWQTFXXLY7ICG7NCAIKYGKRYON6CFCHX"
    static let start = SurveyTime(nanoseconds: 1_795_292_916_975_135_037)

    static func time(_ seconds: Int64) -> SurveyTime {
        SurveyTime(nanoseconds: start.nanoseconds + seconds * 1_000_000_000)
    }

    /// Three connections, of which one has ended, and two accounts: everything that a page may tell is there.
    static func busy() throws -> BrokerSurvey {
        var server = ServerSurvey(
            key: "NAZMCVGVYYM32KXWR72SU3MD7XUBHKE4RGWVV2SUMNTNWBTTQHSHPJMU", name: "measured", version: "0.1.0",
            address: ListenAddress(host: "127.0.0.1", port: 4222), started: start)
        server.monitoring = ListenAddress(host: "127.0.0.1", port: 8222)
        server.systemAccount = systemKey
        server.operators = [
            OperatorSurvey(key: "OCQGIEZ3LPS7PDMLMGUAXDHRBN2BA5HXURQZOKQNWR4PT3L67SWLNAKU", name: "CORP")
        ]
        (server.connections, server.totalConnections, server.subscriptions) = (2, 3, 3)
        server.traffic = TrafficSurvey(inMessages: 7, inBytes: .max, outMessages: 9, outBytes: 1000)
        server.process = ProcessSurvey(memory: 1 << 24, processorTime: 5_000_000_000, processors: 2)
        var survey = BrokerSurvey(server: server)
        survey.connections = [connection(7), connection(5), connection(9)]
        survey.connections[0].subscriptions = [
            SubscriptionSurvey(subject: "orders.*", id: "1", messages: 4),
            SubscriptionSurvey(subject: "audit.>", queue: "workers", id: "2", limit: 10),
        ]
        survey.connections[1].subscriptions = [SubscriptionSurvey(subject: "_INBOX.x.*", id: "1")]
        for index in survey.connections.indices {
            survey.connections[index].subscriptionCount = survey.connections[index].subscriptions.count
        }
        survey.connections[2].end = .init(time: time(40), reason: "Client Closed")
        survey.accounts = [try app(), AccountSurvey(key: systemKey, name: "SYS", updated: start)]
        return survey
    }

    private static func connection(_ number: UInt64) -> ConnectionSurvey {
        var connection = ConnectionSurvey(
            number: number, address: "127.0.0.1", port: 50_000 + Int(number), started: time(Int64(number)))
        connection.lastActivity = time(30 - Int64(number))
        connection.roundTrip = Int64(number) * 1_000_000
        connection.pendingBytes = Int(number)
        connection.traffic = TrafficSurvey(inMessages: 10 - number, inBytes: number, outMessages: number, outBytes: 9)
        (connection.name, connection.language, connection.version) = ("client \(number)", "go", "1.53.1")
        connection.user = .init(
            key: "UC2TBBKECTRKZ22KEU6WPAVJQJGD5GTBDMHRQMVPECPR6H42KQEUFEVL", name: "ann",
            account: number == 5 ? systemKey : appKey, accountName: number == 5 ? "SYS" : "APP", issuer: appKey)
        return connection
    }

    private static func app() throws -> AccountSurvey {
        var account = AccountSurvey(key: appKey, name: "APP", updated: start)
        account.issuer = "OCQGIEZ3LPS7PDMLMGUAXDHRBN2BA5HXURQZOKQNWR4PT3L67SWLNAKU"
        (account.connections, account.totalConnections, account.subscriptions) = (1, 2, 2)
        account.traffic = TrafficSurvey(inMessages: 7, inBytes: 70, outMessages: 9, outBytes: 90)
        var export = Export(subject: try SubjectPattern("service.echo"), kind: .service)
        export.tokenRequired = true
        account.exports = [ExportSurvey(export)]
        var item = Import(
            subject: try SubjectPattern("time.now"), account: try PublicKey(systemKey), kind: .service,
            token: "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.eyJzZWNyZXQiOnRydWV9.c2ln")
        item.localSubject = "clock"
        account.imports = [ImportSurvey(item, standing: .inForce)]
        return account
    }
}
