//! `kuaibao eval`: reads what is to be scored, picks the metrics, prints the report.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use indicatif::ProgressBar;

use kuaibao_text::checks::DoubtKind;

use crate::eval::bleu::{Bleu, Smoothing};
use crate::eval::chrf::Chrf;
use crate::eval::corpus::briefs::{self, Part};
use crate::eval::corpus::lines::{self, LineFiles};
use crate::eval::corpus::{Corpus, Kind, Named, Output, System, jsonl};
use crate::eval::faithful::Faithfulness;
use crate::eval::given::Given;
use crate::eval::metric::{Metric, Needs};
use crate::eval::report::{page, table, tsv};
use crate::eval::rouge::{Language, Rouge, Variant};
use crate::eval::significance::Battery;
use crate::eval::summary::{LengthRatio, Novelty};
use crate::eval::ter::Ter;
use crate::eval::tokenize::Tokenizer;
use crate::eval::{Error as EvalError, EvalReport, Plan, evaluate, extracts};
use crate::judges::Opinion;
use crate::report::{refuse_overwriting, write_whole};
use crate::translation::{self, Options, Text};
use kuaibao_engine::generate;

use super::{args::ComputeArgs, turned::To};
use crate::error::Error;

/// Score translations and summaries against references; compare systems
///
/// Scores equal sacrebleu's (BLEU, chrF, TER) and Google's rouge-score's. Each comes with a 95 %
/// bootstrap interval. With several systems each is compared with the first by paired bootstrap and
/// by paired approximate randomisation.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are flags of a command line"
)]
pub struct Args {
    /// Reference translations or summaries, one a line; or a folder of references for folders of
    /// briefs. Several for several translators
    #[arg(short, long, value_name = "FILE", help_heading = "Input")]
    reference: Vec<PathBuf>,

    /// What a system wrote, one segment a line; or its folder of briefs
    #[arg(short, long, value_name = "NAME=FILE", help_heading = "Input")]
    system: Vec<Named>,

    /// A model that translates the source now
    #[arg(short, long, value_name = "MODEL", help_heading = "Input")]
    model: Vec<String>,

    /// The Chinese, one segment a line: figures and omissions are checked against it
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    source: Option<PathBuf>,

    /// The articles that summaries were made from, in the summaries' language, one a line
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    document: Option<PathBuf>,

    /// JSON Lines with `source`, `reference` or `references`, `hypothesis` or `hypotheses`
    /// (by system), and `document`, instead of the files above
    #[arg(
        long,
        value_name = "NAME=FILE",
        conflicts_with_all = ["reference", "system", "model", "source", "document"],
        help_heading = "Input"
    )]
    jsonl: Vec<Named>,

    /// The part of briefs that the references stand for
    #[arg(long, value_enum, default_value_t = Part::Summary, help_heading = "Input")]
    part: Part,

    /// Scores of each segment from another program: tab-separated, a column a system, their names in
    /// the first line
    #[arg(long, value_name = "NAME=FILE", help_heading = "Input")]
    scores: Vec<Named>,

    /// Score segments without any reference text too, as sacrebleu does
    #[arg(long, help_heading = "Input")]
    allow_empty: bool,

    /// What was asked of the systems; decides the metrics. Folders of briefs: as --part says
    #[arg(long, value_enum, help_heading = "Metrics")]
    task: Option<Task>,

    /// Metrics to compute instead of the task's
    #[arg(
        long,
        value_enum,
        value_name = "METRIC,…",
        value_delimiter = ',',
        help_heading = "Metrics"
    )]
    metrics: Vec<MetricName>,

    /// Language that was written: en, or zh, short for --language zh and for models that translate the
    /// English --source into Chinese
    #[arg(long, value_enum, help_heading = "Metrics")]
    to: Option<To>,

    /// The language of hypotheses and references
    #[arg(long, value_enum, default_value_t = Language::En, help_heading = "Metrics")]
    language: Language,

    /// How BLEU cuts text into tokens [default: 13a for English, zh for Chinese]
    #[arg(long, value_enum, help_heading = "Metrics")]
    tokenize: Option<Tokenizer>,

    /// What stands in for an n-gram precision of zero in BLEU
    #[arg(long, value_enum, default_value_t = SmoothingName::Exp, help_heading = "Metrics")]
    smooth: SmoothingName,

    /// The value of --smooth floor [default: 0.1] or add-k [default: 1]
    #[arg(long, value_name = "VALUE", help_heading = "Metrics")]
    smooth_value: Option<f64>,

    /// Leave orders that the hypotheses are too short for out of BLEU
    #[arg(long, help_heading = "Metrics")]
    effective_order: bool,

    /// Ignore case in BLEU and chrF
    #[arg(long, help_heading = "Metrics")]
    lowercase: bool,

    /// Sentences in the lead and random baselines of a summary run; 0 for none
    #[arg(long, value_name = "K", default_value_t = 3, help_heading = "Metrics")]
    lead: usize,

    /// The system that the others are compared with [default: the first]
    #[arg(long, value_name = "NAME", help_heading = "Certainty")]
    baseline: Option<String>,

    /// Bootstrap resamples; 0 for no intervals
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1000,
        help_heading = "Certainty"
    )]
    resamples: usize,

    /// Trials of approximate randomisation; 0 for none
    #[arg(
        long,
        value_name = "N",
        default_value_t = 10_000,
        help_heading = "Certainty"
    )]
    trials: usize,

    /// Seed of all random choices; with sacrebleu's seed the resamples are sacrebleu's
    #[arg(long, default_value_t = 12345, help_heading = "Certainty")]
    seed: u64,

    /// Print the whole report as JSON
    #[arg(long, help_heading = "Output")]
    json: bool,

    /// Write a web page with plots and the listed segments
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    html: Option<PathBuf>,

    /// Write the scores of every segment: tab-separated, a line a segment and metric, a column a system
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    tsv: Option<PathBuf>,

    /// Segments to list where systems differ most, or the worst of a single one
    #[arg(long, value_name = "N", default_value_t = 20, help_heading = "Output")]
    list: usize,

    /// The metric that segments are ranked by, one of --metrics [default: chrf++ or rouge-l]
    #[arg(
        long,
        value_enum,
        value_name = "METRIC",
        hide_possible_values = true,
        help_heading = "Output"
    )]
    rank_by: Option<MetricName>,

    #[command(flatten)]
    compute: ComputeArgs,
}

const EXAMPLES: &str = "\
Examples:
  Two systems on a test set, with the figures checked against the Chinese:
    kuaibao eval --source test.zh --reference test.en --system old=old.en --system new=new.en

  A model run now, with a web page:
    kuaibao eval --source test.zh --reference test.en --model opus-mt-zh-en --html report.html

  Summaries in two folders of briefs; briefs/a/page.txt/1.json belongs to refs/a/page.txt/1.txt:
    kuaibao eval --reference refs --system small=briefs-small --system large=briefs-large

  A translation into Chinese, with a model run now:
    kuaibao eval --to zh --source test.en --reference test.zh --model opus-mt-en-zh

  Chinese summaries:
    kuaibao eval --task summary --language zh --source articles.zh -r refs.zh -s a=a.zh

  Scores of a neural metric beside the others, and all scores of each segment as a table:
    kuaibao eval -r test.en -s a=a.en -s b=b.en --scores comet=comet.tsv --tsv segments.tsv";

/// What was asked of the systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Task {
    /// BLEU, chrF, TER; figures, coverage and loops
    Translation,
    /// ROUGE, length, novelty; figures, loops and what is made up
    Summary,
}

/// The metrics by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MetricName {
    /// BLEU
    Bleu,
    /// chrF2
    Chrf,
    /// chrF2 with words
    #[value(name = "chrf++")]
    ChrfPlusPlus,
    /// Translation edit rate
    Ter,
    /// ROUGE of words, in Chinese of characters
    #[value(name = "rouge-1")]
    Rouge1,
    /// ROUGE of word pairs
    #[value(name = "rouge-2")]
    Rouge2,
    /// ROUGE of the longest common subsequence
    RougeL,
    /// The same, sentence by sentence; a sentence is a line
    RougeLsum,
    /// Length in percent of the references'
    Length,
    /// Words that the article does not have
    #[value(name = "novel-1")]
    Novel1,
    /// Word pairs that the article does not have
    #[value(name = "novel-2")]
    Novel2,
    /// Three words in a row that the article does not have
    #[value(name = "novel-3")]
    Novel3,
    /// English figures that are right
    FigurePrecision,
    /// Chinese figures that the English has right
    FigureRecall,
    /// Figures in 万 and 亿 wrong by a power of ten
    ScaleErrors,
    /// People whose name is in the English
    Names,
    /// Places, bodies and set terms with their official English
    Terms,
    /// Sentences with too little English
    Omissions,
    /// Sentences whose English repeats itself
    Loops,
    /// Sentences with Chinese left in the English
    Untranslated,
    /// Sentences with a doubt of meaning of any kind
    Doubts,
    /// Sentences with a place that the Chinese does not name
    DoubtsPlace,
    /// Sentences with a person that the Chinese does not name, or without one that it does
    DoubtsPerson,
    /// Sentences with a direction or base that is turned
    DoubtsTrend,
    /// Sentences with a negation lost or made up
    DoubtsNegation,
    /// Sentences with a code or name in Latin letters that differs
    DoubtsLatin,
    /// Sentences with a role that is lost or made up
    DoubtsRole,
    /// Sentences with a body that is lost or made up
    DoubtsOrganisation,
    /// Sentences that leave words out
    DoubtsOmission,
}

impl Task {
    fn metrics(self) -> &'static [MetricName] {
        use MetricName as M;
        match self {
            Self::Translation => &[
                M::Bleu,
                M::Chrf,
                M::ChrfPlusPlus,
                M::Ter,
                M::FigurePrecision,
                M::FigureRecall,
                M::ScaleErrors,
                M::Names,
                M::Terms,
                M::Omissions,
                M::Loops,
                M::Untranslated,
                M::Doubts,
                M::DoubtsPlace,
                M::DoubtsPerson,
                M::DoubtsTrend,
                M::DoubtsNegation,
                M::DoubtsLatin,
                M::DoubtsRole,
                M::DoubtsOrganisation,
                M::DoubtsOmission,
            ],
            // A summary leaves most figures and names out: only what it says can be wrong.
            Self::Summary => &[
                M::Rouge1,
                M::Rouge2,
                M::RougeL,
                M::RougeLsum,
                M::Length,
                M::Novel1,
                M::Novel2,
                M::Novel3,
                M::FigurePrecision,
                M::Loops,
                M::Untranslated,
                M::DoubtsPlace,
                M::DoubtsTrend,
                M::DoubtsLatin,
            ],
        }
    }
}

/// The ways to smooth BLEU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SmoothingName {
    /// Nothing
    None,
    /// A small number of matches
    Floor,
    /// Some more matches and n-grams from order 2 on
    AddK,
    /// 1/2, 1/4, … of a match, as in mteval-v13a
    Exp,
}

/// Reads, scores, prints.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<(), Error> {
    for output in args.html.iter().chain(&args.tsv) {
        refuse_overwriting(output, args.files())?;
    }
    let mut corpus = corpus(args)?;
    corpus.check_names()?;
    let given = args
        .scores
        .iter()
        .map(|file| Given::read(file, &mut corpus))
        .collect::<Result<Vec<_>, _>>()?;
    let given = given.into_iter().chain(judged(args, &mut corpus)?);
    let given: Vec<Given> = given.collect();
    if let Some(name) = &args.baseline {
        first_of(&mut corpus.systems, name)?;
    }
    if args.language() == Language::Zh && args.to.is_none() {
        corpus.take_sources_as_documents();
    }
    // Sentences of an article say nothing of how good a headline is.
    let has_leads = args.task() == Task::Summary && args.part != Part::Headline;
    if has_leads && args.lead > 0 {
        extracts::add(&mut corpus, args.lead, args.seed);
    }
    let names = args.metric_names(&corpus)?;
    let mut metrics: Vec<Box<dyn Metric>> = names.iter().map(|&name| args.metric(name)).collect();
    let judges_references = |metric: &dyn Metric| metric.needs() != Needs::References;
    if metrics
        .iter()
        .any(|metric| judges_references(metric.as_ref()))
    {
        corpus.add_reference();
    }
    corpus.check_names()?;
    metrics.extend(
        given
            .into_iter()
            .map(|given| Box::new(given) as Box<dyn Metric>),
    );
    let plan = Plan {
        resamples: args.resamples,
        trials: args.trials,
        seed: args.seed,
        rank_by: args.rank_by(&names)?,
        listed: args.list,
    };
    let progress = if args.compute.quiet {
        ProgressBar::hidden()
    } else {
        ProgressBar::new(0)
    };
    let report = evaluate(&corpus, &Battery::new(metrics), &plan, &progress);
    print(args, &report, out)
}

fn print(args: &Args, report: &EvalReport, out: &mut dyn Write) -> Result<(), Error> {
    if let Some(path) = &args.html {
        write_whole(path, page::render(report)?.as_bytes())?;
    }
    if let Some(path) = &args.tsv {
        write_whole(path, tsv::render(report).as_bytes())?;
    }
    let text = if args.json {
        let json = serde_json::to_string_pretty(report);
        json.map_err(|error| EvalError::Draw(error.to_string()))? + "\n"
    } else {
        table::render(report)
    };
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map_err(Error::Stdout)
}

fn corpus(args: &Args) -> Result<Corpus, Error> {
    if !args.jsonl.is_empty() {
        return Ok(jsonl::read(&args.jsonl, args.allow_empty)?);
    }
    if args.system.is_empty() && args.model.is_empty() {
        return Err(Error::Usage(
            "nothing to score: add --system NAME=FILE, --model MODEL or --jsonl FILE".to_owned(),
        ));
    }
    let folders = args
        .system
        .iter()
        .filter(|system| system.path.is_dir())
        .count();
    if folders > 0 {
        if folders < args.system.len() || !args.model.is_empty() {
            return Err(Error::Usage(
                "folders of briefs can only be compared with folders of briefs".to_owned(),
            ));
        }
        return Ok(briefs::read(&args.system, &args.reference, args.part)?);
    }
    let mut corpus = lines::read(&LineFiles {
        source: args.source.as_deref(),
        references: &args.reference,
        document: args.document.as_deref(),
        systems: &args.system,
        allow_empty: args.allow_empty,
    })?;
    for model in &args.model {
        corpus.systems.push(translated(&corpus, model, args)?);
    }
    Ok(corpus)
}

/// What the judges say of each system's segments, as metrics of their own: percent of entailment, and
/// cosines times 100.
fn judged(args: &Args, corpus: &mut Corpus) -> Result<Vec<Given>, Error> {
    let judges = args.compute.judges()?;
    if judges.is_empty() {
        return Ok(Vec::new());
    }
    let sources: Option<Vec<String>> = corpus.items.iter().map(|i| i.source.clone()).collect();
    let Some(sources) = sources else {
        return Err(Error::Usage(
            "--judge needs --source FILE to judge by".to_owned(),
        ));
    };
    let mut opinions = Vec::new();
    for system in corpus.systems.iter().filter(|s| s.kind == Kind::System) {
        let texts = system.outputs.iter().map(|output| output.text.as_str());
        let pairs: Vec<(&str, &str)> = sources.iter().map(String::as_str).zip(texts).collect();
        let of_system = judges
            .opinions(&pairs)
            .map_err(generate::GenerateError::from)?;
        opinions.push(of_system);
    }
    let percent = |value: Option<f32>| value.map(|v| 100.0 * f64::from(v));
    let columns = |part: &dyn Fn(&Opinion) -> Option<f32>| -> Vec<Vec<Option<f64>>> {
        let of_system = |o: &Vec<Opinion>| o.iter().map(|o| percent(part(o))).collect();
        opinions.iter().map(of_system).collect()
    };
    let mut given = Vec::new();
    if judges.give_verdicts() {
        let scores = columns(&|o| o.verdict.map(|v| v.entailment));
        given.push(Given::of("entailment", corpus, scores));
    }
    if judges.compare() {
        let scores = columns(&|o| o.similarity);
        given.push(Given::of("similarity", corpus, scores));
    }
    Ok(given)
}

/// The source as a model translates it now, by the way that every text goes.
fn translated(corpus: &Corpus, model: &str, args: &Args) -> Result<System, Error> {
    let source: Option<Vec<Text>> = corpus
        .items
        .iter()
        .map(|item| item.source.as_deref().map(Text::alone))
        .collect();
    let Some(source) = source else {
        return Err(Error::Usage(format!(
            "--model {model} needs --source FILE to translate"
        )));
    };
    let to = args.to.unwrap_or_default();
    let engine = args.compute.engine_to(to, model, None)?;
    if to == To::Zh {
        let texts: Vec<&str> = source.iter().map(|text| text.zh).collect();
        let chinese = translation::into_chinese(&engine, &texts, true, None, &|_| ())?;
        return Ok(System {
            name: model.to_owned(),
            kind: Kind::System,
            outputs: chinese.into_iter().map(|t| Output::of(t.zh)).collect(),
        });
    }
    let options = Options {
        whole: true,
        ..Options::default()
    };
    let english = translation::translate(&engine, &source, &options, &|_| ())?;
    Ok(System {
        name: model.to_owned(),
        kind: Kind::System,
        outputs: english.into_iter().map(|t| Output::of(t.en)).collect(),
    })
}

/// Puts the named system in front, where the others are compared with it.
fn first_of(systems: &mut [System], name: &str) -> Result<(), Error> {
    let Some(at) = systems.iter().position(|system| system.name == name) else {
        let known: Vec<&str> = systems.iter().map(|system| system.name.as_str()).collect();
        return Err(Error::Usage(format!(
            "--baseline {name}: the systems are {}",
            known.join(", ")
        )));
    };
    systems[..=at].rotate_right(1);
    Ok(())
}

impl Args {
    /// Every file that is read.
    fn files(&self) -> impl Iterator<Item = &Path> {
        let named = self.system.iter().chain(&self.jsonl).chain(&self.scores);
        let named = named.map(|named| &named.path);
        let plain = self
            .reference
            .iter()
            .chain(&self.source)
            .chain(&self.document);
        named.chain(plain).map(PathBuf::as_path)
    }

    fn language(&self) -> Language {
        match self.to {
            Some(To::Zh) => Language::Zh,
            _ => self.language,
        }
    }

    fn task(&self) -> Task {
        let of_briefs =
            self.system.iter().any(|system| system.path.is_dir()) && self.part != Part::Translation;
        self.task.unwrap_or(if of_briefs {
            Task::Summary
        } else {
            Task::Translation
        })
    }

    /// The metrics asked for, else the task's as far as the corpus has what they need.
    fn metric_names(&self, corpus: &Corpus) -> Result<Vec<MetricName>, Error> {
        let possible = |name| self.refusal(name, corpus).is_none();
        if self.metrics.is_empty() {
            let metrics = self.task().metrics().iter().copied();
            return Ok(metrics.filter(|&name| possible(name)).collect());
        }
        let refusal = |&name| {
            Some(format!(
                "--metrics {}: {}",
                shown(name),
                self.refusal(name, corpus)?
            ))
        };
        match self.metrics.iter().find_map(refusal) {
            None => Ok(self.metrics.clone()),
            Some(message) => Err(Error::Usage(message)),
        }
    }

    /// Why a metric cannot be computed here.
    fn refusal(&self, name: MetricName, corpus: &Corpus) -> Option<&'static str> {
        let needs = self.metric(name).needs();
        if needs == Needs::Source && self.language() == Language::Zh {
            return Some("it holds English against Chinese, and --language is zh");
        }
        if corpus.has(needs) {
            return None;
        }
        Some(match needs {
            Needs::Source => "it needs --source FILE",
            _ => "it needs --document FILE",
        })
    }

    /// Segments are ranked by a metric that says something about one segment.
    fn rank_by(&self, names: &[MetricName]) -> Result<usize, Error> {
        let place = |wanted| names.iter().position(|&name| name == wanted);
        match self.rank_by {
            Some(wanted) => place(wanted).ok_or_else(|| {
                Error::Usage(format!(
                    "--rank-by {0}: add {0} to --metrics",
                    shown(wanted)
                ))
            }),
            None => Ok([MetricName::ChrfPlusPlus, MetricName::RougeL]
                .into_iter()
                .find_map(place)
                .unwrap_or(0)),
        }
    }

    fn metric(&self, name: MetricName) -> Box<dyn Metric> {
        let language = self.language();
        let rouge = |variant| Box::new(Rouge { variant, language });
        match name {
            MetricName::Bleu => Box::new(self.bleu()),
            MetricName::Chrf => Box::new(self.chrf(0)),
            MetricName::ChrfPlusPlus => Box::new(self.chrf(2)),
            MetricName::Ter => Box::new(Ter {
                asian: language == Language::Zh,
            }),
            MetricName::Rouge1 => rouge(Variant::N(1)),
            MetricName::Rouge2 => rouge(Variant::N(2)),
            MetricName::RougeL => rouge(Variant::L),
            MetricName::RougeLsum => rouge(Variant::Lsum),
            MetricName::Length => Box::new(LengthRatio { language }),
            MetricName::Novel1 => Box::new(Novelty { n: 1, language }),
            MetricName::Novel2 => Box::new(Novelty { n: 2, language }),
            MetricName::Novel3 => Box::new(Novelty { n: 3, language }),
            MetricName::FigurePrecision => Box::new(Faithfulness::FigurePrecision),
            MetricName::FigureRecall => Box::new(Faithfulness::FigureRecall),
            MetricName::ScaleErrors => Box::new(Faithfulness::ScaleErrors),
            MetricName::Names => Box::new(Faithfulness::Names),
            MetricName::Terms => Box::new(Faithfulness::Terms),
            MetricName::Omissions => Box::new(Faithfulness::Omissions),
            MetricName::Loops => Box::new(Faithfulness::Loops),
            MetricName::Untranslated => Box::new(Faithfulness::Untranslated),
            MetricName::Doubts => Box::new(Faithfulness::AnyDoubt),
            MetricName::DoubtsPlace => Box::new(Faithfulness::Doubts(DoubtKind::Place)),
            MetricName::DoubtsPerson => Box::new(Faithfulness::Doubts(DoubtKind::Person)),
            MetricName::DoubtsTrend => Box::new(Faithfulness::Doubts(DoubtKind::Trend)),
            MetricName::DoubtsNegation => Box::new(Faithfulness::Doubts(DoubtKind::Negation)),
            MetricName::DoubtsLatin => Box::new(Faithfulness::Doubts(DoubtKind::Latin)),
            MetricName::DoubtsRole => Box::new(Faithfulness::Doubts(DoubtKind::Role)),
            MetricName::DoubtsOrganisation => {
                Box::new(Faithfulness::Doubts(DoubtKind::Organisation))
            }
            MetricName::DoubtsOmission => Box::new(Faithfulness::Doubts(DoubtKind::Omission)),
        }
    }

    fn bleu(&self) -> Bleu {
        let by_language = match self.language() {
            Language::En => Tokenizer::Mteval13a,
            Language::Zh => Tokenizer::Zh,
        };
        Bleu {
            tokenizer: self.tokenize.unwrap_or(by_language),
            smoothing: match self.smooth {
                SmoothingName::None => Smoothing::None,
                SmoothingName::Floor => Smoothing::Floor(self.smooth_value.unwrap_or(0.1)),
                SmoothingName::AddK => Smoothing::AddK(self.smooth_value.unwrap_or(1.0)),
                SmoothingName::Exp => Smoothing::Exp,
            },
            effective_order: self.effective_order,
            lowercase: self.lowercase,
        }
    }

    fn chrf(&self, word_orders: usize) -> Chrf {
        Chrf {
            word_orders,
            lowercase: self.lowercase,
        }
    }
}

/// A value as the command line writes it.
fn shown(name: MetricName) -> String {
    name.to_possible_value()
        .map_or_else(String::new, |value| value.get_name().to_owned())
}
