//! Forced decoding: how probable a given target is, and where the decoder looked.

use super::SearchConfig;
use crate::nn::{Encoded, LayerAttention, ModelError, Seq2Seq, log_sum_exp};

/// A target scored by the model.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    /// Log-probability of each target token.
    pub log_probs: Vec<f32>,
    /// For each target token how much the decoder looked at each source token while choosing it: by
    /// the head that training guided with word alignments, where there is one, else averaged over
    /// layers and heads; empty unless asked for.
    pub attention: Vec<Vec<f32>>,
}

/// Scores each target (without the start token, with its end token) given its source; with
/// `attention`, says where the decoder looked.
pub fn score(
    model: &dyn Seq2Seq,
    pairs: &[(&[u32], &[u32])],
    config: &SearchConfig,
    attention: bool,
) -> Result<Vec<Scored>, ModelError> {
    let sources: Vec<&[u32]> = pairs.iter().map(|p| p.0).collect();
    let mut state = model.start(&Encoded::of(model, &sources)?)?;
    if attention {
        state.record_attention();
    }
    let empty = Scored {
        log_probs: Vec::new(),
        attention: Vec::new(),
    };
    let mut scored = vec![empty; pairs.len()];
    let mut open: Vec<usize> = (0..pairs.len()).collect();
    for step in 0.. {
        let keep: Vec<usize> = (0..open.len())
            .filter(|&row| step < pairs[open[row]].1.len())
            .collect();
        if keep.len() < open.len() {
            open = keep.iter().map(|&row| open[row]).collect();
            if !open.is_empty() {
                state.gather(&keep)?;
            }
        }
        if open.is_empty() {
            break;
        }
        let input = |&pair: &usize| match step {
            0 => config.decoder_start_token_id,
            _ => pairs[pair].1[step - 1],
        };
        let tokens: Vec<u32> = open.iter().map(input).collect();
        let logits: Vec<Vec<f32>> = model.step(&mut state, &tokens)?.to_vec2()?;
        for (row, (&pair, logits)) in open.iter().zip(&logits).enumerate() {
            let column = model.outputs().column(pairs[pair].1[step]);
            let logit = column.map_or(f32::NEG_INFINITY, |c| logits[c]);
            let norm = log_sum_exp(logits);
            if !norm.is_finite() {
                return Err(ModelError::NotFinite);
            }
            scored[pair].log_probs.push(logit - norm);
            if attention {
                let looked = match model.alignment() {
                    Some((layer, head)) => state.attention()[layer][row][head].clone(),
                    None => mean(state.attention(), row),
                };
                scored[pair].attention.push(looked);
            }
        }
    }
    Ok(scored)
}

/// The mean over layers and heads of one row's attention.
fn mean(layers: &[LayerAttention], row: usize) -> Vec<f32> {
    let heads: Vec<&Vec<f32>> = layers.iter().flat_map(|layer| &layer[row]).collect();
    let sources = heads.first().map_or(0, |h| h.len());
    (0..sources)
        .map(|s| heads.iter().map(|h| h[s]).sum::<f32>() / heads.len() as f32)
        .collect()
}
