"""An independent reading of JTL files, to hold loadfleet's own against.

Usage: reference.py SEED COUNT FOLDER

Writes COUNT random JTL files into FOLDER, then reads each of them back with Python's csv module
and exact arithmetic, and writes what it found to FOLDER/expected.json. The reading half knows
nothing of the writing half but the file: it is the slow, obvious reader.
"""

import csv
import io
import json
import os
import random
import sys
from fractions import Fraction

FULL = (
    "timeStamp elapsed label responseCode responseMessage threadName dataType success "
    "failureMessage bytes sentBytes grpThreads allThreads URL Latency IdleTime Connect"
).split()
LAYOUTS = {
    17: FULL,
    16: [c for c in FULL if c != "URL"],
    14: [c for c in FULL if c not in ("URL", "sentBytes", "Connect")],
    12: [c for c in FULL if c not in ("URL", "sentBytes", "Connect", "failureMessage", "IdleTime")],
}
CONTROLLER = "Number of samples in transaction"
EMPTY = CONTROLLER + " : 0"


# --- writing -------------------------------------------------------------------------------------


def random_text(rng, delimiter):
    pieces = ["a", "Z", "0", " ", "é", "e\u0301", "日本", "😀", "-", "/", "'", ".", "_", "\t", "\u2028"]
    if rng.random() < 0.4:
        pieces += ['"', '""', ",", ";", delimiter, "\n", "\r\n", "\r", '",', '\n17000,5,x']
    return "".join(rng.choice(pieces) for _ in range(rng.randint(0, 12)))


def quoted(text, delimiter, always=False):
    if always or any(c in text for c in (delimiter, '"', "\r", "\n")):
        return '"' + text.replace('"', '""') + '"'
    return text


def random_number(rng, number):
    style = rng.random()
    if style < 0.96:
        return str(number)
    if style < 0.97:
        return " " + str(number)
    if style < 0.98:
        return str(number) + " "
    return ("-0" if number < 0 else "+0") + str(abs(number))


def random_elapsed(rng):
    kind = rng.random()
    if kind < 0.7:
        return rng.randint(0, 300)
    if kind < 0.9:
        return int(rng.lognormvariate(5, 2))
    if kind < 0.97:
        return rng.randint(0, 200_000)
    return rng.choice([-1, -500, 2**31, 2**40, 16383, 16384])


def random_rows(rng, columns, labels, delimiter, count):
    start = 1_700_000_000_000 + rng.randint(0, 10**9)
    for _ in range(count):
        start += rng.choice([0, 1, 3, 50, 2000]) * rng.choice([1, 1, 1, -1])
        message = rng.choice(["OK", "OK", "", "Not Found", random_text(rng, delimiter)])
        kind = rng.random()
        if kind < 0.08:
            message = f"{CONTROLLER} : {rng.randint(1, 9)}, number of failing samples : 0"
        elif kind < 0.1:
            message = f"{EMPTY}, number of failing samples : 0"
        label = rng.choice(labels)
        if rng.random() < 0.1:
            label += f"-{rng.randint(0, 2)}"  # as JMeter names sub-results
        values = {
            "timeStamp": random_number(rng, start),
            "elapsed": random_number(rng, random_elapsed(rng)),
            "label": label,
            "responseCode": rng.choice(["200", "404", "", "Non HTTP response code: x.Y"]),
            "responseMessage": message,
            "threadName": "TG 1-1",
            "dataType": rng.choice(["text", ""]),
            "success": rng.choice(["true"] * 8 + ["TRUE", "false", "False", "yes", "", " true"]),
            "failureMessage": random_text(rng, delimiter) if rng.random() < 0.2 else "",
            "bytes": random_number(rng, rng.randint(0, 10**6)),
            "sentBytes": random_number(rng, rng.randint(0, 2000)),
            "grpThreads": "1",
            "allThreads": str(rng.randint(0, 500)),
            "URL": "null",
            "Latency": str(rng.randint(0, 99)),
            "IdleTime": "0",
            "Connect": str(rng.randint(0, 9)),
        }
        yield [values.get(c, random_text(rng, delimiter)) for c in columns]


def random_file(rng):
    """The bytes of a random JTL, and its delimiter."""
    delimiter = rng.choice([",", ",", ",", ";", "\t"])
    end = rng.choice(["\n", "\n", "\r\n", "\r"])
    columns = list(LAYOUTS[rng.choice([17, 17, 17, 16, 14, 12])])
    has_header = rng.random() < 0.8
    header = list(columns)
    if has_header and rng.random() < 0.4:
        extra = [f"var{i}" for i in range(rng.randint(0, 3))]
        for name in ["Filename", "Hostname", "SampleCount"]:
            if rng.random() < 0.3:
                columns.append(name)
        if rng.random() < 0.5:
            columns.remove(rng.choice([c for c in columns if c in ("Latency", "bytes", "responseCode")]))
        if rng.random() < 0.5:
            rng.shuffle(columns)
        columns += extra
        header = [quoted(c, delimiter, always=c in extra) for c in columns]
    labels = [random_text(rng, delimiter) for _ in range(rng.randint(1, 6))]
    lines = [delimiter.join(header)] if has_header else []
    for row in random_rows(rng, columns, labels, delimiter, rng.choice([1, 2, 3, 10, 60])):
        everything = rng.random() < 0.02
        lines.append(delimiter.join(quoted(f, delimiter, always=everything) for f in row))
        accident = rng.random()
        if accident < 0.01:
            lines.append("")
        elif accident < 0.02 and has_header:
            lines.append(delimiter.join(header))
        elif accident < 0.03:
            lines.append(delimiter.join(row[:3]).replace('"', "").replace("\n", "").replace("\r", ""))
    text = end.join(lines) + (end if rng.random() < 0.8 else "")
    data = text.encode()
    if rng.random() < 0.1:
        data = data.replace("é".encode(), b"\xe9")  # a file that is not UTF-8
    if rng.random() < 0.1:
        data = b"\xef\xbb\xbf" + data
    if rng.random() < 0.1:
        body = len(lines[0].encode()) + 8
        if len(data) > body:
            data = data[: rng.randint(body, len(data))]  # as kill -9 leaves it
    return data, delimiter


# --- reading -------------------------------------------------------------------------------------


def long_value(text):
    """Java's Long.valueOf(text.trim()), or None."""
    trimmed = text.strip("".join(map(chr, range(33))))
    digits = trimmed[1:] if trimmed[:1] in ("+", "-") else trimmed
    if not digits or any(c not in "0123456789" for c in digits):
        return None
    value = int(trimmed)
    return value if -(2**63) <= value < 2**63 else None


def records(text, delimiter):
    """The records of a CSV text, and whether the last one ended as it should."""
    last = []

    def lines():
        for line in io.StringIO(text, newline=""):
            last.append(line)
            yield line

    rows = list(csv.reader(lines(), delimiter=delimiter))
    # An open quote shows in that the text up to its end holds an odd number of quotes: the
    # writer above never puts a quote anywhere but around and within quoted fields.
    return rows, text.count('"') % 2 == 1


class Figures:
    def __init__(self):
        self.elapsed, self.errors, self.bytes, self.sent = [], 0, 0, 0
        self.latency, self.connect, self.threads = 0, 0, 0
        self.first, self.last = None, None

    def add(self, row):
        self.elapsed.append(row["elapsed"])
        self.errors += row["success"].lower() != "true"
        self.bytes += row.get("bytes", 0)
        self.sent += row.get("sentBytes", 0)
        self.latency += row.get("Latency", 0)
        self.connect += row.get("Connect", 0)
        self.threads = max(self.threads, row.get("allThreads", 0))
        start, end = row["timeStamp"], row["timeStamp"] + row["elapsed"]
        self.first = start if self.first is None else min(self.first, start)
        self.last = end if self.last is None else max(self.last, end)

    def percentile(self, p):
        x = sorted(self.elapsed)
        n = len(x)
        position = (p / 100) * (n + 1)
        if position < 1:
            return float(x[0])
        if position >= n:
            return float(x[-1])
        whole = int(position)
        return x[whole - 1] + (position - whole) * (x[whole] - x[whole - 1])

    def nearest(self, p):
        x = sorted(self.elapsed)
        rank = -(-Fraction(str(p)) * len(x) // 100)
        return x[max(int(rank), 1) - 1]

    def aggregate(self, p):
        x = sorted(self.elapsed)
        return x[max(int(len(x) * (p / 100) + 0.5), 1) - 1]

    def report(self):
        n = len(self.elapsed)
        result = dict(
            samples=n, errors=self.errors, bytes=self.bytes, sent_bytes=self.sent,
            latency=self.latency, connect=self.connect, threads=self.threads,
        )
        if n:
            points = [50, 90, 95, 99, 99.9, 0, 100]
            result.update(
                mean=float(Fraction(sum(self.elapsed), n)), first=self.first, last=self.last,
                min=min(self.elapsed), max=max(self.elapsed), sum=str(sum(self.elapsed)),
                jmeter=[self.percentile(p) for p in points],
                nearest=[float(self.nearest(p)) for p in points],
                aggregate=[float(self.aggregate(p)) for p in points],
            )
        return result


NUMBERS = ["timeStamp", "elapsed", "bytes", "sentBytes", "allThreads", "Latency", "Connect"]


def typed(fields, columns):
    """A row with its numbers as numbers, or None where one cannot be read."""
    if len(fields) != len(columns):
        return None
    row = dict(zip(columns, fields))
    for name in NUMBERS:
        if name in row:
            row[name] = long_value(row[name])
            if row[name] is None:
                return None
    return row


def read(data, delimiter):
    """What a JTL holds."""
    text = data.decode("utf-8", errors="replace").removeprefix("\ufeff")
    rows, is_open = records(text, delimiter)
    columns, unusable = None, 0
    labels, controllers, total = {}, {}, Figures()
    for index, fields in enumerate(rows):
        is_last = index == len(rows) - 1
        is_header = "elapsed" in fields and "label" in fields
        if columns is None:
            columns = fields if is_header else LAYOUTS[len(fields)]
            if is_header:
                continue
        row = None if is_last and is_open else typed(fields, columns)
        if row is None:
            unusable += 1
            continue
        label, message = row["label"], row.get("responseMessage", "")
        labels.setdefault(label, Figures())
        controllers.setdefault(label, Figures())
        if message.startswith(EMPTY):
            continue
        (controllers if message.startswith(CONTROLLER) else labels)[label].add(row)
        if not message.startswith(CONTROLLER):
            total.add(row)
    return dict(
        unusable=unusable,
        total=total.report(),
        labels=[
            dict(label=k, samplers=v.report(), controllers=controllers[k].report())
            for k, v in labels.items()
        ],
    )


def main():
    seed, count, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    csv.field_size_limit(1 << 30)
    rng = random.Random(seed)
    expected = []
    for number in range(count):
        data, delimiter = random_file(rng)
        name = f"{number:04}.jtl"
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)
        expected.append(dict(file=name, **read(data, delimiter)))
    with open(os.path.join(folder, "expected.json"), "w", encoding="utf-8") as file:
        json.dump(expected, file, ensure_ascii=False)


if __name__ == "__main__":
    main()
