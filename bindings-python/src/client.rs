//! What walks are started with: the built-in transport or the caller's, a budget, fresh credentials.

use crate::error::{Causes, plain};
use crate::source::Source;
use crate::transport;
use crate::walk::Walk;
use everypage::core::facts::Auth;
use everypage::transport::{BoxFuture, Reqwest, TransportOptions};
use everypage::{BoxError, Checkpoint, ClientBuilder, Error, Generation, blocking};
use pyo3::prelude::*;
use std::sync::Arc;
use std::time::Duration;

/// Rate limits and retry budgets by origin and credential, shared by every walk that is given it.
#[pyclass(frozen, module = "everypage")]
pub struct Budget(everypage::Budget);

#[pymethods]
impl Budget {
    #[new]
    fn new() -> Budget {
        Budget(everypage::Budget::new())
    }
}

/// The built-in transport with its settings.
#[pyclass(frozen, module = "everypage._everypage")]
pub struct Client(Reqwest);

#[pymethods]
impl Client {
    #[new]
    fn new(
        py: Python<'_>,
        proxy: Option<String>,
        extra_ca: Vec<Vec<u8>>,
        connect_timeout: Option<f64>,
        idle_timeout: Option<f64>,
        user_agent: Option<String>,
    ) -> PyResult<Client> {
        let usual = TransportOptions::default();
        let wrong = "a timeout is a number of seconds above zero";
        let seconds = |given: Option<f64>, usual| match given.map(Duration::try_from_secs_f64) {
            None => Ok(usual),
            Some(Ok(time)) if !time.is_zero() => Ok(time),
            Some(_) => Err(plain(py, Error::Settings(wrong.to_owned()))),
        };
        let options = TransportOptions {
            proxy,
            extra_ca,
            connect_timeout: seconds(connect_timeout, usual.connect_timeout)?,
            idle_timeout: seconds(idle_timeout, usual.idle_timeout)?,
            user_agent: user_agent.unwrap_or(usual.user_agent),
        };
        Reqwest::new(options).map(Client).map_err(|error| plain(py, error))
    }
}

/// Makes a walk; nothing is sent before something is asked of it. `client` is a `Client`, or a callable that carries
/// out a `Call`; `authorize` takes a generation and returns fresh credentials as JSON.
#[pyfunction]
pub fn start(
    source: &Source,
    client: &Bound<'_, PyAny>,
    budget: &Budget,
    authorize: Option<Py<PyAny>>,
    resume: Option<&str>,
    strict: bool,
    seed: Option<u64>,
) -> PyResult<Walk> {
    let (py, causes) = (client.py(), Arc::new(Causes::default()));
    let builder = everypage::Client::builder().budget(budget.0.clone());
    let builder = match client.cast::<Client>() {
        Ok(built_in) => builder.transport(built_in.get().0.clone()),
        Err(_) => builder.transport(transport::by(client.clone().unbind(), causes.clone())),
    };
    let builder = authorize.into_iter().fold(builder, |builder, ask| builder.authorize(fresh(ask)));
    let builder = seed.into_iter().fold(builder, ClientBuilder::seed);
    let client = builder.build().map_err(|error| plain(py, error))?;
    let walk = client.walk(source.0.clone()).strict(strict);
    let from = resume.map(Checkpoint::from_json).transpose().map_err(|error| plain(py, error))?;
    let walk = from.into_iter().fold(walk, everypage::Walk::resume);
    Ok(Walk { walk: blocking::Walk::new(walk).map_err(|error| plain(py, error))?, causes })
}

/// Asks Python for fresh credentials, where that disturbs nobody.
fn fresh(ask: Py<PyAny>) -> impl Fn(Generation) -> BoxFuture<Result<Auth, BoxError>> + Send + Sync {
    let ask = Arc::new(ask);
    move |generation| {
        let ask = ask.clone();
        Box::pin(async move {
            let call = move || Python::try_attach(|py| ask.call1(py, (generation.0,))?.extract::<String>(py));
            // Without an interpreter there is nobody left to walk for.
            let text =
                blocking::runtime()?.spawn_blocking(call).await?.unwrap_or_else(|| Ok("{}".to_owned()))?;
            Ok(Auth::from_value(&serde_json::from_str(&text)?)?)
        })
    }
}
