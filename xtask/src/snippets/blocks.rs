//! Code blocks of Markdown and the comments that say how they are tested.

/// One block that is tested, or is said not to be.
#[derive(Debug)]
pub struct Block {
    /// Document and line, for messages.
    pub place: String,
    /// Its language.
    pub language: Language,
    /// What is done with it.
    pub test: Test,
    /// What stands in it.
    pub text: String,
}

/// The languages that are tested.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Language {
    /// `json`
    Json,
    /// `rust`
    Rust,
    /// `sh`
    Shell,
    /// `toml`
    Toml,
}

/// What is done with a block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Test {
    /// As the language has it, and it becomes a file of this name.
    As(String),
    /// Built, not run.
    Build,
    /// Nothing.
    Not,
    /// As the language has it.
    Plain,
}

/// The blocks of a document, and what is wrong with its comments.
pub fn find(document: &str, markdown: &str) -> (Vec<Block>, Vec<String>) {
    let (mut blocks, mut problems) = (Vec::new(), Vec::new());
    let mut comment: Option<&str> = None;
    let mut open: Option<(Option<Block>, String)> = None;
    for (number, line) in markdown.lines().enumerate().map(|(index, line)| (index + 1, line)) {
        let trimmed = line.trim();
        if let Some((block, fence)) = open.as_mut() {
            if trimmed.starts_with(fence.as_str()) && trimmed.trim_start_matches('`').is_empty() {
                blocks.extend(block.take());
                open = None;
            } else if let Some(block) = block {
                block.text.push_str(line);
                block.text.push('\n');
            }
            continue;
        }
        let fence: String = trimmed.chars().take_while(|c| *c == '`').collect();
        if fence.len() < 3 {
            if !trimmed.is_empty() {
                comment =
                    trimmed.strip_prefix("<!--").and_then(|rest| rest.strip_suffix("-->")).map(str::trim);
            }
            continue;
        }
        let place = format!("{document}:{number}");
        let word = trimmed.trim_start_matches('`').split([',', ' ']).next().unwrap_or_default();
        let wish = comment.take().and_then(wish);
        let block = match (language(word), wish) {
            (None, _) => None,
            (Some(_), None) => {
                problems.push(format!(
                    "{place}: this {word} block has no `<!-- test -->` before it (or `test: not, WHY`)"
                ));
                None
            }
            (Some(language), Some(test)) => Some(Block { place, language, test, text: String::new() }),
        };
        open = Some((block, fence));
    }
    (blocks, problems)
}

fn language(word: &str) -> Option<Language> {
    match word {
        "json" => Some(Language::Json),
        "rust" => Some(Language::Rust),
        "sh" => Some(Language::Shell),
        "toml" => Some(Language::Toml),
        _ => None,
    }
}

fn wish(comment: &str) -> Option<Test> {
    if comment == "test" {
        return Some(Test::Plain);
    }
    let more = comment.strip_prefix("test:")?.trim();
    if more == "build" {
        return Some(Test::Build);
    }
    if let Some(why) = more.strip_prefix("not,") {
        return (!why.trim().is_empty()).then_some(Test::Not);
    }
    let name = more.strip_prefix("as ")?.trim();
    let plain = !name.is_empty() && !name.contains(['/', ' ']);
    plain.then(|| Test::As(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_with_their_comments() {
        let text = "# T\n<!-- test: as a.json -->\n```json\n{}\n```\ntext\n<!-- test -->\n\n```sh\necho \"```\"\n```\n\
            ```text\nfree\n```\n<!-- test: not, too slow -->\n```sh\ncargo xtask demo\n```\n";
        let (blocks, problems) = find("a.md", text);
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(blocks.len(), 3);
        assert_eq!((blocks[0].place.as_str(), &blocks[0].test), ("a.md:3", &Test::As("a.json".to_owned())));
        assert_eq!((blocks[1].language, blocks[1].text.as_str()), (Language::Shell, "echo \"```\"\n"));
        assert_eq!(blocks[2].test, Test::Not);
    }

    #[test]
    fn a_block_without_a_comment_is_a_problem() {
        let (blocks, problems) = find("a.md", "<!-- test -->\n\nwords\n\n```sh\nls\n```\n```rust\n```\n");
        assert!(blocks.is_empty());
        assert_eq!(problems.len(), 2);
        for bad in ["", "tset", "test: not", "test: not,", "test: as", "test: as a/b"] {
            assert_eq!(wish(bad), None, "{bad}");
        }
    }
}
