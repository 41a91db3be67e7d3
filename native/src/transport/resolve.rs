//! Name resolution with a guard: a public walk must not be led to a private address by a name.

use everypage_core::http::FailureKind;
use everypage_core::url::is_private_ip;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Why a name has no address for this walk.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum LookupError {
    /// There is no such name.
    #[error("the host name does not exist")]
    NotFound,
    /// It has only private addresses, and the walk's first URL was public.
    #[error("the host name resolves to a private address")]
    Private,
    /// The resolver had no answer now.
    #[error("the host name could not be looked up")]
    Temporary,
}

impl LookupError {
    pub(super) const fn kind(self) -> FailureKind {
        match self {
            LookupError::NotFound => FailureKind::DnsNotFound,
            LookupError::Private => FailureKind::UnsafeAddress,
            LookupError::Temporary => FailureKind::DnsTemporary,
        }
    }
}

/// The system's resolver; guarded, it gives out no private address but for the proxies' own names.
#[derive(Clone)]
pub(super) struct Resolver {
    guard: bool,
    trusted: Arc<[String]>,
}

impl Resolver {
    pub(super) const fn new(guard: bool, trusted: Arc<[String]>) -> Resolver {
        Resolver { guard, trusted }
    }

    async fn lookup(self, name: String) -> Result<std::vec::IntoIter<SocketAddr>, LookupError> {
        let found = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(|error| judge(&error))?;
        let guard = self.guard && !self.trusted.iter().any(|host| host.eq_ignore_ascii_case(&name));
        admit(found, guard)
    }
}

/// Keeps what may be connected to. One private address spoils the lot: which of them is taken is not ours to
/// choose, and a name that points both ways is the very trick.
fn admit(
    found: impl Iterator<Item = SocketAddr>,
    guard: bool,
) -> Result<std::vec::IntoIter<SocketAddr>, LookupError> {
    let addresses: Vec<SocketAddr> = found.collect();
    if addresses.is_empty() {
        return Err(LookupError::NotFound);
    }
    if guard && addresses.iter().any(|address| is_private_ip(address.ip())) {
        return Err(LookupError::Private);
    }
    Ok(addresses.into_iter())
}

/// The system's resolver tells its errors apart by number, which the standard library keeps only on
/// Windows; elsewhere the text is all there is.
fn judge(error: &io::Error) -> LookupError {
    const HOST_NOT_FOUND: i32 = 11001;
    const NO_DATA: i32 = 11004;
    let text = error.to_string().to_ascii_lowercase();
    let absent = [
        "not known",
        "no address associated",
        "name does not resolve",
        "no such host",
        "nodename nor servname",
    ]
    .iter()
    .any(|phrase| text.contains(phrase));
    if absent || (cfg!(windows) && matches!(error.raw_os_error(), Some(HOST_NOT_FOUND | NO_DATA))) {
        LookupError::NotFound
    } else {
        LookupError::Temporary
    }
}

impl reqwest::dns::Resolve for Resolver {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let lookup = self.clone().lookup(name.as_str().to_owned());
        Box::pin(async move {
            match lookup.await {
                Ok(addresses) => Ok(Box::new(addresses) as reqwest::dns::Addrs),
                Err(error) => Err(error.into()),
            }
        })
    }
}

impl tower_service::Service<hyper_util::client::legacy::connect::dns::Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = LookupError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, LookupError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), LookupError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: hyper_util::client::legacy::connect::dns::Name) -> Self::Future {
        Box::pin(self.clone().lookup(name.as_str().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(list: &[&str]) -> std::vec::IntoIter<SocketAddr> {
        list.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 0)).collect::<Vec<_>>().into_iter()
    }

    #[test]
    fn one_private_address_spoils_the_lot() {
        for private in ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1"] {
            assert_eq!(
                admit(addresses(&["93.184.216.34", private]), true).err(),
                Some(LookupError::Private),
                "{private}"
            );
            assert!(admit(addresses(&[private]), false).is_ok());
        }
        assert!(admit(addresses(&["93.184.216.34"]), true).is_ok());
        assert_eq!(admit(addresses(&[]), false).err(), Some(LookupError::NotFound));
    }

    #[test]
    fn resolver_errors_are_told_apart() {
        for text in ["Name or service not known", "No address associated with hostname"] {
            assert_eq!(
                judge(&io::Error::other(format!("failed to lookup address information: {text}"))),
                LookupError::NotFound
            );
        }
        let busy = "failed to lookup address information: Temporary failure in name resolution";
        assert_eq!(judge(&io::Error::other(busy)), LookupError::Temporary);
    }

    #[tokio::test]
    async fn localhost_is_refused_when_guarded_unless_it_is_the_proxy() {
        let trusted: Arc<[String]> = Arc::from(["localhost".to_owned()]);
        let none: Arc<[String]> = Arc::from([]);
        assert_eq!(
            Resolver::new(true, none.clone()).lookup("localhost".into()).await.err(),
            Some(LookupError::Private)
        );
        assert!(Resolver::new(true, trusted).lookup("localhost".into()).await.is_ok());
        assert!(Resolver::new(false, none).lookup("localhost".into()).await.is_ok());
    }
}
