//! A total that has a request of its own.

use super::Walk;
use super::slot::Arrival;
use crate::source::read::Found;

impl Walk {
    /// Notes the total; without one the check is unavailable.
    pub(super) fn take_total(&mut self, arrival: &Arrival) {
        let Some(spec) = &self.source.total else { return };
        if let Found::Value(value) = self.reader.found(&arrival.reading, &spec.read)
            && let Some(total) = value.loose_u64()
        {
            let _ = self.live.audit.total.see(total);
            let _ = self.durable.audit.total.see(total);
        }
    }
}
