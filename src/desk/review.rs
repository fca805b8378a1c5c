//! The review: a brief sentence by sentence, what is doubtful first, and what an editor makes of it.
//!
//! Goes out: the one page of the desk, and the JSON that its script fills it with. A correction goes to
//! the memory, nothing else: what is shown is the brief with the memory over it, and the files follow
//! when the page is briefed again.

use std::{
    collections::BTreeSet,
    fs,
    ops::Range,
    path::Path,
    sync::LazyLock,
    thread,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use clap::ValueEnum as _;
use oxhttp::model::{StatusCode, header};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Desk,
    message::{Answer, Asked, Failure, Reply, flag, optional, text},
    shelf,
};
use crate::{
    brief::record::{Brief, Origin, Role, Segment},
    formats::{Format, FormatError},
    judges,
    memory::{Correction, Term},
    pipeline::Settings,
    report::{self, PageFolder, Tables},
    translation::{self, Options, Rules, Text},
};
use kuaibao_engine::hub::sha256;
use kuaibao_text::{
    checks::{Doubt, check_figures},
    figures::Clock,
    glossary::Entry,
    people::Name,
    text::simplify,
};

/// How long a brief may be away while it is written again.
const WRITTEN: Duration = Duration::from_secs(5);
/// Hypotheses that are shown of a sentence.
const HYPOTHESES: usize = 6;
/// Corrections of like sentences that are shown beside one.
const NEAR: usize = 3;
/// Sentences that are translated to show what a term changes.
const PREVIEWED: usize = 40;

/// The page of the desk, with the policy that allows its one script and its one style.
static PAGE: LazyLock<(String, String)> = LazyLock::new(|| {
    let style = concat!(
        include_str!("../report/templates/common.css"),
        include_str!("page/desk.css")
    );
    let script = include_str!("page/desk.js");
    let page = include_str!("page/desk.html")
        .replace("/*style*/", style)
        .replace("/*script*/", script);
    let hash = |text: &str| BASE64.encode(sha256(text.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; connect-src 'self'; img-src data:; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        hash(style),
        hash(script)
    );
    (page, policy)
});

/// `GET /`: the page; its script does the rest.
pub(super) fn page() -> Reply {
    let (page, policy) = &*PAGE;
    Reply::new("text/html; charset=utf-8", page.as_str())
        .with(header::CONTENT_SECURITY_POLICY, policy.as_str())
}

/// `GET /desk/pages`: the briefs, and the pages on their way.
pub(super) fn pages(desk: &Desk) -> Answer {
    let left_out = desk.intake.left_out().into_iter().filter(|l| !l.expected);
    let left_out: Vec<_> = left_out.take(100).collect();
    Reply::json(&json!({
        "briefs": desk.shelf.digests(&desk.output),
        "jobs": desk.intake.jobs(),
        "left_out": left_out,
    }))
}

/// A run of text, marked where something in it is in doubt.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Piece<'a> {
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mark: Option<&'static str>,
}

/// A brief under review.
struct Reviewed {
    brief: Brief,
    clock: Clock,
    around: String,
}

impl Reviewed {
    fn load(desk: &Desk, source: &str, article: &str) -> Result<Self, Failure> {
        let folder = PageFolder::new(&desk.output, Path::new(source));
        let file = desk.output.join(folder.files(article).json);
        let since = Instant::now();
        loop {
            if let Some(brief) = shelf::load(&file) {
                return Ok(Self::new(brief));
            }
            // It may be away for the moment in which it is written again.
            if !folder.holds(article) || since.elapsed() > WRITTEN {
                return Err(Failure::missing("such brief"));
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn new(brief: Brief) -> Self {
        let clock = brief.date.as_deref().and_then(Clock::parse);
        let texts: Vec<&str> = brief.translation.iter().map(|s| s.zh.as_str()).collect();
        let clock = clock.unwrap_or_default();
        Self {
            clock: texts.iter().fold(clock, |clock, zh| clock.in_article(zh)),
            around: texts.join("\n"),
            brief,
        }
    }

    /// A sentence with the people in it, as the house calls them.
    fn text<'a>(&'a self, segment: &'a Segment, settings: &'a Settings) -> Text<'a> {
        let in_it = |mention: &[usize; 2]| segment.start <= mention[0] && mention[1] <= segment.end;
        let people = self.brief.people.iter();
        let names = people
            .filter(|person| person.mentions.iter().any(in_it))
            .filter_map(|person| {
                let house = settings.glossary.house(&person.zh);
                let is_known = person.certain || house.is_some();
                let en = house.unwrap_or(&person.en);
                Name::new(&person.zh, en).filter(|_| is_known)
            });
        Text {
            zh: &segment.zh,
            names: names.collect(),
            around: &self.around,
        }
    }

    fn rules<'a>(&'a self, settings: &'a Settings) -> Rules<'a> {
        Rules {
            clock: &self.clock,
            glossary: &settings.glossary,
        }
    }

    /// The English that holds now, and whose it is.
    fn english(&self, segment: &Segment, settings: &Settings) -> (String, &'static str) {
        let text = self.text(segment, settings);
        let memory = settings.memory();
        match memory.and_then(|memory| memory.recall(text.zh, &text.names, &self.clock)) {
            Some(recalled) => (recalled.en, "memory"),
            None => (segment.en.clone(), "model"),
        }
    }

    /// The brief with the corrections over it.
    fn corrected(&self, settings: &Settings) -> Brief {
        let mut brief = self.brief.clone();
        for (segment, own) in brief.translation.iter_mut().zip(&self.brief.translation) {
            let (en, origin) = self.english(own, settings);
            if origin != "memory" {
                continue;
            }
            for sentence in &mut brief.summary {
                if sentence.en == own.en {
                    sentence.en.clone_from(&en);
                    sentence.flags.clear();
                }
            }
            if own.role == Role::Headline && brief.headline.en == own.en {
                brief.headline.en.clone_from(&en);
            }
            segment.en = en;
            segment.origin = Origin::Memory;
            segment.flags.clear();
            segment.doubts.clear();
        }
        brief
    }

    fn segment(&self, id: &str) -> Result<&Segment, Failure> {
        let found = self.brief.translation.iter().find(|s| s.id == id);
        found.ok_or_else(|| Failure::missing("such sentence"))
    }

    /// A sentence and an English of it as they are shown, held to the rules.
    fn shown(&self, segment: &Segment, en: &str, settings: &Settings) -> Value {
        let text = self.text(segment, settings);
        let rules = self.rules(settings);
        // What the brief says of its own English may be more than can be found here again.
        let (flags, doubts) = match en == segment.en {
            true => (segment.flags.clone(), segment.doubts.clone()),
            false => {
                let checked = translation::examine(&text, en, &rules);
                (checked.flags, checked.doubts)
            }
        };
        let [zh, en_pieces] = marked(&text, en, &rules, &doubts);
        json!({"zh": zh, "en": en_pieces, "text": en, "flags": flags})
    }
}

/// The two texts of a sentence with what is in doubt marked in both.
fn marked<'a>(
    text: &Text<'a>,
    en: &'a str,
    rules: &Rules,
    doubts: &[Doubt],
) -> [Vec<Piece<'a>>; 2] {
    let zh = text.zh;
    let (mut in_zh, mut in_en) = (Vec::new(), Vec::new());
    let figures = check_figures(zh, en, rules.clock);
    in_zh.extend(figures.missing.iter().map(|m| (m.zh.clone(), "figure")));
    for wrong in &figures.wrong {
        in_zh.push((wrong.zh.clone(), "figure"));
        in_en.push((wrong.en.clone(), "figure"));
    }
    in_en.extend(figures.extra.iter().map(|x| (x.en.clone(), "figure")));
    for name in text.names.iter().filter(|name| !name.is_called_in(en)) {
        let at = zh.match_indices(name.zh).next();
        in_zh.extend(at.map(|(at, name)| (at..at + name.len(), "name")));
        in_en.extend(name.misspelt(zh, en).map(|(range, _)| (range, "name")));
    }
    let terms = rules.glossary.violations(zh, en);
    in_zh.extend(terms.into_iter().map(|term| (term.range, "term")));
    for doubt in doubts {
        in_zh.extend(doubt.zh_range.clone().map(|range| (range, "doubt")));
        in_en.extend(doubt.en_range.clone().map(|range| (range, "doubt")));
    }
    [pieces(zh, in_zh), pieces(en, in_en)]
}

/// A text cut at its marks; of marks that overlap the first stands.
fn pieces<'a>(text: &'a str, mut marks: Vec<(Range<usize>, &'static str)>) -> Vec<Piece<'a>> {
    marks.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let mut pieces = Vec::new();
    let mut end = 0;
    for (range, mark) in marks {
        let holds = text.is_char_boundary(range.start) && text.is_char_boundary(range.end);
        if range.start < end || range.is_empty() || range.end > text.len() || !holds {
            continue;
        }
        pieces.push(Piece {
            text: &text[end..range.start],
            mark: None,
        });
        pieces.push(Piece {
            text: &text[range.clone()],
            mark: Some(mark),
        });
        end = range.end;
    }
    pieces.push(Piece {
        text: &text[end..],
        mark: None,
    });
    pieces.retain(|piece| !piece.text.is_empty());
    pieces
}

/// `GET /desk/article?source=…&article=…`.
pub(super) fn article(desk: &Desk, asked: &Asked) -> Answer {
    let source = text(&asked.query, "source")?;
    let reviewed = Reviewed::load(desk, &source, &text(&asked.query, "article")?)?;
    let settings = desk.settings()?;
    let brief = &reviewed.brief;
    let segments = brief.translation.iter().map(|segment| {
        let (en, origin) = reviewed.english(segment, &settings);
        let mut shown = reviewed.shown(segment, &en, &settings);
        if origin == "memory" {
            // An editor has said so; only the house may still say otherwise.
            let rules = reviewed.rules(&settings);
            let terms = rules.glossary.violations(&segment.zh, &en);
            let house = terms.iter().filter(|term| term.house);
            let flags = house.map(|t| {
                json!({"kind": "glossary", "message": format!("{} should be “{}”.", t.zh, t.wanted)})
            });
            shown["flags"] = flags.collect();
        }
        let memory = settings.memory();
        let correction = memory.and_then(|memory| memory.exact(&segment.zh));
        shown["id"] = json!(segment.id);
        shown["role"] = json!(segment.role);
        shown["score"] = json!(segment.score);
        shown["origin"] = json!(origin);
        shown["correction"] = json!(correction.map(|c| c.id));
        shown
    });
    let segments: Vec<Value> = segments.collect();
    let folder = PageFolder::new(Path::new(""), Path::new(&source));
    Reply::json(&json!({
        "source": source,
        "article": brief.article,
        "headline": brief.headline,
        "paper": brief.paper,
        "date": brief.date,
        "html": folder.files(&brief.article).html,
        "job": desk.intake.state(&source),
        "segments": segments,
    }))
}

/// `GET /desk/near?source=…&article=…`: the corrections that are most like each sentence which has none.
/// Asked for beside the article, for an encoder may take its time.
pub(super) fn near(desk: &Desk, asked: &Asked) -> Answer {
    let source = text(&asked.query, "source")?;
    let reviewed = Reviewed::load(desk, &source, &text(&asked.query, "article")?)?;
    let settings = desk.settings()?;
    let mut near = serde_json::Map::new();
    let Some(memory) = settings.memory() else {
        return Reply::json(&near);
    };
    let segments = reviewed.brief.translation.iter();
    let open = segments.filter(|segment| reviewed.english(segment, &settings).1 == "model");
    let open: Vec<&Segment> = open.collect();
    if desk.engine.judges.compare() && !open.is_empty() {
        let said = memory.corrections().iter().map(|c| c.zh.as_str());
        let texts: Vec<&str> = open.iter().map(|s| s.zh.as_str()).chain(said).collect();
        let learnt = desk.vectors.learn(&desk.engine.judges, &texts);
        learnt.map_err(|error| Failure::defect(&error))?;
    }
    let alike = |a: &str, b: &str| Some((desk.vectors.similarity(a, b)?, judges::ALIKE));
    for segment in open {
        let found = memory.near(&segment.zh, NEAR, alike);
        if !found.is_empty() {
            near.insert(segment.id.clone(), json!(found));
        }
    }
    Reply::json(&near)
}

/// The brief and the sentence that a request is about.
fn about(
    desk: &Desk,
    fields: &serde_json::Map<String, Value>,
) -> Result<(Reviewed, String), Failure> {
    let (source, article) = (text(fields, "source")?, text(fields, "article")?);
    Ok((
        Reviewed::load(desk, &source, &article)?,
        text(fields, "id")?,
    ))
}

/// `POST /desk/check`: how an English text of a sentence fares, before it is kept.
pub(super) fn check(desk: &Desk, asked: &Asked) -> Answer {
    let fields = asked.fields()?;
    let (reviewed, id) = about(desk, &fields)?;
    let segment = reviewed.segment(&id)?;
    Reply::json(&reviewed.shown(segment, &text(&fields, "en")?, &*desk.settings()?))
}

/// `POST /desk/hypotheses`: what else the model would say.
pub(super) fn hypotheses(desk: &Desk, asked: &Asked) -> Answer {
    let (reviewed, id) = about(desk, &asked.fields()?)?;
    let segment = reviewed.segment(&id)?;
    let settings = desk.settings()?;
    let rules = reviewed.rules(&settings);
    let chinese = reviewed.text(segment, &settings);
    let made = translation::alternatives(&desk.engine, &chinese, HYPOTHESES, Some(&rules))?;
    let shown = made.iter().map(|one| {
        let mut shown = reviewed.shown(segment, &one.en, &settings);
        shown["score"] = json!((f64::from(one.score) * 1e3).round() / 1e3);
        shown
    });
    let shown: Vec<Value> = shown.collect();
    Reply::json(&shown)
}

/// `POST /desk/save`: keeps the English of a sentence as an editor has it.
pub(super) fn save(desk: &Desk, asked: &Asked) -> Answer {
    let fields = asked.fields()?;
    let (reviewed, id) = about(desk, &fields)?;
    let segment = reviewed.segment(&id)?;
    let en = text(&fields, "en")?.trim().to_owned();
    if en.is_empty() {
        return Err(Failure::bad("the English says nothing"));
    }
    let settings = desk.settings()?;
    let chinese = reviewed.text(segment, &settings);
    let seen = fields.get("seen").and_then(Value::as_i64).unwrap_or(0);
    let (kept, settings) = {
        // One at a time, so that nobody overwrites what he has not seen.
        let store = desk.store();
        let newest = store.newest(&segment.zh)?;
        if let Some(newest) = newest.filter(|newest| newest.id > seen && newest.en != en) {
            let message = format!("{} has corrected this sentence meanwhile", newest.who);
            let mut failure = Failure::new(StatusCode::CONFLICT, message);
            failure.more.insert("en".to_owned(), json!(newest.en));
            failure
                .more
                .insert("correction".to_owned(), json!(newest.id));
            return Err(failure);
        }
        let names = chinese.names.iter();
        let kept = store.correct(&Correction {
            zh: segment.zh.clone(),
            en: en.clone(),
            names: names.map(|n| (n.zh.to_owned(), n.en.to_owned())).collect(),
            who: optional(&fields, "who")?
                .filter(|who| !who.is_empty())
                .unwrap_or_else(|| desk.who.clone()),
            source: Some(reviewed.brief.source.clone()),
            article: Some(reviewed.brief.article.clone()),
            segment: Some(segment.id.clone()),
            model: Some(desk.engine.location.versioned()),
            machine: Some(segment.en.clone()),
            ..Correction::default()
        })?;
        drop(store);
        desk.remember()?;
        (kept, desk.settings()?)
    };
    desk.order_again(
        touched(desk, &segment.zh, &settings)
            .iter()
            .map(String::as_str),
    );
    let mut shown = reviewed.shown(segment, &en, &settings);
    shown["correction"] = json!(kept);
    shown["origin"] = json!("memory");
    Reply::json(&shown)
}

/// The sources of briefs that have a sentence like a corrected one.
fn touched(desk: &Desk, zh: &str, settings: &Settings) -> BTreeSet<String> {
    let Some(memory) = settings.memory() else {
        return BTreeSet::new();
    };
    let mut sources = BTreeSet::new();
    for file in shelf::briefs(&desk.output) {
        if let Some(brief) = shelf::load(&file)
            && !sources.contains(&brief.source)
        {
            let reviewed = Reviewed::new(brief);
            let is_touched = |segment: &Segment| {
                let text = reviewed.text(segment, settings);
                let recalled = memory.recall(text.zh, &text.names, &reviewed.clock);
                segment.zh == zh || recalled.is_some_and(|recalled| recalled.en != segment.en)
            };
            if reviewed.brief.translation.iter().any(is_touched) {
                sources.insert(reviewed.brief.source.clone());
            }
        }
    }
    sources
}

/// `POST /desk/everywhere`: a term for every text. First what would change, then, with `apply`, so be
/// it.
pub(super) fn everywhere(desk: &Desk, asked: &Asked) -> Answer {
    let fields = asked.fields()?;
    let (zh, en) = (text(&fields, "zh")?, text(&fields, "en")?);
    let (zh, en) = (zh.trim().to_owned(), en.trim().to_owned());
    if zh.is_empty() || en.is_empty() {
        return Err(Failure::bad("say the Chinese and the English"));
    }
    let term = Term {
        who: optional(&fields, "who")?
            .filter(|who| !who.is_empty())
            .unwrap_or_else(|| desk.who.clone()),
        source: optional(&fields, "source")?,
        zh: zh.clone(),
        en,
        ..Term::default()
    };
    let before = desk.settings()?;
    let mut settings = (*before).clone();
    // What editors wrote follows where it called it as it was called before.
    let renamed = before
        .memory()
        .map(|memory| memory.renamed(&term, &before.glossary));
    let renamed = renamed.unwrap_or_default();
    settings.call(Entry::new(&term.zh, &term.en));
    settings.correct(renamed.clone());
    let simple = simplify(&zh).into_owned();
    let (mut changes, mut sources, mut total) = (Vec::new(), BTreeSet::new(), 0);
    let apply = flag(&fields, "apply")?;
    for file in shelf::briefs(&desk.output) {
        let Some(brief) = shelf::load(&file) else {
            continue;
        };
        let reviewed = Reviewed::new(brief);
        let has = |s: &&Segment| s.zh.contains(&zh) || simplify(&s.zh).contains(&simple);
        let segments: Vec<&Segment> = reviewed.brief.translation.iter().filter(has).collect();
        if segments.is_empty() {
            continue;
        }
        sources.insert(reviewed.brief.source.clone());
        total += segments.len();
        let room = PREVIEWED.saturating_sub(changes.len());
        if apply || room == 0 {
            continue;
        }
        let segments = &segments[..segments.len().min(room)];
        let texts: Vec<Text> = segments
            .iter()
            .map(|s| reviewed.text(s, &settings))
            .collect();
        let rules = reviewed.rules(&settings);
        let options = Options {
            checks: Some(&rules),
            mend: true,
            memory: settings.memory(),
            ..Options::default()
        };
        let made = translation::translate(&desk.engine, &texts, &options, &|_| ())?;
        for (segment, made) in segments.iter().zip(made) {
            let (before, origin) = reviewed.english(segment, &before);
            let terms = settings.glossary.violations(&segment.zh, &made.en);
            let is_said = terms.iter().all(|term| term.zh != zh);
            changes.push(json!({
                "source": reviewed.brief.source, "article": reviewed.brief.article, "id": segment.id,
                "zh": segment.zh, "before": before, "after": made.en, "said": is_said, "origin": origin,
                "flags": made.flags,
            }));
        }
    }
    if apply {
        desk.store().keep(&renamed, &[term])?;
        desk.remember()?;
        desk.order_again(sources.iter().map(String::as_str));
    }
    Reply::json(&json!({
        "sentences": total, "pages": sources, "changes": changes, "applied": apply,
    }))
}

/// `GET /desk/export?format=…&source=…&article=…`: a brief in another format, with the corrections of
/// this moment; without a source, the figures and people of all briefs.
pub(super) fn export(desk: &Desk, asked: &Asked) -> Answer {
    let name = text(&asked.query, "format")?;
    let format = Format::from_str(&name, true)
        .map_err(|_| Failure::bad(format!("the format {name} is not known")))?;
    let settings = desk.settings()?;
    let failed = |e: FormatError| Failure::defect(&e);
    let (bytes, name) = if format.extension().is_none() {
        let briefs = shelf::briefs(&desk.output).into_iter();
        let briefs: Vec<Brief> = briefs.filter_map(|file| shelf::load(&file)).collect();
        match format {
            Format::Xlsx => (
                report::workbook(&briefs).map_err(failed)?,
                "tables.xlsx".to_owned(),
            ),
            _ => (
                Tables::of(&briefs).figures.into_bytes(),
                "figures.csv".to_owned(),
            ),
        }
    } else {
        let (source, article) = (
            text(&asked.query, "source")?,
            text(&asked.query, "article")?,
        );
        let brief = Reviewed::load(desk, &source, &article)?.corrected(&settings);
        let bytes = format.document(&brief).map_err(failed)?.unwrap_or_default();
        let stem: String = format!("{source}-{article}")
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || "-_.".contains(c) {
                    c
                } else {
                    '_'
                }
            })
            .collect();
        (
            bytes,
            format!("{stem}.{}", format.extension().unwrap_or_default()),
        )
    };
    let named = format!("attachment; filename=\"{name}\"");
    Ok(Reply::new(format.media_type(), bytes).with(header::CONTENT_DISPOSITION, named))
}

/// `GET /briefs/…`: a file of a brief.
pub(super) fn file(desk: &Desk, path: &str) -> Answer {
    let none = || Failure::missing("such file");
    let path = path.strip_prefix("/briefs/").ok_or_else(none)?;
    let mut file = desk.output.clone();
    for part in path.split('/') {
        let part = decoded(part).ok_or_else(none)?;
        let is_plain =
            !part.is_empty() && !part.starts_with('.') && !part.contains(['/', '\\', '\0']);
        if !is_plain {
            return Err(none());
        }
        file.push(part);
    }
    let kind = match file.extension().and_then(|e| e.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("json") => "application/json",
        Some("md") => "text/markdown; charset=utf-8",
        Some("txt") => "text/plain; charset=utf-8",
        Some("csv") => "text/csv; charset=utf-8",
        _ => return Err(none()),
    };
    // What a link leads to outside is nobody's business.
    let inside = file
        .canonicalize()
        .ok()
        .zip(desk.output.canonicalize().ok());
    if !inside.is_some_and(|(file, output)| file.starts_with(output) && file.is_file()) {
        return Err(none());
    }
    let bytes = fs::read(&file).map_err(|_| none())?;
    // The page has a policy of its own; this one is added to it.
    Ok(Reply::new(kind, bytes).with(header::CONTENT_SECURITY_POLICY, "frame-ancestors 'none'"))
}

/// A part of a path without the escapes of addresses.
fn decoded(part: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = part.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        rest = behind;
        if first == b'%' {
            let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &rest[2..];
        } else {
            bytes.push(first);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use kuaibao_text::glossary::Glossary;

    #[test]
    fn both_sides_are_marked() {
        let text = Text::alone("全年投资90亿元。");
        let rules = Rules {
            clock: &Clock::unknown(),
            glossary: &Glossary::new(),
        };
        let [zh, en] = marked(&text, "Investment was 90 billion yuan.", &rules, &[]);
        let of = |pieces: &[Piece]| -> Vec<String> {
            let marked = pieces.iter().filter(|p| p.mark == Some("figure"));
            marked.map(|p| p.text.to_owned()).collect()
        };
        assert_eq!(of(&zh), ["90亿元"]);
        assert_eq!(of(&en), ["90 billion"]);
        let whole = |pieces: &[Piece]| pieces.iter().map(|p| p.text).collect::<String>();
        assert_eq!(whole(&zh), text.zh);
        assert_eq!(whole(&en), "Investment was 90 billion yuan.");
    }

    #[test]
    fn escapes_of_addresses_are_read() {
        assert_eq!(decoded("a%2Fb").as_deref(), Some("a/b"));
        assert_eq!(decoded("%E4%BA%91.txt").as_deref(), Some("云.txt"));
        assert_eq!(decoded("%2"), None);
        assert_eq!(decoded("%zz"), None);
    }
}
