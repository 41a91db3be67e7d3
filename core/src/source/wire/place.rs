//! Writing one value into its place, and nothing but its place.

use super::WireError;
use super::draft::Draft;
use super::template::{Piece, Values, fill, number, pieces, plain, splice, unsafe_cursor};
use crate::facts::{Auth, Locator, Place};
use crate::json::{Raw, Tree};
use crate::url::encode_path_segment;

impl Draft {
    /// Writes a position or the size where the locator says.
    pub(super) fn place(
        &mut self,
        locator: &Locator,
        value: &Raw,
        size: Option<u64>,
        auth: &Auth,
    ) -> Result<(), WireError> {
        let place = locator.place.to_string();
        let values = Values { position: value, size };
        let template = locator.template.as_ref().map(|template| template.0.as_str());
        let text =
            || template.map_or_else(|| plain(value, &place), |template| fill(template, values, &place));
        // A null that no template asks for is no value: it is left out, as it is in `request.query`.
        let nothing = value.is_null() && template.is_none();
        match &locator.place {
            Place::Body(pointer) => {
                let json = match template {
                    None => value.clone(),
                    Some(template) => body_value(template, values, &place)?,
                };
                self.content.set(pointer, &json)
            }
            Place::Form(name) => {
                if nothing {
                    Ok(())
                } else {
                    self.content.set_field(name, text()?)
                }
            }
            Place::Header(name) => {
                if nothing {
                    return Ok(());
                }
                let text = text()?;
                // Blanks belong to a template, never to a position.
                let visible = |b: u8| b.is_ascii_graphic() || (template.is_some() && b == b' ');
                if text.is_empty() || !text.bytes().all(visible) || text.trim_matches(' ') != text {
                    return Err(unsafe_cursor(&place, "a header takes visible ASCII only"));
                }
                self.headers.insert(name.to_ascii_lowercase(), text);
                Ok(())
            }
            Place::Path(name) => {
                if !nothing {
                    let text = text()?;
                    if text.is_empty() {
                        return Err(unsafe_cursor(&place, "an empty segment would change the path"));
                    }
                    self.in_path.insert(name.clone(), Some(encode_path_segment(&text)));
                }
                Ok(())
            }
            Place::Query(name) => {
                if !nothing && !self.linked {
                    self.written.insert(name.clone(), vec![text()?]);
                }
                Ok(())
            }
            Place::Spread { names, rest } => {
                if nothing || self.linked {
                    Ok(())
                } else {
                    self.spread(names, *rest, value, &place, auth)
                }
            }
            Place::Text(name) => {
                if !nothing {
                    // Always between other text, whatever the template looks like.
                    let text = match template {
                        None | Some("{}") => splice(value, &place)?,
                        Some(template) => fill(template, values, &place)?,
                    };
                    self.in_text.insert(name.clone(), text);
                }
                Ok(())
            }
            Place::Last(_) | Place::Link(_) | Place::Max(_) | Place::Record(_) | Place::Status => {
                Err(WireError::Mismatch { message: format!("`{place}` is read, never written") })
            }
        }
    }

    /// Spreads an object's members over the query. Names that the source fixes, that hold the size or a secret
    /// keep their values: a server can't change the request with its position.
    fn spread(
        &mut self,
        names: &[String],
        rest: bool,
        value: &Raw,
        place: &str,
        auth: &Auth,
    ) -> Result<(), WireError> {
        let Some(Tree::Object(members)) = Tree::parse(value.as_str()) else {
            let message =
                format!("`{place}` takes the members of an object, the position is {}", value.kind());
            return Err(WireError::Mismatch { message });
        };
        for (name, member) in members {
            let taken = self.fixed.contains_key(&name)
                || self.written.contains_key(&name)
                || self.url.param(&name).is_some()
                || auth.query.iter().any(|(secret, _)| *secret == name);
            if taken || !(rest || names.contains(&name)) {
                continue;
            }
            let values = match member {
                Tree::Array(items) => items,
                Tree::Object(_) | Tree::Scalar(_) => vec![member],
            };
            let mut texts = Vec::new();
            for value in values {
                if let Some(value) = Raw::parse(&value.to_json()).filter(|value| !value.is_null()) {
                    texts.push(plain(&value, place)?);
                }
            }
            if !texts.is_empty() {
                self.written.insert(name, texts);
            }
        }
        Ok(())
    }
}

/// What a template makes in a JSON body: the position or a number of the window where it is just that, text
/// otherwise.
fn body_value(template: &str, values: Values<'_>, place: &str) -> Result<Raw, WireError> {
    match pieces(template).as_slice() {
        [Piece::Position] => Ok(values.position.clone()),
        [piece @ (Piece::Last | Piece::Size)] => {
            Ok(number(*piece, values, place)?.map_or_else(Raw::null, Raw::from_u64))
        }
        _ => fill(template, values, place).map(|text| Raw::from_text(&text)),
    }
}
