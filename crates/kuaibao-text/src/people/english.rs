//! Posts and organisations in English, composed from the compiled term lists.
//!
//! `浙江省农业农村厅` → `Zhejiang Provincial Department of Agriculture and Rural Affairs`. A part that
//! no list holds makes the whole `None`: no English is better than a wrong one.

use super::titles;
use crate::glossary::{self, PostKind};
use crate::people::pinyin;
use crate::text::{chars::is_han, words};

/// An organisation in English, without an article.
pub(super) fn organisation(zh: &str) -> Option<String> {
    if matches!(zh, "中央") {
        return organisation("中共中央");
    }
    if let Some(en) = glossary::bodies().get(zh) {
        return Some((*en).to_owned());
    }
    if let Some(place) = Place::whole(zh) {
        return Some(place.name());
    }
    let (place, rest) = Place::leading(zh);
    if let Some(en) = of_rank(&place, rest) {
        return Some(en);
    }
    if let Some(en) = plain_body(zh) {
        return Some(en.to_owned());
    }
    if let Place::Country(country) = &place
        && let Some(en) = glossary::bodies().get(rest)
    {
        return Some(format!("{en} of {}", with_article(country)));
    }
    // A body below a body: 省委组织部, 国务院办公厅.
    let (parent, child) = rest_after_body(zh)?;
    Some(format!("{} of the {}", plain_body(child)?, parent))
}

/// Whether a name is that of a place and nothing more.
pub(super) fn is_place(zh: &str) -> bool {
    !glossary::bodies().contains_key(zh) && Place::whole(zh).is_some()
}

/// The longest leading body of which something is left.
fn rest_after_body(zh: &str) -> Option<(String, &str)> {
    let ends = zh.char_indices().map(|(i, _)| i).skip(1);
    ends.filter_map(|end| {
        let parent = if let Some(en) = glossary::bodies().get(&zh[..end]) {
            (*en).to_owned()
        } else {
            let (place, rest) = Place::leading(&zh[..end]);
            of_rank(&place, rest)?
        };
        plain_body(&zh[end..])?;
        Some((parent, &zh[end..]))
    })
    .last()
}

/// Offices that belong to a larger body.
fn plain_body(zh: &str) -> Option<&'static str> {
    glossary::offices().get(zh).copied()
}

/// A place at the head of an organisation's name, or the bare level of one.
enum Place {
    /// `浙江省`: name, level and the noun for it.
    Named(String, Level, &'static str),
    /// `省`.
    Bare(Level, &'static str),
    /// `俄罗斯`.
    Country(String),
    None,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Province,
    Region,
    City,
    County,
    District,
    Prefecture,
    Town,
    Township,
    Village,
    Subdistrict,
    NewArea,
    State,
}

impl Level {
    /// Suffixes in Chinese, longest first, with their noun: "Xianju County".
    const SUFFIXES: [(&'static str, Self, &'static str); 25] = [
        ("维吾尔自治区", Self::Region, "Uygur Autonomous Region"),
        ("壮族自治区", Self::Region, "Zhuang Autonomous Region"),
        ("回族自治区", Self::Region, "Hui Autonomous Region"),
        ("特别行政区", Self::Region, "Special Administrative Region"),
        ("特区", Self::Region, "Special Administrative Region"),
        ("自治区", Self::Region, "Autonomous Region"),
        ("自治州", Self::Prefecture, "Autonomous Prefecture"),
        ("自治县", Self::County, "Autonomous County"),
        ("街道", Self::Subdistrict, "Subdistrict"),
        ("新区", Self::NewArea, "New Area"),
        ("开发区", Self::NewArea, "Development Zone"),
        ("高新区", Self::NewArea, "High-tech Zone"),
        ("省", Self::Province, "Province"),
        ("市", Self::City, ""),
        ("县", Self::County, "County"),
        ("区", Self::District, "District"),
        ("州", Self::Prefecture, "Prefecture"),
        ("盟", Self::Prefecture, "League"),
        ("旗", Self::County, "Banner"),
        ("镇", Self::Town, "Town"),
        ("乡", Self::Township, "Township"),
        ("村", Self::Village, "Village"),
        ("社区", Self::Subdistrict, "Community"),
        ("国家", Self::State, ""),
        ("全国", Self::State, ""),
    ];

    /// As an adjective before a body: "Zhejiang Provincial …".
    fn adjective(self, noun: &'static str) -> &'static str {
        match self {
            Self::Province => "Provincial",
            Self::Region => "Regional",
            Self::City => "Municipal",
            Self::County => "County",
            Self::District => "District",
            Self::Prefecture => "Prefectural",
            Self::Town | Self::Township => "Township",
            Self::Village => "Village",
            Self::Subdistrict => "Subdistrict",
            Self::NewArea => noun,
            Self::State => "National",
        }
    }
}

impl Place {
    /// The place an organisation's name begins with, and what is left.
    fn leading(zh: &str) -> (Self, &str) {
        let places = glossary::places();
        let longest = zh
            .char_indices()
            .map(|(i, c)| i + c.len_utf8())
            .take(8)
            .filter(|&end| places.contains_key(&zh[..end]))
            .last();
        if let Some(end) = longest {
            let (en, level) = places[&zh[..end]];
            let rest = &zh[end..];
            if matches!(level, "country" | "city") && zh[..end] != *"中国" {
                return (Self::Country(en.to_owned()), rest);
            }
            for (suffix, level, noun) in Level::SUFFIXES {
                if let Some(rest) = rest.strip_prefix(suffix) {
                    return (Self::Named(en.to_owned(), level, noun), rest);
                }
            }
            // The entry itself may end in its level: 海淀区.
            for (suffix, own, noun) in Level::SUFFIXES {
                if !noun.is_empty()
                    && zh[..end].ends_with(suffix)
                    && let Some(name) = en.strip_suffix(noun)
                {
                    return (Self::Named(name.trim_end().to_owned(), own, noun), rest);
                }
            }
            let (level, noun) = match level {
                "province" if DIRECT.contains(&&zh[..end]) => (Level::City, ""),
                "province" if REGIONS.contains(&&zh[..end]) => (Level::Region, ""),
                "province" => (Level::Province, ""),
                "prefecture" => (Level::City, ""),
                _ => (Level::County, ""),
            };
            return (Self::Named(en.to_owned(), level, noun), rest);
        }
        for (suffix, level, noun) in Level::SUFFIXES {
            if let Some(rest) = zh.strip_prefix(suffix) {
                return (Self::Bare(level, noun), rest);
            }
        }
        Self::unlisted(zh).unwrap_or((Self::None, zh))
    }

    /// An unlisted place whose level shows: `云湖县`. A word that only ends like one (`战区`, `小镇`) and
    /// a transliterated name are none.
    fn unlisted(zh: &str) -> Option<(Self, &str)> {
        /// What stands before a suffix in words that name no place.
        const IN_WORDS: &str =
            "战社园景地校灾小片林矿牧军库特城超股上重家水农乡大老新旧山渔各全本外该某";
        for (suffix, level, noun) in Level::SUFFIXES {
            if matches!(level, Level::Province | Level::Prefecture | Level::State) {
                continue;
            }
            let Some(at) = zh.find(suffix) else { continue };
            let name = &zh[..at];
            let length = name.chars().count();
            let ends_like_a_word = name.ends_with(|c| IN_WORDS.contains(c));
            let foreign = length > 2 && super::foreign::is_all_sounds(name);
            let han = name.chars().all(|c| is_han(c) && c != '的');
            if (2..=3).contains(&length)
                && han
                && !ends_like_a_word
                && !foreign
                && !is_common_word(name)
            {
                let place = Self::Named(pinyin::romanise_place(name), level, noun);
                return Some((place, &zh[at + suffix.len()..]));
            }
        }
        None
    }

    /// A name that is a place and nothing else.
    fn whole(zh: &str) -> Option<Self> {
        match Self::leading(zh) {
            (Self::None | Self::Bare(..), _) => None,
            (place, "") => Some(place),
            (place @ Self::Named(..), rest) => {
                // 台州市仙居县, 白塔镇仙景村: the smaller place, then the larger.
                let inner = Self::whole(rest)?;
                Some(Self::Country(format!("{}, {}", inner.name(), place.name())))
            }
            _ => None,
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Country(name) | Self::Named(name, _, "") => name.clone(),
            Self::Named(name, _, noun) => format!("{name} {noun}"),
            Self::Bare(..) | Self::None => String::new(),
        }
    }
}

/// Whether the dictionary has a string as a word that names no place.
fn is_common_word(name: &str) -> bool {
    let segmenter = words::segmenter();
    segmenter.has_word(name)
        && !matches!(segmenter.tag(name, false).as_slice(), [one] if one.tag.starts_with('n') && one.tag != "n")
}

/// Cities directly under the central government.
const DIRECT: [&str; 4] = ["北京", "上海", "天津", "重庆"];
/// Autonomous and special regions.
const REGIONS: [&str; 7] = ["内蒙古", "广西", "西藏", "宁夏", "新疆", "香港", "澳门"];

/// Bodies that every level has: what follows the place.
fn of_rank(place: &Place, rest: &str) -> Option<String> {
    let own = |en: &str, capital: &str| match place {
        Place::Named(name, level, noun) => {
            Some(format!("{name} {} {capital}", level.adjective(noun)))
        }
        Place::None | Place::Country(_) | Place::Bare(Level::State, _) => None,
        Place::Bare(level, noun) => Some(format!("{} {en}", level.adjective(noun).to_lowercase())),
    };
    let fixed = match rest.strip_suffix("常委会").filter(|rest| *rest == "人大") {
        Some(congress) => {
            of_rank(place, congress).map(|en| format!("Standing Committee of the {en}"))
        }
        None => glossary::ranks()
            .get(rest)
            .and_then(|(en, capital)| own(en, capital)),
    };
    let customs = || match place {
        Place::Named(name, ..) if rest == "海关" => Some(format!("{name} Customs")),
        _ => None,
    };
    fixed.or_else(customs).or_else(|| department(place, rest))
}

/// `农业农村厅` below a place or a bare level.
fn department(place: &Place, rest: &str) -> Option<String> {
    const RANKS: [(&str, &str); 8] = [
        ("委员会", "Commission"),
        ("办公室", "Office"),
        ("总局", "Administration"),
        ("厅", "Department"),
        ("局", "Bureau"),
        ("委", "Commission"),
        ("办", "Office"),
        ("部", "Ministry"),
    ];
    let (topic, rank) = RANKS
        .iter()
        .find_map(|(suffix, rank)| rest.strip_suffix(suffix).map(|topic| (topic, *rank)))?;
    let topic = glossary::topics().get(topic)?;
    let body = if rank == "Commission" {
        format!("{topic} Commission")
    } else {
        format!("{rank} of {topic}")
    };
    match (place, rank) {
        (Place::Named(name, level, noun), _) => {
            Some(format!("{name} {} {body}", level.adjective(noun)))
        }
        (Place::Bare(Level::State, _), "Bureau" | "Administration") => {
            Some(format!("National Administration of {topic}"))
        }
        (Place::Bare(Level::State, _), _) => Some(format!("National {body}")),
        (Place::Bare(level, noun), _) => {
            Some(format!("{} {body}", level.adjective(noun).to_lowercase()))
        }
        (Place::Country(name), "Ministry") => Some(format!("{body} of {}", with_article(name))),
        (Place::None, _) => Some(body),
        (Place::Country(_), _) => None,
    }
}

/// `United States` → `the United States`.
fn with_article(country: &str) -> String {
    const PLURAL: [&str; 8] = [
        "United ",
        "Philippines",
        "Netherlands",
        "Maldives",
        "Solomon Islands",
        "Czech Republic",
        "Democratic ",
        "Soviet Union",
    ];
    if PLURAL.iter().any(|p| country.starts_with(p)) {
        format!("the {country}")
    } else {
        country.to_owned()
    }
}

/// A post in English: `省委常委、宣传部部长` → "member of the standing committee of the provincial
/// Party committee and head of the Publicity Department".
pub(super) fn post(zh: &str, organisation_of: Option<&str>) -> Option<String> {
    let parts: Option<Vec<String>> = titles::elements(zh)
        .map(|element| one_post(element, organisation_of))
        .collect();
    Some(listed(&parts?))
}

/// "a, b and c".
fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn one_post(element: &str, elsewhere: Option<&str>) -> Option<String> {
    let element_without = ["时任", "现任", "原", "前任", "前", "新任"]
        .iter()
        .find_map(|m| element.strip_prefix(m).map(|rest| (*m, rest)));
    if let Some((modifier, rest)) = element_without
        && titles::split(rest).is_some()
    {
        let word = match modifier {
            "时任" => "then",
            "现任" => "current",
            "新任" => "new",
            _ => "former",
        };
        return Some(format!("{word} {}", one_post(rest, elsewhere)?));
    }
    if let Some(post) = glossary::posts().get(element) {
        return Some(named(element, post.en, elsewhere.unwrap_or_default()).to_owned());
    }
    if let Some(en) = posted_abroad(element) {
        return Some(en);
    }
    let (organisation_zh, post_zh) = titles::split(element)?;
    let (modifier, head) = modifier_of(post_zh)?;
    let post = glossary::posts().get(head)?;
    let of = elsewhere.or(Some(organisation_zh)).unwrap_or_default();
    let en = match modifier {
        Modifier::None => named(head, post.en, of).to_owned(),
        Modifier::Deputy => named_deputy(head, post.deputy?, of).to_owned(),
        Modifier::ExecutiveDeputy => format!("executive {}", named_deputy(head, post.deputy?, of)),
        Modifier::Word(word) => format!("{word} {}", named(head, post.en, of)),
    };
    if organisation_zh.is_empty() {
        return Some(en);
    }
    if matches!(organisation_zh, "国家" | "全国") {
        return (post.kind == PostKind::Role).then(|| format!("national {en}"));
    }
    let place = Place::leading(organisation_zh);
    match (post.kind, place) {
        (PostKind::Place, (Place::Named(name, Level::Province | Level::City, _), "")) => {
            Some(format!("{en} of {name}"))
        }
        (PostKind::Place, (Place::Named(name, _, noun), "")) => {
            Some(format!("{en} of {name} {noun}").trim_end().to_owned())
        }
        (PostKind::Place, (Place::Bare(..), "")) => Some(en),
        (PostKind::Place, _) => None,
        (PostKind::Alone, (Place::Country(country), "")) if head == "国家主席" => {
            Some(format!("president of {}", with_article(&country)))
        }
        (_, (Place::Bare(_, noun), "")) if !noun.is_empty() => {
            Some(format!("{en} of the {}", noun.to_lowercase()))
        }
        (_, (Place::Bare(Level::City, _), "")) => Some(format!("{en} of the city")),
        (_, (Place::Country(place), "")) => Some(format!("{en} of {}", with_article(&place))),
        _ => {
            let whole = Place::whole(organisation_zh).is_some();
            let of = organisation(organisation_zh)?;
            if head == "部长"
                && let Some(topic) = of.strip_prefix("Ministry of ")
            {
                return Some(format!("{en} of {}", topic.to_lowercase()));
            }
            let article = if whole || needs_no_article(&of) {
                ""
            } else {
                "the "
            };
            Some(format!("{en} of {article}{of}"))
        }
    }
}

/// `中国驻俄罗斯大使` → "Chinese ambassador to Russia".
fn posted_abroad(element: &str) -> Option<String> {
    let (sender, rest) = element.split_once('驻')?;
    let (place, head) = titles::split(rest)?;
    let post = glossary::posts().get(head)?.en;
    let to = match place {
        "华" => "China".to_owned(),
        place => with_article(&Place::whole(place)?.name()),
    };
    match sender {
        "中国" => Some(format!("Chinese {post} to {to}")),
        "" => Some(format!("{post} to {to}")),
        sender => Some(format!(
            "{post} of {} to {to}",
            with_article(&Place::whole(sender)?.name())
        )),
    }
}

fn needs_no_article(en: &str) -> bool {
    const NAMES: [&str; 8] = [
        "CPPCC ", "Sinopec", "Xinhua", "Alibaba", "Tencent", "Huawei", "NATO", "ASEAN",
    ];
    NAMES.iter().any(|name| en.starts_with(name))
        || en.ends_with("University")
        || en.ends_with("Customs")
}

fn is_party_department(organisation: &str) -> bool {
    [
        "组织部",
        "宣传部",
        "统战部",
        "社会工作部",
        "社工部",
        "联络部",
        "中联部",
        "中宣部",
        "中组部",
        "武装部",
        "部门",
    ]
    .iter()
    .any(|d| organisation.ends_with(d))
}

fn is_foreign_country(organisation: &str) -> bool {
    glossary::places()
        .get(organisation)
        .is_some_and(|(_, level)| *level == "country" && organisation != "中国")
}

/// Heads whose English depends on what they are the head of.
fn named<'a>(head: &str, en: &'a str, organisation: &str) -> &'a str {
    const PRESIDENTS: [&str; 5] = [
        "欧盟委员会",
        "欧洲理事会",
        "国际奥委会",
        "国际足联",
        "红十字会",
    ];
    match head {
        "部长" if is_party_department(organisation) => "head",
        "总理" if matches!(organisation, "德国" | "奥地利") => "chancellor",
        "总理" if is_foreign_country(organisation) => "prime minister",
        "主任" if organisation.ends_with("人大常委会") => "chairman",
        "主席" if is_foreign_country(organisation) => "president",
        "主席" if PRESIDENTS.iter().any(|p| organisation.ends_with(p)) => "president",
        _ => en,
    }
}

/// Their deputies.
fn named_deputy<'a>(head: &str, en: &'a str, organisation: &str) -> &'a str {
    match head {
        "部长" if is_party_department(organisation) => "deputy head",
        "总理" if is_foreign_country(organisation) => "deputy prime minister",
        "主任" if organisation.ends_with("人大常委会") => "vice chairman",
        _ => en,
    }
}

enum Modifier {
    None,
    Deputy,
    ExecutiveDeputy,
    Word(&'static str),
}

fn modifier_of(post: &str) -> Option<(Modifier, &str)> {
    const WORDS: [(&str, Modifier); 11] = [
        ("常务副", Modifier::ExecutiveDeputy),
        ("执行副", Modifier::ExecutiveDeputy),
        ("副", Modifier::Deputy),
        ("代理", Modifier::Word("acting")),
        ("代", Modifier::Word("acting")),
        ("候任", Modifier::Word("incoming")),
        ("名誉", Modifier::Word("honorary")),
        ("荣誉", Modifier::Word("honorary")),
        ("执行", Modifier::Word("executive")),
        ("高级", Modifier::Word("senior")),
        ("特聘", Modifier::Word("distinguished")),
    ];
    if glossary::posts().contains_key(post) {
        return Some((Modifier::None, post));
    }
    WORDS.into_iter().find_map(|(prefix, modifier)| {
        let head = post.strip_prefix(prefix)?;
        glossary::posts()
            .contains_key(head)
            .then_some((modifier, head))
    })
}
