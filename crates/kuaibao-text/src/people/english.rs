//! Posts and organisations in English, composed from the compiled term lists.
//!
//! `浙江省农业农村厅` → `Zhejiang Provincial Department of Agriculture and Rural Affairs`. A part that
//! no list holds makes the whole `None`: no English is better than a wrong one.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use super::abroad;
use super::context::post_head;
use super::lexicon::{CHANCELLORS, COMPANY_POSTS, ORGANISATION_SUFFIXES};
use super::posts;
use crate::glossary::{self, Post, PostKind};
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
    // 美国证监会 is not China's.
    if let Place::Country(country) = &place
        && let Some(en) = glossary::bodies().get(rest)
        && (zh.starts_with("中国") || !en.contains("China"))
    {
        return Some(format!("{en} of {}", with_article(country)));
    }
    if let Some(en) = ministry_department(zh) {
        return Some(en);
    }
    // A body below a body: 省委组织部, 国务院办公厅.
    let (parent, child) = rest_after_body(zh)?;
    Some(format!("{} of the {}", plain_body(child)?, parent))
}

/// What a paper is called in English: its own name, or where it is from and what it is (`青河晚报`: *Qinghe
/// Evening News*). `None` where the name does not say that it is a paper.
pub fn paper(zh: &str) -> Option<String> {
    /// Characters of what stands before the kind.
    const LONGEST: usize = 6;
    if let Some((_, en)) = glossary::papers().find(|(name, _)| *name == zh) {
        return Some(en.to_owned());
    }
    glossary::papers().find_map(|(name, kind)| {
        let head = zh.strip_suffix(name.strip_prefix('-')?)?;
        let known = glossary::places().get(head).map(|(en, _)| *en);
        let topic = || glossary::papers().find(|(topic, _)| topic.strip_prefix('+') == Some(head));
        let known = known.or_else(|| topic().map(|(_, en)| en));
        match known {
            Some(en) => Some(format!("{en} {kind}")),
            None if (1..=LONGEST).contains(&head.chars().count()) => {
                Some(format!("{} {kind}", pinyin::romanise_place(head)))
            }
            None => None,
        }
    })
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

/// A department of a ministry, where its topic is known: 海关总署统计分析司.
fn ministry_department(zh: &str) -> Option<String> {
    let name = zh.strip_suffix('司').filter(|name| !name.ends_with('公'))?;
    name.char_indices().skip(1).find_map(|(at, _)| {
        let ministry = glossary::bodies().get(&name[..at])?;
        let topic = glossary::topics().get(&name[at..])?;
        Some(format!("Department of {topic} of the {ministry}"))
    })
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
            if matches!(level, "country" | "city") {
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
/// Party committee and head of the Publicity Department". An organisation that no list holds stays
/// Chinese inside it; only a title without any known post has no English.
pub(super) fn post(zh: &str, of: &Holder<'_>) -> Option<String> {
    let parts: Option<Vec<String>> = posts::elements(zh)
        .map(|element| one_post(element, of))
        .collect();
    Some(listed(&parts?))
}

/// Who holds a post, where that changes its English.
#[derive(Clone, Copy, Default)]
pub(super) struct Holder<'t> {
    /// The organisation that stands apart from the post.
    pub(super) organisation: Option<&'t str>,
    /// The name.
    pub(super) name: &'t str,
    /// Whether the holder is of another country.
    pub(super) abroad: bool,
    /// The only other country that the sentence names, where the title names none.
    pub(super) nation: Option<&'t str>,
}

/// Whether a string is the name of an organisation: its English is known, it ends in a body's suffix,
/// or it is a known place.
pub(super) fn is_organisation(zh: &str) -> bool {
    glossary::bodies().contains_key(zh)
        || (zh.chars().count() > 2 && ORGANISATION_SUFFIXES.end(zh).is_some())
        || organisation(zh).is_some()
}

/// "a, b and c".
fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn one_post(element: &str, of: &Holder<'_>) -> Option<String> {
    let (time, element) = time_of(element);
    let en = present_post(&element, of)?;
    Some(match time {
        Some(time) => format!("{time} {en}"),
        None => en,
    })
}

/// Words that say when a post is held, taken off the start of a title or of the post in it:
/// `甘肃省委原书记` → "former" and `甘肃省委书记`.
fn time_of(element: &str) -> (Option<&'static str>, Cow<'_, str>) {
    const TIMES: [(&str, &str); 3] = [("时任", "then"), ("现任", "current"), ("新任", "new")];
    for (word, en) in TIMES {
        if let Some(rest) = element.strip_prefix(word)
            && posts::split(rest).is_some()
        {
            return (Some(en), rest.into());
        }
    }
    let rest = posts::without_former(element);
    if rest.len() < element.len() && posts::split(rest).is_some() {
        return (Some("former"), rest.into());
    }
    if let Some((organisation, post)) = posts::split(element) {
        let rest = posts::without_former(post);
        if rest.len() < post.len() {
            return (Some("former"), format!("{organisation}{rest}").into());
        }
        let time = TIMES
            .iter()
            .find_map(|(word, en)| Some((en, post.strip_prefix(word)?)));
        if let Some((en, rest)) = time {
            return (Some(en), format!("{organisation}{rest}").into());
        }
    }
    (None, element.into())
}

fn present_post(element: &str, holder: &Holder<'_>) -> Option<String> {
    let elsewhere = holder.organisation;
    let whole = format!("{}{element}", elsewhere.unwrap_or_default());
    let in_nation = |nation| abroad::office(&format!("{nation}{whole}"));
    if let Some(en) = abroad::office(&whole).or_else(|| holder.nation.and_then(in_nation)) {
        return Some(en);
    }
    // `工党影子内政大臣`
    let starts = element.char_indices().map(|(at, _)| at);
    let mut offices = starts.filter_map(|at| Some((at, abroad::office(&element[at..])?)));
    if let Some((at, en)) = offices.next() {
        return described(&element[..at], &en, PostKind::Role).or(Some(en));
    }
    if let Some(post) = glossary::posts().get(element) {
        let of = elsewhere.unwrap_or_default();
        return Some(named(element, post.en, of, holder).to_owned());
    }
    if let Some(en) = posted_abroad(element) {
        return Some(en);
    }
    let (organisation_zh, post_zh) = posts::split(element)?;
    let head = post_head(post_zh)?;
    let post = glossary::posts().get(head)?;
    let of = elsewhere.or(Some(organisation_zh)).unwrap_or_default();
    let modifiers = &post_zh[..post_zh.len() - head.len()];
    let en = with_modifiers(modifiers, head, post, of, holder);
    if organisation_zh.is_empty() {
        return Some(en);
    }
    if let Some(times) = times_of(organisation_zh) {
        return Some(format!("{times} {en}"));
    }
    if matches!(organisation_zh, "国家" | "全国") {
        return Some(match post.kind {
            PostKind::Role => format!("national {en}"),
            _ => en,
        });
    }
    // `发言人海军少校`
    if RANKS.contains(&head) && post_head(organisation_zh).is_some() {
        let first = present_post(organisation_zh, holder)?;
        return Some(format!("{first} and {en}"));
    }
    let of_state = ["共和国", "政府"]
        .iter()
        .any(|end| organisation_zh.ends_with(end));
    let country =
        abroad::leading(organisation_zh).filter(|country| of_state && country.en != "China");
    if let Some(country) = country.or_else(|| abroad::state(organisation_zh)) {
        return Some(of_place(&en, country.en));
    }
    // `欧洲队长`: of a team of that country
    if WITH_ADJECTIVE.contains(&head)
        && let Some(nation) = abroad::country(organisation_zh).and_then(|country| country.adjective)
    {
        return Some(format!("{nation} {en}"));
    }
    let is_firm = COMPANY_POSTS.contains(head) && !matches!(organisation_zh, "集团" | "公司");
    let is_described = match post.kind {
        PostKind::Role => true,
        PostKind::Place => false,
        _ if DESCRIBING.contains_key(organisation_zh) => true,
        _ => !is_organisation(organisation_zh) && !is_firm,
    };
    if is_described && let Some(en) = described(organisation_zh, &en, post.kind) {
        return Some(en);
    }
    // Pinyin does not spell the places of other countries.
    if holder.abroad
        && post.kind == PostKind::Place
        && !glossary::places().contains_key(organisation_zh)
    {
        return Some(en);
    }
    Some(in_organisation(organisation_zh, head, post.kind, &en))
}

/// Whether a post says already what an adjective would add: "architecture" to "architect".
fn is_said(adjective: &str, en: &str) -> bool {
    const STEM: usize = 7;
    adjective.get(..STEM).is_some_and(|stem| en.contains(stem))
}

/// "senator from Virginia", "governor of Virginia".
fn of_place(en: &str, place: &str) -> String {
    let elected = ["senator", "Representatives"]
        .iter()
        .any(|end| en.ends_with(end));
    format!("{en} {} {place}", if elected { "from" } else { "of" })
}

/// Heads of teams and of ministries, which have their country as an adjective.
const WITH_ADJECTIVE: [&str; 8] = [
    "队长",
    "领队",
    "主教练",
    "教练",
    "主帅",
    "总教练",
    "大臣",
    "部长",
];

/// Ranks and degrees, which stand behind another post without a mark.
const RANKS: [&str; 15] = [
    "上将",
    "中将",
    "少将",
    "大校",
    "上校",
    "中校",
    "少校",
    "上尉",
    "海军上将",
    "海军中将",
    "海军少将",
    "海军上校",
    "海军少校",
    "教授",
    "院士",
];

/// What only describes a post, with its English before it: `影子` → "shadow".
static DESCRIBING: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    glossary::rows(include_str!("describing.tsv"))
        .map(|c| (c[0], c[1]))
        .collect()
});

/// Whether a word describes posts, or is a country.
pub(super) fn describes(word: &str) -> bool {
    DESCRIBING.contains_key(word) || abroad::country(word).is_some()
}

/// `希腊|律师` → "Greek lawyer", `影子|大臣` → "shadow minister", `伊朗|问题|特使` → "special envoy on Iran": a post
/// with what only describes it. Of a description with other words, a role keeps what is known, any other post
/// only what stands at it.
fn described(description: &str, en: &str, kind: PostKind) -> Option<String> {
    if let Some(matter) = description.strip_suffix("问题") {
        let mut starts = words::bounds(matter).into_iter();
        if let Some(country) = starts.find_map(|at| abroad::country(&matter[at..])) {
            return Some(format!("{en} on {}", country.en));
        }
    }
    let bounds = words::bounds(description);
    let (mut before, mut of) = (String::new(), None);
    let mut at = 0;
    while at < description.len() {
        let mut ends = bounds.iter().rev().copied().filter(|end| *end > at);
        let known = |end: usize| {
            let word = &description[at..end];
            // The 美 of 美陈 is no country.
            let place = abroad::country(word)
                .filter(|_| word.chars().count() > 1 || word.len() == description.len());
            let adjective = place.and_then(|place| place.adjective);
            let plain = DESCRIBING.get(word).copied();
            let adjective = match kind {
                PostKind::Role => adjective.or(plain),
                _ => plain,
            };
            (adjective.is_some() || place.is_some()).then_some((end, adjective, place))
        };
        match ends.find_map(known) {
            // `建筑首席建筑师`
            Some((end, Some(adjective), _)) if is_said(adjective, en) => at = end,
            Some((end, Some(adjective), _)) => {
                before.push_str(adjective);
                before.push_str(if adjective.ends_with('-') { "" } else { " " });
                at = end;
            }
            Some((end, None, place)) => {
                of = place;
                at = end;
            }
            None => {
                if kind != PostKind::Role {
                    (before, of) = (String::new(), None);
                }
                at = *bounds.iter().find(|end| **end > at)?;
            }
        }
    }
    (!before.is_empty() || of.is_some()).then(|| match of {
        Some(place) => of_place(&(before + en), place.en),
        None => before + en,
    })
}

/// "mayor" of `台州` → "mayor of Taizhou".
fn in_organisation(organisation_zh: &str, head: &str, kind: PostKind, en: &str) -> String {
    let place = Place::leading(organisation_zh);
    match (kind, place) {
        (PostKind::Place, (Place::Named(name, Level::Province | Level::City, _), "")) => {
            format!("{en} of {name}")
        }
        (PostKind::Place, (Place::Named(name, _, noun), "")) => {
            format!("{en} of {name} {noun}").trim_end().to_owned()
        }
        (PostKind::Place, (Place::Bare(..), "")) => en.to_owned(),
        (PostKind::Place, (Place::None, _)) => {
            // `东川市长`: the place's level is the first character of the post.
            let level = head.chars().next().map_or(0, char::len_utf8);
            match Place::leading(&format!("{organisation_zh}{}", &head[..level])) {
                (place @ Place::Named(..), "") => format!("{en} of {}", place.name()),
                _ => format!("{en} of {organisation_zh}"),
            }
        }
        (PostKind::Alone, (_, "")) if head == "国家主席" && organisation_zh == "中国" => {
            en.to_owned()
        }
        (PostKind::Alone, (Place::Country(country), "")) if head == "国家主席" => {
            format!("president of {}", with_article(&country))
        }
        (_, (Place::Bare(_, noun), "")) if !noun.is_empty() => {
            format!("{en} of the {}", noun.to_lowercase())
        }
        (_, (Place::Bare(Level::City, _), "")) => format!("{en} of the city"),
        (_, (Place::Country(place), "")) => format!("{en} of {}", with_article(&place)),
        _ => {
            let Some(of) = organisation(organisation_zh) else {
                // What only describes the post (`财务总监`) is left out of its English.
                let known = is_organisation(organisation_zh) || COMPANY_POSTS.contains(head);
                return if known {
                    format!("{en} of {organisation_zh}")
                } else {
                    en.to_owned()
                };
            };
            if head == "部长"
                && let Some(topic) = of.strip_prefix("Ministry of ")
            {
                return format!("{en} of {}", topic.to_lowercase());
            }
            let whole = Place::whole(organisation_zh).is_some();
            let article = if whole || needs_no_article(&of) {
                ""
            } else {
                "the "
            };
            format!("{en} of {article}{of}")
        }
    }
}

/// `三届` → "three-time": how often a title was won, before it.
pub(super) fn times_of(zh: &str) -> Option<String> {
    const NUMBERS: [&str; 9] = [
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    ];
    let count = zh.strip_suffix(['届', '次', '度'])?;
    let at = "一二三四五六七八九"
        .chars()
        .position(|c| count.chars().eq([c]));
    let at = at.or_else(|| (count == "两").then_some(1))?;
    Some(format!("{}-time", NUMBERS[at]))
}

/// `中国驻俄罗斯大使` → "Chinese ambassador to Russia".
fn posted_abroad(element: &str) -> Option<String> {
    let (sender, rest) = element.split_once('驻')?;
    let (place, head) = posts::split(rest)?;
    let post = glossary::posts().get(head)?.en;
    let to = match place {
        "华" => "China".to_owned(),
        place => match Place::whole(place) {
            Some(place) => with_article(&place.name()),
            None => organisation_with_article(place)?,
        },
    };
    let permanent = sender.strip_suffix('常');
    let (sender, post) = match permanent {
        Some(sender) => (sender, format!("permanent {post}")),
        None => (sender, post.to_owned()),
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

/// Whether the name of a body is that of a firm or a university, rather than made of a common noun
/// that takes an article: "the Ministry of Commerce", but "BYD".
fn needs_no_article(en: &str) -> bool {
    const NOUNS: &[&str] = &[
        "Ministry",
        "Committee",
        "Commission",
        "Department",
        "Bureau",
        "Office",
        "Administration",
        "Association",
        "Federation",
        "Council",
        "Court",
        "Procuratorate",
        "Government",
        "Party",
        "Academy",
        "Academies",
        "Institute",
        "Center",
        "Centre",
        "Command",
        "Congress",
        "Union",
        "Organization",
        "Museum",
        "Agency",
        "Secretariat",
        "Headquarters",
        "Society",
        "Fund",
        "Kuomintang",
        "Bank",
        "Conference",
        "Forum",
        "Parliament",
        "League",
        "Army",
        "Corporation",
        "Group",
        "Police",
        "House",
        "Reserve",
        "Cabinet",
        "Branch",
        "Hospital",
        "School",
        "Station",
        "Observatory",
        "committee",
        "commission",
        "department",
        "bureau",
        "government",
        "congress",
        "court",
        "procuratorate",
        "federation",
        "association",
        "group",
        "council",
        "board",
        "team",
        "society",
        "academy",
        "observatory",
        "command",
        "office",
        "Assembly",
        "Nations",
        "Force",
        "Board",
    ];
    const NAMES: &[&str] = &["CPPCC ", "ASEAN", "NATO"];
    let first_of = en.split(" of ").next().unwrap_or(en);
    NAMES.iter().any(|name| en.starts_with(name))
        || !en.split(' ').any(|word| NOUNS.contains(&word))
        || first_of.ends_with("University")
        || [" Group", " Bank"].iter().any(|end| en.ends_with(end)) && !en.contains(" of ")
}

/// With the article that it takes.
pub(super) fn organisation_with_article(zh: &str) -> Option<String> {
    let en = organisation(zh)?;
    let bare = needs_no_article(&en) || Place::whole(zh).is_some();
    Some(if bare { en } else { format!("the {en}") })
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
    let country = abroad::country(organisation);
    country.is_some_and(|country| country.adjective.is_some() && country.en != "China")
        || glossary::places()
            .get(organisation)
            .is_some_and(|(_, level)| *level == "country" && organisation != "中国")
}

/// Whether an organisation is a school within a university.
fn is_faculty(organisation: &str) -> bool {
    organisation
        .strip_suffix("学院")
        .is_some_and(|rest| rest.contains("大学") || rest.contains("学院"))
}

/// Heads whose English depends on what they are the head of.
fn named<'a>(head: &str, en: &'a str, organisation: &str, holder: &Holder<'_>) -> &'a str {
    const PRESIDENTS: [&str; 5] = [
        "欧盟委员会",
        "欧洲理事会",
        "国际奥委会",
        "国际足联",
        "红十字会",
    ];
    match head {
        "部长" if is_party_department(organisation) => "head",
        "行政院长" | "立法院长" => en,
        "总理" if matches!(organisation, "德国" | "奥地利" | "德") => "chancellor",
        "总理" if CHANCELLORS.contains(holder.name) => "chancellor",
        "总理" if holder.abroad || is_foreign_country(organisation) => "prime minister",
        "国防部长" if holder.abroad => "defense minister",
        "国家主席" if holder.abroad => "president",
        "院长" if is_faculty(organisation) => "dean",
        "团长"
            if ["剧团", "舞团", "乐团", "艺术团", "合唱团"]
                .iter()
                .any(|end| organisation.ends_with(end)) =>
        {
            "director"
        }
        "团长" if organisation.ends_with('团') || organisation.contains("援助") => "head",
        "总裁"
            if ["货币基金", "IMF"]
                .iter()
                .any(|fund| organisation.contains(fund)) =>
        {
            "managing director"
        }
        "主任" if organisation.ends_with("人大常委会") => "chairman",
        "主席" if organisation == "中国" || is_foreign_country(organisation) => "president",
        "主席" if organisation.ends_with("共和国") => "president",
        "主席" if PRESIDENTS.iter().any(|p| organisation.ends_with(p)) => "president",
        _ => en,
    }
}

/// Their deputies.
fn named_deputy<'a>(head: &str, en: &'a str, organisation: &str, holder: &Holder<'_>) -> &'a str {
    match head {
        "部长" if is_party_department(organisation) => "deputy head",
        "总理" if holder.abroad || is_foreign_country(organisation) => "deputy prime minister",
        "院长" if is_faculty(organisation) => "vice dean",
        "主任" if organisation.ends_with("人大常委会") => "vice chairman",
        _ => en,
    }
}

/// A head with the modifiers that stand before it: `常务副` + `省长` → "executive vice governor".
fn with_modifiers(
    modifiers: &str,
    head: &str,
    post: &Post,
    of: &str,
    holder: &Holder<'_>,
) -> String {
    const WORDS: [(&str, &str); 18] = [
        ("助理", "assistant"),
        ("常务", "executive"),
        ("执行", "executive"),
        ("第一", "first"),
        ("高级", "senior"),
        ("资深", "senior"),
        ("首席", "chief"),
        ("代理", "acting"),
        ("候任", "incoming"),
        ("名誉", "honorary"),
        ("荣誉", "honorary"),
        ("特聘", "distinguished"),
        ("联席", "co-"),
        ("轮值", "rotating"),
        ("专职", "full-time"),
        ("兼职", "part-time"),
        ("代", "acting"),
        ("总", "chief"),
    ];
    let mut rest = modifiers;
    let mut before = String::new();
    let mut en = named(head, post.en, of, holder).to_owned();
    while !rest.is_empty() {
        if let Some(behind) = rest.strip_prefix('副') {
            en = match post.deputy {
                Some(deputy) => named_deputy(head, deputy, of, holder).to_owned(),
                None => format!("deputy {en}"),
            };
            rest = behind;
        } else if let Some((behind, word)) = WORDS
            .iter()
            .find_map(|(zh, word)| Some((rest.strip_prefix(zh)?, word)))
        {
            before.push_str(word);
            before.push_str(if word.ends_with('-') { "" } else { " " });
            rest = behind;
        } else {
            // A word without English of its own (`党组`, `助理`) adds nothing that may be left out
            // of an editor's first reading; the Chinese is shown beside it.
            rest = &rest[rest.chars().next().map_or(0, char::len_utf8)..];
        }
    }
    before + &en
}
