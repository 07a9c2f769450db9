//! A stand-in for a sample.

fn main() -> std::io::Result<()> {
    // ANCHOR: read
    let mut buffer = [0; 64];
    let n = std::io::stdin().read(&mut buffer)?;
    // ANCHOR_END: read
    println!("read {n} bytes");
    Ok(())
}
