// The answer to `_bulk`: its status is that of the request, and each document has one of its own.

internal import FoundationEssentials

/// What became of each document of a request.
struct BulkAnswer {
    /// Leaves out all that is not read here, which is most of it.
    static let filter = "filter_path=items.*.status,items.*.error.type,items.*.error.reason"

    /// What became of one document.
    struct Item: Decodable {
        let status: Int
        let error: ServerFault?

        /// What the server has against it.
        var text: String {
            [error?.type, error?.reason].compactMap(\.self).joined(separator: ": ")
        }
    }

    private struct Answer: Decodable {
        /// Each under the name of its operation.
        let items: [[String: Item]]
    }

    private let items: [Item]
    /// The places of documents that another attempt may bring in.
    let toRepeat: [Int]

    /// Reads an answer about so many documents.
    ///
    /// - Throws: ``ExportError/unreadable(_:_:)``.
    init(_ body: [UInt8], items count: Int, from server: Server) throws(ExportError) {
        let answer: Answer
        do {
            answer = try JSONDecoder().decode(Answer.self, from: Data(body))
        } catch {
            throw .unreadable(server.url, "is not that of OpenSearch's _bulk")
        }
        items = answer.items.compactMap(\.values.first)
        guard items.count == count else {
            throw .unreadable(
                server.url, "tells of \(items.count) documents, and \(count) were sent")
        }
        toRepeat = items.indices.filter { [items] in Self.mayPass(items[$0].status) }
    }

    /// The first document that is to be sent again.
    var firstToRepeat: Item? { toRepeat.first.map { items[$0] } }

    /// How many documents are there, be it since an earlier attempt.
    var there: Int { items.count { 200..<300 ~= $0.status || $0.status == 409 } }

    /// Those that no attempt will bring in.
    var refused: [Item] {
        items.filter {
            !(200..<300 ~= $0.status) && $0.status != 409 && !Self.mayPass($0.status)
        }
    }

    private static func mayPass(_ status: Int) -> Bool { status == 429 || 500..<600 ~= status }
}

/// What became of the documents of many requests.
struct BulkTally {
    private(set) var there = 0
    private var refused = 0
    private var firstReason = ""

    mutating func add(_ answer: BulkAnswer, _ server: Server) {
        there += answer.there
        let refused = answer.refused
        if self.refused == 0, let first = refused.first {
            firstReason = server.discreet(first.text)
        }
        self.refused += refused.count
    }

    /// Nothing that was sent may be missing.
    ///
    /// - Throws: ``ExportError/notTaken(_:count:reason:)``.
    func requireAll(_ server: Server) throws(ExportError) {
        guard refused == 0 else {
            throw .notTaken(server.url, count: refused, reason: firstReason)
        }
    }
}
