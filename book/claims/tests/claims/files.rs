//! What tokio does with files.

use claims::claim;
use claims::rt::current_thread;
use claims::trace::mark;

/// `tokio::fs::read` is the blocking operation of the standard library, on a thread of the blocking
/// pool. The runtime's own thread opens and reads nothing.
#[test]
fn files_are_read_on_another_thread() {
    claim(|c| {
        let trace = c.trace(|| {
            current_thread()?.block_on(async {
                mark("begin");
                tokio::fs::read("/proc/self/status").await?;
                mark("end");
                Ok(())
            })
        })?;
        let marks = trace.of("write");
        let runtime = marks
            .iter()
            .find(|call| call.arguments.contains("mark: begin"));
        let runtime = runtime.expect("the mark is there").thread;
        let calls = trace.between("begin", "end");
        let opens = calls.of("openat");
        for call in &opens {
            c.saw(format!(
                "thread {} (the runtime's is {runtime}): {call}",
                call.thread
            ));
        }
        let opens = opens
            .iter()
            .filter(|call| call.arguments.contains("/proc/self/status"));
        assert_eq!(opens.filter(|call| call.thread != runtime).count(), 1);
        assert!(calls.by(runtime).of("read").is_empty());
        Ok(())
    });
}
