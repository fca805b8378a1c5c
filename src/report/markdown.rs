//! A brief as Markdown, for terminals, repositories and mail.
//!
//! Everything from an article is escaped, so that it shows as it was written and nothing of it
//! becomes markup, a link or HTML (`CommonMark` 0.31, GitHub's tables).

use std::fmt::Write as _;

use super::{
    marks::Piece,
    view::{Block, Figure, Line, Mark, Place, Reference, View, Warning},
    visible::visible,
};
use crate::brief::record::{Brief, Role};

/// The brief as a Markdown document.
pub fn document(brief: &Brief) -> String {
    let view = View::new(brief);
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = head(&mut out, &view)
        .and_then(|()| doubts(&mut out, &view))
        .and_then(|()| summary(&mut out, &view))
        .and_then(|()| tables(&mut out, &view))
        .and_then(|()| quotes(&mut out, &view))
        .and_then(|()| translation(&mut out, &view))
        .and_then(|()| colophon(&mut out, &view));
    out
}

type Result = std::fmt::Result;

fn head(out: &mut String, view: &View) -> Result {
    let title = &view.title;
    match &title.en {
        Some(en) => {
            writeln!(out, "# {}\n", plain(en))?;
            if !title.zh.is_empty() {
                writeln!(out, "**{}**\n", plain(&title.zh))?;
            }
        }
        None if title.zh.is_empty() => writeln!(out, "# {}\n", plain(&view.source))?,
        None => writeln!(out, "# {}\n", plain(&title.zh))?,
    }
    if let Some(note) = &title.note {
        writeln!(out, "*{note}*\n")?;
    }
    writeln!(
        out,
        "> **Machine translation, unverified.** Check every fact against the Chinese before you use it.\n"
    )?;
    let mut about = Vec::new();
    about.extend(view.paper.as_ref().map(both));
    about.extend(view.day.as_deref().map(plain));
    if !view.byline.is_empty() {
        let names: Vec<String> = view.byline.iter().map(both).collect();
        about.push(format!("by {}", names.join(", ")));
    }
    about.push(format!(
        "{}, article {}",
        plain(&view.source),
        plain(&view.article)
    ));
    writeln!(out, "{}\n", about.join(" · "))
}

fn doubts(out: &mut String, view: &View) -> Result {
    writeln!(out, "## Check first\n")?;
    write!(
        out,
        "{} of {} sentences doubtful",
        view.doubtful(),
        view.sentences
    )?;
    if view.figures_counted > 0 {
        write!(
            out,
            "; {} of {} figures found in the English with the same value",
            view.figures_right, view.figures_counted
        )?;
    }
    write!(out, ".")?;
    if let Some(honestly) = &view.honestly {
        write!(out, " {honestly}")?;
    }
    writeln!(out, "\n")?;
    for note in &view.notes {
        writeln!(out, "- {}", plain(note))?;
    }
    for doubt in &view.doubts {
        let place = match doubt.place {
            Place::Article => "",
            Place::Summary => " (in the summary)",
            Place::Both => " (also in the summary)",
        };
        writeln!(
            out,
            "-{}{} — “{}”{place}",
            cite(doubt.sentence.as_slice()),
            warned(&doubt.warnings),
            plain(&doubt.en)
        )?;
    }
    if view.notes.is_empty() && view.doubts.is_empty() {
        return Ok(());
    }
    writeln!(out)
}

fn summary(out: &mut String, view: &View) -> Result {
    if view.summary.is_empty() {
        return Ok(());
    }
    writeln!(out, "## Summary\n")?;
    for sentence in &view.summary {
        writeln!(
            out,
            "{}{}{}\n",
            start_safe(&plain(&sentence.en)),
            cite(&sentence.sources),
            flagged(sentence.mark.as_ref())
        )?;
        if !sentence.zh.is_empty() {
            writeln!(out, "> {}\n", start_safe(&plain(&sentence.zh)))?;
        }
    }
    for left in &view.left_out {
        writeln!(
            out,
            "- *Left out:* {} — {}",
            plain(&left.en),
            plain(&left.why)
        )?;
    }
    if view.left_out.is_empty() {
        return Ok(());
    }
    writeln!(out)
}

fn tables(out: &mut String, view: &View) -> Result {
    if !view.figures.is_empty() {
        writeln!(
            out,
            "## Key figures\n\n| What | Value | Change | Against | Sentence |\n|---|---|---|---|---|"
        )?;
        let (key, others): (Vec<&Figure>, Vec<_>) = view.figures.iter().partition(|f| f.key);
        for figure in key.into_iter().chain(others) {
            writeln!(
                out,
                "| {}{} | {} | {} | {} |{} |",
                both(&figure.what),
                if figure.doubtful { " **⚠**" } else { "" },
                both(&figure.value),
                figure.direction.unwrap_or_default(),
                plain(figure.against.as_deref().unwrap_or_default()),
                cite(figure.sentence.as_slice())
            )?;
        }
        writeln!(out)?;
    }
    if !view.dates.is_empty() {
        let dates = view.dates.iter();
        let dates: Vec<String> = dates
            .map(|date| plain(&date.en) + &cite(&date.sentences))
            .collect();
        writeln!(out, "**Dates** {}\n", dates.join(" · "))?;
    }
    if !view.changes.is_empty() {
        writeln!(
            out,
            "## Appointed and removed\n\n| Name | Change | Post | Organisation | Sentence |\n|---|---|---|---|---|"
        )?;
        for person in &view.changes {
            writeln!(
                out,
                "| {} | {} | {} | {} |{} |",
                both(&person.name),
                person.change.unwrap_or_default(),
                both(&person.post),
                both(&person.organisation),
                cite(person.first.as_slice())
            )?;
        }
        writeln!(out)?;
    }
    if !view.people.is_empty() {
        writeln!(
            out,
            "## People\n\n| Name | Post | Organisation | Sentence |\n|---|---|---|---|"
        )?;
        for person in &view.people {
            let former = person.change.filter(|change| *change == "former");
            writeln!(
                out,
                "| {} | {}{} | {} |{} |",
                both(&person.name),
                former.map_or("", |_| "former "),
                both(&person.post),
                both(&person.organisation),
                cite(person.first.as_slice())
            )?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn quotes(out: &mut String, view: &View) -> Result {
    if view.quotes.is_empty() {
        return Ok(());
    }
    writeln!(out, "## Who said what\n")?;
    for quote in &view.quotes {
        let speaker = quote
            .speaker
            .as_deref()
            .map_or("speaker not named".into(), plain);
        let (open, close) = if quote.own_words {
            ("“", "”")
        } else {
            ("", "")
        };
        let (zh_open, zh_close) = if quote.direct {
            ("“", "”")
        } else {
            ("", "")
        };
        writeln!(
            out,
            "> {open}{}{close}{}{}  \n> {zh_open}{}{zh_close}  \n> — {speaker}{}\n",
            start_safe(&plain(&quote.text.en)),
            cite(quote.sentence.as_slice()),
            flagged(quote.mark.as_ref()),
            start_safe(&plain(&quote.text.zh)),
            match (quote.direct, quote.own_words) {
                (true, true) => "",
                (true, false) => " (quoted in the Chinese; the whole sentence)",
                (false, _) => " (reported)",
            }
        )?;
    }
    Ok(())
}

fn translation(out: &mut String, view: &View) -> Result {
    writeln!(out, "## Full translation\n")?;
    for block in &view.blocks {
        for row in &block.rows {
            let (en, zh) = (joined(&row.en), joined(&row.zh));
            match block.role {
                Role::Subhead => writeln!(out, "### [{}] {en}\n", row.number)?,
                Role::Body => writeln!(out, "[{}] {en}", row.number)?,
                _ => writeln!(out, "[{}] *{}:* {en}", row.number, label(block))?,
            }
            if let Some(mark) = &row.mark {
                writeln!(out, "\n{}", flagged(Some(mark)).trim_start())?;
            }
            for repair in &row.repairs {
                writeln!(out, "\n*{}*", plain(repair))?;
            }
            writeln!(out, "\n> {}\n", start_safe(&zh))?;
        }
    }
    Ok(())
}

fn colophon(out: &mut String, view: &View) -> Result {
    let signature = &view.signature;
    writeln!(
        out,
        "---\n\nMade by {} with {} ({} summary, beam {}, {} on {}). Source SHA-256 {}.",
        plain(&signature.program),
        plain(&signature.translator),
        plain(&signature.route),
        signature.beam,
        plain(&signature.precision),
        plain(&signature.device),
        plain(&signature.source_sha256)
    )
}

fn label(block: &Block) -> &'static str {
    block.label.unwrap_or_default()
}

fn joined(pieces: &[Piece]) -> String {
    plain(&pieces.iter().map(|p| p.text.as_str()).collect::<String>())
}

fn both(line: &Line) -> String {
    match (plain(&line.en), plain(&line.zh)) {
        (en, zh) if en == zh => en,
        (en, zh) => [en, zh].join(" ").trim().to_owned(),
    }
}

/// That a text is doubtful; what is wrong with it is said under “Check first”.
fn flagged(mark: Option<&Mark>) -> String {
    mark.map_or_else(String::new, |mark| {
        format!(" **⚠ {}**", mark.labels.join(", "))
    })
}

fn cite(sentences: &[Reference]) -> String {
    sentences.iter().fold(String::new(), |mut out, sentence| {
        let _ = write!(out, " [{}]", sentence.number);
        out
    })
}

fn warned(warnings: &[Warning]) -> String {
    warnings.iter().fold(String::new(), |mut out, warning| {
        let _ = write!(out, " **⚠ {}:** {}", warning.label, plain(&warning.message));
        out
    })
}

/// Text that Markdown shows as it is, on one line.
fn plain(text: &str) -> String {
    let text = visible(text);
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let after = rest.peek().copied().unwrap_or(' ');
        let markup = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '|' | '~' => true,
            // Within a word an underscore is only an underscore.
            '_' => !(before.is_alphanumeric() && after.is_alphanumeric()),
            // An entity, unless a space follows.
            '&' => after.is_ascii_alphanumeric() || after == '#',
            _ => false,
        };
        if markup {
            out.push('\\');
        }
        out.push(c);
        before = c;
    }
    out
}

/// Escapes what would make a heading, list or rule of the beginning of a line.
fn start_safe(escaped: &str) -> String {
    let text = escaped.trim_start();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    match text[digits..].chars().next() {
        Some('.' | ')') if digits > 0 => format!("{}\\{}", &text[..digits], &text[digits..]),
        Some('#' | '+' | '-' | '=' | ':') if digits == 0 => format!("\\{text}"),
        _ => text.to_owned(),
    }
}
