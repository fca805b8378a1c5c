//! Random models in Hugging Face layout, of any size. The same numbers on every machine.

use std::{collections::HashMap, path::Path};

use candle_core::{Device, Tensor, safetensors};
use serde_json::json;

/// How large a model is.
#[derive(Clone, Copy)]
pub(crate) struct Sizes {
    pub(crate) d_model: usize,
    pub(crate) heads: usize,
    pub(crate) ffn: usize,
    pub(crate) layers: usize,
    pub(crate) vocabulary: usize,
}

/// Names of tensors with their shapes, and what their numbers are scaled by.
struct Maker {
    tensors: HashMap<String, Tensor>,
    state: u64,
}

impl Maker {
    fn new() -> Self {
        Self {
            tensors: HashMap::new(),
            state: 7,
        }
    }

    /// Uniform numbers of the given deviation about `mean`.
    fn add(&mut self, name: &str, shape: &[usize], mean: f32, deviation: f32) {
        let count: usize = shape.iter().product();
        let data: Vec<f32> = (0..count)
            .map(|_| {
                self.state = self
                    .state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                let unit = (self.state >> 40) as f32 / (1u32 << 23) as f32 - 1.0;
                mean + deviation * 3f32.sqrt() * unit
            })
            .collect();
        let tensor = Tensor::from_vec(data, shape, &Device::Cpu).unwrap();
        self.tensors.insert(name.to_owned(), tensor);
    }

    /// An `(outputs, inputs)` map that keeps deviations as they are.
    fn map(&mut self, name: &str, inputs: usize, outputs: usize) {
        self.scaled_map(name, inputs, outputs, 1.0);
    }

    fn scaled_map(&mut self, name: &str, inputs: usize, outputs: usize, scale: f32) {
        let deviation = scale * (inputs as f32).powf(-0.5);
        self.add(
            &format!("{name}.weight"),
            &[outputs, inputs],
            0.0,
            deviation,
        );
    }

    fn norm(&mut self, name: &str, width: usize) {
        self.add(&format!("{name}.weight"), &[width], 1.0, 0.1);
    }

    fn save(self, folder: &Path, config: &serde_json::Value) -> HashMap<String, Tensor> {
        std::fs::write(folder.join("config.json"), config.to_string()).unwrap();
        safetensors::save(&self.tensors, folder.join("model.safetensors")).unwrap();
        self.tensors
    }
}

/// Flan-T5's architecture. Writes the folder and gives its tensors.
pub(crate) fn t5(folder: &Path, sizes: Sizes) -> HashMap<String, Tensor> {
    let Sizes {
        d_model: d,
        heads,
        ffn,
        layers,
        vocabulary,
    } = sizes;
    let mut maker = Maker::new();
    maker.add("shared.weight", &[vocabulary, d], 0.0, 1.0);
    maker.map("lm_head", d, vocabulary);
    for side in ["encoder", "decoder"] {
        for layer in 0..layers {
            let mut sublayer = 0;
            let mut attention = |maker: &mut Maker, name: &str| {
                let layer = format!("{side}.block.{layer}.layer.{sublayer}");
                maker.norm(&format!("{layer}.layer_norm"), d);
                // T5's queries carry what other models divide scores by.
                let scale = (d as f32 / heads as f32).powf(-0.5);
                for (part, scale) in [("q", scale), ("k", 1.0), ("v", 1.0), ("o", 1.0)] {
                    maker.scaled_map(&format!("{layer}.{name}.{part}"), d, d, scale);
                }
                sublayer += 1;
                layer
            };
            let first = attention(&mut maker, "SelfAttention");
            if layer == 0 {
                let name = format!("{first}.SelfAttention.relative_attention_bias.weight");
                maker.add(&name, &[32, heads], 0.0, 1.0);
            }
            if side == "decoder" {
                attention(&mut maker, "EncDecAttention");
            }
            let last = format!("{side}.block.{layer}.layer.{sublayer}");
            maker.norm(&format!("{last}.layer_norm"), d);
            for (name, inputs, outputs) in [("wi_0", d, ffn), ("wi_1", d, ffn), ("wo", ffn, d)] {
                maker.map(&format!("{last}.DenseReluDense.{name}"), inputs, outputs);
            }
        }
        maker.norm(&format!("{side}.final_layer_norm"), d);
    }
    let config = json!({
        "model_type": "t5", "d_model": d, "d_kv": d / heads, "num_heads": heads, "d_ff": ffn,
        "num_layers": layers, "vocab_size": vocabulary, "feed_forward_proj": "gated-gelu",
        "tie_word_embeddings": false, "decoder_start_token_id": 0, "eos_token_id": 1,
        "pad_token_id": 0,
    });
    maker.save(folder, &config)
}

/// BART's architecture. Writes the folder and gives its tensors.
#[allow(dead_code, reason = "of two test programs one needs it")]
pub(crate) fn bart(folder: &Path, sizes: Sizes) -> HashMap<String, Tensor> {
    const POSITIONS: usize = 1024;
    let Sizes {
        d_model: d,
        heads,
        ffn,
        layers,
        vocabulary,
    } = sizes;
    let mut maker = Maker::new();
    maker.add("model.shared.weight", &[vocabulary, d], 0.0, 0.05);
    let norm = |maker: &mut Maker, name: &str| {
        maker.norm(name, d);
        maker.add(&format!("{name}.bias"), &[d], 0.0, 0.1);
    };
    let map = |maker: &mut Maker, name: &str, inputs: usize, outputs: usize| {
        maker.map(name, inputs, outputs);
        maker.add(&format!("{name}.bias"), &[outputs], 0.0, 0.1);
    };
    for side in ["encoder", "decoder"] {
        let positions = format!("model.{side}.embed_positions.weight");
        maker.add(&positions, &[POSITIONS + 2, d], 0.0, 0.05);
        norm(&mut maker, &format!("model.{side}.layernorm_embedding"));
        let blocks: &[&str] = match side {
            "decoder" => &["self_attn", "encoder_attn"],
            _ => &["self_attn"],
        };
        for layer in 0..layers {
            let layer = format!("model.{side}.layers.{layer}");
            for block in blocks {
                for part in ["q_proj", "k_proj", "v_proj", "out_proj"] {
                    map(&mut maker, &format!("{layer}.{block}.{part}"), d, d);
                }
                norm(&mut maker, &format!("{layer}.{block}_layer_norm"));
            }
            map(&mut maker, &format!("{layer}.fc1"), d, ffn);
            map(&mut maker, &format!("{layer}.fc2"), ffn, d);
            norm(&mut maker, &format!("{layer}.final_layer_norm"));
        }
    }
    let config = json!({
        "model_type": "bart", "d_model": d, "vocab_size": vocabulary,
        "encoder_layers": layers, "encoder_attention_heads": heads, "encoder_ffn_dim": ffn,
        "decoder_layers": layers, "decoder_attention_heads": heads, "decoder_ffn_dim": ffn,
        "activation_function": "gelu", "max_position_embeddings": POSITIONS,
        "decoder_start_token_id": 0, "eos_token_id": 1, "pad_token_id": 0,
    });
    maker.save(folder, &config)
}
