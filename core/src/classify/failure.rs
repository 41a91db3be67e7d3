//! Exchanges that brought no answer.

use super::Sorted;
use crate::error::ErrorKind;
use crate::http::FailureKind;

/// How a failed exchange is taken.
pub const fn failure(kind: FailureKind) -> Sorted {
    match kind {
        FailureKind::ConnectRefused
        | FailureKind::DnsTemporary
        | FailureKind::NotProcessed
        | FailureKind::ResetBeforeResponse
        | FailureKind::ResetInBody => Sorted::transient(ErrorKind::Network),
        FailureKind::ConnectTimeout | FailureKind::ReadTimeout => Sorted::transient(ErrorKind::Timeout),
        FailureKind::BodyTruncated => Sorted::transient(ErrorKind::BadBody),
        FailureKind::TlsOther => Sorted::transient(ErrorKind::Tls),
        FailureKind::DecodeError => Sorted::transient(ErrorKind::BadBody).tries(3),
        FailureKind::NetworkOrCors => Sorted::transient(ErrorKind::NetworkOrCors).tries(3),
        FailureKind::DnsNotFound | FailureKind::Other => Sorted::transient(ErrorKind::Network).tries(2),
        FailureKind::Cancelled => Sorted::fatal(ErrorKind::Cancelled),
        FailureKind::TlsInvalid => Sorted::fatal(ErrorKind::Tls),
        FailureKind::TooLarge => Sorted::fatal(ErrorKind::TooLarge),
        FailureKind::UnsafeAddress => Sorted::fatal(ErrorKind::UnsafeUrl),
    }
}

/// Whether the server may have seen the request. A position that may be used once only can be sent again after a
/// failure for which this is false.
pub const fn was_sent(kind: FailureKind) -> bool {
    match kind {
        FailureKind::ConnectRefused
        | FailureKind::ConnectTimeout
        | FailureKind::DnsNotFound
        | FailureKind::DnsTemporary
        | FailureKind::NotProcessed
        | FailureKind::TlsInvalid
        | FailureKind::TlsOther
        | FailureKind::UnsafeAddress => false,
        FailureKind::BodyTruncated
        | FailureKind::Cancelled
        | FailureKind::DecodeError
        | FailureKind::NetworkOrCors
        | FailureKind::Other
        | FailureKind::ReadTimeout
        | FailureKind::ResetBeforeResponse
        | FailureKind::ResetInBody
        | FailureKind::TooLarge => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Class;

    #[test]
    fn each_failure_is_taken_as_the_table_says() {
        use FailureKind::*;
        for (kind, class, error, tries, sent) in [
            (BodyTruncated, Class::Transient, ErrorKind::BadBody, None, true),
            (Cancelled, Class::Fatal, ErrorKind::Cancelled, None, true),
            (ConnectRefused, Class::Transient, ErrorKind::Network, None, false),
            (ConnectTimeout, Class::Transient, ErrorKind::Timeout, None, false),
            (DecodeError, Class::Transient, ErrorKind::BadBody, Some(3), true),
            (DnsNotFound, Class::Transient, ErrorKind::Network, Some(2), false),
            (DnsTemporary, Class::Transient, ErrorKind::Network, None, false),
            (NetworkOrCors, Class::Transient, ErrorKind::NetworkOrCors, Some(3), true),
            (NotProcessed, Class::Transient, ErrorKind::Network, None, false),
            (Other, Class::Transient, ErrorKind::Network, Some(2), true),
            (ReadTimeout, Class::Transient, ErrorKind::Timeout, None, true),
            (ResetBeforeResponse, Class::Transient, ErrorKind::Network, None, true),
            (ResetInBody, Class::Transient, ErrorKind::Network, None, true),
            (TlsInvalid, Class::Fatal, ErrorKind::Tls, None, false),
            (TlsOther, Class::Transient, ErrorKind::Tls, None, false),
            (TooLarge, Class::Fatal, ErrorKind::TooLarge, None, true),
            (UnsafeAddress, Class::Fatal, ErrorKind::UnsafeUrl, None, false),
        ] {
            assert_eq!(failure(kind), Sorted { class, kind: error, tries, redirect: false }, "{kind:?}");
            assert_eq!(was_sent(kind), sent, "{kind:?}");
        }
    }
}
