//! Answers by their status code. What a status means beyond this is for the source to say: a 404 that is a dead
//! position, a 204 that is the end, a 400 that is a rate limit.

use super::{Sorted, StatusFacts};
use crate::error::ErrorKind;
use crate::facts::Class;
use crate::http::Method;

/// How an answer of this status is taken. 0 is a browser's opaque answer.
#[expect(clippy::match_same_arms, reason = "the rows stand in the order of the codes")]
pub const fn status(status: u16, facts: &StatusFacts) -> Sorted {
    match status {
        0 => Sorted::transient(ErrorKind::NetworkOrCors).tries(3),
        200 | 203 => Sorted::new(Class::Accept, ErrorKind::BadBody).tries(3),
        // Not ready yet, say some search APIs.
        202 => Sorted::transient(ErrorKind::HttpStatus),
        // Not a page. Never the end by itself, either: an empty 204 is how proxies swallow pages.
        201 | 204..=299 | 304 => Sorted::fatal(ErrorKind::BadResponse),
        301 | 302 | 303 | 307 | 308 => Sorted { redirect: true, ..Sorted::fatal(ErrorKind::BadResponse) },
        300 | 305..=399 => Sorted::fatal(ErrorKind::HttpStatus),
        401 | 440 | 498 => Sorted::new(Class::Unauthorized, ErrorKind::AuthRequired),
        402 => Sorted::fatal(ErrorKind::QuotaExhausted),
        403 if facts.retry_after || facts.remaining_zero => Sorted::throttled(),
        407 => Sorted::fatal(ErrorKind::ProxyAuth),
        408 => Sorted::transient(ErrorKind::Timeout),
        410 if facts.continuation => Sorted::new(Class::Expired, ErrorKind::CursorExpired),
        412 => Sorted::fatal(ErrorKind::SourceChanged),
        413 if facts.retry_after => Sorted::throttled(),
        420 | 429 | 509 | 529 => Sorted::throttled(),
        // On another connection the right server may answer.
        421 => Sorted::transient(ErrorKind::HttpStatus).tries(2),
        425 => Sorted::transient(ErrorKind::HttpStatus),
        444 | 449 | 460 | 499 => Sorted::transient(ErrorKind::HttpStatus).tries(2),
        // Any other is taken as a 400 (RFC 9110, section 15).
        400..=499 => Sorted::fatal(ErrorKind::HttpStatus),
        501 | 505 | 506 | 508 | 510 => Sorted::fatal(ErrorKind::HttpStatus),
        503 if facts.retry_after => Sorted::throttled(),
        502..=504 | 520..=524 | 527 | 598 | 599 => Sorted::transient(ErrorKind::ServerError),
        507 => Sorted::transient(ErrorKind::ServerError).tries(2),
        511 => Sorted::fatal(ErrorKind::CaptivePortal),
        525 | 526 => Sorted::fatal(ErrorKind::Tls),
        530 => Sorted::fatal(ErrorKind::BadResponse),
        // 500 and its unknown kin stay more often than they pass: a few tries.
        500..=599 => Sorted::transient(ErrorKind::ServerError).tries(3),
        1..=199 | 600.. => Sorted::transient(ErrorKind::BadResponse).tries(2),
    }
}

/// Whether a redirect of this status may be followed with this method unchanged. After a POST, 301, 302 and 303
/// would turn it into a GET: another request than the source describes.
pub const fn follows(status: u16, method: Method) -> bool {
    match method {
        Method::Get | Method::Head => matches!(status, 301 | 302 | 303 | 307 | 308),
        Method::Post => matches!(status, 307 | 308),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ErrorKind as E;

    const PLAIN: StatusFacts = StatusFacts { retry_after: false, remaining_zero: false, continuation: false };

    /// The table, row by row: from, to, class, kind, tries.
    const ROWS: &[(u16, u16, Class, ErrorKind, Option<u32>)] = &[
        (0, 0, Class::Transient, E::NetworkOrCors, Some(3)),
        (1, 199, Class::Transient, E::BadResponse, Some(2)),
        (200, 200, Class::Accept, E::BadBody, Some(3)),
        (201, 201, Class::Fatal, E::BadResponse, None),
        (202, 202, Class::Transient, E::HttpStatus, None),
        (203, 203, Class::Accept, E::BadBody, Some(3)),
        (204, 299, Class::Fatal, E::BadResponse, None),
        (300, 300, Class::Fatal, E::HttpStatus, None),
        (301, 304, Class::Fatal, E::BadResponse, None),
        (305, 306, Class::Fatal, E::HttpStatus, None),
        (307, 308, Class::Fatal, E::BadResponse, None),
        (309, 399, Class::Fatal, E::HttpStatus, None),
        (400, 400, Class::Fatal, E::HttpStatus, None),
        (401, 401, Class::Unauthorized, E::AuthRequired, None),
        (402, 402, Class::Fatal, E::QuotaExhausted, None),
        (403, 406, Class::Fatal, E::HttpStatus, None),
        (407, 407, Class::Fatal, E::ProxyAuth, None),
        (408, 408, Class::Transient, E::Timeout, None),
        (409, 411, Class::Fatal, E::HttpStatus, None),
        (412, 412, Class::Fatal, E::SourceChanged, None),
        (413, 419, Class::Fatal, E::HttpStatus, None),
        (420, 420, Class::Throttled, E::RateLimited, None),
        (421, 421, Class::Transient, E::HttpStatus, Some(2)),
        (422, 424, Class::Fatal, E::HttpStatus, None),
        (425, 425, Class::Transient, E::HttpStatus, None),
        (426, 428, Class::Fatal, E::HttpStatus, None),
        (429, 429, Class::Throttled, E::RateLimited, None),
        (430, 439, Class::Fatal, E::HttpStatus, None),
        (440, 440, Class::Unauthorized, E::AuthRequired, None),
        (441, 443, Class::Fatal, E::HttpStatus, None),
        (444, 444, Class::Transient, E::HttpStatus, Some(2)),
        (445, 448, Class::Fatal, E::HttpStatus, None),
        (449, 449, Class::Transient, E::HttpStatus, Some(2)),
        (450, 459, Class::Fatal, E::HttpStatus, None),
        (460, 460, Class::Transient, E::HttpStatus, Some(2)),
        (461, 497, Class::Fatal, E::HttpStatus, None),
        (498, 498, Class::Unauthorized, E::AuthRequired, None),
        (499, 499, Class::Transient, E::HttpStatus, Some(2)),
        (500, 500, Class::Transient, E::ServerError, Some(3)),
        (501, 501, Class::Fatal, E::HttpStatus, None),
        (502, 504, Class::Transient, E::ServerError, None),
        (505, 506, Class::Fatal, E::HttpStatus, None),
        (507, 507, Class::Transient, E::ServerError, Some(2)),
        (508, 508, Class::Fatal, E::HttpStatus, None),
        (509, 509, Class::Throttled, E::RateLimited, None),
        (510, 510, Class::Fatal, E::HttpStatus, None),
        (511, 511, Class::Fatal, E::CaptivePortal, None),
        (512, 519, Class::Transient, E::ServerError, Some(3)),
        (520, 524, Class::Transient, E::ServerError, None),
        (525, 526, Class::Fatal, E::Tls, None),
        (527, 527, Class::Transient, E::ServerError, None),
        (528, 528, Class::Transient, E::ServerError, Some(3)),
        (529, 529, Class::Throttled, E::RateLimited, None),
        (530, 530, Class::Fatal, E::BadResponse, None),
        (531, 597, Class::Transient, E::ServerError, Some(3)),
        (598, 599, Class::Transient, E::ServerError, None),
        (600, 999, Class::Transient, E::BadResponse, Some(2)),
        (1000, u16::MAX, Class::Transient, E::BadResponse, Some(2)),
    ];

    #[test]
    fn every_status_is_taken_as_the_table_says() {
        let mut next = Some(0);
        for (from, to, class, kind, tries) in ROWS {
            assert_eq!(next, Some(*from));
            for code in *from..=*to {
                let redirect = matches!(code, 301 | 302 | 303 | 307 | 308);
                let expected = Sorted { class: *class, kind: *kind, tries: *tries, redirect };
                assert_eq!(status(code, &PLAIN), expected, "{code}");
            }
            next = to.checked_add(1);
        }
        assert_eq!(next, None);
    }

    #[test]
    fn what_an_answer_says_of_waiting_makes_some_statuses_limits() {
        let waits = StatusFacts { retry_after: true, ..PLAIN };
        let empty = StatusFacts { remaining_zero: true, ..PLAIN };
        let throttled = |facts: &StatusFacts| -> Vec<u16> {
            (0..1000).filter(|code| status(*code, facts) != status(*code, &PLAIN)).collect()
        };
        assert_eq!(throttled(&waits), [403, 413, 503]);
        assert_eq!(throttled(&empty), [403]);
        for (facts, code) in [(waits, 403), (waits, 413), (waits, 503), (empty, 403)] {
            assert_eq!(status(code, &facts), Sorted::throttled());
        }
    }

    #[test]
    fn gone_is_a_dead_position_only_where_one_was_sent() {
        let next = StatusFacts { continuation: true, ..PLAIN };
        for code in 0..1000 {
            let expected = match code {
                410 => Sorted::new(Class::Expired, E::CursorExpired),
                _ => status(code, &PLAIN),
            };
            assert_eq!(status(code, &next), expected, "{code}");
        }
    }

    #[test]
    fn a_redirect_never_changes_the_method() {
        for code in 0..1000 {
            let get = matches!(code, 301 | 302 | 303 | 307 | 308);
            assert_eq!(follows(code, Method::Get), get);
            assert_eq!(follows(code, Method::Head), get);
            assert_eq!(follows(code, Method::Post), matches!(code, 307 | 308));
        }
    }
}
