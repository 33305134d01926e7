// What nodes run, and where they fetch it: the program that `up` itself is, and JMeter's archive.
// Both stand in the bucket under their hash, so they are sent once and can't be mistaken.

internal import AWS
internal import FoundationEssentials
internal import Glibc
package import Store

/// Programs in the bucket.
package struct Software: Sendable, Equatable {
    /// A file in the bucket.
    package struct Item: Sendable, Equatable {
        package let key: StoreKey
        /// As 64 hexadecimal digits.
        package let sha256: String

        package init(key: StoreKey, sha256: String) {
            self.key = key
            self.sha256 = sha256
        }
    }

    package let program: Item
    package let jmeter: Item

    package init(program: Item, jmeter: Item) {
        self.program = program
        self.jmeter = jmeter
    }

    /// Puts the programs into the store where they are not there yet.
    ///
    /// `program` is a loadfleet for the nodes' architecture, `x86-64` or `arm64`; `jmeter` is its
    /// archive, a `.tgz` with one folder in it.
    ///
    /// - Throws: ``FleetError/impossible(_:hint:)`` for files that are something else.
    package static func place(
        program: String, jmeter: String, architecture: String, in store: any ObjectStore
    ) async throws -> Software {
        let has = try Self.architecture(of: program)
        guard has == architecture else {
            throw FleetError.impossible(
                "\(program) is a program for \(has), and the nodes are \(architecture)",
                hint: "set 'ec2.architecture' to \(has) with types and image to match, or start "
                    + "'up' from a loadfleet for \(architecture)")
        }
        return Software(
            program: try await put(program, as: "loadfleet", in: store),
            jmeter: try await put(jmeter, as: "jmeter.tgz", in: store))
    }

    private static func put(
        _ path: String, as name: String, in store: any ObjectStore
    ) async throws -> Item {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw FleetError.impossible(
                "\(path) can't be read: \(String(cString: strerror(errno)))", hint: nil)
        }
        let size = Int64(status.st_size)
        let sha256 = try ContentHash.sha256(file: path, count: size)
        let item = Item(key: try StoreKey(checking: "software/\(sha256)/\(name)"), sha256: sha256)
        // An object appears whole or not at all, so one of the right size is the right one.
        let there = try await store.list(prefix: item.key.path)
        if !there.contains(where: { $0.key == item.key && $0.size == size }) {
            try await store.upload(file: path, to: item.key)
        }
        return item
    }

    /// What processor a program is for, by its ELF header.
    static func architecture(of path: String) throws(FleetError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw FleetError.impossible(
                "\(path) can't be read: \(String(cString: strerror(errno)))", hint: nil)
        }
        defer { close(descriptor) }
        var head = [UInt8](repeating: 0, count: 20)
        guard read(descriptor, &head, 20) == 20, head.starts(with: [0x7F, 0x45, 0x4C, 0x46]) else {
            throw FleetError.impossible("\(path) is no Linux program", hint: nil)
        }
        return switch head[18] {
        case 0x3E: "x86-64"
        case 0xB7: "arm64"
        default: "another processor"
        }
    }
}
