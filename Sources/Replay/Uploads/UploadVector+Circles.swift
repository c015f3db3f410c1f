import NKeys
import Trust

/// Imports that lead back to where they began (CVE-2020-28466, CVE-2022-42709, and what was missed and seen wrongly
/// since). The attack is the upload that would close the circle.
extension UploadVector {
    static let circles = [
        circle("circle-service", "two accounts import one service from each other", ["T4a"]) {
            scene throws(KeyUseError) in
            pair(scene, .service, "loop.x", "loop.x")
        },
        circle("circle-stream", "two accounts import one stream from each other", ["T4a", "T4b"]) {
            scene throws(KeyUseError) in pair(scene, .stream, "loop.x", "loop.x")
        },
        circle("circle-wildcard", "each import is within what the other exports", ["T4b"]) {
            scene throws(KeyUseError) in
            pair(scene, .service, "loop.>", "loop.*")
        },
        circle("circle-of-three", "three accounts rename what they pass on", ["T4b"]) { scene throws(KeyUseError) in
            let (second, third) = (
                UploadScene.imported("a.*", .stream, from: scene.account, local: "b.$1"),
                UploadScene.imported("b.*", .stream, from: scene.other, local: "c.$1")
            )
            let own = UploadScene.exports("a.*", .stream)
            return (
                [
                    own, UploadScene.exports("b.*", .stream) + "," + UploadScene.imports(second),
                    UploadScene.exports("c.*", .stream) + "," + UploadScene.imports(third),
                ],
                own + "," + UploadScene.imports(UploadScene.imported("c.*", .stream, from: scene.third, local: "a.$1"))
            )
        },
        circle(
            "circle-sibling", "an import beside the one on the circle narrows the subject first", ["T4c"]
        ) { scene throws(KeyUseError) in sibling(scene, isFirst: true) },
        circle(
            "circle-sibling-last", "an import beside the one on the circle narrows the subject last", ["T4c"]
        ) { scene throws(KeyUseError) in sibling(scene, isFirst: false) },
        circle("circle-apart-good", "two accounts import different subjects from each other", ["T4d"], isGood: true) {
            scene throws(KeyUseError) in pair(scene, .service, "apart.x", "apart.y")
        },
        circle(
            "circle-mapped-good", "a mapping takes what would go round somewhere else", ["T4d"], isGood: true
        ) { scene throws(KeyUseError) in
            let mapping = #""mappings":{"loop.x":[{"subject":"done.x","weight":100}]},"#
            let (before, attack) = pair(scene, .service, "loop.x", "loop.x")
            return ([mapping + before[0], before[1]], mapping + attack)
        },
    ]

    private typealias Contents = (before: [String], attack: String)

    /// The account exports `first`, the other takes it and exports `second`, which the account then takes.
    private static func pair(_ scene: UploadScene, _ kind: ExportKind, _ first: String, _ second: String) -> Contents {
        let own = UploadScene.exports(first, kind)
        let other =
            UploadScene.exports(second, kind) + ","
            + UploadScene.imports(UploadScene.imported(first, kind, from: scene.account))
        return ([own, other], own + "," + UploadScene.imports(UploadScene.imported(second, kind, from: scene.other)))
    }

    /// The other account takes the account's streams, and one stream of a third.
    private static func sibling(_ scene: UploadScene, isFirst: Bool) -> Contents {
        let own = UploadScene.exports("s.>", .stream)
        let two = [
            UploadScene.imported("s.one.x", .stream, from: scene.third),
            UploadScene.imported("s.>", .stream, from: scene.account),
        ]
        let ordered = isFirst ? two : two.reversed()
        let other = own + "," + #""imports":[\#(ordered.joined(separator: ","))]"#
        return (
            [own, other, UploadScene.exports("s.one.x", .stream)],
            own + "," + UploadScene.imports(UploadScene.imported("s.>", .stream, from: scene.other))
        )
    }

    /// Contents of the account, the other and the third, and of the account again.
    private static func circle(
        _ id: String, _ about: String, _ covers: [String], isGood: Bool = false,
        _ contents: @escaping @Sendable (UploadScene) throws(KeyUseError) -> Contents
    ) -> UploadVector {
        UploadVector(id, about, covers: covers, isGood ? [] : [.importCycle, .uploadBinding]) {
            scene throws(KeyUseError) in
            let (before, attack) = try contents(scene)
            var requests = [try scene.store(nats: before[0])]
            // The third first: the other may import from it, or it from the other.
            if before.count > 2, !before[2].contains("imports") {
                requests.append(try scene.store(scene.third, nats: before[2]))
            }
            requests.append(try scene.store(scene.other, nats: before[1]))
            if before.count > 2, before[2].contains("imports") {
                requests.append(try scene.store(scene.third, nats: before[2]))
            }
            return (requests, try scene.store(version: 2, nats: attack))
        }
    }
}
