//! The flat YAML of Marian's own configurations: scalars, and lists in either style.

use std::collections::BTreeMap;

/// What `special:model.yml`, or a `decoder.yml`, says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MarianConfig {
    entries: BTreeMap<String, Vec<String>>,
}

/// A configuration of Marian's has some hundred lines.
const MOST_BYTES: usize = 1 << 20;

impl MarianConfig {
    /// Reads the text; the error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > MOST_BYTES {
            return Err(format!("its configuration has {} bytes", text.len()));
        }
        let mut entries: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut key = None;
        for line in text.lines() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(item) = line.strip_prefix("- ") {
                let list: Option<&mut Vec<String>> = key.as_ref().and_then(|k| entries.get_mut(k));
                let list = list.ok_or_else(|| format!("its configuration has a stray {line:?}"))?;
                list.push(scalar(item));
                continue;
            }
            // An empty list stands on a line of its own.
            if line == "[]" {
                continue;
            }
            let (name, value) = line
                .split_once(':')
                .ok_or_else(|| format!("its configuration has a line {line:?}"))?;
            let value = value.trim();
            let values = match value.strip_prefix('[').and_then(|v| v.strip_suffix(']')) {
                Some(list) => list
                    .split(',')
                    .filter(|v| !v.trim().is_empty())
                    .map(scalar)
                    .collect(),
                None if value.is_empty() => Vec::new(),
                None => vec![scalar(value)],
            };
            entries.insert(name.trim().to_owned(), values);
            key = Some(name.trim().to_owned());
        }
        Ok(Self { entries })
    }

    /// A scalar; `None` where it is absent or null.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.entries.get(name)?.as_slice() {
            [value] if value != "~" && value != "null" => Some(value),
            _ => None,
        }
    }

    /// A list, empty where it is absent.
    pub fn list(&self, name: &str) -> &[String] {
        self.entries.get(name).map_or(&[], Vec::as_slice)
    }

    /// A whole number of at most `most`; the error names it.
    pub fn count(&self, name: &str, most: usize) -> Result<usize, String> {
        let found = self.text(name).unwrap_or("nothing");
        let number = found.parse().ok().filter(|&n| n <= most);
        number.ok_or_else(|| {
            format!("`{name}` is {found}, it must be a whole number of at most {most}")
        })
    }

    /// A number, where it is stated.
    pub fn number(&self, name: &str) -> Result<Option<f32>, String> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let number = text.parse().ok().filter(|n: &f32| n.is_finite());
        number
            .map(Some)
            .ok_or_else(|| format!("`{name}` is {text}, it must be a number"))
    }

    /// Whether it says `true`.
    pub fn flag(&self, name: &str) -> bool {
        self.text(name) == Some("true")
    }
}

fn scalar(text: &str) -> String {
    text.trim().trim_matches(['"', '\'']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_styles_of_lists_are_read() {
        let text = "dim-emb: 512\ndim-vocabs:\n  - 64000\n  - 64000\ntransformer-tied-layers:\n  []\n\
                    input-types: [a, \"b\"]\ntransformer-preprocess: \"\"\nnormalize: 0.6\nulr: false\n\
                    skip: ~\n# a comment\n";
        let config = MarianConfig::parse(text).unwrap();
        assert_eq!(config.count("dim-emb", 1 << 16), Ok(512));
        assert_eq!(config.list("dim-vocabs"), ["64000", "64000"]);
        assert!(config.list("transformer-tied-layers").is_empty());
        assert_eq!(config.list("input-types"), ["a", "b"]);
        assert_eq!(config.text("transformer-preprocess"), Some(""));
        assert_eq!(config.number("normalize"), Ok(Some(0.6)));
        assert!(!config.flag("ulr") && config.text("skip").is_none());
        assert_eq!(
            config.count("dim-emb", 100).unwrap_err(),
            "`dim-emb` is 512, it must be a whole number of at most 100"
        );
        for bad in ["- 1", "no colon"] {
            assert!(MarianConfig::parse(bad).is_err(), "{bad:?} was accepted");
        }
    }
}
