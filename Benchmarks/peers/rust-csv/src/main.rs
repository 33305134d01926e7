// What `loadfleet report` shows, by Rust's csv crate on one thread: the peer of `Benchmarks/bench`.
// The crate's fastest way: one record of bytes for all rows, and counts by value for percentiles.
use std::collections::{BTreeMap, HashMap};
use std::error::Error;

#[derive(Default)]
struct Label {
    count: u64,
    errors: u64,
    bytes: u64,
    sent: u64,
    short: Vec<u32>,
    long: BTreeMap<u64, u32>,
}

fn number(field: &[u8]) -> u64 {
    field.iter().fold(0, |value, digit| value * 10 + u64::from(digit.wrapping_sub(b'0')))
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: rust-csv FILE")?;
    let mut reader = csv::ReaderBuilder::new().buffer_capacity(1 << 18).from_path(path)?;
    let mut labels: HashMap<Vec<u8>, Label> = HashMap::new();
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record)? {
        if !labels.contains_key(&record[2]) {
            labels.insert(record[2].to_vec(), Label { short: vec![0; 1 << 14], ..Label::default() });
        }
        let label = labels.get_mut(&record[2]).ok_or("no label")?;
        let elapsed = number(&record[1]);
        label.count += 1;
        label.errors += u64::from(&record[7] != b"true");
        label.bytes += number(&record[9]);
        label.sent += number(&record[10]);
        match label.short.get_mut(elapsed as usize) {
            Some(count) => *count += 1,
            None => *label.long.entry(elapsed).or_default() += 1,
        }
    }
    for (name, label) in &labels {
        let short = label.short.iter().enumerate().map(|(value, count)| (value as u64, *count));
        let all: Vec<(u64, u32)> =
            short.chain(label.long.iter().map(|(value, count)| (*value, *count))).collect();
        let at = |percent: u64| {
            let mut rank = (label.count * percent).div_ceil(100);
            all.iter().find(|(_, count)| {
                let is_there = rank <= u64::from(*count);
                rank = rank.saturating_sub(u64::from(*count));
                is_there
            })
        };
        let name = String::from_utf8_lossy(name);
        println!("{name}\t{}\t{}\t{:?}\t{:?}", label.count, label.errors, at(50), at(99));
        println!("\t{}\t{}", label.bytes, label.sent);
    }
    Ok(())
}
