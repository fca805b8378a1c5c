//! Glossary files of the house: TSV and TOML.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Entry;

/// What can be wrong with a glossary file.
#[derive(Debug, thiserror::Error)]
pub enum GlossaryError {
    /// A line does not hold a term and its English.
    #[error("{path}:{line}: {problem}; a line is zh<TAB>en, then optionally note, case, keep")]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        problem: &'static str,
    },
    /// It is not the TOML that a glossary is.
    #[error(
        "{path}:{line}: {message}; a TOML glossary is [[term]] tables with zh, en, note, case, keep"
    )]
    Toml {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
}

/// The entries of a file's text; its name tells the form, and is named in what is wrong.
pub(super) fn entries(path: &Path, text: &str) -> Result<Vec<Entry>, GlossaryError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("toml"))
    {
        from_toml(text, path)
    } else {
        from_tsv(text, path)
    }
}

fn from_tsv(text: &str, path: &Path) -> Result<Vec<Entry>, GlossaryError> {
    let mut columns = vec!["zh", "en", "note", "case", "keep"];
    let mut entries = Vec::new();
    let mut seen_first = false;
    for (number, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
        if !std::mem::replace(&mut seen_first, true)
            && cells.contains(&"zh")
            && cells.contains(&"en")
        {
            columns = cells;
            continue;
        }
        let cell = |name| {
            let at = columns.iter().position(|c| *c == name)?;
            cells.get(at).copied().filter(|c| !c.is_empty())
        };
        let wrong = |problem| GlossaryError::Line {
            path: path.to_owned(),
            line: number + 1,
            problem,
        };
        let flag = |name| match cell(name).map(str::to_ascii_lowercase).as_deref() {
            None | Some("no" | "false" | "0") => Ok(false),
            Some("yes" | "true" | "1") => Ok(true),
            Some(_) => Err(wrong("`case` and `keep` are yes or no")),
        };
        let zh = cell("zh").ok_or_else(|| wrong("no Chinese term"))?;
        let mut entry = Entry::new(zh, cell("en").unwrap_or_default());
        entry.note = cell("note").map(str::to_owned);
        entry.case = flag("case")?;
        entry.keep = flag("keep")?;
        if entry.en.is_empty() && !entry.keep {
            return Err(wrong("no English for the term"));
        }
        entries.push(entry);
    }
    Ok(entries)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TomlGlossary {
    #[serde(default)]
    term: Vec<toml::Spanned<TomlTerm>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TomlTerm {
    zh: String,
    #[serde(default)]
    en: String,
    note: Option<String>,
    #[serde(default)]
    case: bool,
    #[serde(default)]
    keep: bool,
}

fn from_toml(text: &str, path: &Path) -> Result<Vec<Entry>, GlossaryError> {
    let wrong = |at: Option<usize>, message: &str| GlossaryError::Toml {
        path: path.to_owned(),
        line: at.map_or(1, |at| text[..at.min(text.len())].matches('\n').count() + 1),
        message: message.trim().replace('\n', " "),
    };
    let glossary: TomlGlossary =
        toml::from_str(text).map_err(|e| wrong(e.span().map(|s| s.start), e.message()))?;
    glossary
        .term
        .into_iter()
        .map(|spanned| {
            let at = spanned.span().start;
            let term = spanned.into_inner();
            let mut entry = Entry::new(&term.zh, &term.en);
            entry.note = term.note;
            entry.case = term.case;
            entry.keep = term.keep;
            if entry.zh.is_empty() {
                return Err(wrong(Some(at), "no Chinese term"));
            }
            if entry.en.is_empty() && !entry.keep {
                return Err(wrong(Some(at), "no English for the term"));
            }
            Ok(entry)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tsv(text: &str) -> Result<Vec<Entry>, GlossaryError> {
        from_tsv(text, Path::new("house.tsv"))
    }

    #[test]
    fn tsv_with_and_without_a_header() {
        let plain = tsv("# ours\n云湖港\tPort of Yunhu | Yunhu Port\tsince 2024\tyes\n\n").unwrap();
        assert_eq!(plain.len(), 1);
        assert_eq!(plain[0].en, "Port of Yunhu");
        assert_eq!(plain[0].variants, ["Yunhu Port"]);
        assert_eq!(plain[0].note.as_deref(), Some("since 2024"));
        assert!(plain[0].case && !plain[0].keep && plain[0].house);
        let headed = tsv("en\tkeep\tzh\r\nPort\tno\t港\r\n\tyes\t快报\r\n").unwrap();
        assert_eq!(
            (headed[0].zh.as_str(), headed[0].en.as_str()),
            ("港", "Port")
        );
        assert!(headed[1].keep);
    }

    #[test]
    fn a_bad_line_is_named() {
        for (text, needle) in [
            ("云湖港\n", "house.tsv:1: no English"),
            ("港\tPort\n\tPort\n", "house.tsv:2: no Chinese"),
            ("港\tPort\t\tmaybe\n", "house.tsv:1: `case`"),
        ] {
            let message = tsv(text).unwrap_err().to_string();
            assert!(message.starts_with(needle), "{message}");
        }
    }

    #[test]
    fn toml_terms() {
        let path = Path::new("house.toml");
        let text = "[[term]]\nzh = \"云湖港\"\nen = \"Port of Yunhu\"\ncase = true\n[[term]]\nzh = \"快报\"\nkeep = true\n";
        let terms = from_toml(text, path).unwrap();
        assert!(terms[0].case && terms[1].keep);
        for (bad, line) in [
            ("[[term]]\nzh = \"港\"\n", 1),
            (
                "\n[[term]]\nzh = \"港\"\nen = \"Port\"\n[[term]]\nen = \"x\"\n",
                5,
            ),
            ("term = 3", 1),
            ("# ours\n[[terms]]\n", 2),
            ("[[term]]\nzh = \"港\"\nen = Port\n", 3),
        ] {
            let message = from_toml(bad, path).unwrap_err().to_string();
            let start = format!("house.toml:{line}: ");
            assert!(message.starts_with(&start), "{bad:?}: {message}");
        }
    }
}
