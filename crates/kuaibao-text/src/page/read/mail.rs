//! Mail (EML) and saved web pages (MHTML): the subject is the headline, the HTML part is read as HTML, a
//! mail without one as text.
//!
//! What is attached is not read; it is named, as a line beside the article.

use mail_parser::{HeaderName, MessageParser, MimeHeaders, PartType};

use super::plain::Plain;
use super::{ReadError, html};

pub(super) fn read(bytes: &[u8]) -> Result<Plain, ReadError> {
    let broken = |why: &str| ReadError::Broken("a mail", why.to_owned());
    let mail = MessageParser::default().parse(bytes);
    let mail = mail.ok_or_else(|| broken("it has no head"))?;
    // Any text with a colon would do else.
    let heads = ["From", "Date", "Subject", "MIME-Version", "Content-Type"];
    if !heads.iter().any(|head| mail.header(*head).is_some()) {
        return Err(broken("it has no head"));
    }
    let is_page = mail.header(HeaderName::Other("Snapshot-Content-Location".into()));
    let html = mail.html_bodies().find_map(|part| match &part.body {
        PartType::Html(text) => Some(text.as_ref()),
        _ => None,
    });
    let mut plain = match html {
        // A saved page is an article among menus; what somebody writes is all meant.
        Some(text) if is_page.is_some() => html::read(text)?,
        Some(text) => html::whole(text)?,
        None => {
            let mut plain = Plain::default();
            for part in mail.text_bodies() {
                if let PartType::Text(text) = &part.body {
                    for line in text.lines() {
                        plain.push_exactly(line);
                        plain.end_line(false);
                    }
                }
            }
            plain
        }
    };
    let subject = mail.subject().map(str::trim).unwrap_or_default();
    if is_page.is_none() && !subject.is_empty() && !plain.text.starts_with(subject) {
        plain = plain.with_title(subject);
    }
    plain.markup.one_article = true;
    let date = mail.date().filter(|date| date.is_valid());
    if plain.markup.date.is_none() {
        plain.markup.date = date.map(|d| format!("{:04}-{:02}-{:02}", d.year, d.month, d.day));
    }
    for part in mail.attachments() {
        // Pictures of the page are part of how it looks.
        let name = part.attachment_name().filter(|_| is_page.is_none());
        if let Some(name) = name {
            plain.markup.beside.push(plain.text.len());
            plain.push_exactly(&format!("[附件 {name}]"));
            plain.end_line(false);
        }
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_its_subject_and_its_text() {
        let mail = "From: a@example.com\r\nDate: Wed, 18 Mar 2026 08:00:00 +0800\r\n\
            Subject: =?GB2312?B?1MbW3bjbv6q42w==?=\r\nMIME-Version: 1.0\r\n\
            Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\
            Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n\
            5pys5oql6K6vIOS6keW3nua4r+aYqOaXpeW8gOa4r+OAggo=\r\n--x\r\n\
            Content-Type: application/pdf; name=plan.pdf\r\nContent-Disposition: attachment; filename=plan.pdf\r\n\r\n%PDF\r\n--x--\r\n";
        let plain = read(mail.as_bytes()).unwrap();
        assert_eq!(
            plain.text,
            "云州港开港\n本报讯 云州港昨日开港。\n[附件 plan.pdf]\n"
        );
        assert_eq!(plain.markup.date.as_deref(), Some("2026-03-18"));
        assert_eq!(plain.markup.beside.len(), 1);
    }

    #[test]
    fn what_is_no_mail_is_refused() {
        for bytes in [&b""[..], "本报讯".as_bytes(), &[0xff; 99]] {
            assert!(read(bytes).is_err());
        }
    }
}
