//! Standard output as a sink: one record a line.

use crate::error::Error;
use crate::sink::{Class, Opened, Sink};
use crate::walk::StopHandle;
use everypage_core::checkpoint::Checkpoint;
use everypage_core::facts::Verdict;
use everypage_core::source::Source;
use everypage_core::walk::Page;
use std::io::{self, Write};
use std::time::Duration;

/// Writes records to standard output. A reader that goes away (`| head`) stops the walk; it is no error.
pub(super) struct Stdout {
    buffer: Vec<u8>,
    stop: StopHandle,
}

impl Stdout {
    pub(super) const fn new(stop: StopHandle) -> Stdout {
        Stdout { buffer: Vec::new(), stop }
    }
}

impl Sink for Stdout {
    fn class(&self) -> Class {
        Class::AtLeastOnce
    }

    fn open(&mut self, _: &Source) -> Result<Opened, Error> {
        Ok(Opened::default())
    }

    fn begin(&mut self, _: Checkpoint) -> Result<(), Error> {
        Ok(())
    }

    fn page(&mut self, page: &Page) -> Result<(), Error> {
        self.buffer.clear();
        page.write_ndjson(&mut self.buffer);
        let mut out = io::stdout().lock();
        match out.write_all(&self.buffer).and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.stop.stop();
                Ok(())
            }
            Err(error) => Err(Error::storage("can't write to standard output", error)),
            Ok(()) => Ok(()),
        }
    }

    fn due(&self) -> Option<Duration> {
        None
    }

    fn commit(&mut self, _: Checkpoint) -> Result<(), Error> {
        Ok(())
    }

    fn end(&mut self, _: Verdict, _: Checkpoint) -> Result<(), Error> {
        Ok(())
    }
}
