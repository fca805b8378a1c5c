//! Tables that are asked at every character of a text.

/// Entries in lists, each list under one character of the Basic Multilingual Plane. To ask for a character
/// that has none costs one load.
pub(super) struct ByChar<T> {
    /// Which list a character has; the first is the empty one.
    list: Vec<u16>,
    lists: Vec<Vec<T>>,
}

impl<T> ByChar<T> {
    /// The entries of a character keep their order.
    pub(super) fn new(entries: impl IntoIterator<Item = (char, T)>) -> Self {
        let mut list = vec![0; 0x1_0000];
        let mut lists = vec![Vec::new()];
        for (c, entry) in entries {
            let at: &mut u16 = &mut list[c as usize];
            if *at == 0 {
                *at = lists.len() as u16;
                lists.push(Vec::new());
            }
            lists[usize::from(*at)].push(entry);
        }
        Self { list, lists }
    }

    pub(super) fn at(&self, c: char) -> &[T] {
        let list = self.list.get(c as usize).copied().unwrap_or(0);
        &self.lists[usize::from(list)]
    }
}
