//! Any bytes, in any form, decode and split without a panic, and no character is lost.
#![no_main]

use kuaibao_text::page::{Page, read};
use kuaibao_text::text::Traced;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    // The first byte chooses the form.
    let Some((form, bytes)) = input.split_first() else {
        return;
    };
    let extension = ["txt", "md", "html", "docx", "pdf"][usize::from(*form) % 5];
    if let Ok(source) = read(bytes, Some(extension), None) {
        let page = source.split(None);
        let mut found: Vec<char> = texts(&page)
            .iter()
            .flat_map(|t| t.as_str().chars())
            .filter(|c| !c.is_whitespace())
            .collect();
        let mut given: Vec<char> = source.text.chars().filter(|c| !c.is_whitespace()).collect();
        found.sort_unstable();
        given.sort_unstable();
        assert_eq!(found, given);
    }
});

/// Every text of a page.
fn texts(page: &Page) -> Vec<&Traced> {
    let mut texts: Vec<&Traced> = page.dropped.iter().map(|d| &d.text).collect();
    for article in &page.articles {
        texts.extend(&article.kicker);
        texts.extend(&article.headline);
        texts.extend(&article.subheadline);
        texts.extend(&article.byline);
        texts.extend(&article.dateline);
        texts.extend(&article.paragraphs);
        texts.extend(article.subheads.iter().map(|s| &s.text));
        texts.extend(&article.captions);
    }
    texts
}
