//! How summaries are asked for: the flags, and the model that they name.

use clap::ValueEnum;

use super::args::ModelArgs;
use crate::{
    engine::{Engine, Reads, Summarizer},
    error::Error,
    summary::{Length, Wish},
};
use kuaibao_engine::{
    generate::{self, Translator, prompt::Prompt},
    hub::{self, Location, Task},
    nn,
};

/// Where `--help` has them.
const SUMMARY: &str = "Summary";

/// Flags of the summary.
#[allow(
    rustdoc::broken_intra_doc_links,
    reason = "brackets that people read in --help"
)]
#[derive(Clone, Debug, clap::Args)]
pub struct SummaryArgs {
    /// Who writes it, from what; auto is extract without a summarizer, crosslingual with one that
    /// reads Chinese and writes English, native with one that writes Chinese, else pivot
    #[arg(long, help_heading = SUMMARY, value_enum, value_name = "ROUTE", default_value = "auto")]
    summary: RouteArg,
    /// Model that writes it: a name from `kuaibao models list`, org/name[@revision], or a folder
    #[arg(long, help_heading = SUMMARY, value_name = "MODEL")]
    summarizer: Option<String>,
    /// Length of the summary, but no more than two thirds of a short article
    #[arg(long, help_heading = SUMMARY, value_enum, default_value = "medium")]
    length: Length,
    /// Length of the summary in words, kept within 20 %
    #[arg(long, help_heading = SUMMARY, value_name = "N", conflicts_with = "length", value_parser = clap::value_parser!(u16).range(10..=5000))]
    words: Option<u16>,
    /// Keep sentences out of the summary that have facts wrong or that the article does not say
    #[arg(long, help_heading = SUMMARY)]
    strict: bool,
}

/// `--summary`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum RouteArg {
    /// As the summarizer reads
    Auto,
    /// Sentences of the article, translated
    Extract,
    /// A model that reads the Chinese
    Crosslingual,
    /// A model that reads the translation
    Pivot,
    /// A model that writes Chinese, which is translated; without one, the extract: both languages,
    /// sentence by sentence
    Native,
}

impl RouteArg {
    /// What a summariser may be asked to do.
    fn tasks(self) -> &'static [Task] {
        match self {
            Self::Auto => &[Task::Crosslingual, Task::Summarize, Task::Native],
            Self::Extract => &[],
            Self::Crosslingual => &[Task::Crosslingual],
            Self::Pivot => &[Task::Summarize],
            Self::Native => &[Task::Native],
        }
    }
}

impl SummaryArgs {
    /// How long the summary is to be, and how careful.
    pub fn wish(&self) -> Wish {
        Wish {
            length: self.length,
            words: self.words.map(usize::from),
            strict: self.strict,
        }
    }

    /// Refuses what cannot work before anything is fetched, then finds and loads both models.
    pub fn engine(&self, models: &ModelArgs) -> Result<Engine, Error> {
        generate::check_tasks(&[Task::Translate], hub::known(&models.translator)?)?;
        let Some(name) = self.summarizer()? else {
            return models.engine();
        };
        let prompt = models.prompt.as_deref().map(Prompt::read).transpose();
        let prompt = prompt.map_err(generate::GenerateError::from)?;
        if prompt.is_some() {
            generate::check_prompt(hub::known(name)?)?;
        }
        let location = hub::resolve(name, &models.compute.hub_options()?)?;
        let reads = self.reads(name, &location)?;
        let mut engine = models.compute.engine(&models.translator, None)?;
        let mut model = if location.dir == engine.location.dir {
            engine.translator.for_task(reads.task(), prompt)?
        } else {
            Translator::open(&location, &engine.placement, reads.task(), prompt)?
        };
        if let Some(beam) = models.compute.beam {
            model.config.num_beams = beam.into();
        }
        engine.summarizer = Some(Summarizer {
            model,
            location,
            reads,
        });
        Ok(engine)
    }

    /// The summariser that was named, if the route has one and it can do it.
    fn summarizer(&self) -> Result<Option<&str>, Error> {
        match (self.summary, &self.summarizer) {
            (RouteArg::Auto | RouteArg::Extract | RouteArg::Native, None) => Ok(None),
            (RouteArg::Extract, Some(name)) => Err(Error::Usage(format!(
                "--summary extract has no use for --summarizer {name}: leave one of them out"
            ))),
            (route, None) => {
                let tasks = route.tasks();
                Err(Error::Usage(format!(
                    "this route needs --summarizer with a model that can {}: {}",
                    tasks[0].verb(),
                    hub::able_to(tasks)
                )))
            }
            (route, Some(name)) => {
                generate::check_tasks(route.tasks(), hub::known(name)?)?;
                Ok(Some(name))
            }
        }
    }

    /// What the summariser reads: as the route says, else its manifest, else as models of its type
    /// do.
    fn reads(&self, name: &str, location: &Location) -> Result<Reads, Error> {
        match self.summary {
            RouteArg::Crosslingual => return Ok(Reads::Chinese),
            RouteArg::Pivot => return Ok(Reads::English),
            RouteArg::Native => return Ok(Reads::Native),
            RouteArg::Auto | RouteArg::Extract => {}
        }
        if let Some(manifest) = location.manifest {
            let can = |task| manifest.tasks.contains(&task);
            return Ok(if can(Task::Crosslingual) {
                Reads::Chinese
            } else if can(Task::Summarize) {
                Reads::English
            } else {
                Reads::Native
            });
        }
        let kind = nn::model_type(&location.dir).map_err(generate::GenerateError::from)?;
        match kind.as_str() {
            "bart" | "pegasus" | "t5" => Ok(Reads::English),
            "mt5" | "umt5" | "mbart" | "m2m_100" => Ok(Reads::Chinese),
            _ => Err(Error::Usage(format!(
                "{name} is a {kind} model, and these are not known to summarize: say --summary \
                 pivot, crosslingual or native if this one does, or name one of {}",
                hub::able_to(&[Task::Summarize, Task::Crosslingual])
            ))),
        }
    }
}
