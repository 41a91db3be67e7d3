//! Calling a copy of a function with the arguments of the function itself.

/// How a function is called from its own body.
pub struct Call {
    receiver: bool,
    arguments: Vec<String>,
}

impl Call {
    /// The call of a copy of that name.
    pub fn to(&self, copy: &str, method: bool) -> String {
        let path = match (self.receiver, method) {
            (true, _) => "self.",
            (false, true) => "Self::",
            (false, false) => "",
        };
        format!("{path}{copy}({})", self.arguments.join(", "))
    }
}

/// From the function's head. `None` where an argument has no name to pass it on by.
pub fn of(head: &str, name: &str) -> Option<Call> {
    let from = head.find(&format!("fn {name}"))? + 3 + name.len();
    let mut depth = 0_i32;
    let (mut parameters, mut current, mut inside) = (Vec::new(), String::new(), false);
    let mut before = ' ';
    for c in head[from..].chars() {
        let opens = matches!(c, '(' | '[' | '{' | '<');
        // The arrow of a function's type closes nothing.
        let closes = matches!(c, ')' | ']' | '}') || c == '>' && before != '-';
        before = c;
        if c == '(' && !inside && depth == 0 {
            inside = true;
            continue;
        }
        depth += i32::from(opens) - i32::from(closes);
        if !inside {
            continue;
        }
        if depth < 0 {
            parameters.push(current);
            return named(&parameters);
        }
        if c == ',' && depth == 0 {
            parameters.push(std::mem::take(&mut current));
        } else {
            current.push(c);
        }
    }
    None
}

fn named(parameters: &[String]) -> Option<Call> {
    let mut call = Call { receiver: false, arguments: Vec::new() };
    for parameter in parameters.iter().map(|parameter| parameter.trim()).filter(|text| !text.is_empty()) {
        match parameter.split_once(':') {
            None if parameter.ends_with("self") => call.receiver = true,
            Some((name, _)) => {
                let name = name.trim().trim_start_matches("mut ").trim();
                if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                    return None;
                }
                call.arguments.push(name.to_owned());
            }
            None => return None,
        }
    }
    Some(call)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(head: &str) -> Option<String> {
        of(head, "f").map(|call| call.to("f_7", true))
    }

    #[test]
    fn arguments_are_passed_on_by_their_names() {
        assert_eq!(
            call("/// Says f.\npub fn f(&mut self, a: u8, mut b: &[u8]) -> u8 "),
            Some("self.f_7(a, b)".to_owned())
        );
        assert_eq!(
            call("fn f<'a, T: Fn(u8) -> u8>(a: Vec<(u8, T)>,\n b: T,\n) "),
            Some("Self::f_7(a, b)".to_owned())
        );
        assert_eq!(call("fn f() "), Some("Self::f_7()".to_owned()));
        assert_eq!(of("fn f(a: u8) ", "f").map(|call| call.to("f_7", false)), Some("f_7(a)".to_owned()));
        assert_eq!(call("fn f((a, b): (u8, u8)) "), None);
    }
}
