//! Ctrl-C and a termination signal: the first ends the walk well, the second ends the process.

use super::exit::Exit;
use super::say;
use crate::walk::StopHandle;
use std::io::{self, IsTerminal};

/// Listens from now on, on a thread of its own: the main thread may be busy, or blocked by a full pipe.
pub(super) fn listen(stop: StopHandle) {
    let listener = std::thread::Builder::new().name("signals".to_owned());
    // Without this thread, a signal ends the process as it always does; the last commit stays.
    let _ = listener.spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let Ok(runtime) = runtime else { return };
        runtime.block_on(async {
            if signal().await.is_err() {
                return;
            }
            // A bar may stand on the line.
            let clear = if io::stderr().is_terminal() { "\r\x1b[2K" } else { "" };
            say(format_args!("{clear}stopping, so that it can be resumed; once more to quit at once"));
            stop.stop();
            if signal().await.is_ok() {
                std::process::exit(i32::from(Exit::Stopped.code()));
            }
        });
    });
}

#[cfg(unix)]
async fn signal() -> io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn signal() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}
