//! The server on its own thread.

use crate::{
    app::{App, Connection},
    config::Config,
    line::{Line, Wire},
    reply::Reply,
    scenario::Scenario,
    stats::{Entry, Stats},
};
use hyper::{server::conn::http1, service::service_fn};
use std::{
    collections::BTreeMap,
    convert::Infallible,
    io,
    net::{Ipv4Addr, TcpListener},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread::JoinHandle,
};
use tokio::sync::oneshot;

/// The list a server was started with, and the scenarios' lists, each made when it is first asked for.
#[derive(Debug)]
struct Hub {
    main: Arc<App>,
    scenarios: Mutex<BTreeMap<&'static str, Arc<App>>>,
    connections: Arc<AtomicU64>,
    accepted: AtomicU64,
}

impl Hub {
    /// The list a path belongs to, and where the path below its mount begins.
    fn route(&self, path: &str) -> Option<(Arc<App>, usize)> {
        const MOUNT: &str = "/scenario/";
        let Some(rest) = path.strip_prefix(MOUNT) else { return Some((Arc::clone(&self.main), 0)) };
        let name = rest.split('/').next().unwrap_or_default();
        let scenario = Scenario::find(name)?;
        let mut scenarios = self.scenarios.lock().unwrap_or_else(PoisonError::into_inner);
        let app = if let Some(app) = scenarios.get(scenario.name) {
            Arc::clone(app)
        } else {
            let app = App::new(scenario.config().ok()?, self.main.port, Arc::clone(&self.connections));
            let app = Arc::new(app);
            scenarios.insert(scenario.name, Arc::clone(&app));
            app
        };
        Some((app, MOUNT.len() + name.len()))
    }

    async fn connection(self: Arc<Hub>, stream: tokio::net::TcpStream) {
        // Head and body leave in one write; nothing may wait for more.
        let _ = stream.set_nodelay(true);
        self.connections.fetch_add(1, Relaxed);
        let number = self.accepted.fetch_add(1, Relaxed) + 1;
        let connection = Arc::new(Connection { number, wire: Arc::new(Wire::default()) });
        let line = Line::new(stream, Arc::clone(&connection.wire));
        let service = service_fn(|request: hyper::Request<hyper::body::Incoming>| {
            let (hub, connection) = (Arc::clone(&self), Arc::clone(&connection));
            async move {
                let path = request.uri().path().to_owned();
                let response = match hub.route(&path) {
                    Some((app, below)) => {
                        app.answer(&connection, path.get(below..).unwrap_or("/"), request).await
                    }
                    None => Reply::error(404, "not_found", "no such scenario; /scenarios lists them")
                        .into_response(),
                };
                Ok::<_, Infallible>(response)
            }
        });
        // An error is a client that went away, or a script that was played to its end.
        let _ = http1::Builder::new().serve_connection(line, service).await;
    }
}

/// A running server. Dropping it stops it and closes its connections.
#[derive(Debug)]
pub struct LeadServer {
    hub: Arc<Hub>,
    url: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl LeadServer {
    /// Starts a server on 127.0.0.1.
    ///
    /// # Panics
    /// If the port is taken or no thread can be had: in the tests and demos this is made for, nothing can go on then.
    /// [`LeadServer::try_start`] returns the error.
    #[allow(clippy::panic, reason = "a test that can't have its server has failed")]
    pub fn start(config: Config) -> LeadServer {
        LeadServer::try_start(config).unwrap_or_else(|error| panic!("the lead server can't start: {error}"))
    }

    /// Starts a server on 127.0.0.1.
    pub fn try_start(config: Config) -> io::Result<LeadServer> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, config.port))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let connections = Arc::new(AtomicU64::new(0));
        let hub = Arc::new(Hub {
            main: Arc::new(App::new(config, port, Arc::clone(&connections))),
            scenarios: Mutex::new(BTreeMap::new()),
            connections,
            accepted: AtomicU64::new(0),
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let serving = Arc::clone(&hub);
        let thread = std::thread::Builder::new().name("leadserver".to_owned()).spawn(move || {
            runtime.block_on(async move {
                let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
                let accept = async {
                    loop {
                        // A failed accept is a connection that never was, or too many open files: go on.
                        match listener.accept().await {
                            Ok((stream, _)) => drop(tokio::spawn(Arc::clone(&serving).connection(stream))),
                            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(1)).await,
                        }
                    }
                };
                tokio::select! {
                    () = accept => {}
                    _ = stopped => {}
                }
            });
        })?;
        let url = format!("http://127.0.0.1:{port}");
        Ok(LeadServer { hub, url, stop: Some(stop), thread: Some(thread) })
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// [`LeadServer::url`] with a path behind it.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.hub.main.port
    }

    /// The same server under a name that is another host to a client: `localhost:PORT`.
    pub fn foreign_host(&self) -> String {
        self.hub.main.foreign()
    }

    /// The token that is good after `401-once`.
    pub fn fresh_token(&self) -> Option<&str> {
        self.hub.main.fresh.as_deref()
    }

    /// What was seen since the last reset.
    pub fn stats(&self) -> Stats {
        self.hub.main.stats()
    }

    /// The last list requests, oldest first.
    pub fn log(&self) -> Vec<Entry> {
        self.hub.main.state().counts.log.iter().cloned().collect()
    }

    /// Ids (as plain text, oldest first) that were there at the last reset and still are: what a walk that began
    /// after it must have found.
    pub fn oracle(&self) -> Vec<String> {
        self.hub.main.oracle(false)
    }

    /// All ids that are there now, oldest first.
    pub fn oracle_now(&self) -> Vec<String> {
        self.hub.main.oracle(true)
    }

    /// The list, the counts and the faults as after the start.
    pub fn reset(&self) {
        self.hub.main.reset();
    }
}

impl Drop for LeadServer {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
