// Which files of an installation nodes need.
import FoundationEssentials
import Glibc

/// The files and folders of an installation, in the order of their paths.
struct InstallationContent {
    /// A file or a folder.
    struct Item: Equatable {
        /// Its path below the installation's folder.
        let path: String
        let isFolder: Bool
        /// In bytes.
        let size: Int
        let isExecutable: Bool
        /// What differs as soon as it is written to or replaced.
        fileprivate let state: String
    }

    let home: String
    private(set) var items: [Item] = []

    /// Looks at all files of `home`.
    ///
    /// - Throws: ``JMeterError`` of cause `installation` with the file that can't be read.
    init(of home: String) throws(JMeterError) {
        self.home = home
        var status = stat()
        guard stat(home, &status) == 0 else {
            throw fault(String(cString: strerror(errno)), home)
        }
        try add(contentsOf: "", within: [Self.identity(status)])
        items.sort { Array($0.path.utf8).lexicographicallyPrecedes(Array($1.path.utf8)) }
    }

    /// Sixteen hexadecimal digits that stand for this state of the files (FNV-1a).
    ///
    /// The system's times of change are part of it, so that no file needs to be read, and so that
    /// a file that was put back with its old time counts as changed, too.
    var fingerprint: String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for item in items {
            for byte in "\(item.path)\u{0}\(item.state)\n".utf8 {
                hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
            }
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Documentation, which is most of an installation's files.
    private static let folders: Set = ["docs", "printable_docs"]
    /// What runs leave in `bin`.
    private static let leftovers = [".log", ".jtl", ".hprof"]

    private static func isNeeded(_ path: String, name: String) -> Bool {
        !name.hasPrefix(".") && !folders.contains(path) && name != "rmi_keystore.jks"
            && !leftovers.contains(where: name.hasSuffix)
    }

    /// `ancestors` are the folders that lead here, by device and inode: a link may lead to one.
    private mutating func add(
        contentsOf folder: String, within ancestors: [[UInt64]]
    ) throws(JMeterError) {
        let place = folder.isEmpty ? home : "\(home)/\(folder)"
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: place)
        } catch {
            throw fault("the folder can't be read", place)
        }
        for name in names {
            let path = folder.isEmpty ? name : "\(folder)/\(name)"
            guard Self.isNeeded(path, name: name) else { continue }
            var status = stat()
            guard stat("\(home)/\(path)", &status) == 0 else {
                throw fault(String(cString: strerror(errno)), "\(home)/\(path)")
            }
            let identity = Self.identity(status)
            let kind = status.st_mode & S_IFMT
            guard kind == S_IFDIR || kind == S_IFREG else {
                throw fault("it is neither a file nor a folder", "\(home)/\(path)")
            }
            guard !ancestors.contains(identity) else {
                throw fault("it leads back to a folder it is in", "\(home)/\(path)")
            }
            items.append(
                Item(
                    path: path, isFolder: kind == S_IFDIR,
                    size: kind == S_IFDIR ? 0 : Int(status.st_size),
                    isExecutable: status.st_mode & 0o111 != 0,
                    state: kind == S_IFDIR
                        ? "folder"
                        : "\(identity) \(status.st_size) \(status.st_mode) "
                            + "\(status.st_ctim.tv_sec).\(status.st_ctim.tv_nsec)"))
            if kind == S_IFDIR { try add(contentsOf: path, within: ancestors + [identity]) }
        }
    }

    private static func identity(_ status: stat) -> [UInt64] {
        [UInt64(status.st_dev), UInt64(status.st_ino)]
    }

    private func fault(_ reason: String, _ path: String) -> JMeterError {
        JMeterError(
            .installation, "JMeter can't be packed: \(reason)", file: path,
            hint: "mend or remove it, or name another JMeter with jmeter.home")
    }
}
