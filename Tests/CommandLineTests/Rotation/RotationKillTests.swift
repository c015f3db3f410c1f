import Foundation
import RealServers
import Testing

/// A rotation whose process is killed.
@Suite(.timeLimit(.minutes(10)), .onOwnThread) struct RotationKillTests {
    @Test func `a run that is killed anywhere leaves a store that holds, and the next one goes on`() throws {
        let users = 60
        var store = try RotatedStore(users: users)
        var old = try #require(try store.account("A").signingKeys.first)
        var kills = 0
        while kills < 12 {
            let goal = signed(store, by: old, among: users) - Int.random(in: 1...8)
            guard goal > 0 else {
                store = try RotatedStore(users: users)
                old = try #require(try store.account("A").signingKeys.first)
                continue
            }
            print("killed when \(goal) users are left")
            let run = try Binary.start([
                "rotate", "start", "account", "-a", "A", "--overlap", "0", "-H", store.folder.path,
            ])
            while run.isRunning, signed(store, by: old, among: users) > goal {}
            run.kill()
            _ = try run.wait()
            kills += 1
            try store.holds()
            // What the killed run left is no new key.
            #expect(try store.account("A").signingKeys.count == 2)
        }
        try store.succeeds("rotate", "start", "account", "-a", "A", "--overlap", "0")
        #expect(signed(store, by: old, among: users) == 0)
        try store.succeeds("rotate", "finish")
        try store.holds()
        #expect(try !store.account("A").signingKeys.contains(old))
    }

    private func signed(_ store: RotatedStore, by key: String, among users: Int) -> Int {
        (1...users).count { (try? store.user("user\($0)").issuer) == key }
    }
}
