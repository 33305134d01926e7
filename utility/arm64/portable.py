"""Copies the JTL room in the part of Swift that the toolchain has for arm64: Embedded Swift.

Swift's Linux toolchain brings the full standard library for its own processor only, but Embedded
Swift's for arm64 too. That has no Codable, no key paths and no Dispatch, so these are taken out of
the copy: conformances, `\\.name` as a closure, and the reader by several threads; what else is done
by several is done by one (`threads.swift`). All that computes stays as it is.
"""

import pathlib
import re
import sys

source, target = map(pathlib.Path, sys.argv[1:])
target.mkdir(parents=True, exist_ok=True)
for path in source.rglob("*.swift"):
    text = path.read_text()
    if path.name.startswith("SegmentedReader"):
        continue
    text = re.sub(r"^import (Dispatch|Synchronization)\n", "", text, flags=re.M)
    if (source.parent / "CVectors").is_dir() and "import CVectors" not in text:
        # Embedded Swift wants it in each file that meets the module's types.
        text = "import CVectors\n" + text
    text = re.sub(r"^extension \w+: Codable \{.*?^\}\n", "", text, flags=re.S | re.M)
    text = re.sub(r", Codable\b|\bCodable, ", "", text)
    text = re.sub(r"(?<=[(: ])\\\.([\w.]+)(?=[,)])", r"{ $0.\1 }", text)
    (target / path.name).write_text(text)
