//! Values that must never be shown.

use crate::json::Pointer;

/// A credential. It has no `Debug`, `Display` or `Serialize`, so it can't slip into a log, an error, a
/// report or a checkpoint by accident; [`Secret::expose`] is the one way to its text.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

impl Secret {
    /// Takes the value in.
    pub fn new(value: impl Into<Box<str>>) -> Secret {
        Secret(value.into())
    }

    /// The value itself: only for writing it into a request, or for recognising it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// `auth`: every value is secret.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Auth {
    /// Headers: lower-case names. `bearer` and `basic` have become `authorization`.
    pub headers: Vec<(String, Secret)>,
    /// Query parameters.
    pub query: Vec<(String, Secret)>,
    /// Values in the JSON body.
    pub body: Vec<(Pointer, Secret)>,
}
