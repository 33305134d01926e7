// Both kinds of store, so that one set of tests holds for either.
import Foundation
import LoadfleetTesting
import Store
import Testing

enum StoreKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case folder
    case s3

    var testDescription: String { rawValue }

    /// An empty store; it lasts as long as what comes with it.
    func make() async throws -> TestedStore {
        switch self {
        case .folder:
            let scratch = try TemporaryFolder()
            return TestedStore(store: try FolderStore(at: scratch.path + "/s"), scratch: scratch)
        case .s3:
            let store = try await SimulatedCloud.running().makeStore()
            return TestedStore(store: store, scratch: try TemporaryFolder())
        }
    }
}

struct TestedStore: Sendable {
    let store: any StoreWithLog
    let scratch: TemporaryFolder

    func key(_ path: String) throws -> StoreKey { try StoreKey(checking: path) }
}

/// How many of several tasks that run at once say yes.
func count(
    _ tasks: Int, _ body: @escaping @Sendable (Int) async throws -> Bool
) async throws -> Int {
    try await withThrowingTaskGroup(of: Bool.self) { group in
        for number in 0..<tasks { group.addTask { try await body(number) } }
        return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
}
