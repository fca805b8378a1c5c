//! Markdown: headings, paragraphs and list items become lines; links and emphasis leave their
//! text; images leave their description; code stays; HTML and front matter go.

use pulldown_cmark::{Event, MetadataBlockKind, Options, Parser, Tag, TagEnd};

use super::plain::Plain;
use crate::page::furniture::stated_date;

pub(super) fn read(markdown: &str) -> Plain {
    let mut plain = Plain::default();
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut front_matter = false;
    let mut title = None;
    // The next number of each open list, where it has numbers.
    let mut numbers: Vec<Option<u64>> = Vec::new();
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::Start(Tag::MetadataBlock(MetadataBlockKind::YamlStyle)) => front_matter = true,
            Event::End(TagEnd::MetadataBlock(_)) => front_matter = false,
            Event::Text(text) if front_matter => {
                title = title.or_else(|| field(&text, "title"));
                plain.markup.date = field(&text, "date").and_then(|date| stated_date(&date));
            }
            Event::Text(text)
            | Event::Code(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text) => {
                plain.push(&text);
            }
            Event::SoftBreak => plain.push("\n"),
            Event::Start(Tag::List(first)) => numbers.push(first),
            Event::End(TagEnd::List(_)) => {
                numbers.pop();
            }
            Event::Start(Tag::Item) => {
                plain.end_line(false);
                if let Some(Some(number)) = numbers.last_mut() {
                    plain.push_exactly(&format!("{number}. "));
                    *number += 1;
                }
            }
            // The paragraph of a list item stands on its number's line.
            Event::Start(Tag::Paragraph) if numbers.last().is_some_and(Option::is_some) => {}
            Event::End(TagEnd::Heading(_)) => plain.end_line(true),
            Event::Start(Tag::TableCell) if !plain.is_at_start() => plain.push_exactly("\u{3000}"),
            Event::HardBreak
            | Event::Rule
            | Event::Start(Tag::CodeBlock(_) | Tag::Paragraph | Tag::Heading { .. })
            | Event::End(
                TagEnd::Paragraph
                | TagEnd::Item
                | TagEnd::CodeBlock
                | TagEnd::TableHead
                | TagEnd::TableRow
                | TagEnd::BlockQuote(_)
                | TagEnd::FootnoteDefinition,
            ) => plain.end_line(false),
            Event::Start(_)
            | Event::End(_)
            | Event::Html(_)
            | Event::InlineHtml(_)
            | Event::FootnoteReference(_)
            | Event::TaskListMarker(_) => {}
        }
    }
    plain.end_line(false);
    match title {
        Some(title) if !plain.text.starts_with(&title) => plain.with_title(&title),
        _ => plain,
    }
}

/// A field of YAML front matter that holds one line.
fn field(front_matter: &str, name: &str) -> Option<String> {
    front_matter.lines().find_map(|line| {
        let value = line.strip_prefix(name)?.trim_start().strip_prefix(':')?;
        let value = value.trim().trim_matches(['"', '\'']);
        (!value.is_empty()).then(|| value.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn markup_goes_and_text_stays() {
        let plain = read(
            "# 山里的*音乐*课\n\n柏树岭小学有 63 名学生，\n见[县教育局网站](https://example.org)。\n\n- 合唱团\n- 走教\n\n3. 第三\n4. 第四\n\n![演出](a.jpg)\n\n| 年 | 人数 |\n|---|---|\n| 2030 | 41 |\n",
        );
        assert_eq!(
            plain.text,
            "山里的音乐课\n柏树岭小学有 63 名学生，见县教育局网站。\n合唱团\n走教\n3. 第三\n4. 第四\n演出\n年　人数\n2030　41\n"
        );
    }

    #[test]
    fn front_matter_gives_title_and_date() {
        let plain = read("---\ntitle: \"山里的音乐课\"\ndate: 2031-04-03\n---\n正文第一段。\n");
        assert_eq!(plain.text, "山里的音乐课\n正文第一段。\n");
        assert_eq!(plain.markup.date.as_deref(), Some("2031-04-03"));
    }
}
