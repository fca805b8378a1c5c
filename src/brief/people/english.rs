//! Posts and organisations in English, composed from the compiled term lists.
//!
//! `浙江省农业农村厅` → `Zhejiang Provincial Department of Agriculture and Rural Affairs`. A part that
//! no list holds makes the whole `None`: no English is better than a wrong one.

use super::titles;
use crate::brief::glossary::{self, PostKind};
use crate::brief::pinyin;

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
    // A body below a body: 省委组织部, 国务院办公厅.
    let (parent, child) = rest_after_body(zh)?;
    Some(format!("{} of the {}", plain_body(child)?, parent))
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
    Some(match zh {
        "组织部" => "Organization Department",
        "宣传部" => "Publicity Department",
        "统战部" => "United Front Work Department",
        "社会工作部" | "社工部" => "Society Work Department",
        "政法委" | "政法委员会" => "Political and Legal Affairs Commission",
        "网信办" => "Cyberspace Affairs Office",
        "编办" => "Staffing Commission Office",
        "办公厅" | "办公室" => "General Office",
        "研究室" => "Research Office",
        "政策研究室" | "政研室" => "Policy Research Office",
        "改革办" => "Reform Office",
        "党校" => "Party School",
        "新闻办" | "新闻办公室" => "Information Office",
        "直属机关工委" => "Working Committee of Departments",
        "常委会" | "常务委员会" => "Standing Committee",
        "法工委" | "法制工作委员会" => "Legislative Affairs Commission",
        "外事委员会" | "外事委" => "Foreign Affairs Committee",
        "财政经济委员会" | "财经委" => "Financial and Economic Affairs Committee",
        "经济委员会" => "Committee for Economic Affairs",
        "党组" => "leading Party members group",
        "党委" => "Party committee",
        "理事会" => "council",
        "董事会" => "board of directors",
        _ => return None,
    })
}

/// A place at the head of an organisation's name, or the bare level of one.
enum Place {
    /// `浙江省`: name and level.
    Named(String, Level),
    /// `省`.
    Bare(Level),
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
    /// Suffixes in Chinese, longest first.
    const SUFFIXES: [(&'static str, Level); 24] = [
        ("维吾尔自治区", Level::Region),
        ("壮族自治区", Level::Region),
        ("回族自治区", Level::Region),
        ("特别行政区", Level::Region),
        ("自治区", Level::Region),
        ("自治州", Level::Prefecture),
        ("自治县", Level::County),
        ("街道", Level::Subdistrict),
        ("新区", Level::NewArea),
        ("开发区", Level::NewArea),
        ("高新区", Level::NewArea),
        ("示范区", Level::NewArea),
        ("省", Level::Province),
        ("市", Level::City),
        ("县", Level::County),
        ("区", Level::District),
        ("州", Level::Prefecture),
        ("盟", Level::Prefecture),
        ("旗", Level::County),
        ("镇", Level::Town),
        ("乡", Level::Township),
        ("村", Level::Village),
        ("国家", Level::State),
        ("全国", Level::State),
    ];

    /// As an adjective before a body: "Zhejiang Provincial …".
    fn adjective(self) -> &'static str {
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
            Self::NewArea => "New Area",
            Self::State => "National",
        }
    }

    /// As a noun behind a name: "Xianju County".
    fn noun(self) -> &'static str {
        match self {
            Self::Province => "Province",
            Self::Region => "Autonomous Region",
            Self::City => "City",
            Self::County => "County",
            Self::District => "District",
            Self::Prefecture => "Prefecture",
            Self::Town => "Town",
            Self::Township => "Township",
            Self::Village => "Village",
            Self::Subdistrict => "Subdistrict",
            Self::NewArea => "New Area",
            Self::State => "",
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
            for (suffix, level) in Level::SUFFIXES {
                if let Some(rest) = rest.strip_prefix(suffix) {
                    return (Self::Named(en.to_owned(), level), rest);
                }
            }
            // The entry itself may end in its level: 海淀区.
            for (suffix, own) in Level::SUFFIXES {
                if zh[..end].ends_with(suffix) && zh[..end] != *suffix {
                    let name = en.strip_suffix(own.noun()).unwrap_or(en).trim_end();
                    return (Self::Named(name.to_owned(), own), rest);
                }
            }
            let level = match level {
                "province" if DIRECT.contains(&&zh[..end]) => Level::City,
                "province" if REGIONS.contains(&&zh[..end]) => Level::Region,
                "province" => Level::Province,
                "prefecture" => Level::City,
                _ => Level::County,
            };
            return (Self::Named(en.to_owned(), level), rest);
        }
        for (suffix, level) in Level::SUFFIXES {
            if let Some(rest) = zh.strip_prefix(suffix) {
                return (Self::Bare(level), rest);
            }
        }
        // An unlisted place whose level shows: 云湖县.
        for (suffix, level) in Level::SUFFIXES {
            if let Some(at) = zh.find(suffix)
                && (2..=4).contains(&zh[..at].chars().count())
            {
                let name = pinyin::romanise_place(&zh[..at]);
                return (Self::Named(name, level), &zh[at + suffix.len()..]);
            }
        }
        (Self::None, zh)
    }

    /// A name that is a place and nothing else.
    fn whole(zh: &str) -> Option<Self> {
        match Self::leading(zh) {
            (Self::None | Self::Bare(_), _) => None,
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
            Self::Country(name) | Self::Named(name, Level::City | Level::State) => name.clone(),
            Self::Named(name, level) => format!("{name} {}", level.noun()),
            Self::Bare(_) | Self::None => String::new(),
        }
    }
}

/// Cities directly under the central government.
const DIRECT: [&str; 4] = ["北京", "上海", "天津", "重庆"];
/// Autonomous and special regions.
const REGIONS: [&str; 7] = ["内蒙古", "广西", "西藏", "宁夏", "新疆", "香港", "澳门"];

/// Bodies that every level has: what follows the place.
fn of_rank(place: &Place, rest: &str) -> Option<String> {
    let own = |en: &str, capital: &str| match place {
        Place::Named(name, level) => Some(format!("{name} {} {capital}", level.adjective())),
        Place::Bare(Level::State) => Some(format!("National {capital}")),
        Place::Bare(level) => Some(format!("{} {en}", level.adjective().to_lowercase())),
        Place::None | Place::Country(_) => None,
    };
    let fixed = match rest {
        "委" | "党委" => own("Party committee", "Party Committee"),
        "政府" | "人民政府" => own("government", "Government"),
        "人大" | "人民代表大会" => own("people's congress", "People's Congress"),
        "人大常委会" => own("people's congress", "People's Congress")
            .map(|en| format!("Standing Committee of the {en}")),
        "政协" => own("CPPCC committee", "CPPCC Committee"),
        "纪委" => own(
            "commission for discipline inspection",
            "Commission for Discipline Inspection",
        ),
        "监委" | "监察委" => own("commission of supervision", "Commission of Supervision"),
        "纪委监委" => own(
            "commission for discipline inspection and supervision",
            "Commission for Discipline Inspection and Supervision",
        ),
        "高级人民法院" | "高院" => own("higher people's court", "Higher People's Court"),
        "中级人民法院" | "中院" => {
            own("intermediate people's court", "Intermediate People's Court")
        }
        "人民法院" | "法院" => own("people's court", "People's Court"),
        "人民检察院" | "检察院" => own("people's procuratorate", "People's Procuratorate"),
        "军区" => own("military command", "Military Command"),
        "总工会" => own("federation of trade unions", "Federation of Trade Unions"),
        "妇联" => own("women's federation", "Women's Federation"),
        "团委" => own(
            "Communist Youth League committee",
            "Communist Youth League Committee",
        ),
        "工商联" => own(
            "federation of industry and commerce",
            "Federation of Industry and Commerce",
        ),
        "科协" => own(
            "association for science and technology",
            "Association for Science and Technology",
        ),
        "文联" => own(
            "federation of literary and art circles",
            "Federation of Literary and Art Circles",
        ),
        "残联" => own(
            "disabled persons' federation",
            "Disabled Persons' Federation",
        ),
        "红十字会" => own("Red Cross society", "Red Cross Society"),
        "社科院" | "社会科学院" => {
            own("academy of social sciences", "Academy of Social Sciences")
        }
        "农科院" | "农业科学院" => own(
            "academy of agricultural sciences",
            "Academy of Agricultural Sciences",
        ),
        "村委会" | "村民委员会" => own("village committee", "Village Committee"),
        "气象台" => own("meteorological observatory", "Meteorological Observatory"),
        _ => None,
    };
    fixed.or_else(|| department(place, rest))
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
    match (place, rank) {
        (Place::Named(name, level), _) => {
            Some(format!("{name} {} {rank} of {topic}", level.adjective()))
        }
        (Place::Bare(Level::State), "Bureau" | "Administration") => {
            Some(format!("National Administration of {topic}"))
        }
        (Place::Bare(Level::State), _) => Some(format!("National {rank} of {topic}")),
        (Place::Bare(level), _) => Some(format!(
            "{} {rank} of {topic}",
            level.adjective().to_lowercase()
        )),
        (Place::Country(name), "Ministry") => Some(format!("Ministry of {topic} of {name}")),
        (Place::None, "Ministry") => Some(format!("Ministry of {topic}")),
        (Place::None, _) => Some(format!("{rank} of {topic}")),
        (Place::Country(_), _) => None,
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
        return Some(named(element, post.en, elsewhere).to_owned());
    }
    let (organisation_zh, post_zh) = titles::split(element)?;
    let (modifier, head) = modifier_of(post_zh)?;
    let post = glossary::posts().get(head)?;
    let en = named(head, post.en, elsewhere.or(Some(organisation_zh)));
    let en = match modifier {
        Modifier::None => en.to_owned(),
        Modifier::Deputy => post.deputy?.to_owned(),
        Modifier::ExecutiveDeputy => format!("executive {}", post.deputy?),
        Modifier::Word(word) => format!("{word} {en}"),
    };
    if organisation_zh.is_empty() {
        return Some(en);
    }
    let organisation_en = organisation(organisation_zh);
    match post.kind {
        PostKind::Place => match Place::leading(organisation_zh) {
            (Place::Named(name, level), "") => Some(match level {
                Level::Province | Level::City => format!("{en} of {name}"),
                _ => format!("{} of {name} {}", en, level.noun()),
            }),
            (Place::Bare(_), "") => Some(en),
            _ => None,
        },
        PostKind::Alone | PostKind::Group => {
            let place = organisation_en?;
            Some(match head {
                "国家主席" if matches!(modifier, Modifier::None) => {
                    format!("president of {place}")
                }
                _ => format!("{en} of {place}"),
            })
        }
        PostKind::Role | PostKind::Of => {
            if matches!(organisation_zh, "国家" | "全国") {
                return match post.kind {
                    PostKind::Role => Some(format!("national {en}")),
                    _ => (head == "主席").then(|| "president of China".to_owned()),
                };
            }
            let place = matches!(
                Place::whole(organisation_zh),
                Some(Place::Country(_) | Place::Named(..))
            );
            let of = organisation_en?;
            if head == "部长"
                && let Some(topic) = of.strip_prefix("Ministry of ")
            {
                return Some(format!("{en} of {}", topic.to_lowercase()));
            }
            let article = if place || starts_with_possessive(&of) {
                ""
            } else {
                "the "
            };
            Some(format!("{en} of {article}{of}"))
        }
    }
}

fn starts_with_possessive(en: &str) -> bool {
    [
        "CPPCC ", "Sinopec", "Xinhua", "Alibaba", "Tencent", "Huawei", "NATO", "ASEAN",
    ]
    .iter()
    .any(|p| en.starts_with(p))
        || en.ends_with("University")
}

/// Heads whose English depends on what they are the head of.
fn named<'a>(head: &str, en: &'a str, organisation_zh: Option<&str>) -> &'a str {
    let organisation = organisation_zh.unwrap_or_default();
    let of_party_department = [
        "组织部",
        "宣传部",
        "统战部",
        "社会工作部",
        "联络部",
        "中联部",
        "中宣部",
        "中组部",
        "武装部",
        "部门",
    ]
    .iter()
    .any(|d| organisation.ends_with(d));
    let foreign = glossary::places()
        .get(organisation)
        .is_some_and(|(_, level)| *level == "country" && organisation != "中国");
    match head {
        "部长" if of_party_department => "head",
        "总理" if matches!(organisation, "德国" | "奥地利") => "chancellor",
        "总理" if foreign => "prime minister",
        "主任" if organisation.ends_with("人大常委会") => "chairman",
        "主席" if foreign => "president",
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
