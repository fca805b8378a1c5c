//! Requests that wait for the translator, put together.
//!
//! What arrives while a batch is computed is the next batch: nobody waits for company, and a busy desk
//! fills its batches. More than so many requests do not wait but are told to come again.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use super::{Desk, message::Failure};
use crate::{
    error::with_causes,
    translation::{self, Checked, Options, Request, Rules, Text},
};
use kuaibao_text::{figures::Clock, people};
use oxhttp::model::StatusCode;

/// Texts that are translated at once.
const TOGETHER: usize = 512;

/// What somebody wants translated.
pub(super) struct Order {
    /// Texts, each as the sentences that belong together.
    pub(super) texts: Vec<Vec<String>>,
    /// Whether they are held to the Chinese.
    pub(super) checked: bool,
    /// Whether what is found is mended where that is safe.
    pub(super) mended: bool,
}

impl Order {
    fn len(&self) -> usize {
        self.texts.iter().map(Vec::len).sum()
    }
}

/// An order, and who waits for it.
pub(super) struct Waiting {
    order: Order,
    reply: SyncSender<Result<Vec<Vec<Checked>>, String>>,
}

/// The way in.
pub(super) struct Queue {
    orders: SyncSender<Waiting>,
}

impl Queue {
    pub(super) fn new(most: usize) -> (Self, Receiver<Waiting>) {
        let (orders, waiting) = sync_channel(most);
        (Self { orders }, waiting)
    }

    /// Waits for the English of an order; one that finds no room is refused.
    pub(super) fn translate(&self, order: Order) -> Result<Vec<Vec<Checked>>, Failure> {
        let (reply, made) = sync_channel(1);
        self.orders
            .try_send(Waiting { order, reply })
            .map_err(|error| match error {
                TrySendError::Full(_) => Failure::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    "too many requests are waiting; come again in a second",
                ),
                TrySendError::Disconnected(_) => {
                    Failure::new(StatusCode::SERVICE_UNAVAILABLE, "the desk is closing")
                }
            })?;
        let defect = |why: String| Failure::new(StatusCode::INTERNAL_SERVER_ERROR, why);
        made.recv()
            .map_err(|_| defect("a defect of this program".to_owned()))?
            .map_err(defect)
    }
}

impl Desk {
    /// Translates what waits, until nobody can ask any more.
    pub(super) fn translate_waiting(&self, waiting: &Receiver<Waiting>) {
        while let Ok(first) = waiting.recv() {
            let mut texts = first.order.len();
            let mut batch = vec![first];
            while texts < TOGETHER
                && let Ok(next) = waiting.try_recv()
            {
                texts += next.order.len();
                batch.push(next);
            }
            let (orders, replies): (Vec<_>, Vec<_>) = batch
                .into_iter()
                .map(|Waiting { order, reply }| (order, reply))
                .unzip();
            let made = crate::commands::inputs::caught(|| self.together(&orders));
            match made {
                Ok(made) => {
                    for (reply, english) in replies.iter().zip(made) {
                        // Who asked may be gone.
                        let _ = reply.send(Ok(english));
                    }
                }
                // What broke the batch is one of its orders: the others have theirs alone.
                Err(_) => {
                    for (order, reply) in orders.iter().zip(&replies) {
                        let one = std::slice::from_ref(order);
                        let made = crate::commands::inputs::caught(|| self.together(one));
                        let _ = reply.send(made.map(|mut made| made.remove(0)));
                    }
                }
            }
        }
    }

    /// The English of all texts of some orders.
    fn together(&self, orders: &[Order]) -> Result<Vec<Vec<Vec<Checked>>>, String> {
        let settings = self.settings().map_err(|e| with_causes(&e))?;
        let clock = Clock::unknown();
        let of_order = |order: &'_ Order| order.texts.len();
        let counts: Vec<usize> = orders.iter().map(of_order).collect();
        let groups: Vec<(&Order, &Vec<String>)> = orders
            .iter()
            .flat_map(|order| order.texts.iter().map(move |text| (order, text)))
            .collect();
        let people: Vec<_> = groups
            .iter()
            .map(|(_, text)| {
                let texts: Vec<&str> = text.iter().map(String::as_str).collect();
                let mut people = people::find(&texts, &[]);
                for person in &mut people {
                    if let Some(en) = settings.glossary.house(&person.zh) {
                        en.clone_into(&mut person.en);
                        person.certain = true;
                    }
                }
                people
            })
            .collect();
        let around: Vec<String> = groups.iter().map(|(_, text)| text.join("\n")).collect();
        let texts: Vec<Vec<Text>> = groups
            .iter()
            .zip(&people)
            .zip(&around)
            .map(|(((_, text), people), around)| Text::naming(text, people, around))
            .collect();
        let rules = Rules {
            clock: &clock,
            glossary: &settings.glossary,
        };
        let requests: Vec<Request> = texts
            .iter()
            .zip(&groups)
            .map(|(texts, (order, _))| Request {
                texts,
                options: Options {
                    whole: false,
                    checks: (order.checked || order.mended).then_some(&rules),
                    mend: order.mended,
                    memory: settings.memory(),
                },
            })
            .collect();
        let made = translation::translate_together(&self.engine, &requests, &|_| ());
        let mut made = made.map_err(|e| with_causes(&e))?.into_iter();
        let counts = counts.into_iter();
        Ok(counts
            .map(|count| made.by_ref().take(count).collect())
            .collect())
    }
}
