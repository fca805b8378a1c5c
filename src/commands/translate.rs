//! `kuaibao translate`: just the English.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
    io::{self, BufRead, BufReader, Read, Write},
    path::PathBuf,
    sync::Mutex,
};

use super::{
    args::{GlossaryArgs, ModelArgs},
    inputs::{At, InputArgs, ReadArgs},
    memory::MemoryArgs,
    turned::{self, To},
};
use crate::{
    brief::{
        record::{Checks, Role},
        units::units,
    },
    corpus::Input,
    engine::Engine,
    error::Error,
    formats::Form,
    judges::Opinion,
    memory::Memory,
    progress::Progress,
    report::{PartialFile, refuse_overwriting},
    translation::{self, Checked, Options, Rules, Text},
};
use kuaibao_engine::generate;
use kuaibao_text::{
    checks::FlagKind,
    figures::Clock,
    glossary::Glossary,
    page::{self, Article},
    people::{self, Person},
};

const PATHS: &str = "Files (.txt .md .html .docx .odt .rtf .pdf .epub .eml .rss .srt .xlf …, or the .json of `kuaibao split`); - is standard input";

/// Translate Chinese text and print the English
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kuaibao translate article.txt
  kuaibao translate --lines --beam 6 sentences.zh > sentences.en
  cat article.txt | kuaibao translate -
  kuaibao translate --glossary house.tsv article.txt
  kuaibao translate --translator opus-mt-zh-en article.txt
  kuaibao translate --to zh --translator opus-mt-en-zh statement.txt
  kuaibao translate --encoding gb18030 article.txt
  kuaibao translate talk.zh.srt > talk.en.srt    subtitles keep their cues, XLIFF gets its targets

Folders are for `kuaibao brief`, which writes a translation with its checks for every article.")]
#[command(mut_arg("paths", |paths| paths.help(PATHS)))]
pub struct Args {
    #[command(flatten)]
    inputs: InputArgs,
    /// Strictly one line out for every line in, UTF-8: no reflow, no splitting into sentences
    #[arg(long, conflicts_with = "encoding")]
    lines: bool,
    /// Language to write: en, or zh for English texts, one paragraph a line, with a model that does it
    #[arg(long, value_enum, default_value_t)]
    to: To,
    /// Write to a file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Mend figures, names and terms where that is safe, as `brief` does; --glossary implies it
    #[arg(long)]
    repair: bool,
    /// Check nothing: the model's English as it is, at once
    #[arg(long, conflicts_with_all = ["repair", "json", "glossary", "memory"])]
    raw: bool,
    /// Print a JSON object for each sentence: zh, en, score, flags, doubts
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    glossary: GlossaryArgs,
    #[command(flatten)]
    memory: MemoryArgs,
    #[command(flatten)]
    model: ModelArgs,
}

/// Lines read ahead: enough for full batches, and memory stays flat however long the file.
const WINDOW: usize = 4096;

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Error> {
    let quiet = args.model.compute.quiet;
    if let Some(folder) = args.inputs.paths.iter().find(|p| p.is_dir()) {
        let folder = folder.display();
        return Err(Error::Usage(format!(
            "{folder} is a folder: `kuaibao brief {folder} -o DIR` translates every article of it"
        )));
    }
    let inputs = args.inputs.inputs(None, quiet)?;
    if let Some(output) = &args.output {
        refuse_overwriting(output, inputs.list.iter().map(|input| &*input.path))?;
    }
    let mut glossary = (!args.raw).then(|| args.glossary.load()).transpose()?;
    let memory = args.memory.load(None)?;
    if let (Some(memory), Some(glossary)) = (&memory, &mut glossary) {
        memory.teach(glossary);
    }
    let engine = args.model.engine_to(args.to)?;
    let mut file = args
        .output
        .as_deref()
        .map(PartialFile::create)
        .transpose()?;
    let mut stdout = io::BufWriter::new(io::stdout());
    let mut print = |text: &str| match &mut file {
        Some(file) => Ok(file.write(text.as_bytes())?),
        None => stdout.write_all(text.as_bytes()).map_err(Error::Stdout),
    };
    let noun = if args.lines { "lines" } else { "sentences" };
    let progress = Progress::new(noun, None, quiet);
    let translate = Translate {
        engine: &engine,
        to: args.to,
        whole: args.lines,
        memory,
        glossary,
        mend: args.repair || !args.glossary.glossary.is_empty(),
        json: args.json,
        found: Mutex::default(),
        advance: &|n| progress.advance(n),
    };
    let is_form = |input: &Input| extension(input).is_some_and(Form::is_known);
    let forms = inputs.list.iter().filter(|input| is_form(input)).count();
    let to_chinese = args.to == To::Zh;
    if forms > 0 && (args.json || args.lines || to_chinese || forms < inputs.list.len()) {
        return Err(Error::Usage(
            "subtitles and XLIFF are filled in: translate them into English without --lines and --json, and apart from other files"
                .to_owned(),
        ));
    }
    let tally = if forms > 0 {
        inputs.for_each_input(|input| translate.form(input, &args.inputs.read, &mut print))?
    } else if args.lines || to_chinese {
        let most = args.inputs.read.max_bytes;
        inputs.for_each_input(|input| translate.lines(input, most, &mut print))?
    } else {
        // One page at a time: the sentences of a page already keep every worker busy.
        let page = |at: At| translate.page(&at).map_err(|e| e.to_string());
        inputs.in_order(1, page, |text: String| print(&text))?
    };
    progress.finish();
    stdout.flush().map_err(Error::Stdout)?;
    if let Some(file) = file.filter(|_| tally.failed < tally.total) {
        file.finish()?;
    }
    let found = translate.found.into_inner().unwrap_or_default();
    if translate.glossary.is_some() && !quiet {
        eprintln!("kuaibao: {found}. {}", Checks::HONESTLY);
    } else if found.doubtful > 0 && !quiet {
        eprintln!("kuaibao: {found}. Nothing else was checked.");
    }
    tally.end()
}

/// What the checks found.
#[derive(Default)]
struct Found {
    texts: usize,
    doubtful: usize,
    mended: usize,
    kinds: BTreeMap<FlagKind, usize>,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} texts", self.texts)?;
        if self.mended > 0 {
            write!(f, ", {} mended", self.mended)?;
        }
        write!(f, ", {} doubtful", self.doubtful)?;
        for (kind, count) in &self.kinds {
            let kind = serde_json::to_value(kind).unwrap_or_default();
            write!(f, "; {} {count}", kind.as_str().unwrap_or_default())?;
        }
        Ok(())
    }
}

/// How texts are put into English.
struct Translate<'a> {
    engine: &'a Engine,
    to: To,
    /// Whether a line goes to the model in one.
    whole: bool,
    /// What editors have corrected before.
    memory: Option<Memory>,
    /// What the English is held to, if it is held to anything.
    glossary: Option<Glossary>,
    /// Whether what is doubtful is mended where that is safe.
    mend: bool,
    json: bool,
    found: Mutex<Found>,
    advance: &'a (dyn Fn(usize) + Sync),
}

impl Translate<'_> {
    /// The English of each text; `people` are those named in them, by the index of a text, `around`
    /// is the Chinese of the page that they are on.
    fn english(
        &self,
        texts: &[&str],
        whole: bool,
        around: &str,
        people: impl Fn() -> Vec<Person>,
    ) -> Result<Vec<Checked>, Error> {
        let mut people = match &self.glossary {
            Some(_) => people(),
            None => Vec::new(),
        };
        for person in &mut people {
            if let Some(en) = self.glossary.as_ref().and_then(|g| g.house(&person.zh)) {
                en.clone_into(&mut person.en);
                person.certain = true;
            }
        }
        let texts = Text::naming(texts, &people, around);
        let clock = Clock::unknown();
        let rules = self.glossary.as_ref().map(|glossary| Rules {
            clock: &clock,
            glossary,
        });
        let options = Options {
            whole,
            checks: rules.as_ref(),
            mend: self.mend,
            memory: self.memory.as_ref(),
        };
        let mut english = translation::translate(self.engine, &texts, &options, self.advance)?;
        if self.glossary.is_some() && !self.engine.judges.is_empty() {
            let pairs: Vec<(&str, &str)> = texts
                .iter()
                .zip(&english)
                .map(|(text, e)| (text.zh, e.en.as_str()))
                .collect();
            let opinions = self.engine.judges.opinions(&pairs);
            let opinions = opinions.map_err(generate::GenerateError::from)?;
            for ((text, english), opinion) in texts.iter().zip(&mut english).zip(opinions) {
                english.doubts.extend(opinion.doubt(text.zh, &english.en));
                english.flags.extend(opinion.flag());
            }
        }
        if let Ok(mut found) = self.found.lock() {
            for text in &english {
                found.texts += 1;
                found.doubtful += usize::from(!text.flags.is_empty());
                found.mended += usize::from(!text.repairs.is_empty());
                for flag in &text.flags {
                    *found.kinds.entry(flag.kind).or_default() += 1;
                }
            }
        }
        Ok(english)
    }

    /// A file whose texts are put into English where they stand.
    fn form(
        &self,
        input: &Input,
        read: &ReadArgs,
        print: &mut impl FnMut(&str) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let usage = |why: &dyn fmt::Display| Error::Usage(why.to_string());
        let bytes = input.read(read.max_bytes)?;
        let decoded = page::decode(&bytes, read.encoding.as_deref());
        let decoded = decoded.map_err(|e| usage(&e))?;
        let form = Form::new(decoded.text, extension(input).unwrap_or_default());
        let form = form.map_err(|e| usage(&e))?;
        let texts: Vec<&str> = form.texts.iter().map(String::as_str).collect();
        let people = || people::find(&texts, &[]);
        let english = self.english(&texts, false, &texts.join("\n"), people)?;
        let english: Vec<&str> = english.iter().map(|text| text.en.as_str()).collect();
        print(&form.fill(&english).map_err(|e| usage(&e))?)
    }

    /// A line out for every line in, a window of lines at a time.
    fn lines(
        &self,
        input: &Input,
        longest: u64,
        print: &mut impl FnMut(&str) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let read = |source| Error::io(&input.path)(source);
        let mut reader = BufReader::new(input.open().map_err(read)?);
        let mut number = 0;
        loop {
            let mut window = Vec::new();
            while window.len() < WINDOW {
                let mut line = Vec::new();
                let mut limited = reader.by_ref().take(longest.saturating_add(1));
                if limited.read_until(b'\n', &mut line).map_err(read)? == 0 {
                    break;
                }
                number += 1;
                if line.len() as u64 > longest {
                    return Err(Error::Usage(format!(
                        "line {number} is larger than {longest} bytes (raise --max-bytes to take it)"
                    )));
                }
                let line = String::from_utf8(line).map_err(|_| {
                    Error::Usage(format!(
                        "line {number} is not UTF-8; convert it first, for example with `iconv -f gb18030 -t utf-8`"
                    ))
                })?;
                window.push(line.trim().trim_start_matches('\u{feff}').to_owned());
            }
            if window.is_empty() {
                return Ok(());
            }
            let texts: Vec<&str> = window.iter().map(String::as_str).collect();
            if self.to == To::Zh {
                self.chinese(&texts, print)?;
                continue;
            }
            // Lines know nothing of each other.
            let people = || {
                let one = |(i, text): (usize, &&str)| {
                    let mut people = people::find(&[*text], &[]);
                    let mentions = people.iter_mut().flat_map(|p| &mut p.mentions);
                    mentions.for_each(|m| m.paragraph = i);
                    people
                };
                texts.iter().enumerate().flat_map(one).collect()
            };
            let english = self.english(&texts, true, "", people)?;
            for (zh, text) in texts.iter().zip(english) {
                // A line break inside a translation would shift every line behind it.
                let en = || text.en.replace(['\n', '\r'], " ");
                let line = if self.json { json(zh, &text) } else { en() };
                print(&(line + "\n"))?;
            }
        }
    }

    /// The Chinese of English lines.
    fn chinese(
        &self,
        texts: &[&str],
        print: &mut impl FnMut(&str) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let glossary = self.glossary.as_ref();
        let chinese =
            translation::into_chinese(self.engine, texts, self.whole, glossary, self.advance)?;
        let opinions = match glossary {
            Some(_) => {
                let pairs = texts.iter().zip(&chinese);
                let pairs: Vec<(&str, &str)> = pairs.map(|(en, t)| (*en, t.zh.as_str())).collect();
                let opinions = self.engine.judges.opinions(&pairs);
                opinions.map_err(generate::GenerateError::from)?
            }
            None => vec![Opinion::default(); chinese.len()],
        };
        if let Ok(mut found) = self.found.lock() {
            for (text, opinion) in chinese.iter().zip(&opinions) {
                let ok = |check| turned::is_ok(check, opinion);
                let ok = text.check.as_ref().is_none_or(ok) && !text.broken_off;
                found.texts += 1;
                found.doubtful += usize::from(!ok);
                if text.broken_off {
                    *found.kinds.entry(FlagKind::Omission).or_default() += 1;
                }
            }
        }
        for ((en, text), opinion) in texts.iter().zip(chinese).zip(&opinions) {
            let line = match self.json {
                true => turned::json(
                    en,
                    &text.zh,
                    text.score,
                    text.broken_off,
                    text.check.as_ref(),
                    opinion,
                ),
                false => text.zh.replace(['\n', '\r'], ""),
            };
            print(&(line + "\n"))?;
        }
        Ok(())
    }

    /// The articles of a page, a line of asterisks between them.
    fn page(&self, at: &At) -> Result<String, Error> {
        let source = &at.source;
        let has_articles = source.has_articles();
        has_articles.map_err(|e| Error::Usage(e.to_string()))?;
        let articles = source.page.articles.iter().map(|a| self.article(a));
        let between = if self.json { "" } else { "* * *\n\n" };
        Ok(articles.collect::<Result<Vec<_>, _>>()?.join(between))
    }

    fn article(&self, article: &Article) -> Result<String, Error> {
        let units = units(article);
        let texts: Vec<&str> = units.iter().map(|u| u.zh.as_str()).collect();
        let people = || people::find(&texts, &[]);
        let english = self.english(&texts, false, &texts.join("\n"), people)?;
        if self.json {
            let lines = texts.iter().zip(&english);
            return Ok(lines.map(|(zh, text)| json(zh, text) + "\n").collect());
        }
        // Sentences of a paragraph run on; everything else stands alone.
        let mut text = String::new();
        let mut before = None;
        for (unit, english) in units.iter().zip(&english) {
            let place = (unit.role, unit.paragraph);
            let joins = unit.role == Role::Body && before == Some(place);
            let gap = match before {
                None => "",
                Some(_) if joins => " ",
                Some(_) => "\n\n",
            };
            let _ = write!(text, "{gap}{}", english.en);
            before = Some(place);
        }
        Ok(text + "\n\n")
    }
}

fn extension(input: &Input) -> Option<&str> {
    input.path.extension()?.to_str()
}

/// A sentence with what is doubtful about it.
fn json(zh: &str, text: &Checked) -> String {
    serde_json::json!({
        "zh": zh,
        "en": text.en,
        "score": (f64::from(text.score) * 1e3).round() / 1e3,
        "flags": text.flags,
        "doubts": text.doubts,
        "repairs": text.repairs,
    })
    .to_string()
}
