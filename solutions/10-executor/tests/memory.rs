//! Memory, in a process of its own: that of other tests would be counted with it.

#[path = "support/drops.rs"]
mod drops;

use std::task::Waker;

use drops::Drops;
use executor::Executor;
use executor::futures_by_hand::YieldNow;

#[test]
fn a_million_spawns_leak_nothing() {
    let mut executor = Executor::new(Waker::noop().clone());
    let drops = Drops::default();
    let mut resident = 0;
    for batch in 0..1000 {
        for _ in 0..1000 {
            let guard = drops.one();
            drop(executor.spawner().spawn(async move {
                YieldNow::new().await;
                drop(guard);
            }));
        }
        while executor.run(usize::MAX) > 0 {}
        if batch == 50 {
            resident = resident_bytes();
        }
    }
    assert_eq!(drops.count(), 1_000_000);
    let grown = resident_bytes().saturating_sub(resident);
    assert!(grown < 8 << 20, "{grown} bytes more");
}

fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}
