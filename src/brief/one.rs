//! A text that somebody says is one article, whatever it looks like.

use kuaibao_text::{
    page::{Article, Dropped, Page, Reason, Source, Subhead},
    text::{Traced, squeezed},
};

/// One article as another program gives it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Given<'a> {
    /// What it is called.
    pub id: &'a str,
    /// Its text.
    pub text: &'a str,
    /// Its headline, where the text does not have it.
    pub title: Option<&'a str>,
    /// ISO 8601 date.
    pub date: Option<&'a str>,
    /// The paper's name.
    pub paper: Option<&'a str>,
}

impl Given<'_> {
    /// The article as a page of its own, and the text that its offsets count in: the given one with its
    /// characters mapped, as a file's are, and behind it the title, where that is not in it.
    ///
    /// Every character of the text that is not white space is in the article or dropped with a
    /// reason. What gives no article by itself (a name, a date, a byline) is its body.
    pub fn page(&self) -> (String, Page) {
        let given = Source::of_text(self.text);
        let page = given.split(None);
        let mut dropped = page.dropped;
        let mut articles = page.articles.into_iter();
        let mut whole = articles.next().unwrap_or_default();
        for article in articles {
            append(&mut whole, article, &mut dropped);
        }
        let headings = whole
            .headline
            .iter()
            .chain(&whole.kicker)
            .chain(&whole.captions);
        if whole.paragraphs.is_empty() && headings.count() == 0 {
            whole = Article {
                paragraphs: lines(&given.text),
                ..Article::default()
            };
            dropped.clear();
        }
        let mut source = given.text;
        if let Some(title) = self.title.map(str::trim).filter(|t| !t.is_empty()) {
            title_of(&mut whole, title, &mut source);
        }
        self.id.clone_into(&mut whole.id);
        let page = Page {
            paper: self.paper.map(str::to_owned).or(page.paper),
            date: self.date.map(str::to_owned).or(page.date),
            articles: vec![whole],
            dropped,
        };
        (source, page)
    }
}

/// The lines of a text that hold anything, each a paragraph.
fn lines(text: &str) -> Vec<Traced> {
    let mut at = 0;
    let mut found = Vec::new();
    for line in text.split_inclusive('\n') {
        let start = at + (line.len() - line.trim_start().len());
        at += line.len();
        if !line.trim().is_empty() {
            found.push(Traced::of(text, start..start + line.trim().len()));
        }
    }
    found
}

/// Gives an article its title: the headline that it has, where that is the same; else a line behind
/// its text, and the headline that it had begins the body.
fn title_of(article: &mut Article, title: &str, source: &mut String) {
    let own = article.headline.take();
    match own {
        Some(own) if squeezed(own.as_str()) == squeezed(title) => article.headline = Some(own),
        own => {
            article
                .subheads
                .splice(0..0, own.map(|text| Subhead { before: 0, text }));
            source.push_str("\n\n");
            let start = source.len();
            source.push_str(title);
            article.headline = Some(Traced::of(source, start..source.len()));
        }
    }
}

fn append(whole: &mut Article, part: Article, dropped: &mut Vec<Dropped>) {
    let offset = whole.paragraphs.len();
    let headings = part.kicker.into_iter().chain(part.headline);
    let headings = headings.chain(part.subheadline).map(|text| Subhead {
        before: offset,
        text,
    });
    whole.subheads.extend(headings);
    whole
        .subheads
        .extend(part.subheads.into_iter().map(|s| Subhead {
            before: s.before + offset,
            ..s
        }));
    whole.paragraphs.extend(part.paragraphs);
    whole.captions.extend(part.captions);
    whole.byline.extend(part.byline);
    dropped.extend(part.dateline.map(|text| Dropped {
        text,
        reason: Reason::Label,
    }));
    whole.follow_up |= part.follow_up;
    whole.confidence = whole.confidence.min(part.confidence);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every text of the page, sorted by character, white space left out.
    fn characters(page: &Page) -> Vec<char> {
        let article = &page.articles[0];
        let mut texts: Vec<&str> = page.dropped.iter().map(|d| d.text.as_str()).collect();
        let heads = [&article.headline, &article.subheadline, &article.dateline];
        texts.extend(heads.into_iter().flatten().map(Traced::as_str));
        let lists = [
            &article.kicker,
            &article.byline,
            &article.paragraphs,
            &article.captions,
        ];
        texts.extend(lists.into_iter().flatten().map(Traced::as_str));
        texts.extend(article.subheads.iter().map(|s| s.text.as_str()));
        sorted(&texts.concat())
    }

    fn sorted(text: &str) -> Vec<char> {
        let mut characters: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
        characters.sort_unstable();
        characters
    }

    #[test]
    fn any_text_is_one_article_and_nothing_is_swallowed() {
        for text in [
            "云州港",
            "2026年3月17日",
            "本报记者 王浩",
            "（下转第七版）",
            "A3",
            "云州日报 2026年3月17日 星期二",
            "第一段。\n\n第二段。",
            "青河县新修公路三百公里\n\n　　本报讯 山路昨日通车。\n\n云州港开港\n\n　　本报讯 港口昨日开港。\n",
            "",
            " \n",
        ] {
            let given = Given {
                id: "x",
                text,
                ..Given::default()
            };
            let (source, page) = given.page();
            assert_eq!((page.articles.len(), source.as_str()), (1, text));
            assert_eq!(page.articles[0].id, "x");
            assert_eq!(characters(&page), sorted(text), "{text}");
        }
    }

    #[test]
    fn forms_of_characters_are_the_characters_as_in_a_file() {
        // Radicals of China's fonts, a vertical bracket; a text long enough for a page, and a name.
        for text in [
            "　　本报讯 ⻘河县⼭路昨⽇通⻋。\n\n　　全⻓300公⾥。\n",
            "⻘河县⼭路",
        ] {
            let given = Given {
                text,
                ..Given::default()
            };
            let (source, page) = given.page();
            let of_file = kuaibao_text::page::read(text.as_bytes(), Some("txt"), None).unwrap();
            assert_eq!(source, of_file.text);
            assert!(source.contains("青河县山路"), "{source}");
            assert_eq!(characters(&page), sorted(&source));
            for paragraph in &page.articles[0].paragraphs {
                assert_eq!(&source[paragraph.source()], paragraph.as_str());
            }
        }
    }

    #[test]
    fn a_title_is_the_headline_once() {
        let text = "青河县新修公路三百公里\n\n　　本报讯 山路昨日通车。\n";
        for (title, extra) in [("青河县新修公路三百公里", ""), ("山路通车", "\n\n山路通车")]
        {
            let given = Given {
                text,
                title: Some(title),
                date: Some("2026-07-14"),
                paper: Some("青河报"),
                ..Given::default()
            };
            let (source, page) = given.page();
            assert_eq!(source, format!("{text}{extra}"));
            let headline = page.articles[0].headline.as_ref().unwrap();
            assert_eq!(
                (headline.as_str(), &source[headline.source()]),
                (title, title)
            );
            assert_eq!(characters(&page), sorted(&source));
            assert_eq!(page.date.as_deref(), Some("2026-07-14"));
            assert_eq!(page.paper.as_deref(), Some("青河报"));
        }
    }
}
