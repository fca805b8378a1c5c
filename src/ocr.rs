//! Pages that are pictures: a program of the house reads their characters.
//!
//! Comes in: a file's path. Goes out: what the program prints, text like any other. The program is run
//! without a shell; one that does not end is ended. Pages of a PDF that are pictures are given to it one by
//! one, as files that are gone afterwards.

use std::{
    env, fs,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    process::{self, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

/// Extensions of pictures that are taken where there is a program for them.
pub const PICTURES: [&str; 7] = ["png", "jpg", "jpeg", "tif", "tiff", "webp", "bmp"];
/// What the encoding of a text is called that was read from a picture.
pub const ENCODING: &str = "OCR";
/// What a brief says of such a text.
pub const NOTE: &str =
    "From OCR: a program read this text off a picture; compare characters with the page.";
/// How sure a split of such a text is at most, as a share of what it would be else.
pub const CONFIDENCE: f64 = 0.7;

/// How long a page may take.
const PATIENCE: Duration = Duration::from_mins(5);

/// A program that reads pictures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ocr {
    /// The program and its arguments; `{}` among them is the file.
    words: Vec<String>,
}

impl std::str::FromStr for Ocr {
    type Err = String;

    /// Words apart by spaces; one with spaces stands between quotation marks.
    fn from_str(command: &str) -> Result<Self, String> {
        let mut words = vec![String::new()];
        let mut quote = None;
        for c in command.trim().chars() {
            match (quote, c) {
                (None, '"' | '\'') => quote = Some(c),
                (Some(open), c) if c == open => quote = None,
                (None, ' ') => words.push(String::new()),
                (_, c) => {
                    if let Some(word) = words.last_mut() {
                        word.push(c);
                    }
                }
            }
        }
        words.retain(|word| !word.is_empty());
        match (quote, words.is_empty()) {
            (Some(_), _) => Err("a quotation mark is not closed".to_owned()),
            (None, true) => Err("expected a program and its arguments".to_owned()),
            (None, false) => Ok(Self { words }),
        }
    }
}

impl Ocr {
    /// Whether a file of this name is a picture.
    pub fn reads(path: &Path) -> bool {
        let extension = path.extension().and_then(|e| e.to_str());
        extension.is_some_and(|e| PICTURES.iter().any(|known| known.eq_ignore_ascii_case(e)))
    }

    /// What tells that a text was read in another way.
    pub fn identity(&self) -> String {
        self.words.join("\u{0}")
    }

    /// What the program reads off the pages of a PDF that are pictures; where there are none, off the file
    /// itself.
    #[cfg(feature = "pdf")]
    pub fn text_of_pages(&self, bytes: &[u8], file: &Path, most: u64) -> Result<Vec<u8>, String> {
        let mut pages: Vec<Vec<u8>> = Vec::new();
        let mut failed = None;
        kuaibao_text::page::scans(bytes, &mut |scan| {
            let page = Picture::new(&scan.pgm());
            let page = page.map_err(|e| format!("a page cannot be laid down for OCR: {e}"));
            let read = pages.iter().map(Vec::len).sum::<usize>() as u64;
            match page.and_then(|page| self.text(&page.path, most.saturating_sub(read))) {
                Ok(text) => pages.push(text),
                Err(why) => failed = Some(why),
            }
            failed.is_none()
        })
        .map_err(|e| e.to_string())?;
        match failed {
            Some(why) => Err(why),
            None if pages.is_empty() => self.text(file, most),
            None => Ok(pages.join(&b"\x0c\n"[..])),
        }
    }

    /// Without PDF there is nothing that could be taken apart.
    #[cfg(not(feature = "pdf"))]
    pub fn text_of_pages(&self, _: &[u8], file: &Path, most: u64) -> Result<Vec<u8>, String> {
        self.text(file, most)
    }

    /// What the program reads off a file.
    pub fn text(&self, file: &Path, most: u64) -> Result<Vec<u8>, String> {
        let program = &self.words[0];
        let failed = |why: String| format!("the OCR program {program} {why}");
        let mut command = Command::new(program);
        let mut is_said = false;
        for word in &self.words[1..] {
            if word == "{}" {
                is_said = true;
                command.arg(file);
            } else {
                command.arg(word);
            }
        }
        if !is_said {
            command.arg(file);
        }
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| failed(format!("cannot be run: {e}")))?;
        let stdout = child.stdout.take();
        let reading = thread::spawn(move || {
            let mut text = Vec::new();
            let read = stdout.map(|out| out.take(most + 1).read_to_end(&mut text));
            read.unwrap_or(Ok(0)).map(|_| text)
        });
        let since = Instant::now();
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) if since.elapsed() < PATIENCE => thread::sleep(Duration::from_millis(20)),
                _ => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(failed(format!(
                        "did not end within {} s",
                        PATIENCE.as_secs()
                    )));
                }
            }
        };
        if !status.success() {
            return Err(failed(format!("failed ({status})")));
        }
        let text = reading.join().map_err(|_| failed("broke off".to_owned()))?;
        let text = text.map_err(|e| failed(format!("cannot be read: {e}")))?;
        if text.len() as u64 > most {
            return Err(failed(format!("printed more than {most} bytes")));
        }
        Ok(text)
    }
}

/// A picture on the disk, as long as it is looked at.
struct Picture {
    path: PathBuf,
}

impl Picture {
    fn new(bytes: &[u8]) -> io::Result<Self> {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        loop {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let name = format!("kuaibao-{}-{number}.pgm", process::id());
            let path = env::temp_dir().join(name);
            // Never through a link that somebody else laid there.
            match fs::File::create_new(&path) {
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(e),
                Ok(mut file) => {
                    let picture = Self { path };
                    file.write_all(bytes)?;
                    return Ok(picture);
                }
            }
        }
    }
}

impl Drop for Picture {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_words() {
        let words = |command: &str| command.parse::<Ocr>().map(|ocr| ocr.words);
        assert_eq!(
            words("tesseract {} - -l  chi_sim").unwrap(),
            ["tesseract", "{}", "-", "-l", "chi_sim"]
        );
        assert_eq!(words("'my program' -x").unwrap(), ["my program", "-x"]);
        assert!(words(" ").is_err() && words("a 'b").is_err());
    }
}
