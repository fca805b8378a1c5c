//! Flags that several commands share, turned once into validated settings and loaded models.

use std::{
    ffi::OsString,
    fmt::Write as _,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
};

use candle_core::Device;
use clap::ValueEnum;

use super::{inputs::MAX_BYTES, turned::To};
use crate::{
    corpus::{self, CorpusError},
    engine::{Engine, Second},
    error::Error,
    judges::Judges,
    memory::tmx,
};
use kuaibao_engine::{
    generate::{self, Languages, Translator, Workers, prompt::Prompt},
    hub::{self, HubOptions, Purpose, Task},
    judge::Judge,
    nn::{Placement, Precision, has_fast_int8},
};
use kuaibao_text::{glossary::Glossary, text::squeezed};

/// Where `--help` has the flags of models: behind what is read and written.
pub(super) const MODEL: &str = "Model";

/// Flags of every command that runs a model.
#[allow(
    rustdoc::broken_intra_doc_links,
    reason = "brackets that people read in --help"
)]
#[derive(Clone, Debug, clap::Args)]
pub struct ModelArgs {
    /// Model to translate with: a name from `kuaibao models list`, org/name[@revision], or a folder
    #[arg(long, help_heading = MODEL, value_name = "MODEL", default_value = hub::DEFAULT_TRANSLATOR)]
    pub translator: String,
    /// Prompt instead of the model's own, a text with {text} in it: of the summarizer where there
    /// is one, else of the translator
    #[arg(long, help_heading = MODEL, value_name = "FILE")]
    pub prompt: Option<PathBuf>,
    /// How to run it.
    #[command(flatten)]
    pub compute: ComputeArgs,
}

/// How to run a model.
#[derive(Clone, Debug, clap::Args)]
pub struct ComputeArgs {
    /// Where to compute: auto, cpu, cuda:N or metal
    #[arg(long, help_heading = MODEL, default_value = "auto", value_parser = parse_device)]
    pub device: DeviceArg,
    /// Number format of the weights; auto is q8 on a CPU that is fast at it, else f32, and f16 on a
    /// GPU. On a CPU f16 and bf16 save memory alone: it computes in f32
    #[arg(long, help_heading = MODEL, value_enum, default_value = "auto")]
    pub precision: PrecisionArg,
    /// Beams of the search; 1 is greedy (default: what the model asks for)
    #[arg(long, help_heading = MODEL, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub beam: Option<u16>,
    /// With a model of Firefox's that has a shortlist: score only the words that it makes likely,
    /// faster and a little worse
    #[arg(long, help_heading = MODEL)]
    pub shortlist: bool,
    /// Language of the texts, as the model writes it (zh, zho_Hans, zh_CN); Chinese unless said
    #[arg(long, help_heading = MODEL, value_name = "CODE")]
    pub source_lang: Option<String>,
    /// Language of the translation, as the model writes it (en, eng_Latn, eng); English unless said
    #[arg(long, help_heading = MODEL, value_name = "CODE")]
    pub target_lang: Option<String>,
    /// Second model that says whether the Chinese entails the English (mdeberta-xnli), or how alike they
    /// are in meaning (labse); off unless named, and may be given twice
    #[arg(long, help_heading = MODEL, value_name = "MODEL")]
    pub judge: Vec<String>,
    /// Batches computed at once (default: one a core)
    #[arg(long, help_heading = MODEL, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub workers: Option<u16>,
    /// Folder that holds bundled models (default: $KUAIBAO_MODELS, then models/ beside the program and
    /// here, then the model inside the program)
    #[arg(long, help_heading = MODEL, value_name = "DIR")]
    pub models_dir: Option<PathBuf>,
    /// No progress on stderr, only errors
    #[arg(long, short, display_order = 900)]
    pub quiet: bool,
}

/// The flag of every command that knows terms and names.
#[allow(
    rustdoc::broken_intra_doc_links,
    reason = "brackets that people read in --help"
)]
#[derive(Clone, Debug, clap::Args)]
pub struct GlossaryArgs {
    /// How terms and names are called, over the terms compiled in: a .tsv of zh, en, note, case, keep, or
    /// a .toml of [[term]] tables; may be repeated, later files win
    #[arg(long, value_name = "FILE")]
    pub glossary: Vec<PathBuf>,
}

impl GlossaryArgs {
    /// The terms compiled in, under those of the files.
    pub fn load(&self) -> Result<Glossary, Error> {
        let mut glossary = Glossary::official();
        for path in &self.glossary {
            let unreadable = |why: String| {
                let path = path.display();
                Error::Usage(format!(
                    "cannot read the glossary {path}: {why}; check the path given to --glossary"
                ))
            };
            let bytes = corpus::read(path, MAX_BYTES).map_err(|error| match error {
                CorpusError::Unreadable { source, .. } => unreadable(source.to_string()),
                CorpusError::TooLarge { max_bytes } => {
                    unreadable(format!("it has more than {max_bytes} bytes"))
                }
                error => error.into(),
            })?;
            let text =
                String::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8".to_owned()))?;
            glossary.add(path, &text)?;
        }
        Ok(glossary)
    }
}

/// The flag of every command whose translation may be held against another.
#[derive(Clone, Debug, clap::Args)]
pub struct CompareArgs {
    /// Say where another translation has other figures, names, places or negations: a model, or a .tmx or
    /// .tsv file of sentences with their English
    #[arg(long, value_name = "MODEL|FILE")]
    pub compare: Option<String>,
}

impl CompareArgs {
    /// Loads the other translation into an engine.
    pub fn load(&self, engine: &mut Engine, compute: &ComputeArgs) -> Result<(), Error> {
        let Some(named) = &self.compare else {
            return Ok(());
        };
        let path = Path::new(named);
        let is_file = path.extension().is_some_and(|e| e == "tmx" || e == "tsv");
        engine.second = Some(if is_file {
            let bytes = corpus::read(path, MAX_BYTES)?;
            let pairs: Vec<(String, String)> = if path.extension().is_some_and(|e| e == "tmx") {
                let held = tmx::read(&bytes, path)?;
                held.corrections.into_iter().map(|c| (c.zh, c.en)).collect()
            } else {
                let text = String::from_utf8(bytes.clone())
                    .map_err(|_| Error::Usage(format!("{named} is not UTF-8")))?;
                let lines = text.lines().filter_map(|line| line.split_once('\t'));
                lines
                    .map(|(zh, en)| (zh.to_owned(), en.to_owned()))
                    .collect()
            };
            if pairs.is_empty() {
                return Err(Error::Usage(format!(
                    "{named} holds no sentence with its English"
                )));
            }
            let english = pairs.into_iter().map(|(zh, en)| (squeezed(&zh), en));
            Second::Pairs {
                name: format!("{named}@{}", hub::sha256_hex(&bytes)),
                english: english.collect(),
            }
        } else {
            Second::Model(Box::new(compute.engine(named, None)?))
        });
        Ok(())
    }
}

/// `--device`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum DeviceArg {
    Auto,
    Cpu,
    Cuda(usize),
    Metal,
}

fn parse_device(text: &str) -> Result<DeviceArg, String> {
    Ok(match text {
        "auto" => DeviceArg::Auto,
        "cpu" => DeviceArg::Cpu,
        "cuda" => DeviceArg::Cuda(0),
        "metal" => DeviceArg::Metal,
        _ => {
            let number = text.strip_prefix("cuda:").and_then(|n| n.parse().ok());
            DeviceArg::Cuda(number.ok_or("expected auto, cpu, cuda:N or metal")?)
        }
    })
}

/// `--precision`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum PrecisionArg {
    Auto,
    F32,
    F16,
    Bf16,
    Q8,
}

impl ModelArgs {
    /// Loads the translator.
    pub fn engine(&self) -> Result<Engine, Error> {
        self.engine_to(To::En)
    }

    /// Loads a translator that writes this language.
    pub fn engine_to(&self, to: To) -> Result<Engine, Error> {
        self.compute
            .engine_to(to, &self.translator, self.prompt.as_deref())
    }
}

impl ComputeArgs {
    /// The flags that make another process of this program compute in the same way.
    pub(crate) fn to_args(&self) -> Vec<OsString> {
        let device = match self.device {
            DeviceArg::Auto => "auto".to_owned(),
            DeviceArg::Cpu => "cpu".to_owned(),
            DeviceArg::Cuda(n) => format!("cuda:{n}"),
            DeviceArg::Metal => "metal".to_owned(),
        };
        let precision = self.precision.to_possible_value();
        let precision = precision.map_or_else(String::new, |p| p.get_name().to_owned());
        let mut args: Vec<OsString> = vec![
            "--device".into(),
            device.into(),
            "--precision".into(),
            precision.into(),
        ];
        for (flag, value) in [("--beam", self.beam), ("--workers", self.workers)] {
            if let Some(value) = value {
                args.extend([flag.into(), value.to_string().into()]);
            }
        }
        if self.shortlist {
            args.push("--shortlist".into());
        }
        for (flag, code) in [
            ("--source-lang", &self.source_lang),
            ("--target-lang", &self.target_lang),
        ] {
            if let Some(code) = code {
                args.extend([flag.into(), code.into()]);
            }
        }
        for judge in &self.judge {
            args.extend(["--judge".into(), judge.into()]);
        }
        if let Some(dir) = &self.models_dir {
            args.extend(["--models-dir".into(), dir.into()]);
        }
        args
    }

    /// How models are found and fetched.
    pub(super) fn hub_options(&self) -> Result<HubOptions, Error> {
        let mut options = HubOptions::from_env()?;
        if let Some(dir) = &self.models_dir {
            options.models_dir = Some(dir.clone());
        }
        options.progress = match self.quiet {
            true => hub::Progress::Quiet,
            false if io::stderr().is_terminal() => hub::Progress::Bars,
            false => hub::Progress::Lines,
        };
        Ok(options)
    }

    /// Finds and loads a translator into English, fetching it if need be.
    pub fn engine(&self, translator: &str, prompt: Option<&Path>) -> Result<Engine, Error> {
        self.engine_to(To::En, translator, prompt)
    }

    /// Finds and loads a translator that writes this language, fetching it if need be.
    pub fn engine_to(
        &self,
        to: To,
        translator: &str,
        prompt: Option<&Path>,
    ) -> Result<Engine, Error> {
        let task = match to {
            To::En => Task::Translate,
            To::Zh => Task::IntoChinese,
        };
        // What cannot work is said before a model is fetched for it.
        generate::check_tasks(&[task], hub::known(translator)?)?;
        let prompt = prompt.map(Prompt::read).transpose();
        let prompt = prompt.map_err(generate::GenerateError::from)?;
        if prompt.is_some() {
            generate::check_prompt(hub::known(translator)?)?;
        }
        let placement = self.placement()?;
        let mut location = hub::resolve(translator, &self.hub_options()?)?;
        let languages = Languages {
            source: self.source_lang.clone(),
            target: self.target_lang.clone(),
        };
        let list = self.shortlist;
        let mut translator =
            Translator::open_with(&location, &placement, task, prompt, languages, list)?;
        // Its translations are others, and what names them says so.
        if let Some(revision) = &mut location.revision {
            let shortlist = self.shortlist.then_some("shortlist");
            let codes = [&self.source_lang, &self.target_lang].into_iter().flatten();
            for told in codes.map(String::as_str).chain(shortlist) {
                let _ = write!(revision, "+{told}");
            }
        }
        if let Some(beam) = self.beam {
            translator.config.num_beams = beam.into();
        }
        Ok(Engine {
            translator,
            summarizer: None,
            judges: self.judges()?,
            second: None,
            workers: Workers::start(self.worker_count(&placement.device)),
            location,
            placement,
        })
    }

    /// Finds and loads the judges, fetching them if need be.
    pub fn judges(&self) -> Result<Judges, Error> {
        let mut judges = Judges::default();
        if self.judge.is_empty() {
            return Ok(judges);
        }
        let placement = self.placement()?;
        let mut options = self.hub_options()?;
        options.purpose = Purpose::Judge;
        for name in &self.judge {
            generate::check_tasks(&[Task::Entail, Task::Embed], hub::known(name)?)?;
            let location = hub::resolve(name, &options)?;
            let judge = Judge::open(&location, &placement);
            judges.add(judge.map_err(generate::GenerateError::from)?);
        }
        Ok(judges)
    }

    fn worker_count(&self, device: &Device) -> usize {
        match self.workers {
            Some(n) => n.into(),
            // A GPU is kept busy by one queue.
            None if !matches!(device, Device::Cpu) => 1,
            None => std::thread::available_parallelism().map_or(1, usize::from),
        }
    }

    fn placement(&self) -> Result<Placement, Error> {
        let device = self.device.open()?;
        let on_cpu = matches!(device, Device::Cpu);
        let precision = match self.precision {
            PrecisionArg::Auto if on_cpu && has_fast_int8() => Precision::Q8,
            PrecisionArg::Auto if on_cpu => Precision::F32,
            PrecisionArg::Auto => Precision::F16,
            PrecisionArg::F32 => Precision::F32,
            PrecisionArg::F16 => Precision::F16,
            PrecisionArg::Bf16 => Precision::BF16,
            PrecisionArg::Q8 if on_cpu => Precision::Q8,
            PrecisionArg::Q8 => {
                return Err(Error::Usage(
                    "--precision q8 needs --device cpu; on a GPU use f16 or bf16".to_owned(),
                ));
            }
        };
        Ok(Placement::new(device, precision))
    }
}

impl DeviceArg {
    fn open(self) -> Result<Device, Error> {
        let missing = |name: &str, feature: &str, built: bool, error: &candle_core::Error| {
            let reason = first_line(error);
            let advice = match (built, driver_fault(&reason)) {
                (false, _) => {
                    format!("build with `--features {feature}` on a machine that has one")
                }
                (true, Some(advice)) => advice.to_owned(),
                (true, None) => "look at its driver".to_owned(),
            };
            Error::Usage(format!(
                "--device {name} is not available ({reason}); {advice}, or use --device cpu"
            ))
        };
        let (cuda, metal) = (cfg!(feature = "cuda"), cfg!(feature = "metal"));
        match self {
            Self::Cpu => Ok(Device::Cpu),
            Self::Cuda(n) => {
                Device::new_cuda(n).map_err(|e| missing(&format!("cuda:{n}"), "cuda", cuda, &e))
            }
            Self::Metal => Device::new_metal(0).map_err(|e| missing("metal", "metal", metal, &e)),
            Self::Auto => {
                // A build for a card that finds none computes on the CPU, and says why.
                let found = if metal {
                    Device::new_metal(0)
                } else {
                    Device::new_cuda(0)
                };
                found.or_else(|error| {
                    if cuda || metal {
                        let reason = first_line(&error);
                        let advice =
                            driver_fault(&reason).map_or_else(String::new, |a| format!(": {a}"));
                        log::warn!(
                            "computing on the CPU, no device is available ({reason}){advice}"
                        );
                    }
                    Ok(Device::Cpu)
                })
            }
        }
    }
}

/// What to do about an error of CUDA's driver, by its name (`CUresult` in NVIDIA's driver API).
fn driver_fault(error: &str) -> Option<&'static str> {
    let advice = [
        (
            "CUDA_ERROR_NO_DEVICE",
            "the driver sees no card: look at `nvidia-smi` and CUDA_VISIBLE_DEVICES",
        ),
        (
            "CUDA_ERROR_INVALID_DEVICE",
            "there is no card of that number: `nvidia-smi -L` lists them, from 0",
        ),
        (
            "CUDA_ERROR_STUB_LIBRARY",
            "the driver is missing, only a stub of it was found: install NVIDIA's driver",
        ),
        (
            "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH",
            "the driver's library and its kernel module are of different versions: restart the machine",
        ),
        (
            "CUDA_ERROR_UNSUPPORTED_PTX_VERSION",
            "the driver is older than the CUDA that this program was built with: update it",
        ),
        (
            "CUDA_ERROR_NO_BINARY_FOR_GPU",
            "this program was built for a newer card: build with CUDA_COMPUTE_CAP set to this one's",
        ),
        (
            "CUDA_ERROR_INVALID_PTX",
            "this program was built for a newer card: build with CUDA_COMPUTE_CAP set to this one's",
        ),
        (
            "CUDA_ERROR_DEVICE_UNAVAILABLE",
            "another process has the card to itself: wait for it (`nvidia-smi` lists it), or allow several (`nvidia-smi -c DEFAULT`)",
        ),
        (
            "CUDA_ERROR_OUT_OF_MEMORY",
            "its memory is full: `nvidia-smi` lists the processes that hold it",
        ),
    ];
    advice
        .into_iter()
        .find(|(name, _)| error.contains(name))
        .map(|(_, advice)| advice)
}

fn first_line(error: &candle_core::Error) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_of_the_driver_are_explained() {
        for (error, wanted) in [
            (
                r#"DriverError(CUDA_ERROR_NO_DEVICE, "no CUDA-capable device is detected")"#,
                "nvidia-smi",
            ),
            (
                r#"DriverError(CUDA_ERROR_STUB_LIBRARY, "CUDA driver is a stub library")"#,
                "install",
            ),
            (
                r#"DriverError(CUDA_ERROR_OUT_OF_MEMORY, "out of memory")"#,
                "full",
            ),
            (
                r#"DriverError(CUDA_ERROR_DEVICE_UNAVAILABLE, "…")"#,
                "another process",
            ),
        ] {
            let advice = driver_fault(error).unwrap_or_default();
            assert!(advice.contains(wanted), "{error}: {advice}");
        }
        assert_eq!(
            driver_fault("the candle crate has not been built with cuda support"),
            None
        );
    }
}
