//! A validated source.

use crate::convert::{invalid, text_at};
use everypage_core::source::{self, Fill};
use std::collections::BTreeMap;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// The validated description of one list.
#[wasm_bindgen]
pub struct Source(pub(crate) source::Source);

#[wasm_bindgen]
impl Source {
    /// Reads a source from its JSON text. `vars` is a JSON object of texts, `auth` JSON or nothing, `env` says what
    /// a name of the environment stands for.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    #[wasm_bindgen(constructor)]
    pub fn new(
        text: &str,
        vars: &str,
        auth: Option<String>,
        env: &js_sys::Function,
    ) -> Result<Source, JsValue> {
        let vars: BTreeMap<String, String> = text_at(vars, "vars", "an object whose values are texts")?;
        let auth = auth.map(|auth| text_at(&auth, "auth", "an object of credentials")).transpose()?;
        let env = |name: &str| env.call1(&JsValue::NULL, &name.into()).ok()?.as_string();
        let fill = Fill { env: &env, vars: &vars, auth: auth.as_ref() };
        source::Source::from_json(text, &fill).map(Source).map_err(|error| invalid(&error))
    }

    /// Its name.
    #[wasm_bindgen(getter)]
    pub fn name(&self) -> String {
        self.0.name.clone()
    }
}
