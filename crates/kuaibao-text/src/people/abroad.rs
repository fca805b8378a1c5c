//! Countries in titles, and what their offices are called in English.
//!
//! `美国国防部长` → "US secretary of defense", `英国财政大臣` → "British chancellor of the exchequer",
//! `阿拉巴马州司法部长` → "attorney general of Alabama": the same Chinese word is another office elsewhere.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::glossary;

/// A country, a continent or a region.
pub(super) struct Country {
    /// As it stands behind "of".
    pub(super) en: &'static str,
    /// As it stands before a noun; none of a state in a federation.
    pub(super) adjective: Option<&'static str>,
}

/// A country by its name, also by what titles shorten it to: `美`, `马其顿`.
pub(super) fn country(zh: &str) -> Option<&'static Country> {
    static COUNTRIES: LazyLock<HashMap<&str, Country>> = LazyLock::new(|| {
        let row = |c: Vec<&'static str>| {
            let adjective = c.get(2).copied();
            (
                c[0],
                Country {
                    en: c[1],
                    adjective,
                },
            )
        };
        glossary::rows(include_str!("abroad.tsv"))
            .map(row)
            .collect()
    });
    COUNTRIES.get(zh)
}

/// The country that a text begins with, by its longest name.
pub(super) fn leading(zh: &str) -> Option<&'static Country> {
    let ends = zh.char_indices().map(|(at, c)| at + c.len_utf8());
    ends.rev().find_map(|end| country(&zh[..end]))
}

/// A state of a federation: `阿拉巴马州`.
pub(super) fn state(zh: &str) -> Option<&'static Country> {
    country(zh).filter(|place| place.adjective.is_none())
}

/// What a title without its country is called there; `None` where it is called what the lists of posts say.
/// `title` is all of it, with the country or the state at its head where it names one.
pub(super) fn office(title: &str) -> Option<String> {
    // All of them are a 长 or a 臣.
    if !title.ends_with(['长', '臣']) {
        return None;
    }
    // 美|国防部长, 美国|国防部长
    let ends = title.char_indices().map(|(at, c)| at + c.len_utf8());
    let named = ends.filter_map(|end| Some((country(&title[..end])?, &title[end..])));
    let office = named
        .rev()
        .find_map(|(place, rest)| office_of(Some(place), rest));
    office.or_else(|| office_of(None, title))
}

fn office_of(place: Option<&Country>, post: &str) -> Option<String> {
    let post = post.strip_prefix("联邦").unwrap_or(post);
    if let Some(state) = place.filter(|place| place.adjective.is_none()) {
        let attorney = ["司法部长", "总检察长", "检察长", "检察总长"].contains(&post);
        return attorney.then(|| format!("attorney general of {}", state.en));
    }
    let nation = place.and_then(|place| place.adjective);
    let of_nation = |en: String| match place {
        Some(_) if nation == Some("British") => format!("British {en}"),
        Some(place) => format!("{en} of {}", place.en),
        None => en,
    };
    if nation == Some("US") {
        return secretary_in_washington(post).map(|en| format!("US {en}"));
    }
    let (shadow, topic) = match post.strip_prefix("影子") {
        Some(topic) => (true, topic),
        None => (false, post),
    };
    if let Some(topic) = topic.strip_suffix("大臣") {
        let british = shadow || nation == Some("British");
        return minister_of_a_king(topic, british, shadow).map(of_nation);
    }
    let topic = topic.strip_suffix("部长").filter(|_| shadow)?;
    let (_, topic) = DEPARTMENTS.iter().find(|(zh, _)| *zh == topic)?;
    Some(of_nation(format!("shadow {topic} minister")))
}

/// What ministries deal with, as it stands before "secretary" or "minister".
const DEPARTMENTS: [(&str, &str); 33] = [
    (
        "文部科学",
        "education, culture, sports, science and technology",
    ),
    ("国防", "defense"),
    ("财政", "finance"),
    ("司法", "justice"),
    ("能源", "energy"),
    ("教育", "education"),
    ("劳工", "labor"),
    ("劳动", "labor"),
    ("商务", "commerce"),
    ("商业", "business"),
    ("贸易", "trade"),
    ("农业", "agriculture"),
    ("内政", "interior"),
    ("交通", "transport"),
    ("运输", "transport"),
    ("卫生", "health"),
    ("外交", "foreign"),
    ("外务", "foreign"),
    ("环境", "environment"),
    ("文化", "culture"),
    ("住房", "housing"),
    ("脱欧", "Brexit"),
    ("国际发展", "international development"),
    ("北爱尔兰", "Northern Ireland"),
    ("苏格兰", "Scotland"),
    ("威尔士", "Wales"),
    ("经济产业", "economy, trade and industry"),
    ("厚生劳动", "health, labor and welfare"),
    ("国土交通", "land, infrastructure and transport"),
    ("总务", "internal affairs"),
    ("农林水产", "agriculture"),
    ("就业与养老金", "work and pensions"),
    ("国土安全", "homeland security"),
];

/// `国防部副部长` → "deputy secretary of defense".
fn secretary_in_washington(title: &str) -> Option<String> {
    let short = match title {
        "防长" => Some("secretary of defense"),
        "财长" => Some("Treasury secretary"),
        "陆军部长" => Some("secretary of the Army"),
        "海军部长" => Some("secretary of the Navy"),
        "空军部长" => Some("secretary of the Air Force"),
        _ => None,
    };
    if let Some(en) = short {
        return Some(en.to_owned());
    }
    let body = title.strip_suffix("部长")?;
    let (body, rank) = match (body.strip_suffix('副'), body.strip_suffix("助理")) {
        (Some(body), _) => (body, "deputy "),
        (_, Some(body)) => (body, "assistant "),
        _ => (body, ""),
    };
    let topic = body.strip_suffix('部').unwrap_or(body);
    Some(match topic {
        "司法" => format!("{rank}attorney general"),
        "财政" => format!("{rank}Treasury secretary"),
        "交通" | "运输" => format!("{rank}secretary of transportation"),
        "外交" | "外务" => return None,
        topic => {
            let (_, en) = DEPARTMENTS.iter().find(|(zh, _)| *zh == topic)?;
            format!("{rank}secretary of {en}")
        }
    })
}

/// `内政大臣` → "home secretary", and elsewhere than in Britain "interior minister".
fn minister_of_a_king(topic: &str, british: bool, shadow: bool) -> Option<String> {
    let shadow = if shadow { "shadow " } else { "" };
    Some(match topic {
        "财政" if british && !shadow.is_empty() => "shadow chancellor".to_owned(),
        "财政" if british => "chancellor of the exchequer".to_owned(),
        "内政" if british => format!("{shadow}home secretary"),
        "国防" if british => format!("{shadow}defence secretary"),
        "商务" if british => format!("{shadow}business secretary"),
        topic => {
            let (_, en) = DEPARTMENTS.iter().find(|(zh, _)| *zh == topic)?;
            format!(
                "{shadow}{en} {}",
                if british { "secretary" } else { "minister" }
            )
        }
    })
}

#[cfg(test)]
mod tests {
    use super::office;

    #[test]
    fn an_office_is_called_what_its_country_calls_it() {
        for (title, en) in [
            ("美国国防部长", "US secretary of defense"),
            ("美财长", "US Treasury secretary"),
            ("美国司法部副部长", "US deputy attorney general"),
            ("美国商务部助理部长", "US assistant secretary of commerce"),
            ("英国财政大臣", "British chancellor of the exchequer"),
            ("英国交通大臣", "British transport secretary"),
            ("影子内政大臣", "shadow home secretary"),
            ("影子卫生部长", "shadow health minister"),
            ("日本防卫大臣", "-"),
            (
                "日本经济产业大臣",
                "economy, trade and industry minister of Japan",
            ),
            ("阿拉巴马州司法部长", "attorney general of Alabama"),
            ("俄罗斯国防部长", "-"),
            ("阿拉巴马州议员", "-"),
            ("大臣", "-"),
        ] {
            assert_eq!(office(title).as_deref().unwrap_or("-"), en, "{title}");
        }
    }
}
