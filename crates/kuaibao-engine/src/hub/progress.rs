//! Downloads as a person sees them: bars on a terminal, plain lines elsewhere, always on stderr.

use indicatif::{HumanBytes, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How downloads are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Progress {
    /// Not at all.
    Quiet,
    /// One line when a file begins.
    #[default]
    Lines,
    /// One bar a file.
    Bars,
}

/// Shows the files of one download.
pub(crate) struct Display {
    mode: Progress,
    bars: MultiProgress,
}

impl Display {
    pub(crate) fn new(mode: Progress) -> Self {
        let target = match mode {
            Progress::Bars => ProgressDrawTarget::stderr(),
            Progress::Quiet | Progress::Lines => ProgressDrawTarget::hidden(),
        };
        Self {
            mode,
            bars: MultiProgress::with_draw_target(target),
        }
    }

    /// A file begins, of which `present` bytes are already there.
    pub(crate) fn file(&self, name: &str, size: u64, present: u64) -> FileDisplay {
        if self.mode == Progress::Lines {
            let resumed = if present > 0 {
                format!(", going on at {}", HumanBytes(present))
            } else {
                String::new()
            };
            eprintln!("fetching {name} ({}{resumed})", HumanBytes(size));
        }
        let style = ProgressStyle::with_template(
            "{msg:28!} {wide_bar} {bytes:>11} / {total_bytes:11} {bytes_per_sec:>12} {eta:>4}",
        )
        .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = self.bars.add(ProgressBar::new(size).with_style(style));
        bar.set_message(name.to_owned());
        bar.set_position(present);
        bar.reset_eta();
        FileDisplay { bar }
    }

    /// Something worth saying in between.
    pub(crate) fn say(&self, message: &str) {
        match self.mode {
            Progress::Quiet => {}
            Progress::Lines => eprintln!("{message}"),
            Progress::Bars => self.bars.suspend(|| eprintln!("{message}")),
        }
    }
}

/// Shows one file.
pub(crate) struct FileDisplay {
    bar: ProgressBar,
}

impl FileDisplay {
    /// How many bytes are there now.
    pub(crate) fn at(&self, position: u64) {
        self.bar.set_position(position);
    }

    pub(crate) fn finish(&self) {
        self.bar.finish();
    }
}
