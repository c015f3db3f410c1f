import Broker
import Foundation
import RealServers
import Testing

/// The pages beside those of the real server: what both have is called the same, and what is left out stands in
/// Docs/Monitoring.md.
@Suite(.onOwnThread) struct ComparedPagesTests {
    private static let targets = [
        "/varz", "/connz?state=any&auth=1&subs=detail", "/connz?subs=1", "/subsz?subs=1", "/accountz", "/accountz?acc=",
        "/accstatz?unused=1", "/healthz",
    ]

    @Test func `every member is the real server's, and what of its members is left out is documented`() async throws {
        let world = try await MonitoredWorld()
        defer { world.close() }
        let pages = MonitoringPages(of: SurveyedBroker(try SurveyedBroker.busy()))
        var (leftOut, strange): (Set<String>, Set<String>) = ([], [])
        for target in Self.targets {
            let isOne = target.hasSuffix("acc=")
            let theirs = try #require(await world.page(target + (isOne ? world.app.text : "")))
            let ours = await pages.answer(to: target + (isOne ? SurveyedBroker.appKey : ""))
            #expect(theirs.status == 200 && ours.status == 200)
            #expect(theirs.headers["content-type"] == ours.contentType)
            var known = try Self.members(of: theirs.body)
            let own = try Self.members(of: ours.body)
            if isOne {
                // What this account does not have, the other one does.
                known.formUnion(try Self.members(of: await world.page(target + world.service.text)?.body ?? []))
            }
            let name = String(target.prefix { $0 != "?" })
            leftOut.formUnion(Self.topmost(known.subtracting(own)).map { "\(name) \($0)" })
            strange.formUnion(own.subtracting(known).map { "\(name) \($0)" })
        }
        let undocumented = leftOut.symmetricDifference(try Self.documented(after: "## What is left out")).sorted()
        #expect(undocumented == [])
        // Only what the real server shows in other circumstances than these.
        let unexplained = strange.symmetricDifference(try Self.documented(after: "## What was not compared")).sorted()
        #expect(unexplained == [])
    }

    @Test(
        arguments: [
            "/connz?limit=abc", "/connz?limit=99999999999999999999", "/connz?sort=bogus", "/connz?sort=stop",
            "/connz?subs=abc", "/connz?state=2", "/subsz?test=a..b", "/accountz?acc=ADDD", "/connz?bogus=1",
            "/connz?limit=-1", "/connz?offset=9223372036854775807&limit=9223372036854775807", "/connz?cid=999",
            "/connz?cid=-1", "/connz/", "/nope",
        ])
    func `what the real server refuses is refused, and what it takes is taken`(target: String) async throws {
        let world = try await MonitoredWorld()
        defer { world.close() }
        let pages = MonitoringPages(of: SurveyedBroker(try SurveyedBroker.busy()))
        #expect(await pages.answer(to: target).status == (await world.page(target))?.status)
    }

    /// The names of all members, those inside of others with the way to them; `[]` stands for any element of a list, `*` for
    /// the keys of accounts and the paths of pages.
    private static func members(of body: [UInt8]) throws -> Set<String> {
        func walk(_ value: Any, _ place: String) -> [String] {
            if let list = value as? [Any] { return list.flatMap { walk($0, place + "[]") } }
            guard let object = value as? [String: Any] else { return [] }
            return object.flatMap { name, value in
                let name = name.hasPrefix("/") ? "*" : name
                let path = place.isEmpty ? name : "\(place).\(name)"
                return [path] + walk(value, path)
            }
        }
        return Set(walk(try JSONSerialization.jsonObject(with: Data(body)), ""))
    }

    /// Without what lies below another one of them.
    private static func topmost(_ paths: Set<String>) -> Set<String> {
        paths.filter { path in
            !paths.contains { path.hasPrefix($0 + ".") || path.hasPrefix($0 + "[]") }
        }
    }

    /// The rows of the table below a heading of the document: page and member.
    private static func documented(after heading: String) throws -> Set<String> {
        let file = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../../Docs/Monitoring.md").standardized
        let text = try String(contentsOf: file, encoding: .utf8)
        let section = try #require(text.components(separatedBy: heading + "\n").dropFirst().first)
        let table = section.components(separatedBy: "\n## ")[0]
        return Set(table.matches(of: /(?m)^\| `([^`]+)` \| `([^`]+)` \|/).map { "\($0.1) \($0.2)" })
    }
}
