//! A connection that can be told to misbehave: the next answer's bytes are replaced by a script.

use bytes::Bytes;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use std::{
    future::Future,
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    net::TcpStream,
    time::{Sleep, sleep},
};

/// How a script ends. The connection is never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// FIN.
    Close,
    /// RST.
    Reset,
    /// Nothing more for so long, then FIN.
    Silence(Duration),
}

/// Bytes to be sent in place of an answer.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub(crate) bytes: Bytes,
    /// At most so many bytes at a time, then a pause.
    pub(crate) pace: Option<(usize, Duration)>,
    pub(crate) end: End,
}

/// Where a request handler leaves a script for its connection.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    armed: AtomicBool,
    script: Mutex<Option<Script>>,
}

impl Wire {
    pub(crate) fn arm(&self, script: Script) {
        *self.script.lock().unwrap_or_else(PoisonError::into_inner) = Some(script);
        self.armed.store(true, Relaxed);
    }

    fn take(&self) -> Option<Script> {
        if !self.armed.swap(false, Relaxed) {
            return None;
        }
        self.script.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

struct Playing {
    script: Script,
    pause: Option<Pin<Box<Sleep>>>,
}

/// A TCP stream under a [`Wire`].
pub(crate) struct Line {
    io: TokioIo<TcpStream>,
    wire: Arc<Wire>,
    playing: Option<Playing>,
}

impl Line {
    pub(crate) fn new(stream: TcpStream, wire: Arc<Wire>) -> Line {
        Line { io: TokioIo::new(stream), wire, playing: None }
    }

    /// Sends what is left of the script. Never ends well: the error makes the HTTP layer drop the connection.
    fn play(&mut self, playing: &mut Playing, cx: &mut Context<'_>) -> Poll<io::Error> {
        loop {
            if let Some(pause) = &mut playing.pause {
                ready!(pause.as_mut().poll(cx));
                playing.pause = None;
            }
            let script = &mut playing.script;
            if script.bytes.is_empty() {
                match script.end {
                    End::Silence(time) => {
                        script.end = End::Close;
                        playing.pause = Some(Box::pin(sleep(time)));
                        continue;
                    }
                    End::Close => {
                        let _ = ready!(Pin::new(&mut self.io).poll_shutdown(cx));
                    }
                    End::Reset => {
                        let _ = self.io.inner().set_zero_linger();
                    }
                }
                return Poll::Ready(io::ErrorKind::ConnectionAborted.into());
            }
            let most = script.pace.map_or(usize::MAX, |(bytes, _)| bytes.max(1)).min(script.bytes.len());
            let piece = script.bytes.slice(..most);
            match ready!(Pin::new(&mut self.io).poll_write(cx, &piece)) {
                Ok(sent) => drop(script.bytes.split_to(sent.min(script.bytes.len()))),
                Err(error) => return Poll::Ready(error),
            }
            playing.pause = script.pace.map(|(_, pause)| Box::pin(sleep(pause)));
        }
    }

    /// `None`: write as usual.
    fn scripted(&mut self, cx: &mut Context<'_>) -> Option<Poll<io::Result<usize>>> {
        let mut playing = match self.playing.take() {
            Some(playing) => playing,
            None => Playing { script: self.wire.take()?, pause: None },
        };
        let polled = self.play(&mut playing, cx);
        self.playing = Some(playing);
        Some(polled.map(Err))
    }
}

impl Read for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl Write for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.scripted(cx) {
            Some(polled) => polled,
            None => Pin::new(&mut self.io).poll_write(cx, buf),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.scripted(cx) {
            Some(polled) => polled,
            None => Pin::new(&mut self.io).poll_write_vectored(cx, bufs),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
