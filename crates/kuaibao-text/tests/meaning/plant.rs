//! Plants dangers of known kinds in English, from a seed.

use kuaibao_text::checks::DoubtKind;

/// `SplitMix64` (Steele et al. 2014).
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Danger {
    Place,
    Person,
    NegationLost,
    NegationMade,
    Trend,
    Role,
    Exclusion,
    Latin,
}

pub(super) const ALL: [Danger; 8] = [
    Danger::Place,
    Danger::Person,
    Danger::NegationLost,
    Danger::NegationMade,
    Danger::Trend,
    Danger::Role,
    Danger::Exclusion,
    Danger::Latin,
];

impl Danger {
    pub(super) fn kind(self) -> DoubtKind {
        match self {
            Self::Place => DoubtKind::Place,
            Self::Person => DoubtKind::Person,
            Self::NegationLost | Self::NegationMade => DoubtKind::Negation,
            Self::Trend | Self::Exclusion => DoubtKind::Trend,
            Self::Role => DoubtKind::Role,
            Self::Latin => DoubtKind::Latin,
        }
    }
}

const PLACES: [(&str, &str); 36] = [
    ("美国", "the United States"),
    ("俄罗斯", "Russia"),
    ("日本", "Japan"),
    ("印度", "India"),
    ("法国", "France"),
    ("德国", "Germany"),
    ("英国", "Britain"),
    ("韩国", "South Korea"),
    ("朝鲜", "North Korea"),
    ("伊朗", "Iran"),
    ("叙利亚", "Syria"),
    ("乌克兰", "Ukraine"),
    ("埃及", "Egypt"),
    ("巴西", "Brazil"),
    ("加拿大", "Canada"),
    ("澳大利亚", "Australia"),
    ("意大利", "Italy"),
    ("西班牙", "Spain"),
    ("泰国", "Thailand"),
    ("越南", "Vietnam"),
    ("菲律宾", "the Philippines"),
    ("巴基斯坦", "Pakistan"),
    ("台湾", "Taiwan"),
    ("香港", "Hong Kong"),
    ("上海", "Shanghai"),
    ("广东", "Guangdong"),
    ("浙江", "Zhejiang"),
    ("湖南", "Hunan"),
    ("四川", "Sichuan"),
    ("深圳", "Shenzhen"),
    ("天津", "Tianjin"),
    ("西藏", "Tibet"),
    ("新疆", "Xinjiang"),
    ("哈萨克斯坦", "Kazakhstan"),
    ("以色列", "Israel"),
    ("柬埔寨", "Cambodia"),
];

const GIVEN: [&str; 12] = [
    "Jianping", "Xiaoming", "Haifeng", "Guoqiang", "Lihua", "Zhigang", "Meiling", "Wenbo", "Yuxin",
    "Chunlan", "Dapeng", "Siyuan",
];
const SURNAMES: [&str; 8] = [
    "Zhou", "Huang", "Zheng", "Qian", "Feng", "Luo", "Shen", "Cao",
];

/// Pairs that are each other's opposite.
const TURNS: [(&str, &str); 14] = [
    ("increased", "decreased"),
    ("increase", "decrease"),
    ("increasing", "decreasing"),
    ("rose", "fell"),
    ("risen", "fallen"),
    ("rise", "fall"),
    ("rising", "falling"),
    ("grew", "shrank"),
    ("growth", "decline"),
    ("grown", "declined"),
    ("up", "down"),
    ("higher", "lower"),
    ("expanded", "contracted"),
    ("raised", "reduced"),
];

/// What somebody is, and what is made of it.
const ROLES: [(&str, &str); 16] = [
    ("former ", ""),
    ("Former ", ""),
    ("deputy ", ""),
    ("Deputy ", ""),
    ("vice ", ""),
    ("Vice ", ""),
    ("lawyer", "defendant"),
    ("lawyers", "defendants"),
    ("victims", "suspects"),
    ("victim", "suspect"),
    ("governor", "minister"),
    ("president", "governor"),
    ("minister", "mayor"),
    ("mayor", "governor"),
    ("prime minister", "president"),
    ("judge", "lawyer"),
];

/// `en` with a danger of this sort, where it has a place for one.
pub(super) fn plant(zh: &str, en: &str, danger: Danger, random: &mut Random) -> Option<String> {
    match danger {
        Danger::Place => {
            let at = random.below(PLACES.len());
            let here = (0..PLACES.len()).map(|i| PLACES[(at + i) % PLACES.len()]);
            let word = |e: &str| {
                let at = en.find(e)?;
                let behind = en[at + e.len()..].chars().next();
                (!behind.is_some_and(char::is_alphabetic)).then_some(at)
            };
            let (_, old) = here
                .clone()
                .find(|(z, e)| zh.contains(z) && word(e).is_some())?;
            let mut others = here.filter(|(z, e)| !zh.contains(z) && !en.contains(e));
            let (_, new) = others.nth(random.below(9))?;
            let at = word(old)?;
            let mut out = en.to_owned();
            out.replace_range(at..at + old.len(), new);
            Some(out)
        }
        Danger::Person => {
            let words: Vec<&str> = en.split(' ').collect();
            let capital = |w: &str| {
                w.len() > 1
                    && w.starts_with(|c: char| c.is_ascii_uppercase())
                    && w[1..].chars().all(|c| c.is_ascii_lowercase())
            };
            let names: Vec<usize> = (0..words.len().saturating_sub(1))
                .filter(|&i| {
                    capital(words[i])
                        && capital(words[i + 1])
                        && kuaibao_text::people::find(&[zh], &[]).iter().any(|p| {
                            p.en == format!("{} {}", words[i], words[i + 1])
                                && p.zh.chars().count() <= 3
                        })
                })
                .collect();
            let at = *names.get(random.below(names.len().max(1)))?;
            let given = GIVEN[random.below(GIVEN.len())];
            let surname = match random.below(2) {
                0 => words[at],
                _ => SURNAMES[random.below(SURNAMES.len())],
            };
            let old = format!("{} {}", words[at], words[at + 1]);
            let new = format!("{surname} {given}");
            (old != new).then(|| en.replacen(&old, &new, 1))
        }
        Danger::NegationLost => {
            let cues = [
                (" not ", " "),
                ("n't ", " "),
                ("n’t ", " "),
                (" never ", " "),
                (" cannot ", " can "),
                (" no ", " "),
                ("No ", ""),
                (" without ", " with "),
            ];
            let (cue, new) = *cues.iter().find(|(cue, _)| en.contains(cue))?;
            Some(en.replacen(cue, new, 1))
        }
        Danger::NegationMade => {
            let negated = ['不', '没', '未', '无', '非', '否']
                .iter()
                .any(|c| zh.contains(*c));
            let cues = [
                " is ", " are ", " was ", " were ", " will ", " has ", " have ", " can ",
            ];
            let cue = *cues.iter().find(|cue| en.contains(**cue))?;
            (!negated).then(|| en.replacen(cue, &format!("{cue}not "), 1))
        }
        Danger::Trend => {
            let says = [
                "增长", "增加", "上升", "上涨", "提高", "扩大", "下降", "减少", "下跌", "降低",
                "回落", "下滑",
            ];
            let trend = says.iter().any(|w| zh.contains(w));
            trend.then(|| turn(en, &TURNS, true, random)).flatten()
        }
        Danger::Role => turn(en, &ROLES, false, random),
        Danger::Exclusion => {
            let pairs = [
                ("excluding", "including"),
                ("deducting", "adding"),
                ("except", "including"),
                ("net of", "including"),
                ("deducted", "added"),
            ];
            let out = ["扣除", "剔除", "不包括", "不含", "除外"]
                .iter()
                .any(|w| zh.contains(w));
            out.then(|| turn(en, &pairs, false, random)).flatten()
        }
        Danger::Latin => {
            let codes: Vec<&str> = zh
                .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
                .filter(|w| {
                    w.len() > 2 && w.contains(|c: char| c.is_ascii_uppercase()) && en.contains(*w)
                })
                .collect();
            let code = *codes.get(random.below(codes.len().max(1)))?;
            let at = random.below(code.len());
            let new = match code.as_bytes()[at] {
                d @ b'0'..=b'9' => (b'0' + (d - b'0' + 1 + random.below(8) as u8) % 10) as char,
                c if c.is_ascii_uppercase() => {
                    (b'A' + (c - b'A' + 1 + random.below(24) as u8) % 26) as char
                }
                c if c.is_ascii_lowercase() => {
                    (b'a' + (c - b'a' + 1 + random.below(24) as u8) % 26) as char
                }
                _ => return None,
            };
            let mut wrong = code.to_owned();
            wrong.replace_range(at..=at, &new.to_string());
            Some(en.replace(code, &wrong))
        }
    }
}

/// One of the words that `en` has replaced by its counterpart; both ways where `both`.
fn turn(en: &str, pairs: &[(&str, &str)], both: bool, random: &mut Random) -> Option<String> {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    let mut places = Vec::new();
    for &(a, b) in pairs {
        for (old, new) in [(a, b), (b, a)].into_iter().take(1 + usize::from(both)) {
            for (at, _) in en.match_indices(old) {
                let whole = !letter(en[..at].chars().next_back())
                    && (old.ends_with(' ') || !letter(en[at + old.len()..].chars().next()));
                if whole {
                    places.push((at, old, new));
                }
            }
        }
    }
    let &(at, old, new) = places.get(random.below(places.len().max(1)))?;
    let mut out = en.to_owned();
    out.replace_range(at..at + old.len(), new);
    Some(out)
}
