// Live lines as events of `--json`.
import Store

extension LiveFigures {
    var json: JSON {
        [
            "second": .int(second), "workers": .int(Int64(workers)),
            "samples": .int(Int64(samples)), "errors": .int(Int64(errors)),
            "active_threads": .int(Int64(activeThreads)),
            "mean_ms": .optional(meanMs), "p50_ms": .optional(p50Ms),
            "p95_ms": .optional(p95Ms), "p99_ms": .optional(p99Ms),
            "received_bytes": .int(receivedBytes),
            "total_samples": .int(Int64(totalSamples)),
            "total_errors": .int(Int64(totalErrors)),
        ]
    }
}

extension LiveLabels {
    var json: JSON {
        let labels = labels.map { label -> JSON in
            [
                "label": .string(label.label),
                "kind": .string(label.isController ? "controller" : "sampler"),
                "samples": .int(Int64(label.samples)), "errors": .int(Int64(label.errors)),
                "mean_ms": .optional(label.meanMs), "p50_ms": .optional(label.p50Ms),
                "p95_ms": .optional(label.p95Ms), "p99_ms": .optional(label.p99Ms),
                "max_ms": label.maxMs.map { .int($0) } ?? .null,
            ]
        }
        return [
            "second": .int(second), "labels": .array(labels), "others": .int(Int64(others)),
        ]
    }
}

extension LiveNodes {
    var json: JSON {
        let nodes = nodes.map { node -> JSON in
            [
                "node": .string(node.node), "state": .string(node.state.rawValue),
                "samples": .int(Int64(node.samples)),
                "active_threads": .int(Int64(node.activeThreads)),
                "warning": node.warning.map { .string($0) } ?? .null,
                "health": node.health?.json ?? .null,
            ]
        }
        let counts = counts.sorted { $0.key < $1.key }.map {
            JSON.Member(name: $0.key, value: .int(Int64($0.value)))
        }
        return ["second": .int(second), "nodes": .array(nodes), "counts": .object(counts)]
    }
}

extension NodeHealth {
    fileprivate var json: JSON {
        [
            "cpu_percent": .optional(cpuPercent), "heap_percent": .optional(heapPercent),
            "gc_percent": .optional(gcPercent), "ports_percent": .optional(portsPercent),
            "files_percent": .optional(filesPercent),
            "received_bytes": receivedBytes.map { .int($0) } ?? .null,
            "sent_bytes": sentBytes.map { .int($0) } ?? .null,
            "clock_offset_ms": .optional(clockOffsetMs),
        ]
    }
}

extension LiveGates {
    var json: JSON {
        let gates = gates.map { gate -> JSON in
            [
                "expression": .string(gate.expression), "state": .string(gate.state.rawValue),
                "actual": .optional(gate.actual), "reason": .string(gate.reason),
            ]
        }
        return ["second": .int(second), "gates": .array(gates)]
    }
}

extension JSON {
    fileprivate static func optional(_ value: Double?) -> JSON {
        value.map { .double($0) } ?? .null
    }
}
